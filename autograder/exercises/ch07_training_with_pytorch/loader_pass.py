"""Exercise `loader_pass`: the contract of a data set, read through a DataLoader."""

from functools import partial

import torch
from torch.utils.data import DataLoader, Dataset

from autograder.exercises import Wrong, agree, run, talkative
from chainrule import check

SCANS = torch.tensor(
    [
        [[0, 51, 102], [255, 0, 0]],
        [[204, 0, 0], [0, 51, 51]],
        [[0, 0, 255], [102, 102, 0]],
        [[51, 51, 0], [0, 0, 153]],
        [[255, 204, 0], [51, 0, 102]],
    ],
    dtype=torch.uint8,
)
EXAMPLES = {  # pixels, labels, rows, batch_size
    "4 of 5 scans": (SCANS, torch.tensor([7, 2, 9, 4, 1]), torch.tensor([4, 0, 3, 1]), 3),
    "one scan": (SCANS[:, :1, :2], torch.tensor([3, 8, 0, 6, 5]), torch.tensor([2]), 4),
}
AXES = ("N h w", "N", "n")
RETURNS = ("length", "x", "y", "dtypes are float32 and int64")


def reference(pixels, labels, rows, batch_size):
    """Scan by scan in plain numbers."""
    x = [[p / 255 for line in pixels[i].tolist() for p in line] for i in rows.tolist()]
    y = [int(labels[i]) for i in rows.tolist()]
    return torch.tensor(len(y)), torch.tensor(x), torch.tensor(y), torch.tensor(True)


def bench(scans):
    """Return what the notebook's locked cell does with the student's class."""

    def loader_pass(pixels, labels, rows, batch_size):
        dataset = scans(pixels, labels, rows)
        parts = list(DataLoader(dataset, batch_size=batch_size))
        x, y = (torch.cat(part) for part in zip(*parts, strict=True))
        kinds = (x.dtype, y.dtype) == (torch.float32, torch.int64)
        return torch.tensor(len(dataset)), x, y, torch.tensor(kinds)

    return loader_pass


def _scans(
    length=lambda s: len(s.rows),
    row=lambda s, i: s.rows[i],
    image=lambda p: p.flatten().float() / 255,
    label=lambda s, i, row: s.labels[row],
):
    """Return a bench with the right class; the wrong ones replace one of its parts."""

    class Scans(Dataset):
        def __init__(self, pixels, labels, rows):
            self.pixels, self.labels, self.rows = pixels, labels, rows

        def __len__(self):
            return length(self)

        def __getitem__(self, i):
            at = row(self, i)
            return image(self.pixels[at]), label(self, i, at)

    return bench(Scans)


def _in_place(pixels, labels, rows, batch_size):
    labels += 1
    return _scans()(pixels, labels, rows, batch_size)


def _list_of_numbers(pixels, labels, rows, batch_size):
    image = lambda p: [v / 255 for v in p.flatten().tolist()]
    return _scans(image=image)(pixels, labels, rows, batch_size)


WRONG = {
    "whole_table": Wrong(
        _scans(length=lambda s: len(s.labels), row=lambda s, i: i),
        "the data set hands out the whole table and does not look at `rows`",
        "len is len(rows); example i is number rows[i] of the table",
    ),
    "first_rows": Wrong(
        _scans(row=lambda s, i: i),
        "example i is number i of the table, not number rows[i]",
        "look rows[i] up first, then use it for pixels and label",
    ),
    "label_of_i": Wrong(
        _scans(label=lambda s, i, row: s.labels[i]),
        "the image is that of rows[i], the label that of i: they belong to different scans",
        "use one index for both",
    ),
    "not_scaled": Wrong(
        _scans(image=lambda p: p.flatten().float()),
        "the pixels run from 0 to 255",
        "divide by 255, after the change to float32",
    ),
    "scaled_by_16": Wrong(
        _scans(image=lambda p: p.flatten().float() / 16),
        "the pixels are divided by 16, the range of the small digits",
        "a byte goes to 255",
    ),
    "own_maximum": Wrong(
        _scans(image=lambda p: p.flatten().float() / p.max().clamp(min=1)),
        "each scan is divided by its own maximum, so pale scans look like dark ones",
        "divide all of them by 255",
    ),
    "columns_first": Wrong(
        _scans(image=lambda p: p.T.flatten().float() / 255),
        "the pixels come column by column",
        "flatten without a transpose: line by line",
    ),
    "two_axes": Wrong(_scans(image=lambda p: p.float() / 255)),
    "bytes_divided": Wrong(
        _scans(image=lambda p: (p // 255).flatten()),
        "a whole-number division: every pixel below 255 becomes 0",
        "divide with /, not with //",
    ),
    "double": Wrong(_scans(image=lambda p: p.flatten().double() / 255)),
    "float_label": Wrong(
        _scans(label=lambda s, i, row: s.labels[row].float()),
        "the label is a float; cross-entropy wants int64 positions",
        "hand the label out as it is",
    ),
    "list_of_numbers": Wrong(_list_of_numbers),
    "in_place": Wrong(_in_place),
}


def prepared_at_once(pixels, labels, rows, batch_size):
    """Everything is computed when the data set is made."""

    class Scans(Dataset):
        def __init__(self, pixels, labels, rows):
            self.x, self.y = (pixels[rows] / 255).flatten(1), labels[rows]

        def __len__(self):
            return self.x.shape[0]

        def __getitem__(self, i):
            return self.x[i], self.y[i]

    return bench(Scans)(pixels, labels, rows, batch_size)


def plain_class(pixels, labels, rows, batch_size):
    """No subclass of Dataset, and labels as Python numbers."""

    class Scans:
        def __init__(self, pixels, labels, rows):
            self.parts = pixels, labels.tolist(), rows.tolist()

        def __len__(self):
            return len(self.parts[2])

        def __getitem__(self, i):
            pixels, labels, rows = self.parts
            return pixels[rows[i]].reshape(-1).to(torch.float32).div(255), labels[rows[i]]

    return bench(Scans)(pixels, labels, rows, batch_size)


by_multiplication = _scans(image=lambda p: (p.float() * (1 / 255)).view(-1))
by_multiplication.__name__ = "by_multiplication"
RIGHT = [prepared_at_once, plain_class, by_multiplication, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        g = torch.Generator().manual_seed(draw)
        pixels = torch.randint(0, 256, (9, 4, 3), generator=g, dtype=torch.uint8)
        labels = torch.randint(0, 10, (9,), generator=g)
        rows = torch.randperm(9, generator=g)
        for n, size in ((9, 4), (7, 7), (5, 2), (1, 1)):
            match((pixels, labels, rows[:n], size), f"{n} of 9 scans in batches of {size}")
        match((pixels, labels, rows[:4].repeat(2), 3), "rows that come twice")
        match((pixels[:, :1, :1], labels, rows, 2), "scans of one pixel")
    x = run(fn, reference, RETURNS, (pixels, labels, rows, 3), "a permutation")[1]
    y = run(fn, reference, RETURNS, (pixels, labels, rows.flip(0), 3), "a permutation")[1]
    check.compare("loader_pass: rows in reverse order", y.flip(0), x)
