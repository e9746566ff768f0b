"""Exercise `calibration`: the expected calibration error of logits, and the best temperature."""

import math
from functools import partial

import torch
import torch.nn.functional as F

from autograder.exercises import Wrong, copies, normal, run, talkative
from autograder.exercises.ch09_evaluation import ece_with, halve
from chainrule import check

ATOL = 1e-3
LN3 = math.log(3)


def _logits(*rows):
    return torch.tensor(rows).double()


EXAMPLES = {  # three of four right at p = 0.9: T = 2; four of six at logit ln(4) / 4: T = 1/4
    "too sure": (_logits(*[[2 * LN3, 0]] * 4), torch.tensor([0, 0, 0, 1]), 5),
    "too modest": (_logits(*[[0, 0.25 * math.log(4), 0]] * 6), torch.tensor([1, 1, 1, 1, 0, 2]), 4),
    "two bins": (
        _logits([3, 0, 0, 0], [0, 2.5, 0, 0], [1, 0, 0.5, 0], [0, 0, 0, 1.2], [0.8, 0, 0, 0.1]),
        torch.tensor([0, 1, 2, 3, 1]),
        2,
    ),
    # T = 40 / ln 32
    "nine sure answers": (_logits(*[[0, 0, 40, 0, 0]] * 9), torch.tensor([2] * 8 + [4]), 4),
}
AXES = ("N K", "N")
RETURNS = ("ece", "T")


def reference(z, y, bins):
    """A loop over the bins, and Newton's method for beta = 1 / T."""
    z = z.double()
    return _ece(z, y, bins), 1 / _newton(z, y)


def _ece(z, y, bins):
    confidence, guess = F.softmax(z, 1).max(1)
    right, total = (guess == y).double(), torch.zeros((), dtype=torch.float64)
    for b in range(bins):
        rows = (confidence >= b / bins) & (confidence < (b + 1) / bins)
        if b == bins - 1:
            rows = confidence >= b / bins
        total = total + (right[rows].sum() - confidence[rows].sum()).abs()
    return total / len(y)


def _newton(z, y, rounds=60):
    """Beta in [0.05, 20] where the slope of the loss is 0; steps are kept inside a bracket."""
    low, high, beta = 0.05, 20.0, 1.0
    true = z[torch.arange(len(y)), y]
    for _ in range(rounds):
        p = F.softmax(beta * z, 1)
        mean = (p * z).sum(1)
        slope = float((mean - true).mean())
        bend = float(((p * z**2).sum(1) - mean**2).mean())
        low, high = (low, beta) if slope > 0 else (beta, high)
        step = beta - slope / bend if bend > 0 else low - 1
        beta = step if low < step < high else (low * high) ** 0.5
    return torch.tensor(beta, dtype=torch.float64)


def _with(ece=None, T=None):
    """Return a learner's function with one of its two values replaced."""

    def calibration(z, y, bins):
        e, t = reference(z, y, bins)
        return ece(z, y, bins) if ece else e, T(z, y) if T else t

    return calibration


def _row_by_row(z, y, bins):
    confidence, guess = F.softmax(z, 1).max(1)
    return ((guess == y).double() - confidence).abs().mean()


def _means_matched(z, y):
    """T at which the mean confidence is the accuracy."""
    share = (z.argmax(1) == y).double().mean()
    return halve(lambda t: F.softmax(z / t, 1).max(1).values.mean() > share)


def _coarse(z, y):
    grid = torch.arange(0.1, 10, 0.1).double()
    losses = torch.stack([F.cross_entropy(z / t, y) for t in grid])
    return grid[losses.argmin()]


def _in_place(z, y, bins):
    right = reference(z, y, bins)
    z /= right[1]
    return right


