"""Exercise `mixup`: two images and their labels, mixed by one share."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

X = torch.tensor([[8.0, 0], [0, 4], [4, 8]])  # (B, d) = (3, 2)
Y = torch.tensor([0, 2, 3])
ORDER_OF = torch.tensor([1, 2, 0])
EXAMPLES = {
    "three quarters": (X, Y, 4, 0.75, ORDER_OF),
    "all of the first": (X, Y, 4, 1.0, ORDER_OF),
    "two of one class": (X, torch.tensor([1, 1, 3]), 4, 0.25, ORDER_OF),
}
AXES = ("B d", "B", "B")
RETURNS = ("x", "targets")


def reference(x, y, num_classes, lam, order):
    """Example by example."""
    mixed = torch.stack([lam * x[i] + (1 - lam) * x[int(j)] for i, j in enumerate(order)])
    targets = torch.zeros(len(y), num_classes, dtype=x.dtype)
    for i, j in enumerate(order.tolist()):
        targets[i, y[i]] += lam
        targets[i, y[j]] += 1 - lam
    return mixed, targets


def _mix(
    x, y, num_classes, lam, order, *,
    images=lambda x, lam, order: lam * x + (1 - lam) * x[order],
    labels=lambda t, lam, order: lam * t + (1 - lam) * t[order],
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    t = torch.nn.functional.one_hot(y, num_classes).to(x.dtype)
    return images(x, lam, order), labels(t, lam, order)


def _with(**steps):
    return partial(_mix, **steps)


def turned(v, lam, order):
    return (1 - lam) * v + lam * v[order]


def ahead(v, lam, order):
    return lam * v + (1 - lam) * v.flip(0)


def back(v, lam, order):
    return lam * v + (1 - lam) * v[order.argsort()]


def _sharp(t, lam, order):
    mixed = lam * t + (1 - lam) * t[order]
    return torch.nn.functional.one_hot(mixed.argmax(-1), t.shape[1]).to(t.dtype)


def _overwritten(x, y, num_classes, lam, order):
    mixed, targets = x * lam + x[order] * (1 - lam), x.new_zeros(len(y), num_classes)
    rows = torch.arange(len(y))
    targets[rows, y] = lam
    targets[rows, y[order]] = 1 - lam
    return mixed, targets


def _label_numbers(x, y, num_classes, lam, order):
    mixed = _mix(x, y, num_classes, lam, order)[0]
    return mixed, lam * y.to(x.dtype) + (1 - lam) * y[order].to(x.dtype)


def _in_place(x, y, num_classes, lam, order):
    targets = _mix(x, y, num_classes, lam, order)[1]
    x.mul_(lam).add_((1 - lam) * x[order])
    return x, targets


def _matrices_only(x, y, num_classes, lam, order):
    flat, targets = _mix(x.flatten(1), y, num_classes, lam, order)
    return flat, targets


WRONG = {
    "labels_left": Wrong(
        _with(labels=lambda t, lam, order: t),
        "the images are mixed, the labels are not",
        "mix the one-hot labels with the same share and the same partners",
    ),
    "images_left": Wrong(
        _with(images=lambda x, lam, order: x.clone()),
        "the labels are mixed, the images are not",
        "mix x in the same way as the one-hot labels",
    ),
    "share_turned": Wrong(
        _with(images=turned, labels=turned),
        "the share lam goes to the partner",
        "lam belongs to the example itself, 1 - lam to its partner",
    ),
    "labels_turned": Wrong(
        _with(labels=turned),
        "images and labels are mixed with opposite shares",
        "the label of the image that weighs lam weighs lam as well",
    ),
    "reversed": Wrong(
        _with(images=ahead, labels=ahead),
        "the partner comes from the reversed batch, not from order",
        "the partner of example i is example order[i]",
    ),
    "inverse_order": Wrong(
        _with(images=back, labels=back),
        "the partners are taken the wrong way round: example i goes to order[i]",
        "index with it: x[order]",
    ),
    "labels_unpaired": Wrong(
        _with(labels=ahead),
        "the labels come from other partners than the images",
        "use the same order for x and for the labels",
    ),
    "hard_labels": Wrong(
        _with(labels=_sharp),
        "the mixed labels are rounded to one class",
        "keep both shares in the row; it sums to 1",
    ),
    "overwritten": Wrong(
        _overwritten,
        "where both labels are equal the second share overwrites the first",
        "add the shares: the row must sum to 1",
    ),
    "sum": Wrong(
        _with(images=lambda x, lam, order: x + x[order]),
        "the images are added without shares",
        "weigh them by lam and 1 - lam",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "label_numbers": Wrong(_label_numbers),
    "in_place": Wrong(_in_place),
    "matrices_only": Wrong(_matrices_only),
    "own_order": Wrong(lambda x, y, k, lam, order: _mix(x, y, k, lam, torch.randperm(len(x)))),
    "single_precision": Wrong(lambda x, *args: reference(x.float(), *args)),
}


def with_lerp(x, y, num_classes, lam, order):
    t = torch.eye(num_classes, dtype=x.dtype)[y]
    return torch.lerp(x[order], x, lam), torch.lerp(t[order], t, lam)


def by_matrix(x, y, num_classes, lam, order):
    """One matrix mixes the batch."""
    n = len(x)
    mix = torch.zeros(n, n, dtype=x.dtype)
    mix[torch.arange(n), torch.arange(n)] += lam
    mix[torch.arange(n), order] += 1 - lam
    targets = torch.zeros(n, num_classes, dtype=x.dtype).scatter(1, y[:, None], 1.0)
    return torch.einsum("ij,j...->i...", mix, x), mix @ targets


def one_by_one(x, y, num_classes, lam, order):
    images, targets = [], torch.zeros(len(x), num_classes, dtype=x.dtype)
    for i, j in enumerate(order):
        images.append(x[j] + lam * (x[i] - x[j]))
        targets[i, y[j]] = 1 - lam
        targets[i, y[i]] = targets[i, y[i]] + lam
    return [torch.stack(images), targets]


RIGHT = [with_lerp, by_matrix, one_by_one, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand, g = normal(draw), torch.Generator().manual_seed(draw)
        for shape, idea in [((7, 3), "rows"), ((5, 2, 4, 3), "colour images"), ((4,), "numbers")]:
            x, y = rand(*shape), torch.randint(0, 6, (shape[0],), generator=g)
            order = torch.randperm(shape[0], generator=g)
            for lam in (0.0, 0.1, 0.5, 0.9, 1.0):
                match((x, y, 6, lam, order), f"{idea}, share {lam}")
            match((x.float(), y, 6, 0.3, order), f"{idea}, float32")
        match((x, torch.zeros_like(y), 6, 0.3, order), "one class alone")
        match((x[:1], y[:1], 6, 0.3, torch.tensor([0])), "a single example")
        _swap(fn, rand(2, 3), torch.tensor([1, 4]))


def _swap(fn, x, y):
    """In a pair, the share lam of one example is the share 1 - lam of the other."""
    call = partial(run, fn, reference, RETURNS)
    order = torch.tensor([1, 0])
    a, b = (call((x, y, 5, lam, order), "a pair") for lam in (0.3, 0.7))
    for name, one, other in zip(RETURNS, a, b, strict=True):
        check.compare(f"mixup: in a pair, lam and 1 - lam exchange the {name}", one, other.flip(0))
