"""Exercises of chapter 9: ten payments and a few small tables run through them."""

import torch

from autograder.exercises import as_parts, copies, run
from chainrule import check

# Ten payments, as in the lesson: a 1 is a fraud, and two pairs of scores tie.
TEN_Y = torch.tensor([1, 0, 1, 1, 0, 0, 0, 1, 0, 0])
TEN_S = torch.tensor([0.9, 0.8, 0.7, 0.6, 0.6, 0.4, 0.3, 0.3, 0.2, 0.1]).double()


def whole(seed):
    """Return a function (high, *sizes) that draws whole numbers from 0 to high - 1."""
    generator = torch.Generator().manual_seed(seed)
    return lambda high, *sizes: torch.randint(high, sizes, generator=generator)


def alike(fn, reference, returns, args, idea, atol=1e-6):
    """Hidden check as `agree`, but a single number may also come as Python's, without a dtype."""
    function = reference.__module__.rpartition(".")[2]
    parts = run(fn, reference, returns, args, idea)
    for name, got, right in zip(returns, parts, as_parts(reference(*copies(args))), strict=True):
        what = f"{function}: {name} ({idea})"
        check.compare(what, got, right, atol=atol)
        if right.ndim:
            check.dtype(what, got, right)
