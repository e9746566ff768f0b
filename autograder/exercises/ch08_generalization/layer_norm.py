"""Exercise `layer_norm`: every row brought to mean 0 and variance 1, then scaled and shifted."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

X = torch.tensor([[-3.0, 1, 1, 1], [6, 2, 2, 2], [0, 0, 0, 0]])  # (N, d) = (3, 4)
GAIN, BIAS = torch.tensor([2.0, 1, 4, -1]), torch.tensor([0.0, 1, 0, 3])
EXAMPLES = {
    "gain 1, bias 0": (X, torch.ones(4), torch.zeros(4), 1.0),
    "gain and bias": (X, GAIN, BIAS, 1.0),
}
AXES = ("N d", "d", "d")
RETURNS = ("y",)


def reference(x, gain, bias, eps=1e-5):
    """torch's own kernel."""
    return torch.nn.functional.layer_norm(x, gain.shape, gain, bias, eps)


def _norm(
    x, gain, bias, eps=1e-5, *,
    mean=lambda x: x.mean(-1, keepdim=True),
    var=lambda x: x.var(-1, correction=0, keepdim=True),
    root=lambda var, eps: (var + eps).sqrt(),
    end=lambda z, gain, bias: gain * z + bias,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    return end((x - mean(x)) / root(var(x), eps), gain, bias)


def _with(**steps):
    return partial(_norm, **steps)


def _batch(x, gain, bias, eps=1e-5):
    mean, var = x.mean(0), x.var(0, correction=0)
    return gain * (x - mean) / (var + eps).sqrt() + bias


def _in_place(x, gain, bias, eps=1e-5):
    x -= x.mean(-1, keepdim=True)
    return gain * x / (x.square().mean(-1, keepdim=True) + eps).sqrt() + bias


def _two_axes(x, gain, bias, eps=1e-5):
    """Right for a matrix alone: the features are taken for axis 1."""
    mean, var = x.mean(1, keepdim=True), x.var(1, correction=0, keepdim=True)
    return gain * (x - mean) / (var + eps).sqrt() + bias


WRONG = {
    "batch": Wrong(
        _batch,
        "mean and variance are taken over the rows, as BatchNorm does",
        "each row has its own mean and variance: the last axis",
    ),
    "everything": Wrong(
        _with(mean=lambda x: x.mean(), var=lambda x: x.var(correction=0)),
        "one mean and one variance are used for the whole table",
        "name the axis: the last one, with keepdim=True",
    ),
    "unbiased": Wrong(
        _with(var=lambda x: x.var(-1, keepdim=True)),
        "the variance divides by d - 1, which is the default of torch.var",
        "divide by d: correction=0, or the mean of the squares",
    ),
    "eps_outside": Wrong(
        _with(root=lambda var, eps: var.sqrt() + eps),
        "eps is added to the standard deviation",
        "add eps to the variance, under the root",
    ),
    "no_root": Wrong(
        _with(root=lambda var, eps: var + eps),
        "the row is divided by the variance, not by its root",
        "take the root of variance plus eps",
    ),
    "not_centred": Wrong(
        _with(mean=lambda x: 0.0),
        "the mean is not subtracted",
        "subtract each row's own mean first",
    ),
    "squares_not_centred": Wrong(
        _with(var=lambda x: x.square().mean(-1, keepdim=True)),
        "the variance is taken as the mean of the squares, without subtracting the mean",
        "the variance is the mean of (x - mean) squared",
    ),
    "gain_left_out": Wrong(
        _with(end=lambda z, gain, bias: z + bias),
        "the gain is not used",
        "multiply by the gain, then add the bias",
    ),
    "bias_scaled": Wrong(
        _with(end=lambda z, gain, bias: gain * (z + bias)),
        "the bias is multiplied by the gain",
        "multiply by the gain first, then add the bias",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "no_eps": Wrong(_with(root=lambda var, eps: var.sqrt())),
    "own_eps": Wrong(_with(root=lambda var, eps: (var + 1e-5).sqrt())),
    "two_axes": Wrong(_two_axes),
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(lambda x, *args: reference(x.float(), *[
        a.float() if torch.is_tensor(a) else a for a in args])),
}  # fmt: skip


def by_rows(x, gain, bias, eps=1e-5):
    rows = []
    for row in x.reshape(-1, x.shape[-1]):
        centred = row - row.sum() / len(row)
        rows.append(centred / torch.sqrt((centred @ centred) / len(row) + eps))
    return torch.stack(rows).view(x.shape) * gain + bias


def by_matrix(x, gain, bias, eps=1e-5):
    d = x.shape[-1]
    z = x @ (torch.eye(d, dtype=x.dtype) - 1 / d)
    return torch.addcmul(bias, gain, z * torch.rsqrt(z.pow(2).mean(-1, keepdim=True) + eps))


def with_std(x, gain, bias, eps=1e-5):
    std = x.std(dim=-1, keepdim=True, correction=0)
    return (x - x.mean(dim=-1, keepdim=True)) / torch.hypot(std, std.new_tensor(eps).sqrt()) * (
        gain
    ) + bias


RIGHT = [by_rows, by_matrix, with_std, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for shape, idea in [((6,), "one row"), ((5, 6), "a matrix"), ((2, 4, 6), "three axes")]:
            x, gain, bias = 3 * rand(*shape) + 1, rand(6), rand(6)
            match((x, gain, bias, 1e-5), idea)
            match((x, gain, bias, 0.3), f"{idea}, a large eps")
            match((x.float(), gain.float(), bias.float(), 1e-5), f"{idea}, float32")
        match((x, gain, bias), "eps left at its default")
        match((torch.full_like(x, 7.0), gain, bias, 1e-5), "equal numbers in a row")
        match((1e-3 * x, gain, bias, 1e-5), "rows as small as the root of eps")
        _unmoved(fn, x, gain, bias)


def _unmoved(fn, x, gain, bias):
    """A row may be shifted and stretched by any amounts: with eps = 0 nothing changes."""
    once, again = (
        run(fn, reference, RETURNS, (rows, gain, bias, 0.0), "eps = 0")[0]
        for rows in (x, 5 * x - 3)
    )
    what = "layer_norm: with eps = 0 a shifted and stretched row gives the same"
    check.compare(what, again, once, atol=1e-6)
