"""Exercise `linear_layer`: a linear layer on any number of batch axes."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

W = torch.tensor([[1.0, 2, 0], [3, -1, 1]])  # (h, d) = (2, 3)
B = torch.tensor([-2.0, 1])
EXAMPLES = {
    "a batch of 4": (
        torch.tensor([[1.0, 0, 0], [0, 1, 0], [2, 1, -3], [-1, 4, 5]]), W, B,
    ),
    "4 sequences of 5 steps": (
        (torch.arange(60).reshape(4, 5, 3) % 7 - 3).double(), W.double(), B.double(),
    ),
}  # fmt: skip
AXES = ("...", "h d", "h")
RETURNS = ("z",)


def reference(x, W, b):
    """torch's own kernel."""
    return torch.nn.functional.linear(x, W, b)


def _row_by_row(x, W, b, take):
    rows = x.reshape(-1, x.shape[-1])
    return take(torch.stack([W @ row + b for row in rows]))


def _features_first(x, W, b):
    """W @ x.T + b as a column, and never turned back."""
    return (W @ x.mT + b[:, None]) if x.ndim > 1 else W @ x + b


def _in_place(x, W, b):
    x += 1
    return reference(x, W, b) - W.sum(1)


def _squeezed(x, W, b):
    return reference(x, W, b).squeeze()


WRONG = {
    "reshaped_weight": Wrong(
        lambda x, W, b: x @ W.reshape(W.shape[1], W.shape[0]) + b,
        "W was reshaped to (d, h), which leaves its numbers in the old order: no transpose",
        "W.T turns rows into columns",
    ),
    "no_bias": Wrong(
        lambda x, W, b: x @ W.T, "the bias is missing", "add b: it is broadcast over the batch"
    ),
    "bias_subtracted": Wrong(
        lambda x, W, b: x @ W.T - b,
        "the bias is subtracted, as if it were a threshold",
        "the layer adds its bias",
    ),
    "bias_multiplied": Wrong(
        lambda x, W, b: (x @ W.T) * b,
        "the sums are multiplied by b, not shifted by it",
        "z = x W^T + b",
    ),
    "first_bias_for_all": Wrong(
        lambda x, W, b: x @ W.T + b[0],
        "every unit gets the first bias",
        "b has an entry for each of the h units",
    ),
    "bias_twice": Wrong(
        lambda x, W, b: torch.nn.functional.linear(x, W, b) + b,
        "the bias is added twice",
        "F.linear adds b itself",
    ),
    "features_first": Wrong(
        _features_first,
        "the units come before the rows: this is the transpose of the answer",
        "x on the left, W.T on the right: the batch axes stay in front",
    ),
    "batch_flattened": Wrong(
        lambda x, W, b: _row_by_row(x, W, b, lambda z: z),
        "the batch axes were flattened into one and not restored",
        "reshape the result to (*x.shape[:-1], h), or leave the axes alone: @ can",
    ),
    "last_row_only": Wrong(
        lambda x, W, b: _row_by_row(x, W, b, lambda z: z[-1]),
        "only the last row is left: a loop overwrites its result",
        "one product handles all rows, without a loop",
    ),
    "mean_over_the_batch": Wrong(
        lambda x, W, b: reference(x, W, b).mean(0),
        "the first batch axis was averaged away",
        "every row has an output of its own",
    ),
    "activated": Wrong(
        lambda x, W, b: torch.relu(reference(x, W, b)),
        "negative numbers were cut off: an activation is no part of a linear layer",
        "return the sums as they are",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(lambda x, W, b: reference(x.float(), W.float(), b.float())),
    "squeezed": Wrong(_squeezed),
    "float_only": Wrong(lambda x, W, b: reference(x, W, b).double()),
    "cut_off": Wrong(lambda x, W, b: torch.tensor(reference(x, W, b).tolist(), dtype=x.dtype)),
    "through_numpy": Wrong(lambda x, W, b: torch.from_numpy(x.numpy() @ W.numpy().T) + b),
    "bias_cut_off": Wrong(lambda x, W, b: x @ W.T + b.detach()),
}


def by_einsum(x, W, b):
    return torch.einsum("...d,hd->...h", x, W) + b


def by_broadcasting(x, W, b):
    """A new axis for the units, then a sum over the inputs."""
    return (x[..., None, :] * W).sum(-1) + b


def bias_as_a_weight(x, W, b):
    """An input that is always 1 carries the bias."""
    one = torch.ones_like(x[..., :1])
    return torch.cat([x, one], -1) @ torch.cat([W, b[:, None]], 1).T


def by_a_loop(x, W, b):
    rows = x.reshape(-1, x.shape[-1])
    z = [(row * w).sum() + c for row in rows for w, c in zip(W, b, strict=True)]
    return torch.stack(z).reshape(*x.shape[:-1], len(b))


RIGHT = [by_einsum, by_broadcasting, bias_as_a_weight, by_a_loop, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        weight, bias = rand(5, 3), rand(5)
        for sizes, idea in [
            ((3,), "a single example"),
            ((6, 3), "a batch"),
            ((1, 3), "a batch of one"),
            ((5, 3), "as many rows as units"),
            ((2, 4, 3), "two batch axes"),
            ((2, 3, 1, 3), "three batch axes"),
        ]:
            x = rand(*sizes)
            match((x, weight, bias), idea)
            match((x.float(), weight.float(), bias.float()), f"{idea}, float32")
        match((rand(4, 3), rand(3, 3), rand(3)), "as many units as inputs")
        match((rand(4, 3), rand(1, 3), rand(1)), "a single unit")
        _rows_alone(call, rand(4, 3), weight, bias)
        _gradients(fn, rand(2, 4, 3), weight, bias)


def _rows_alone(call, x, weight, bias):
    """No row's output depends on another row, and the zero row gives the bias."""
    (z,) = call((x, weight, bias), "a batch")
    changed = x.clone()
    changed[0] = 0
    (again,) = call((changed, weight, bias), "a batch with one row changed")
    check.compare("linear_layer: rows 2 to N when row 1 changes", again[1:], z[1:])
    check.compare("linear_layer: a row of zeros", again[0], bias)


def _gradients(fn, *args):
    """Slopes reach x, W and b, as through torch's own layer."""
    slopes = []
    for layer in (fn, reference):
        leaves = [a.clone().requires_grad_() for a in args]
        try:
            z = check.call(layer, *leaves)
        except check.Mistake:
            what = "linear_layer stops on inputs that track gradients"
            raise check.mistake(what, try_="stay in torch, with @, .T and +") from None
        check.that(z.requires_grad, "linear_layer: z hangs on no graph, so gradients stop there")
        slopes.append(torch.autograd.grad((z**2).sum(), leaves, allow_unused=True))
    for name, got, expected in zip(("x", "W", "b"), *slopes, strict=True):
        check.that(got is not None, f"linear_layer: a gradient reaches {name}")
        check.compare(f"linear_layer: gradient of {name}", got, expected)
