"""Exercise `shapes_by_eye`: shapes, dtypes and memory, predicted before torch is asked."""

import numpy as np
import torch

from autograder.exercises import Choice

TRY = "write both shapes below each other, flush right, and go from the last axis to the first"

QUESTIONS = {
    "a": {
        "A": Choice(
            "(64, 64, 3, 32): the batch comes last",
            (64, 64, 3, 32),
            "the batch axis comes first, in every layer of torch",
        ),
        "B": Choice(
            "(32, 3, 64, 64): batch, channels, height, width",
            (32, 3, 64, 64),
            "torch.nn.Conv2d takes channels first, and says so in its error message",
        ),
        "C": Choice(
            "(32, 64, 64): the channels are added up before the layer",
            (32, 64, 64),
            "a colour picture has three numbers for each pixel: that is an axis of its own",
        ),
        "D": Choice(
            "(32, 64, 64, 3): batch, height, width, channels",
            (32, 64, 64, 3),
            "this is channels last, as files and matplotlib have it; torch's layers take the "
            "channels right after the batch",
        ),
    },
    "b": {
        "A": Choice(
            "(4, 1)", (4, 1), "the (4,) counts as (1, 4), so the last axis becomes 4, not 1"
        ),
        "B": Choice("(4,)", (4,), "the result has as many axes as the longer of both shapes: two"),
        "C": Choice("(4, 4)", (4, 4), "flush right: (4, 1) above (4,). A missing axis counts as 1"),
        "D": Choice(
            "It stops with an error",
            None,
            "an axis of size 1 goes with every size, and so does a missing axis: no error comes",
        ),
    },
    "c": {
        "A": Choice(
            "float64, and a change of the array changes the tensor",
            ("float64", True),
            "from_numpy copies nothing: neither the numbers nor their kind change",
        ),
        "B": Choice(
            "float32, and a change of the array changes the tensor",
            ("float32", True),
            "float32 is the default of torch; NumPy's is float64, and from_numpy keeps it",
        ),
        "C": Choice(
            "float64, and the tensor is a copy",
            ("float64", False),
            "torch.tensor copies; torch.from_numpy shares the memory",
        ),
        "D": Choice(
            "float32, and the tensor is a copy",
            ("float32", False),
            "that is what torch.tensor(array, dtype=torch.float32) gives; from_numpy does neither",
        ),
    },
    "d": {
        "A": Choice("(3, 4)", (3, 4), "this changes the strides, and view needs no new ones here"),
        "B": Choice(
            "12 numbers in the order of the rows of x.T",
            "rows of x.T",
            "this is what reshape gives, by a copy; view never copies",
        ),
        "C": Choice(
            "12 numbers in the order of the rows of x",
            "rows of x",
            "view(12) on x itself would give this; on x.T it would break the order of x.T",
        ),
        "D": Choice(
            "It stops with an error",
            None,
            "no single stride walks through x.T in order, and view may not copy",
        ),
    },
    "e": {
        "A": Choice("300", 300, "a byte holds 0 to 255; the dtype of the sum is still uint8"),
        "B": Choice("255", 255, "whole numbers wrap around; they do not stop at the end"),
        "C": Choice("44", 44, "300 does not fit in a byte: subtract 256 until it does"),
        "D": Choice(
            "It stops with an error", None, "no error and no warning comes: that is the danger"
        ),
    },
}


def _tried(action):
    try:
        return action()
    except (RuntimeError, ValueError):
        return None


def _accepted(shapes):
    """The one shape of 32 pictures that a layer for 3 channels takes and keeps in batches."""
    layer = torch.nn.Conv2d(3, 1, 1)
    fits = [s for s in shapes if len(s) == 4 and _tried(lambda s=s: layer(torch.zeros(s)).shape)]
    (shape,) = fits
    return shape


def reference():
    """Ask torch."""
    array = np.ones(3)
    shared = torch.from_numpy(array)
    array[0] = 5
    x = torch.arange(12).reshape(3, 4)
    viewed = _tried(lambda: x.T.view(12))
    byte = torch.tensor([200, 100], dtype=torch.uint8)
    return {
        "a": _accepted([c.value for c in QUESTIONS["a"].values()]),
        "b": tuple((torch.zeros(4, 1) - torch.zeros(4)).shape),
        "c": (str(shared.dtype).removeprefix("torch."), shared[0].item() == 5),
        "d": viewed if viewed is None else viewed.tolist(),
        "e": (byte[0] + byte[1]).item(),
    }
