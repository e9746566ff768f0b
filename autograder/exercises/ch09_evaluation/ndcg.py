"""Exercise `ndcg`: discounted cumulative gain of a ranking, and its share of the best."""

import math
from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch09_evaluation import whole
from chainrule import check

EXAMPLES = {
    "three hits": (torch.tensor([0.9, 0.5, 0.1]).double(), torch.tensor([1.0, 0, 2]).double(), 3),
    "not in order": (
        torch.tensor([0.2, 0.9, 0.4, 0.6, 0.1]).double(),
        torch.tensor([3.0, 0, 1, 2, 0]).double(),
        2,
    ),
    "nothing relevant": (torch.tensor([0.3, 0.8]).double(), torch.zeros(2).double(), 2),
}
AXES = ("n", "n")
RETURNS = ("dcg", "ndcg")


def reference(score, gain, k):
    """scikit-learn's own two functions."""
    from sklearn.metrics import dcg_score, ndcg_score

    pair = gain.double().numpy()[None], score.double().numpy()[None]
    values = dcg_score(*pair, k=k), ndcg_score(*pair, k=k)
    return tuple(torch.tensor(float(v), dtype=torch.float64) for v in values)


def _sum(gain, k, discount):
    return (gain[:k] * discount(torch.arange(1, len(gain) + 1).double())[:k]).sum()


def _usual(rank):
    return 1 / torch.log2(1 + rank)


def _with(
    *,
    discount=_usual,
    value=lambda g: g,
    down=True,
    best=lambda g, k: g.sort(descending=True).values,
    cut=lambda k, n: k,
    empty=0.0,
    share=None,
):
    """Return a learner's function; the arguments say where it departs from the right one."""

    def ndcg(score, gain, k):
        gain, k = value(gain), cut(k, len(gain))
        ordered = gain[score.argsort(descending=down)]
        dcg = _sum(ordered, k, discount)
        top = share(gain, k) if share else _sum(best(ordered, k), k, discount)
        return dcg, dcg / top if top > 0 else torch.tensor(empty).double()

    return ndcg


def _in_place(score, gain, k):
    right = reference(score, gain, k)
    gain.copy_(gain.sort(descending=True).values)
    return right


def _given_order(score, gain, k):
    return _with()(-torch.arange(len(gain)).double(), gain, k)


WRONG = {
    "rank_from_zero": Wrong(
        _with(discount=lambda r: 1 / torch.log2(r.clamp(min=2))),
        "the discount is 1 / log2(rank), with the first two hits alike",
        "1 / log2(1 + rank), with ranks from 1",
    ),
    "one_rank_too_far": Wrong(
        _with(discount=lambda r: 1 / torch.log2(2 + r)),
        "the discount is one rank too far: the first hit must count fully",
        "log2(1 + rank) is 1 at rank 1",
    ),
    "natural_logarithm": Wrong(
        _with(discount=lambda r: 1 / torch.log(1 + r)),
        "the natural logarithm was used; the ratio hides it, dcg does not",
        "torch.log2",
    ),
    "no_discount": Wrong(
        _with(discount=torch.ones_like),
        "all ranks count alike",
        "divide the gain at each rank by log2(1 + rank)",
    ),
    "one_over_rank": Wrong(
        _with(discount=lambda r: 1 / r),
        "the discount is 1 / rank",
        "1 / log2(1 + rank), which falls more slowly",
    ),
    "powers_of_two": Wrong(
        _with(value=lambda g: 2**g - 1),
        "the gain is 2^grade - 1; here the gains are given and count as they are",
        "use gain itself",
    ),
    "worst_first": Wrong(
        _with(down=False),
        "the scores are sorted upwards, so the worst hit stands first",
        "argsort(descending=True)",
    ),
    "scores_not_used": Wrong(
        _given_order,
        "the gains are taken in the order given; score decides the order",
        "gain[score.argsort(descending=True)]",
    ),
    "best_of_the_shown": Wrong(
        _with(best=lambda g, k: g[:k].sort(descending=True).values),
        "the best order was made of the first k hits only",
        "sort all gains, then cut at k: a good hit left out must cost something",
    ),
    "cut_forgotten": Wrong(
        _with(cut=lambda k, n: n),
        "all ranks are summed; only the first k count",
        "cut both sums at k",
    ),
    "over_the_sum_of_gains": Wrong(
        _with(share=lambda g, k: g.sum()),
        "dcg was divided by the sum of the gains, so even the best order stays below 1",
        "divide by the dcg of the best order",
    ),
    "one_where_nothing": Wrong(
        _with(empty=1.0),
        "ndcg is 1 where no gain is positive; the contract says 0",
        "test whether the best dcg is 0",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "nan_where_nothing": Wrong(_with(empty=math.nan)),
    "only_ndcg": Wrong(lambda *a: reference(*a)[1]),
    "gain_in_place": Wrong(_in_place),
    "whole_gains": Wrong(_with(value=torch.floor)),
}


def in_a_loop(score, gain, k):
    rows = sorted(zip(score.tolist(), gain.tolist(), strict=True), reverse=True)
    add = lambda gains: sum(g / math.log2(r + 2) for r, g in enumerate(gains[:k]))
    dcg, best = add([g for _, g in rows]), add(sorted(gain.tolist(), reverse=True))
    return dcg, dcg / best if best else 0.0


def with_topk(score, gain, k):
    k = min(k, len(gain))
    weight = 1 / torch.log2(torch.arange(2, k + 2).double())
    dcg = gain.double()[score.topk(k).indices] @ weight
    best = gain.double().topk(k).values @ weight
    return dcg, torch.nan_to_num(dcg / best)


def by_ranks(score, gain, k):
    """No sorting of gains: each hit's rank is the number of scores at or above its own."""
    rank = lambda v: (v[None] > v[:, None]).sum(1) + (v[None] == v[:, None]).tril(-1).sum(1) + 1
    part = lambda r: (gain.double() / torch.log2(1.0 + r.double()) * (r <= k)).sum()
    dcg, best = part(rank(score)), part(rank(gain))
    return [dcg, dcg / best.clamp(min=1e-300)]


RIGHT = [in_a_loop, with_topk, by_ranks, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand, number = normal(draw), whole(draw)
        score, gain = rand(20), number(4, 20).double()
        for k in (1, 5, 20):
            match((score, gain, k), f"twenty hits, k = {k}")
        match((score, gain, 50), "k above the number of hits")
        match((score, rand(20).abs(), 6), "gains that are not whole")
        match((score, torch.zeros(20).double(), 5), "nothing relevant")
        match((score.float(), gain.float(), 5), "float32")
        once = call((score, gain, 7), "twenty hits")
        same = call((torch.exp(score), 3 * gain, 7), "twenty hits")
        what = "ndcg: ndcg stays when scores become exp(score) and gains 3 times as large"
        check.compare(what, same[1], once[1])
        best = call((gain + 0.001 * rand(20), gain, 7), "the best order")
        check.compare("ndcg: the best order has 1", best[1], 1.0)
