"""Compare a student's value with the right one, and name the mistake that it equals."""

import torch

from chainrule.mistakes import is_concealed, mistake, shown

TO_TENSOR = {
    list: "torch.tensor makes a tensor of a list of numbers, torch.stack of a list of tensors",
    tuple: "`(value,) = ...` takes the value out of a tuple that holds nothing else",
}
"""What to try where a tensor is wanted, by what was returned."""


def compare(what, got, expected, wrong=(), *, atol=1e-4, reveal=True):
    """Raise Mistake unless `got` equals `expected` (tensor, number, bool, text, None, or a list).

    `wrong` is [(answer, likely cause, what to try)]: a cause is named only when `got` equals a
    known wrong answer. With reveal=False the message gives the gap and no values.
    """
    reveal = reveal and not is_concealed()
    if isinstance(expected, (str, bool)) or expected is None:
        return _compare_plain(what, got, expected, wrong, reveal)
    if isinstance(expected, (list, tuple)):
        return _compare_list(what, got, expected, wrong, atol, reveal)
    expected = torch.as_tensor(expected)
    got = as_tensor(what, got, expected, reveal)
    likely, try_ = _causes([row for row in wrong if _near(got, row[0], atol)])
    if got.shape != expected.shape:
        raise mistake(
            f"{what}: shape",
            expected=tuple(expected.shape),
            got=tuple(got.shape),
            likely=likely,
            try_=try_ or "write the shape of every line in a comment and find where it departs",
        )
    if torch.isnan(got).any() and not torch.isnan(expected).any():
        cause = "0/0, inf - inf, the log of 0, or exp of a very large number"
        raise mistake(f"{what}: not a number (NaN)", likely=likely or cause, try_=try_)
    if _near(got, expected, atol):
        return
    gap = torch.nan_to_num((got.double() - expected.double()).abs(), posinf=float("inf"))
    gap[torch.isnan(got) != torch.isnan(expected)] = float("inf")
    at = tuple(int(i) for i in (gap == gap.max()).nonzero()[0])
    rows = _row(expected, at, 3), _row(got, at, 3)
    if rows[0] == rows[1]:  # a difference in a later digit
        rows = _row(expected, at, 6), _row(got, at, 6)
    raise mistake(
        what,
        expected=rows[0] if reveal else None,
        got=rows[1] if reveal else f"values that are off by up to {gap.max():.3g}",
        likely=likely,
        try_=try_ or "work a small case out by hand and compare it step by step",
    )


def as_tensor(what, got, expected, reveal=True):
    """Return a student's number, array or tensor as a tensor; raise Mistake for anything else.

    A subclass of Tensor is refused, because it could answer every comparison with True.
    """
    if type(got) in (torch.Tensor, torch.nn.Parameter):
        return got.detach()
    if type(got).__module__ == "numpy" and expected.ndim == 0 and getattr(got, "ndim", 1) == 0:
        got = got.item()
    if expected.ndim == 0 and isinstance(got, (int, float)):
        # A plain number has no dtype that could be wrong.
        return torch.as_tensor(got, dtype=expected.dtype if expected.is_floating_point() else None)
    kind = "a number" if expected.ndim == 0 else f"a tensor of shape {tuple(expected.shape)}"
    likely = "a missing return" if got is None else "a return of something else"
    name = type(got).__name__
    given = f"{name} {shown(got, reveal)}" if reveal and not is_concealed() else name
    raise mistake(what, expected=kind, got=given, likely=likely, try_=TO_TENSOR.get(type(got)))


def _compare_plain(what, got, expected, wrong, reveal):
    if type(got) is type(expected) and got == expected:
        return
    likely, try_ = _causes([row for row in wrong if type(row[0]) is type(got) and row[0] == got])
    right = repr(expected) if reveal else None
    raise mistake(what, expected=right, got=shown(got, reveal), likely=likely, try_=try_)


def _compare_list(what, got, expected, wrong, atol, reveal):
    if not isinstance(got, (list, tuple)) or len(got) != len(expected):
        given = f"a list of {len(got)}" if isinstance(got, (list, tuple)) else shown(got, reveal)
        raise mistake(what, expected=f"a list of {len(expected)}", got=given)
    for i, (part, right) in enumerate(zip(got, expected, strict=True)):
        rows = [(w[0][i], *w[1:]) for w in wrong if isinstance(w[0], list) and len(w[0]) > i]
        compare(f"{what}[{i}]", part, right, rows, atol=atol, reveal=reveal)


def _causes(near):
    """What `got` may come from, and what to try: every known mistake that gives this answer."""
    if not near:
        return None, None
    return tuple("; or: ".join(dict.fromkeys(row[i] for row in near)) for i in (1, 2))


def _near(a, b, atol):
    if not isinstance(b, torch.Tensor):
        if not isinstance(b, (int, float)) or isinstance(b, bool):
            return False
        b = torch.as_tensor(b)
    same_shape = a.shape == b.shape
    return same_shape and torch.allclose(
        a.double(), b.double(), rtol=atol, atol=atol, equal_nan=True
    )


def _row(x, at, digits):
    """The row of x that holds element `at`, as a reader can compare it: `row 1: [0.0, 0.7]`."""
    if x.ndim == 0:
        return f"{x.item():.6g}"
    numbers = [
        round(n, digits) + 0.0 if isinstance(n, float) else n
        for n in x[at[:-1]].reshape(-1).tolist()
    ]
    start = max(0, at[-1] - 7)  # at most eight numbers, the differing one among them
    text = str(numbers[start : start + 8])
    return f"row {', '.join(map(str, at[:-1]))}: {text}" if len(at) > 1 else text
