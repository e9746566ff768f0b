"""Exercise `auroc`: the share of pairs in the right order, from ranks, ties included."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch09_evaluation import TEN_S, TEN_Y, whole
from chainrule import check

EXAMPLES = {
    "ten payments": (TEN_Y, TEN_S),
    "no ties": (torch.tensor([0, 1, 0, 1, 1]), torch.tensor([0.1, 0.8, 0.5, 0.3, 0.9]).double()),
    "all scores tie": (torch.tensor([1, 0, 0, 1, 0, 0, 0]), torch.full((7,), 0.5).double()),
}
AXES = ("N", "N")
RETURNS = ("auroc",)


def reference(y, s):
    """Every pair, one by one."""
    positive, negative = s[y == 1].double(), s[y == 0].double()
    gap = positive[:, None] - negative[None, :]  # (n1, n0)
    return ((gap > 0).double() + 0.5 * (gap == 0).double()).mean()


def _from_ranks(rank, correct=lambda n1: n1 * (n1 + 1) / 2, pairs=lambda n1, n0: n1 * n0):
    """Return a learner's function with their own ranks, correction or number of pairs."""

    def auroc(y, s):
        n1, n0 = int((y == 1).sum()), int((y == 0).sum())
        total = rank(s)[y == 1].double().sum()
        return (total - correct(n1)) / pairs(n1, n0)

    return auroc


def _mean_rank(s):
    ordered = s.sort().values
    return (torch.searchsorted(ordered, s) + 1 + torch.searchsorted(ordered, s, right=True)) / 2


def _ordinal(s):
    return s.argsort(stable=True).argsort() + 1


def _dense(s):
    return s.unique(return_inverse=True)[1] + 1


def _lowest(s):
    return torch.searchsorted(s.sort().values, s) + 1


def _highest(s):
    return torch.searchsorted(s.sort().values, s, right=True)


def _sorted_in_place(y, s):
    right = reference(y, s)
    s.sort(out=(s, torch.empty_like(s, dtype=torch.long)))
    return right


def _steps(y, s):
    """Area under the ROC curve by rectangles, threshold by threshold."""
    cuts = s.unique().flip(0)
    tpr = torch.stack([(s[y == 1] >= c).double().mean() for c in cuts])
    fpr = torch.stack([(s[y == 0] >= c).double().mean() for c in cuts])
    return (tpr * torch.diff(fpr, prepend=fpr.new_zeros(1))).sum()


def _wrong_class(y, s):
    n1, n0 = int((y == 1).sum()), int((y == 0).sum())
    return (_mean_rank(s)[y == 1].double().sum() - n0 * (n0 + 1) / 2) / (n1 * n0)


def _no_origin(y, s):
    """Trapezoids, but the curve begins at its first threshold."""
    cuts = s.unique().flip(0)
    tpr, fpr = (torch.stack([(s[y == k] >= c).double().mean() for c in cuts]) for k in (1, 0))
    return torch.trapezoid(tpr, fpr)


def _accuracy(y, s):
    return ((s >= 0.5) == (y == 1)).double().mean()


