"""Exercise `paired_interval`: repair a bootstrap interval of the gap between two models."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch09_evaluation import whole
from chainrule import check


def _rows(seed, draws, n):
    return whole(seed)(n, draws, n)


EXAMPLES = {
    "eight rows, level 0.8": (
        torch.tensor([1.0, 1, 0, 1, 1, 0, 1, 1]).double(),
        torch.tensor([1.0, 0, 0, 1, 0, 1, 0, 1]).double(),
        _rows(0, 12, 8),
        0.8,
    ),
    "five rows of other scores": (
        torch.tensor([0.5, 2, 1, 4, 3]).double(),
        torch.tensor([1.0, 0, 2.5, 3, 3.75]).double(),
        _rows(100, 10, 5),
        0.5,
    ),
}
AXES = ("n", "n", "R n")
RETURNS = ("low", "high")


def reference(a, b, rows, level):
    """One draw after the other, then numpy's quantiles."""
    import numpy as np

    gaps = [float((a[r] - b[r]).double().mean()) for r in rows]
    ends = np.quantile(gaps, [(1 - level) / 2, (1 + level) / 2])
    return tuple(torch.tensor(e, dtype=torch.float64) for e in ends)


def _repaired(*, paired=True, axis=True, tails=True, gap=lambda d: d, ends=None):
    """Return the broken code with the named faults repaired."""

    def paired_interval(a, b, rows, level):
        a, b = a.double(), b.double()
        other = rows if paired else (rows + 1) % len(b)
        gaps = gap((a[rows] - b[other]).mean(1 if axis else 0))
        if ends:
            return ends(gaps, level, len(a))
        tail = (1 - level) / 2 if tails else 1 - level
        return gaps.quantile(tail), gaps.quantile(1 - tail)

    return paired_interval


def _normal(gaps, level, n):
    z = torch.special.ndtri(torch.tensor((1 + level) / 2).double())
    return gaps.mean() - z * gaps.std(), gaps.mean() + z * gaps.std()


def _shrunk(gaps, level, n):
    low, high = (gaps.quantile(q) for q in ((1 - level) / 2, (1 + level) / 2))
    middle = gaps.mean()
    return middle + (low - middle) / n**0.5, middle + (high - middle) / n**0.5


def _extremes(gaps, level, n):
    return gaps.min(), gaps.max()


def _index(low, high):
    """Ends that are draws themselves, at places low and high of (number of draws, share)."""

    def ends(gaps, level, n):
        ordered, tail = gaps.sort().values, (1 - level) / 2
        return ordered[low(len(gaps), tail)], ordered[high(len(gaps), 1 - tail)]

    return ends


def _place(count, share):
    return int(count * share + 1e-9)  # 0.1 is a little less than (1 - 0.8) / 2


def _upside_down(a, b, rows, level):
    low, high = reference(b, a, rows, level)
    return low, high


def _own_rows(a, b, rows, level):
    g = torch.Generator().manual_seed(0)
    mine = torch.randint(len(a), rows.shape, generator=g)
    return reference(a, b, mine, level)


def _in_place(a, b, rows, level):
    a -= b
    return reference(a, torch.zeros_like(b), rows, level)


def _first(a, b, rows, level):
    """Each model's own interval; their ends are subtracted."""
    zero = torch.zeros_like(a)
    (low_a, high_a), (low_b, high_b) = (reference(v, zero, rows, level) for v in (a, b))
    return low_a - high_b, high_a - low_b


