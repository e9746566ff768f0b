"""Exercise `majority_baseline`: always name the most frequent training label."""

from collections import Counter
from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, talkative

EXAMPLES = {
    "most of them 9": (torch.tensor([9, 1, 2, 9, 1, 9, 4]), torch.tensor([7, 9, 7, 1])),
    "test rows of another kind": (torch.tensor([1, 1, 1, 0, 4]), torch.tensor([4, 4, 1])),
    "a tie": (torch.tensor([3, 1, 1, 3, 5, 0]), torch.tensor([1, 3, 3, 5, 1, 3, 3, 3])),
    "a label the test lacks": (torch.tensor([7, 7, 2]), torch.tensor([2, 2])),
}
AXES = ("N", "M")
RETURNS = ("label", "accuracy")


def reference(train_y, test_y):
    """Count label by label."""
    counts = Counter(train_y.tolist())
    label = min(counts, key=lambda k: (-counts[k], k))
    hits = sum(1 for y in test_y.tolist() if y == label)
    return torch.tensor(label), torch.tensor(hits / len(test_y), dtype=torch.float32)


def _share(label, test_y):
    return label, (test_y == label).float().mean()


def _counted(
    train_y, test_y, *, on="train", least=False, last=False, measured="test",
    share=lambda hits: hits.float().mean(),
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    counts = torch.bincount(train_y if on == "train" else test_y)
    if least:
        label = torch.where(counts > 0, counts, counts.max() + 1).argmin()
    else:
        label = counts.flip(0).argmax() if last else counts.argmax()
        label = len(counts) - 1 - label if last else label
    return label, share((test_y if measured == "test" else train_y) == label)


def _with(**steps):
    return partial(_counted, **steps)


WRONG = {
    "test_labels": Wrong(
        _with(on="test"),
        "the label is the most frequent one of the test rows, which nobody knows beforehand",
        "count in train_y, and use test_y for the share alone",
    ),
    "training_accuracy": Wrong(
        _with(measured="train"),
        "the share is taken over the training rows",
        "the baseline is judged on test_y",
    ),
    "a_count": Wrong(
        _with(share=lambda hits: hits.float().sum()),
        "the rows that are right are counted, not divided by how many there are",
        "a mean of 0s and 1s is a share",
    ),
    "last_of_a_tie": Wrong(
        _with(last=True),
        "of several labels that are equally frequent the largest is taken",
        "the contract asks for the smallest: argmax of the counts gives the first one",
    ),
    "least_frequent": Wrong(
        _with(least=True), "this is the rarest label", "take the largest count, not the smallest"
    ),
    "largest_label": Wrong(
        lambda a, b: _share(a.max(), b),
        "this is the largest label, not the most frequent one",
        "count how often each label occurs first",
    ),
    "rounded_mean": Wrong(
        lambda a, b: _share(a.float().mean().round().long(), b),
        "the labels are averaged, but they are names: 2 is not between 1 and 3",
        "count them",
    ),
    "error_rate": Wrong(
        _with(share=lambda hits: 1 - hits.float().mean()),
        "this is the share that is wrong",
        "accuracy is the share that is right",
    ),
    "the_count": Wrong(
        lambda a, b: (torch.bincount(a).max(), _counted(a, b)[1]),
        "this is how often the label occurs, not the label",
        "max gives the count, argmax the place where it stands",
    ),
    "place_among_the_labels": Wrong(
        lambda a, b: _share(torch.unique(a, return_counts=True)[1].argmax(), b),
        "this is the label's place in the list of distinct labels",
        "take that entry of the list",
    ),
    "smallest_label": Wrong(
        lambda a, b: _share(a.min(), b),
        "this is the smallest label, not the most frequent one",
        "the smallest is asked for only among those that are equally frequent",
    ),
    "median": Wrong(
        lambda a, b: _share(a.median(), b),
        "this is the label in the middle after sorting; labels are names, and have no middle",
        "count how often each one occurs",
    ),
    "exchanged": Wrong(
        lambda a, b: _counted(a, b)[::-1],
        "label and accuracy are exchanged",
        "return the label first",
    ),
    "percent": Wrong(
        _with(share=lambda hits: 100 * hits.float().mean()),
        "the share is given in percent",
        "leave out the 100: a share lies between 0 and 1",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "label_only": Wrong(lambda a, b: torch.bincount(a).argmax()),
    "in_place": Wrong(lambda a, b: _share(a.mode().values, b.sub_(0).add_(1).sub_(2))),
}


def by_sorting(train_y, test_y):
    labels, counts = torch.unique(train_y, return_counts=True)
    label = labels[counts == counts.max()].min()
    return int(label), float((test_y == label).float().mean())


def by_mode(train_y, test_y):
    label = torch.mode(train_y).values  # torch takes the smallest of a tie
    return [label, (test_y == label).float().mean()]


RIGHT = [by_sorting, by_mode, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        labels = lambda n, k, rand=rand: (k * rand(n).abs()).long().clamp(max=k - 1)
        match((labels(60, 10), labels(25, 10)), "ten labels, few of the large ones")
        match((9 - labels(60, 10), labels(25, 10)), "few of the small labels")
        match((labels(3, 2), labels(50, 2)), "three training rows")
    match((torch.tensor([5, 6, 6, 5, 8]), torch.tensor([6, 5, 5, 8, 6, 6])), "a tie")
    match((torch.tensor([4]), torch.tensor([4])), "one row each")
