"""Exercise `stratified_split`: a validation set that holds its share of every class."""

import math
from functools import partial

import torch

from autograder.exercises import Wrong, agree, run, talkative
from chainrule import check

Y = torch.tensor([0, 0, 1, 0, 0, 1, 0, 2, 0, 1, 0])  # 7 of class 0, 3 of 1, 1 of 2
ORDER_OF = torch.tensor([10, 2, 4, 9, 0, 7, 1, 3, 5, 6, 8])
PAIRS = torch.tensor([1, 1, 1, 1, 0, 0, 0, 0])
EXAMPLES = {
    "three classes, a half": (Y, 0.5, ORDER_OF),
    "three classes, a third": (Y, 1 / 3, ORDER_OF),
    "four of each, a quarter": (PAIRS, 0.25, torch.tensor([7, 0, 5, 2, 4, 6, 1, 3])),
}
AXES = ("N", "N")
RETURNS = ("train", "val")
ORDER = [1, 0]


def reference(y, share, order):
    """A slow loop: walk through order, and give to val until its class has its quota."""
    quota = {}
    for label in y.tolist():
        quota[label] = quota.get(label, 0) + 1
    quota = {label: math.floor(share * n + 0.5) for label, n in quota.items()}
    val = []
    for i in order.tolist():
        if quota[int(y[i])] > 0:
            quota[int(y[i])] -= 1
            val.append(i)
    train = [i for i in range(len(y)) if i not in set(val)]
    return torch.tensor(train, dtype=torch.long), torch.tensor(sorted(val), dtype=torch.long)


def _split(
    y, share, order, *,
    count=lambda share, n, y: math.floor(share * n + 0.5),
    pick=lambda order, y, label, k: order[y[order] == label][:k],
    rest=lambda val, n: [i for i in range(n) if i not in val],
    answer=lambda train, val: (train, val),
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    val = []
    for label in y.unique():
        val += pick(order, y, label, count(share, int((y == label).sum()), y)).tolist()
    parts = rest(val, len(y)), val
    return answer(*(torch.tensor(sorted(p), dtype=torch.long) for p in parts))


def _with(**steps):
    return partial(_split, **steps)


def _random(y, share, order):
    k = math.floor(share * len(y) + 0.5)
    return order[k:].sort().values, order[:k].sort().values


def _positions(order, y, label, k):
    return torch.nonzero(y[order] == label)[:, 0][:k]


def _unsorted(y, share, order):
    _, val = reference(y, share, order)
    keep = torch.isin(order, val)
    return order[~keep], order[keep]


def _masks(y, share, order):
    _, val = reference(y, share, order)
    mask = torch.zeros(len(y), dtype=torch.bool)
    mask[val] = True
    return ~mask, mask


WRONG = {
    "not_stratified": Wrong(
        _random,
        "this is a random split: the classes are not looked at",
        "take the share of each class by itself",
    ),
    "rounded_down": Wrong(
        _with(count=lambda share, n, y: int(share * n)),
        "each class's number is rounded down, so rare classes can vanish",
        "round to the nearest: math.floor(share * n + 0.5)",
    ),
    "rounded_up": Wrong(
        _with(count=lambda share, n, y: math.ceil(share * n)),
        "each class's number is rounded up",
        "round to the nearest: math.floor(share * n + 0.5)",
    ),
    "equal_numbers": Wrong(
        _with(count=lambda share, n, y: math.floor(share * len(y) / len(y.unique()) + 0.5)),
        "every class gives the same number, not the same share",
        "a class of n examples gives share * n of them",
    ),
    "first_in_the_table": Wrong(
        _with(pick=lambda order, y, label, k: torch.nonzero(y == label)[:, 0][:k]),
        "the first of each class in the table are taken; order is not used",
        "go through the rows in the order given",
    ),
    "last_in_order": Wrong(
        _with(pick=lambda order, y, label, k: order[y[order] == label].flip(0)[:k]),
        "val takes the last of each class in order",
        "val takes the first of each class in order",
    ),
    "positions": Wrong(
        _with(pick=_positions),
        "these are positions in order, not rows of the data",
        "index order itself once more: order[positions]",
    ),
    "overlap": Wrong(
        _with(rest=lambda val, n: list(range(n))),
        "validation rows are in train as well",
        "train holds the rows that are not in val",
    ),
    "swapped": Wrong(
        _with(answer=lambda train, val: (val, train)),
        "the two parts are exchanged",
        "return train, val in this order",
    ),
    "bankers": Wrong(
        _with(count=lambda share, n, y: round(share * n)),
        "halves are rounded to the even number, as Python's round does",
        "round halves up: math.floor(share * n + 0.5)",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "at_least_one": Wrong(_with(count=lambda share, n, y: max(1, math.floor(share * n + 0.5)))),
    "unsorted": Wrong(_unsorted),
    "masks": Wrong(_masks),
    "largest_label": Wrong(
        lambda y, share, order: _split(torch.where(y == y.max(), 0, y), share, order)
    ),
}


def with_sorting(y, share, order):
    """Ranks every row within its class."""
    by_class = order[torch.sort(y[order], stable=True).indices]
    sizes = y.bincount()
    start = sizes.cumsum(0) - sizes
    rank = torch.arange(len(y)) - start[y[by_class]]
    chosen = by_class[rank < torch.floor(share * sizes.double() + 0.5)[y[by_class]]]
    mask = torch.zeros(len(y), dtype=torch.bool).index_fill(0, chosen, True)
    return (~mask).nonzero().flatten(), mask.nonzero().flatten()


def with_sets(y, share, order):
    val = set()
    for label in set(y.tolist()):
        rows = [i for i in order.tolist() if y[i] == label]
        val |= set(rows[: int(share * len(rows) + 0.5)])
    rest = sorted(set(range(len(y))) - val)
    return [torch.tensor(rest, dtype=torch.int64), torch.tensor(sorted(val), dtype=torch.int64)]


def with_a_matrix(y, share, order):
    """One-hot rows; their running sum along order is each row's rank in its class."""
    hot = torch.nn.functional.one_hot(y[order]).double()
    rank = (hot.cumsum(0) * hot).sum(1)
    quota = (hot * torch.floor(share * hot.sum(0) + 0.5)).sum(1)
    chosen = order[rank <= quota].sort().values
    rows = torch.arange(len(y))
    return rows[~torch.isin(rows, chosen)], chosen


RIGHT = [with_sorting, with_sets, with_a_matrix, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS, order=ORDER)
    for draw in (seed, seed + 1):
        g = torch.Generator().manual_seed(draw)
        for n in (1, 10, 83):
            y = (torch.rand(n, generator=g) ** 3 * 5).long()  # the higher the rarer
            order = torch.randperm(n, generator=g)
            for share in (0.0, 0.1, 0.25, 0.5, 1.0):
                match((y, share, order), f"{n} rows, share {share}")
        match((3 * y + 2, 0.3, order), "labels with gaps")
        match((torch.zeros(9, dtype=torch.long), 0.5, order_of(9, g)), "one class alone")
        pairs = torch.arange(40) % 8  # five of each, so a half is rounded
        match((pairs, 0.5, order_of(40, g)), "halves are rounded up")
        _renamed(fn, y, order)


def order_of(n, g):
    return torch.randperm(n, generator=g)


def _renamed(fn, y, order):
    """Which rows are chosen does not depend on the numbers that name the classes."""
    call = partial(run, fn, reference, RETURNS)
    once, again = (call((labels, 0.2, order), "labels")[1] for labels in (y, 9 - y))
    check.compare("stratified_split: val stays when the classes get other numbers", again, once)