WRONG = {
    "ties_count_nothing": Wrong(
        _from_ranks(_lowest),
        "a tied pair counts 0: tied scores got the lowest of their ranks",
        "give each of them the mean of the ranks that they share",
    ),
    "ties_count_fully": Wrong(
        _from_ranks(_highest),
        "a tied pair counts 1: tied scores got the highest of their ranks",
        "give each of them the mean of the ranks that they share",
    ),
    "argsort_twice": Wrong(
        _from_ranks(_ordinal),
        "argsort twice breaks ties by the place in the list, so the rows' order decides",
        "give tied scores the mean of the ranks that they share",
    ),
    "argsort_once": Wrong(
        _from_ranks(lambda s: s.argsort(stable=True) + 1),
        "argsort gives the positions of the sorted scores, not the rank of each score",
        "count for each score how many are smaller, and how many are equal",
    ),
    "dense_ranks": Wrong(
        _from_ranks(_dense),
        "the ranks count distinct scores, so a tie takes up one place only",
        "two scores that tie for places 3 and 4 both have rank 3.5, and the next has rank 5",
    ),
    "ranks_from_zero": Wrong(
        _from_ranks(lambda s: _mean_rank(s) - 1),
        "the ranks start at 0, but n1 (n1 + 1) / 2 belongs to ranks from 1",
        "the smallest score has rank 1",
    ),
    "nothing_subtracted": Wrong(
        _from_ranks(_mean_rank, correct=lambda n1: 0),
        "the pairs of two positives are still counted",
        "subtract n1 (n1 + 1) / 2 from the sum of ranks",
    ),
    "upside_down": Wrong(
        lambda y, s: 1 - reference(y, s),
        "the order is upside down: rank 1 went to the largest score, or the classes are swapped",
        "a perfect model must have 1",
    ),
    "wrong_class_subtracted": Wrong(
        _wrong_class,
        "n0 (n0 + 1) / 2 was subtracted: it counts the negatives",
        "the ranks are those of the positives: subtract n1 (n1 + 1) / 2",
    ),
    "no_origin": Wrong(
        _no_origin,
        "the curve begins at the first threshold, so the piece from (0, 0) is missing",
        "put a 0 before the recalls and before the false positive rates",
    ),
    "all_pairs": Wrong(
        _from_ranks(_mean_rank, pairs=lambda n1, n0: (n1 + n0) * (n1 + n0 - 1) / 2),
        "the sum was divided by all pairs of rows",
        "only pairs of a positive and a negative count: n1 n0 of them",
    ),
    "accuracy": Wrong(
        _accuracy,
        "this is the accuracy at a threshold of 0.5; AUROC uses no threshold",
        "compare scores with each other, not with a number",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "rectangles": Wrong(_steps),
    "scores_rounded": Wrong(lambda y, s: reference(y, torch.round(s, decimals=3))),
    "sorted_in_place": Wrong(_sorted_in_place),
    "half_for_ever": Wrong(lambda y, s: reference(y, s) if len(y) < 12 else y.double().mean()),
}


def trapezoids(y, s):
    """Area under the ROC curve; a tie is one slanted piece."""
    cuts = s.unique().flip(0)
    tpr = [0.0] + [(s[y == 1] >= c).double().mean().item() for c in cuts]
    fpr = [0.0] + [(s[y == 0] >= c).double().mean().item() for c in cuts]
    return torch.trapezoid(torch.tensor(tpr).double(), torch.tensor(fpr).double())


def mean_of_two_ranks(y, s):
    return _from_ranks(_mean_rank)(y, s)


def counting_below(y, s):
    """For each positive, the negatives below and half of those level, in a loop."""
    negative, total = s[y == 0], 0.0
    for value in s[y == 1]:
        total += float((negative < value).sum()) + 0.5 * float((negative == value).sum())
    return total / (len(negative) * int(y.sum()))


RIGHT = [trapezoids, mean_of_two_ranks, counting_below, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand, number = normal(draw), whole(draw)
        y = torch.cat([torch.tensor([0, 1]), number(2, 38)])
        s = rand(40)
        match((y, s), "forty scores")
        match((y, number(4, 40).double()), "many ties")
        match((y, 1e6 + 1e-4 * s), "scores close together")
        match((y, s.float()), "float32 scores")
        match((torch.tensor([1] + [0] * 30), rand(31)), "one positive")
        once = call((y, s), "forty scores")[0]
        for name, same in (("exp(s)", s.exp()), ("3 s - 7", 3 * s - 7)):
            what = f"auroc: the same when s becomes {name}"
            check.compare(what, call((y, same), "forty scores")[0], once)
        turned = call((1 - y, s), "forty scores")[0]
        check.compare("auroc: 1 minus it when the classes change names", turned, 1 - once)
