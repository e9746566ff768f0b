"""Exercise `confusion_matrix`: how often class i was called class j."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

EXAMPLES = {  # logits (N, K), y (N,)
    "7 examples, 3 classes": (
        torch.tensor(
            [[2.0, 0, 1], [0, 1, 0], [3, 2, 1], [0, 2, 1], [0, 1, 4], [1, 5, 2], [0, 3, 1]]
        ),
        torch.tensor([0, 0, 0, 1, 1, 0, 0]),
    ),
    "5 examples, 4 classes": (
        torch.tensor([[0.0, 0, 2, 1], [1, 0, 0, 0], [0, 0, 3, 0], [2, 1, 0, 0], [0, 0, 1, 0]]),
        torch.tensor([2, 1, 1, 0, 2]),
    ),
}  # fmt: skip
AXES = ("N K", "N")
RETURNS = ("counts",)


def reference(logits, y):
    """A slow loop."""
    counts = torch.zeros(logits.shape[1], logits.shape[1], dtype=torch.int64)
    for row, label in zip(logits, y.tolist(), strict=True):
        counts[label, int(row.argmax())] += 1
    return counts


def _counts(pick=lambda z: z.argmax(1), change=lambda counts: counts):
    return lambda logits, y: change(_tally(y, pick(logits), logits.shape[1]))


def _tally(y, y_hat, k):
    return torch.bincount(k * y + y_hat, minlength=k * k).view(k, k)


def _last_one_counts(logits, y):
    """counts[y, y_hat] += 1 writes each place once, however often it occurs."""
    counts = torch.zeros(logits.shape[1], logits.shape[1], dtype=torch.int64)
    counts[y, logits.argmax(1)] += 1
    return counts


def _classes_seen(logits, y):
    y_hat = logits.argmax(1)
    k = int(max(y.max(), y_hat.max())) + 1
    return _tally(y, y_hat, k)


def _zero_diagonal(counts):
    return counts - torch.diag(counts.diagonal())


WRONG = {
    "transposed": Wrong(
        _counts(change=lambda c: c.T),
        "rows are the predictions here; the contract has the true class in the rows",
        "counts[true, predicted]",
    ),
    "last_one_counts": Wrong(
        _last_one_counts,
        "counts[y, y_hat] += 1 adds 1 to a place once, however often the pair occurs",
        "torch.bincount of K * y + y_hat, or a loop",
    ),
    "one_row": Wrong(
        _counts(change=lambda c: c.sum(0).repeat(len(c), 1)),
        "all rows are one and the same list: [[0] * K] * K repeats it, and a change shows in each",
        "torch.zeros(K, K, dtype=torch.int64)",
    ),
    "shares_of_row": Wrong(
        _counts(change=lambda c: c / c.sum(1, keepdim=True).clamp(min=1)),
        "the rows are divided by their sums",
        "return the counts themselves",
    ),
    "shares": Wrong(
        _counts(change=lambda c: c / c.sum()),
        "the counts are divided by the number of examples",
        "return the counts themselves",
    ),
    "mistakes_only": Wrong(
        _counts(change=_zero_diagonal),
        "the diagonal is empty, so the right answers are missing",
        "count every example",
    ),
    "least_logit": Wrong(
        _counts(pick=lambda z: z.argmin(1)),
        "the class with the smallest logit is taken",
        "argmax",
    ),
    "flattened": Wrong(
        _counts(change=lambda c: c.flatten()),
        "the counts are one long row",
        ".view(K, K) at the end",
    ),
    "classes_seen": Wrong(_classes_seen),
    "floats": Wrong(_counts(change=lambda c: c + 0.5)),
    "argmax_of_a_column": Wrong(
        lambda logits, y: _tally(y, logits.argmax(0)[y], logits.shape[1]),
    ),
    "last_wins_a_tie": Wrong(
        _counts(pick=lambda z: z.shape[1] - 1 - z.flip(1).argmax(1)),
    ),
}


def by_one_hot(logits, y):
    k = logits.shape[1]
    hot = torch.nn.functional.one_hot
    return hot(y, k).T @ hot(logits.softmax(1).argmax(1), k)


def by_accumulation(logits, y):
    k = logits.shape[1]
    counts, ones = torch.zeros(k, k, dtype=torch.int64), torch.ones_like(y)
    return counts.index_put_((y, logits.argmax(1)), ones, accumulate=True)


def by_comparison(logits, y):
    classes = torch.arange(logits.shape[1])
    y_hat = logits.max(dim=1).indices
    return torch.stack([(y_hat[y == k, None] == classes).sum(0) for k in classes])


RIGHT = [by_one_hot, by_accumulation, by_comparison, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand, g = normal(draw), torch.Generator().manual_seed(draw)
        for n, k in ((1, 2), (40, 3), (200, 10)):
            y = torch.randint(0, k, (n,), generator=g)
            match((rand(n, k), y), f"{n} examples, {k} classes")
        match((rand(5, 6), torch.zeros(5, dtype=torch.int64)), "classes that do not occur")
        match((torch.zeros(4, 3), torch.tensor([0, 1, 2, 2])), "equal logits: the first wins")
        z, y = rand(30, 4), torch.randint(0, 4, (30,), generator=g)
        counts = run(fn, reference, RETURNS, (z, y), "30 examples")[0]
        same = counts.double().sum(1), torch.bincount(y, minlength=4).double()
        check.compare("confusion_matrix: each row sums to its class", *same)
        right = (z.argmax(1) == y).double().sum()
        check.compare("confusion_matrix: the diagonal sums to the right ones",
                      counts.double().trace(), right)  # fmt: skip
