"""Exercise `inverted_dropout`: a dropout layer whose random numbers are given."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

X = torch.tensor([[1.0, -2, 3], [4, 0.5, -6]])  # (N, d) = (2, 3)
U = torch.tensor([[0.9, 0.1, 0.6], [0.3, 0.7, 0.2]])
EXAMPLES = {
    "training, p = 0.5": (X, U, 0.5, True),
    "training, p = 0.25": (X, U, 0.25, True),
    "evaluation": (X, U, 0.25, False),
    "p = 0": (X, U, 0.0, True),
}
AXES = ("N d", "N d")
RETURNS = ("y",)


def reference(x, u, p, training):
    """Number by number."""
    if not training:
        return x.clone()
    rows = zip(x.reshape(-1), u.reshape(-1), strict=True)
    kept = [number / (1 - p) if chance >= p else 0 * number for number, chance in rows]
    return torch.stack(kept).view(x.shape)


def _drop(
    x, u, p, training, *,
    mask=lambda u, p: u >= p, scale=lambda p, mask: 1 / (1 - p), later=lambda x, u, p: x.clone(),
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    if not training:
        return later(x, u, p)
    keep = mask(u, p)
    return x * keep.to(x.dtype) * scale(p, keep)


def _with(**steps):
    return partial(_drop, **steps)


def _in_place(x, u, p, training):
    return x.mul_(u >= p).div_(1 - p) if training else x


def _own_noise(x, u, p, training):
    return torch.nn.functional.dropout(x, p, training)


def _single_precision(x, u, p, training):
    return reference(x.float(), u, p, training)


WRONG = {
    "not_rescaled": Wrong(
        _with(scale=lambda p, mask: 1.0),
        "what is kept is not rescaled, so in training the expectation shrinks to 1 - p of x",
        "divide by the probability of being kept",
    ),
    "divided_by_p": Wrong(
        _with(scale=lambda p, mask: 1 / p if p else 1.0),
        "what is kept is divided by p, the probability of being dropped",
        "divide by the probability of being kept, 1 - p",
    ),
    "multiplied": Wrong(
        _with(scale=lambda p, mask: 1 - p),
        "what is kept is multiplied by 1 - p, which shrinks it a second time",
        "the expectation must stay: divide",
    ),
    "inverted_mask": Wrong(
        _with(mask=lambda u, p: u < p),
        "the mask is turned round: numbers with u below p are kept",
        "keep where u >= p: that has the probability 1 - p",
    ),
    "modes_exchanged": Wrong(
        lambda x, u, p, training: reference(x, u, p, not training),
        "the two modes are exchanged: numbers are dropped at evaluation, not in training",
        "with training=True drop and rescale, with training=False return x",
    ),
    "always_on": Wrong(
        _with(later=lambda x, u, p: reference(x, u, p, True)),
        "numbers are dropped at evaluation as well",
        "with training=False the layer does nothing",
    ),
    "rescaled_later": Wrong(
        _with(later=lambda x, u, p: x * (1 - p)),
        "the rescaling happens at evaluation; in the inverted form it belongs to training",
        "divide by 1 - p in training, and return x at evaluation",
    ),
    "rows": Wrong(
        _with(mask=lambda u, p: (u >= p)[..., :1].expand_as(u)),
        "whole rows are dropped: the first chance of a row decides for all of it",
        "compare u with p number by number",
    ),
    "share_kept": Wrong(
        _with(scale=lambda p, mask: mask.numel() / mask.sum().clamp(min=1)),
        "the scale comes from the share that was kept this time, not from p",
        "the factor is a constant, 1 / (1 - p)",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "classic": Wrong(
        _with(scale=lambda p, mask: 1.0, later=lambda x, u, p: x * (1 - p)),
    ),
    "in_place": Wrong(_in_place),
    "own_noise": Wrong(_own_noise),
    "strict": Wrong(_with(mask=lambda u, p: u > p)),
    "single_precision": Wrong(_single_precision),
    "detached": Wrong(lambda *args: reference(*args).detach()),
}


def with_where(x, u, p, training):
    if training:
        return torch.where(u < p, torch.zeros_like(x), x / (1 - p))
    return x


def masked(x, u, p, training):
    p = p if training else 0.0
    return x.masked_fill(u < p, 0.0).div(1.0 - p)


def weights(x, u, p, training):
    """A mask of floats that already holds the scale."""
    m = torch.ge(u, p).type_as(x) / (1 - p) if training else torch.ones_like(x)
    return torch.einsum("...,...->...", x, m)


RIGHT = [with_where, masked, weights, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand, g = normal(draw), torch.Generator().manual_seed(draw)
        for shape, idea in [((7,), "a vector"), ((3, 4), "a matrix"), ((2, 3, 5), "three axes")]:
            x, u = rand(*shape), torch.rand(shape, generator=g, dtype=torch.float64)
            for p in (0.0, 0.3, 0.9):
                match((x, u, p, True), f"{idea}, training, p = {p}")
                match((x, u, p, False), f"{idea}, evaluation, p = {p}")
            match((x.float(), u.float(), 0.4, True), f"{idea}, float32")
        match((x, torch.full_like(x, 0.5), 0.5, True), "u equal to p is kept")
        match((1e6 * x, u, 0.4, True), "very large numbers")
        _expectation(fn, rand, g)
        _gradient(fn, x, u)


def _expectation(fn, rand, g):
    """The mean over many draws is x itself."""
    x = rand(1, 5).expand(20000, 5)
    u = torch.rand(20000, 5, generator=g, dtype=torch.float64)
    (y,) = run(fn, reference, RETURNS, (x, u, 0.4, True), "20,000 draws")
    what = "inverted_dropout: in training the mean over many draws must be x"
    check.that((y.mean(0) - x[0]).abs().max() < 0.1, what)


def _gradient(fn, x, u):
    x = x.clone().requires_grad_()
    y = check.call(fn, x, u, 0.25, True)
    what = "inverted_dropout: the gradient with respect to x"
    check.that(torch.is_tensor(y) and y.requires_grad, f"{what} is cut off")
    slope = torch.autograd.grad(y.sum(), x)[0]
    check.compare(what, slope, reference(torch.ones_like(x), u, 0.25, True).detach())