WRONG = {
    "no_weights": Wrong(
        _with(ece=ece_with(weigh=False)),
        "the gaps of the bins are averaged without weights, so an almost empty bin counts fully",
        "weigh each bin by its share of the rows, n_b / N",
    ),
    "signed_gaps": Wrong(
        _with(ece=ece_with(gap=lambda g: g)),
        "the gaps keep their signs, so bins that are too sure and too modest cancel",
        "take the absolute value bin by bin",
    ),
    "squared_gaps": Wrong(
        _with(ece=ece_with(gap=torch.square)),
        "the gaps are squared; ECE takes their absolute value",
        "use abs()",
    ),
    "one_bin": Wrong(
        _with(ece=lambda z, y, bins: ece_with()(z, y, 1)),
        "this is the gap of the means over all rows, as with one bin",
        "sort the rows into bins by confidence first",
    ),
    "row_by_row": Wrong(
        _with(ece=_row_by_row),
        "the gap was taken row by row, where right is 0 or 1",
        "first the share right and the mean confidence of a bin, then the gap",
    ),
    "true_class": Wrong(
        _with(ece=ece_with(confident=lambda p, y: p[torch.arange(len(y)), y])),
        "the probability of the true class was taken as confidence",
        "confidence is the largest probability, whether it is right or not",
    ),
    "after_the_temperature": Wrong(
        _with(ece=lambda z, y, bins: _ece(z / reference(z, y, bins)[1], y, bins)),
        "the error was measured after the temperature",
        "ece belongs to the logits z as they came in",
    ),
    "inverse": Wrong(
        _with(T=lambda z, y: _newton(z.double(), y)),
        "this is 1 / T: the logits were multiplied, not divided",
        "T above 1 makes a model more modest",
    ),
    "log_of_T": Wrong(
        _with(T=lambda z, y: -_newton(z.double(), y).log()),
        "this is the logarithm of T, which was used to keep T positive",
        "return exp of it",
    ),
    "coarse_grid": Wrong(
        _with(T=_coarse),
        "T comes from a grid in steps of 0.1, which is too coarse",
        "halve an interval until it is small: 40 halvings are enough",
    ),
    "last_edge_lost": Wrong(
        _with(ece=ece_with(edge=0)),
        "rows of confidence 1 fell out at the top: they belong to the last bin",
        "clamp(max=bins - 1)",
    ),
    "softmax_over_rows": Wrong(
        _with(ece=ece_with(axis=0)),
        "the softmax went down the rows (dim 0), not over the classes",
        "softmax(1): the probabilities of one row sum to 1",
    ),
    "wrong_half": Wrong(
        _with(T=lambda z, y: torch.where(_newton(z, y) < 1, 0.05, 20.0).double()),
        "the halving keeps the wrong half, so T runs to a bound",
        "a positive slope at beta means that the lowest point lies below beta",
    ),
    "means_matched": Wrong(
        _with(T=lambda z, y: _means_matched(z, y)),
        "T makes the mean confidence equal to the accuracy; asked is the least cross-entropy",
        "let the slope decide: the mean of sum p_k z_k against that of z_y",
    ),
    "not_fitted": Wrong(
        _with(T=lambda z, y: torch.ones((), dtype=torch.float64)),
        "T is still 1: nothing was fitted",
        "move T until the cross-entropy of z / T stops falling",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "swapped": Wrong(lambda z, y, bins: reference(z, y, bins)[::-1]),
    "fifteen_bins": Wrong(lambda z, y, bins: reference(z, y, 15)),
    "in_place": Wrong(_in_place),
}


def with_lbfgs(z, y, bins):
    """torch's own optimizer on log T."""
    z, t = z.double(), torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [t], max_iter=200, tolerance_grad=1e-10, line_search_fn="strong_wolfe"
    )

    def loss():
        optimizer.zero_grad()
        value = F.cross_entropy(z * torch.exp(-t), y)
        value.backward()
        return value

    optimizer.step(loss)
    return _ece(z, y, bins), t.detach().exp()


def halving(z, y, bins):
    z = z.double()
    true = z.gather(1, y[:, None]).mean()
    return ece_with()(z, y, bins), halve(lambda t: ((z / t).softmax(1) * z).sum(1).mean() > true)


def golden_section(z, y, bins):
    """No slope at all: compare losses, and sort into bins by bincount."""
    z, ratio = z.double(), (5**0.5 - 1) / 2
    low, high = math.log(0.05), math.log(20)
    loss = lambda t: F.cross_entropy(z / math.exp(t), y).item()
    for _ in range(60):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if loss(a) < loss(b) else (a, high)
    sure, guess = z.softmax(1).max(1)
    gap = (guess == y).double() - sure
    index = (sure * bins).floor().long().clamp(0, bins - 1)
    ece = torch.bincount(index, gap, minlength=bins).abs().sum() / len(y)
    return float(ece), math.exp((low + high) / 2)


RIGHT = [with_lbfgs, halving, golden_section, talkative(reference)]


def hidden(fn, seed):
    call = partial(run, fn, reference, RETURNS)

    def match(args, idea):  # as agree, but T need be no nearer than ATOL
        wanted = reference(*copies(args))
        for name, got, right in zip(RETURNS, call(args, idea), wanted, strict=True):
            check.compare(f"calibration: {name} ({idea})", got, right, atol=ATOL)
            check.dtype(f"calibration: {name} ({idea})", got, right)

    for draw in (seed, seed + 1):
        rand = normal(draw)
        z = 1.5 * rand(300, 5)
        y = torch.distributions.Gumbel(0, 1).icdf(torch.special.ndtr(rand(300, 5)))
        y = (z + y).argmax(1)  # drawn from softmax(z), so T is near 1
        match((z, y, 15), "honest logits")
        match((3 * z, y, 10), "logits three times as large")
        match((0.2 * z, y, 10), "logits a fifth as large")
        match((6 * z, y, 7), "sure logits")
        match((z + 300, y, 15), "logits with a large constant")
        match((z.float(), y, 15), "float32 logits")
        T, three = (call((c * z, y, 15), "scaled logits")[1] for c in (1.0, 3.0))
        check.compare("calibration: T of 3 z is 3 times T of z", three, 3 * T, atol=2e-3)
    sure = 1000.0 * F.one_hot(torch.tensor([0, 1, 2, 0]), 3).double()
    what = "calibration: ece of answers that are sure, and one of four wrong"
    check.compare(what, call((sure, torch.tensor([0, 1, 2, 1]), 15), "sure answers")[0], 0.25)
