"""Exercise `sinusoidal_positions`: the position table of Vaswani et al. 2017, section 3.5."""

import math
from functools import partial

import torch

from autograder.exercises import Wrong, agree, run, talkative
from chainrule import check

# (length, width, base); with base 25 and width 4 the second pair turns five times more slowly
EXAMPLES = {"three positions": (3, 4, 25.0), "five positions": (5, 6, 1000.0)}
AXES = ()
RETURNS = ("table",)


def reference(length, width, base=10000.0):
    """One entry at a time with the standard library: sine in even columns, cosine in odd ones."""
    entry = lambda p, c: (math.cos if c % 2 else math.sin)(p / base ** (2 * (c // 2) / width))
    return torch.tensor([[entry(p, c) for c in range(width)] for p in range(length)])


def side_by_side(first, second):
    return torch.stack([first, second], 2).flatten(1)


def _table(
    length, width, base=10000.0, *,
    positions=lambda length: torch.arange(length),
    rate=lambda width, base: base ** (-torch.arange(0, width, 2) / width),
    pair=lambda angle: (angle.sin(), angle.cos()), join=side_by_side,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    angle = positions(length)[:, None] * rate(width, base)  # (length, width / 2)
    return join(*pair(angle))


def _with(**steps):
    return partial(_table, **steps)


def _own_rate_per_column(length, width, base=10000.0):
    angle = torch.arange(length)[:, None] * base ** (-torch.arange(width) / width)
    return torch.where(torch.arange(width) % 2 == 1, angle.cos(), angle.sin())


def _column_as_pair(length, width, base=10000.0):
    angle = torch.arange(length)[:, None] * base ** (-2 * torch.arange(width) / width)
    return torch.where(torch.arange(width) % 2 == 1, angle.cos(), angle.sin())


def _base_ignored(length, width, base=10000.0):
    return _table(length, width)


def _default_forgotten(length, width, base):
    return _table(length, width, base)


def _transposed(length, width, base=10000.0):
    return _table(length, width, base).T


def _as_numpy_does(length, width, base=10000.0):
    return _table(length, width, base).double()


def _rows_alternate(length, width, base=10000.0):
    angle = torch.arange(length)[:, None] * base ** (-2 * (torch.arange(width) // 2) / width)
    return torch.where(torch.arange(length)[:, None] % 2 == 1, angle.cos(), angle.sin())


WRONG = {
    "halves": Wrong(
        _with(join=lambda first, second: torch.cat([first, second], 1)),
        "all sines come first and all cosines after; each pair should stand side by side",
        "sine in columns 0, 2, 4, ..., cosine in columns 1, 3, 5, ...",
    ),
    "exchanged": Wrong(
        _with(pair=lambda angle: (angle.cos(), angle.sin())),
        "sine and cosine are exchanged",
        "column 0 is a sine: it starts at 0",
    ),
    "sines_only": Wrong(
        _with(pair=lambda angle: (angle.sin(), angle.sin())),
        "both columns of a pair are sines",
        "odd columns are cosines",
    ),
    "from_one": Wrong(
        _with(positions=lambda length: torch.arange(1, length + 1)),
        "the positions count from 1",
        "the first position is 0, and its row is 0, 1, 0, 1, ...",
    ),
    "own_rate_per_column": Wrong(
        _own_rate_per_column,
        "sine and cosine of a pair turn at different rates",
        "both columns of pair i use base ** (-2 i / width)",
    ),
    "column_as_pair": Wrong(
        _column_as_pair,
        "i is taken as the number of the column; it is the number of the pair",
        "columns 2 i and 2 i + 1 share one rate: i = column // 2",
    ),
    "half_exponent": Wrong(
        _with(rate=lambda width, base: base ** (-torch.arange(width // 2) / width)),
        "the exponent is i / width; it should be 2 i / width",
        "torch.arange(0, width, 2) / width",
    ),
    "double_exponent": Wrong(
        _with(rate=lambda width, base: base ** (-2 * torch.arange(0, width, 2) / width)),
        "the exponent is 4 i / width: the factor 2 is there twice",
        "arange(0, width, 2) already counts 2 i",
    ),
    "multiplied": Wrong(
        _with(rate=lambda width, base: base ** (torch.arange(0, width, 2) / width)),
        "the position is multiplied by the growing power, not divided by it",
        "angle = position / base ** (2 i / width)",
    ),
    "one_rate": Wrong(
        _with(rate=lambda width, base: torch.ones(width // 2)),
        "all pairs turn at the same rate (in whole numbers, 2 i // width is 0)",
        "divide with /: pair i uses base ** (-2 i / width)",
    ),
    "base_ignored": Wrong(
        _base_ignored, "the argument `base` is not used", "put base where 10000 stands"
    ),
    "rows_alternate": Wrong(
        _rows_alternate,
        "sine and cosine alternate from position to position",
        "they alternate from column to column, in every row",
    ),
    "transposed": Wrong(
        _transposed, "the table is transposed", "a row for each position: (length, width)"
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "degrees": Wrong(_with(pair=lambda a: (torch.deg2rad(a).sin(), torch.deg2rad(a).cos()))),
    "default_forgotten": Wrong(_default_forgotten),
    "as_numpy_does": Wrong(_as_numpy_does),
}


def complex_turns(length, width, base=10000.0):
    rate = torch.exp(-math.log(base) * torch.arange(0, width, 2) / width)
    turn = torch.polar(torch.ones(length, width // 2), torch.outer(torch.arange(length), rate))
    return torch.stack([turn.imag, turn.real], -1).reshape(length, width)


def filled_in(length, width, base=10000.0):
    table = torch.empty(length, width)
    at = torch.arange(length).unsqueeze(1)
    rate = torch.pow(base, torch.arange(0, width, 2) / width)
    table[:, 0::2], table[:, 1::2] = torch.sin(at / rate), torch.cos(at / rate)
    return table


def turned_row_by_row(length, width, base=10000.0):
    """Each row is the one before it, every pair turned by its own angle."""
    rate = torch.tensor([base ** (-i / width) for i in range(0, width, 2)], dtype=torch.float64)
    sin, cos = torch.zeros(width // 2).double(), torch.ones(width // 2).double()
    rows = []
    for _ in range(length):
        rows.append(torch.stack([sin, cos], 1).flatten())
        sin, cos = (
            sin * rate.cos() + cos * rate.sin(),
            cos * rate.cos() - sin * rate.sin(),
        )
    return torch.stack(rows).float()


RIGHT = [complex_turns, filled_in, turned_row_by_row, talkative(reference)]


def hidden(fn, seed):
    match, call = (partial(one, fn, reference, RETURNS) for one in (agree, run))
    for draw in (seed, seed + 1):
        g = torch.Generator().manual_seed(draw)
        whole = lambda low, high, g=g: int(torch.randint(low, high, (1,), generator=g))
        for _ in range(3):
            size = whole(6, 40), 2 * whole(2, 9)
            match((*size, float(whole(50, 5000))), "another length, width and base")
    match((12, 8), "base left at its default")
    match((1, 2, 50.0), "one position, one pair")
    (table,) = match((120, 12), "120 positions")
    what = "sinusoidal_positions: every row has the length sqrt(width / 2)"
    check.compare(what, table.square().sum(1), torch.full((120,), 6.0))
    (short,) = call((10, 12), "10 positions")
    check.compare("sinusoidal_positions: a longer table only adds rows", table[:10], short)
    _distance_alone(table)


def _distance_alone(table):
    for gap in (1, 7):
        products = (table[gap:] * table[:-gap]).sum(1)
        what = "sinusoidal_positions: the product of two rows depends on their distance alone"
        check.compare(what, products, products[:1].expand_as(products))
