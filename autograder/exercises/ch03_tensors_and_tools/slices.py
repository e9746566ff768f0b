"""Exercise `slices`: parts of a table by their indices."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

EXAMPLES = {
    "4 by 5": (torch.arange(20).reshape(4, 5),),  # each entry is 5 * row + column
    "3 by 4": (torch.tensor([[0.5, -1, 2, 8], [3, -2.5, 7, 1], [4, 6, -3, 9]]).double(),),
}
AXES = ("R C",)
RETURNS = ("row", "column", "corner", "flipped")


def reference(x):
    """Entry by entry, by Python's own lists."""
    rows = x.tolist()
    parts = rows[1], [r[2] for r in rows], [r[:2] for r in rows[:2]], rows[::-1]
    return tuple(torch.tensor(part, dtype=x.dtype) for part in parts)


def _with(**changed):
    """Return the right answer with the named parts taken in another way."""

    def slices(x):
        parts = dict(zip(RETURNS, reference(x), strict=True))
        parts |= {name: take(x) for name, take in changed.items()}
        return tuple(parts[name] for name in RETURNS)

    return slices


def _in_place(x):
    parts = reference(x)
    x.copy_(parts[3])
    return parts


def _single_precision(x):
    return tuple(part.float() for part in reference(x))


WRONG = {
    "counted_from_one": Wrong(
        _with(row=lambda x: x[2], column=lambda x: x[:, 3]),
        "rows and columns are counted from 1; Python counts from 0",
        "the second row is x[1]",
    ),
    "swapped": Wrong(
        _with(row=lambda x: x[:, 1], column=lambda x: x[2]),
        "row and column are swapped: the first index picks the row",
        "a colon stands for a whole axis: x[:, j] is a column",
    ),
    "row_keeps_its_axis": Wrong(
        _with(row=lambda x: x[1:2]),
        "a slice 1:2 keeps its axis, so the row has shape (1, C)",
        "a single number takes the row out: x[1]",
    ),
    "column_of_the_row": Wrong(
        _with(column=lambda x: x[:][2]),
        "this is the third row; x[:][2] is a row too, since x[:] is all of x again",
        "both indices go into one pair of brackets",
    ),
    "column_keeps_its_axis": Wrong(
        _with(column=lambda x: x[:, 2:3]),
        "a slice 2:3 keeps its axis, so the column has shape (R, 1)",
        "a single number drops its axis",
    ),
    "end_included": Wrong(
        _with(corner=lambda x: x[0:1, 0:1]),
        "the end of a slice is not part of it: 0:1 is one row",
        "two rows from the start are :2",
    ),
    "corner_by_lists": Wrong(
        _with(corner=lambda x: x[[0, 1], [0, 1]]),
        "two lists pick pairs, entry (0, 0) and entry (1, 1), and no block",
        "use a slice for each axis",
    ),
    "rows_only": Wrong(
        _with(corner=lambda x: x[:2]),
        "the corner has two whole rows: the columns are not cut",
        "give a slice for the second axis as well",
    ),
    "corner_from_one": Wrong(
        _with(corner=lambda x: x[1:3, 1:3]),
        "the block starts at the second row and column; Python counts from 0",
        "from the start on: :2",
    ),
    "right_corner": Wrong(
        _with(corner=lambda x: x[:2, -2:]),
        "this is the corner at the top right",
        "-2: counts from the end",
    ),
    "columns_reversed": Wrong(
        _with(flipped=lambda x: x.flip(1)),
        "each row runs backwards; the order of the rows was to be reversed",
        "rows are axis 0",
    ),
    "both_reversed": Wrong(
        _with(flipped=lambda x: x.flip(0, 1)),
        "rows and columns are both reversed, a half turn",
        "flip one axis only",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(_single_precision),
    "four_rows_for_ever": Wrong(
        _with(flipped=lambda x: x[[k for k in (3, 2, 1, 0) if k < len(x)]])
    ),
    "transposed_back": Wrong(_with(flipped=lambda x: x.T.flip(0))),
}


def by_gathering(x):
    at = torch.arange(len(x) - 1, -1, -1)
    return x.index_select(0, torch.tensor([1]))[0], x.T[2], x.narrow(0, 0, 2).narrow(1, 0, 2), x[at]


def by_strides(x):
    """Views of one flat storage."""
    r, c = x.shape
    flat = x.contiguous().flatten()
    row, column = flat[c : 2 * c], flat[2::c]
    corner = torch.as_strided(flat, (2, 2), (c, 1))
    return [
        row,
        column,
        corner,
        torch.stack([flat[i * c : (i + 1) * c] for i in reversed(range(r))]),
    ]


def by_products(x):
    """Row and column by multiplying with unit vectors."""
    r, c = x.shape
    left, right = torch.eye(r, dtype=x.dtype), torch.eye(c, dtype=x.dtype)
    return left[1] @ x, x @ right[2], left[:2] @ x @ right[:, :2], left.flip(0) @ x


RIGHT = [by_gathering, by_strides, by_products, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for sizes, idea in [((6, 5), "a tall table"), ((3, 8), "a wide table"), ((4, 4), "square")]:
            x = rand(*sizes)
            match((x,), idea)
            match((x.float(),), f"{idea}, float32")
            match(((100 * x).long(),), f"{idea}, whole numbers")
            match((rand(*sizes[::-1]).T,), f"{idea}, a transposed view")
        twice = call((call((x,), "a table")[3],), "a table")[3]
        check.compare("slices: flipped twice is the table again", twice, x)
