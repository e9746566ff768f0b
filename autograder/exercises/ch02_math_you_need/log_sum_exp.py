"""Exercise `log_sum_exp`: the log of a sum of exponentials, and log-probabilities from it."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch02_math_you_need import LN2, LN3, LN5
from chainrule import check

EXAMPLES = {
    "sums 8 and 6": (torch.tensor([[0, LN2, LN5], [LN3, 0, LN2]]).double(),),
    "large": (1000 + torch.tensor([[0, LN2, LN5], [LN3, 0, LN2]]).double(),),
    "rows apart": (torch.tensor([[0, LN3], [1000, 1000], [500, 500 + LN2]]).double(),),
    "a sure row": (torch.tensor([[-800.0, 0]]).double(),),
}
AXES = ("N K",)
RETURNS = ("lse", "log_p")


def reference(z):
    """torch's own kernels."""
    return torch.logsumexp(z, dim=-1), torch.log_softmax(z, dim=-1)


def by_hand(
    z, *,
    top=lambda z: z.amax(-1, keepdim=True),
    total=lambda e: e.sum(-1, keepdim=True),
    back=lambda lse, top: lse + top,
    log_p=lambda z, lse: z - lse,
    shape=lambda lse: lse.squeeze(-1),
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    m = top(z)
    lse = back(torch.log(total(torch.exp(z - m))), m)
    return shape(lse), log_p(z, lse)


def _with(**step):
    return partial(by_hand, **step)


def _columns(z):
    lse = torch.logsumexp(z, dim=0)
    return lse, z - lse


def _log_of_softmax(z):
    """A stable softmax, and then its logarithm: small probabilities are 0 by then."""
    return torch.logsumexp(z, -1), torch.log(torch.softmax(z, -1))


def _clipped(z):
    """1e-9 against the log of 0."""
    e = torch.exp(z - z.amax(-1, keepdim=True))
    p = e / e.sum(-1, keepdim=True)
    return torch.logsumexp(z, -1), torch.log(p + 1e-9)


def _in_place(z):
    top = z.amax(-1, keepdim=True)
    z -= top
    lse = torch.log(torch.exp(z).sum(-1, keepdim=True))
    return (lse + top)[..., 0], z - lse


def _single_precision(z):
    return tuple(part.float() for part in reference(z))


WRONG = {
    "naive": Wrong(
        _with(top=lambda z: torch.zeros_like(z[..., :1])),
        "nothing is subtracted before exp, which overflows above 709 and gives 0 below -745",
        "subtract the row's largest number first, and add it back after the log",
    ),
    "not_added_back": Wrong(
        _with(back=lambda lse, top: lse),
        "the maximum that was subtracted is not added back",
        "log sum exp(z) = m + log sum exp(z - m)",
    ),
    "one_maximum_for_all": Wrong(
        _with(top=lambda z: z.max().expand(*z.shape[:-1], 1)),
        "one maximum is taken over all rows, so in rows far below it every exp is 0",
        "each row has its own maximum: amax(dim=-1, keepdim=True)",
    ),
    "smallest_subtracted": Wrong(
        _with(top=lambda z: z.amin(-1, keepdim=True)),
        "the smallest number is subtracted: what is left can be as large as before",
        "after subtracting the largest, every exponent is at most 0",
    ),
    "columns": Wrong(
        _columns,
        "the sum runs down the columns, over the rows of the batch",
        "sum over the last axis, dim=-1",
    ),
    "log_of_softmax": Wrong(
        _log_of_softmax,
        "softmax first, then log: a probability below 1e-324 is 0, and its log is -inf",
        "log p = z - lse, with no exp in between",
    ),
    "probabilities": Wrong(
        _with(log_p=lambda z, lse: torch.exp(z - lse)),
        "these are the probabilities, not their logarithms",
        "return z - lse as it is",
    ),
    "shifted_twice": Wrong(
        _with(log_p=lambda z, lse: z - z.amax(-1, keepdim=True) - lse),
        "log_p lacks the maximum: it was subtracted from z, and sits in lse as well",
        "z - lse with the z that was handed in",
    ),
    "sign": Wrong(
        _with(log_p=lambda z, lse: lse - z),
        "this is minus log p, the loss",
        "a log-probability is never above 0: z - lse",
    ),
    "keeps_an_axis": Wrong(
        _with(shape=lambda lse: lse),
        "keepdim=True leaves an axis of size 1 on lse",
        "squeeze(-1) before you return",
    ),
    "one_sum_for_all": Wrong(
        _with(total=lambda e: e.sum().expand(*e.shape[:-1], 1)),
        "one sum is taken over all rows",
        "each row has its own sum: sum(dim=-1, keepdim=True)",
    ),
    "no_logarithm": Wrong(
        _with(total=lambda e: e.sum(-1, keepdim=True).exp()),
        "the maximum is added to the sum itself; the logarithm of the sum is missing",
        "m + torch.log(...)",
    ),
    "clamped": Wrong(
        lambda z: reference(z.clamp(-700, 700)),
        "large scores are cut off, so their differences are lost",
        "shift a row by its largest number: that keeps every difference",
    ),
    "squeezed_everywhere": Wrong(
        _with(shape=lambda lse: lse.squeeze()),
        "squeeze() without an axis removes every axis of size 1, the batch's as well",
        "squeeze(-1) removes the last axis only",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "clipped": Wrong(_clipped),
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(_single_precision),
    "mean_for_sum": Wrong(_with(total=lambda e: e.mean(-1, keepdim=True))),
    "base_two": Wrong(_with(log_p=lambda z, lse: (z - lse) / LN2)),
}


def two_by_two(z):
    """logaddexp folds the row from the left."""
    lse = z[..., 0]
    for k in range(1, z.shape[-1]):
        lse = torch.logaddexp(lse, z[..., k])
    return lse, z - lse[..., None]


def shift_by_something_near(z):
    """The shift need not be the maximum: anything near it serves."""
    m = z.amax(-1, keepdim=True) + 3.0
    lse = m + (z - m).exp().sum(-1, keepdim=True).log()
    return [lse[..., 0], z - lse]


def log1p_of_the_rest(z):
    top = z.argmax(-1, keepdim=True)
    m = z.gather(-1, top)
    rest = torch.exp(z - m).scatter(-1, top, 0.0).sum(-1, keepdim=True)
    lse = m + torch.log1p(rest)
    return lse.squeeze(-1), z - lse


RIGHT = [two_by_two, shift_by_something_near, log1p_of_the_rest, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for sizes, idea in [((4,), "one row"), ((5, 3), "a batch"), ((2, 3, 4), "three axes")]:
            z = 2 * rand(*sizes)
            match((z,), idea)
            match((z.float(),), f"{idea}, float32")
            _shifted(call, z)
        match((300 * rand(6, 4),), "scores of several hundred")
        match((1000 * rand(6, 4).float(),), "scores of a thousand, float32")
        match((rand(5, 1),), "a single class")
        match((rand(1, 5),), "a batch of one row")
        _rows_apart(call, rand(4, 3))


def _shifted(call, z):
    """A constant on every score moves lse by it, and no probability."""
    lse, log_p = call((z,), "a batch")
    for shift in (-800.0, 800.0):
        moved, same = call((z + shift,), "all scores shifted")
        check.compare("log_sum_exp: lse when all scores are shifted", moved, lse + shift)
        check.compare("log_sum_exp: log_p when all scores are shifted", same, log_p)
    check.compare("log_sum_exp: probabilities add up to 1", log_p.exp().sum(-1), 0 * lse + 1)


def _rows_apart(call, z):
    """Rows of one batch do not meet: one may lie far above the others."""
    far = torch.tensor([0.0, 900.0, -900.0, 0.0], dtype=z.dtype)[:, None]
    lse, log_p = call((z,), "a batch")
    moved, same = call((z + far,), "rows far apart")
    check.compare("log_sum_exp: lse of rows far apart", moved, lse + far[:, 0])
    check.compare("log_sum_exp: log_p of rows far apart", same, log_p)