PAIR = "b is scored on the row after each of a, so the pairing is lost"
AXIS = "the mean is taken over the draws (dim 0), not over the rows of a draw"
TAIL = "each tail has 1 - level, so the interval holds too little"
WRONG = {
    "nothing_repaired": Wrong(
        _repaired(paired=False, axis=False, tails=False),
        "all three faults are still there: pairs, axis, tails",
        "take them one at a time; write the shape of every line",
    ),
    "pairs_and_axis_left": Wrong(
        _repaired(paired=False, axis=False),
        f"two faults are left: {AXIS}; and b gets the next row",
        "gaps has one number per draw; then look at b's index",
    ),
    "pairs_and_tails_left": Wrong(
        _repaired(paired=False, tails=False),
        f"two faults are left: {TAIL}; and b gets the next row",
        "half of 1 - level at each end; then look at b's index",
    ),
    "axis_and_tails_left": Wrong(
        _repaired(axis=False, tails=False),
        f"two faults are left: {TAIL}; and the mean has the wrong axis",
        "half of 1 - level at each end; gaps has one number per draw",
    ),
    "pairs_left": Wrong(_repaired(paired=False), f"one fault is left: {PAIR}", "a[rows] - b[rows]"),
    "axis_left": Wrong(
        _repaired(axis=False), f"one fault is left: {AXIS}", "gaps must have one number per draw"
    ),
    "tails_left": Wrong(
        _repaired(tails=False), f"one fault is left: {TAIL}", "(1 - level) / 2 at each end"
    ),
    "absolute_gap": Wrong(
        _repaired(gap=torch.abs),
        "the gaps lost their signs, so the interval can never show that b is ahead",
        "leave the sign: a - b",
    ),
    "b_minus_a": Wrong(
        _upside_down, "the gap is b - a; the contract says a - b", "a positive gap: a is ahead"
    ),
    "least_and_largest": Wrong(
        _repaired(ends=_extremes),
        "these are the least and the largest gap, whatever the level",
        "take quantiles",
    ),
    "divided_by_root_n": Wrong(
        _repaired(ends=_shrunk),
        "the spread was divided by the root of n once more",
        "the means of the draws already scatter as a mean of n rows does",
    ),
    "ends_subtracted": Wrong(
        _first,
        "each model got an interval of its own, and their ends were subtracted: far too wide",
        "subtract row by row first, then one interval",
    ),
    "plain_index": Wrong(
        _repaired(ends=_index(_place, _place)),
        "each end is one of the draws, taken from the sorted gaps by a plain index",
        "a quantile mostly lies between two draws: gaps.quantile(share)",
    ),
    "half_the_level": Wrong(
        _repaired(
            ends=lambda gaps, level, n: (gaps.quantile(level / 2), gaps.quantile(1 - level / 2))
        ),
        "each tail has half of level; level is the share that the interval holds",
        "half of 1 - level at each end",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "index_one_less": Wrong(_repaired(ends=_index(_place, lambda r, share: _place(r, share) - 1))),
    "nearest_draw": Wrong(_repaired(ends=_index(*[lambda r, share: round(share * (r - 1))] * 2))),
    "bell_curve": Wrong(_repaired(ends=_normal)),
    "own_rows": Wrong(_own_rows),
    "in_place": Wrong(_in_place),
    "ninety_five": Wrong(lambda a, b, rows, level: reference(a, b, rows, 0.95)),
}


def draw_by_draw(a, b, rows, level):
    gaps = torch.stack([(a - b).double()[r].sum() / len(r) for r in rows])
    both = torch.quantile(gaps, torch.tensor([1 - level, 1 + level]).double() / 2)
    return list(both)


def by_counting_rows(a, b, rows, level):
    """How often each row is drawn, times its gap."""
    n = len(a)
    times = torch.stack([torch.bincount(r, minlength=n) for r in rows]).double()  # (R, n)
    gaps = (times @ (a - b).double() / n).sort().values
    at = [q * (len(gaps) - 1) for q in ((1 - level) / 2, (1 + level) / 2)]
    whole = [min(int(p), len(gaps) - 2) for p in at]
    return tuple(
        gaps[i] + (p - i) * (gaps[i + 1] - gaps[i]) for p, i in zip(at, whole, strict=True)
    )


def with_gather(a, b, rows, level):
    gap = torch.gather((a - b).double().expand(len(rows), -1), 1, rows).mean(-1)
    return torch.quantile(gap, 0.5 - level / 2).item(), torch.quantile(gap, 0.5 + level / 2).item()


RIGHT = [draw_by_draw, by_counting_rows, with_gather, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        number, rand = whole(draw), normal(draw)
        a, b = number(2, 60).double(), number(2, 60).double()
        rows = _rows(draw, 200, 60)
        for level in (0.95, 0.5):
            match((a, b, rows, level), f"level {level}")
        match((rand(30), rand(30), _rows(draw, 50, 30), 0.9), "scores that are not 0 or 1")
        match((a.float(), b.float(), rows, 0.9), "float32")
        match((a[:7], b[:7], _rows(draw, 7, 7), 0.8), "as many draws as rows")
        low, high = call((a, b, rows, 0.9), "sixty rows")
        mirror = call((b, a, rows, 0.9), "sixty rows")
        what = "paired_interval: ends change places and signs when the models do"
        check.compare(what, torch.stack(mirror), torch.stack([-high, -low]))
        harder = call((a + 5, b + 5, rows, 0.9), "sixty rows")
        what = "paired_interval: the same when both models gain 5 on every row"
        check.compare(what, torch.stack(harder), torch.stack([low, high]))
