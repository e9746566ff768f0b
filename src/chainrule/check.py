"""Checks that teach: run a student's function and say what is wrong with the answer.

A case is one JSON file, `cases/<chapter>/<exercise>.json`, written by the grading side: inputs,
the right answers, and the answers that known mistakes give. It holds numbers, never code.
"""

import contextlib
import copy
import io
import json
import warnings
from pathlib import Path

import torch

CASES = Path(__file__).parent / "cases"


class Mistake(AssertionError):
    """A failed check. Its text is all that the student sees: no traceback, no test source."""

    def _render_traceback_(self):  # IPython calls this instead of printing the stack
        return [str(self)]


def mistake(what, *, expected=None, got=None, likely=None, try_=None):
    """Return a Mistake of at most five lines; `what` names the function and the property."""
    rows = [("expected", expected), ("got", got), ("likely", likely), ("try", try_)]
    lines = [f"✗ {what}"] + [f"  {name:9s}{text}" for name, text in rows if text]
    return Mistake("\n".join(lines))


def that(condition, what, *, likely=None, try_=None):
    """Raise a Mistake that says `what` unless the condition holds."""
    if not condition:
        raise mistake(what, likely=likely, try_=try_)


def call(fn, *args, **kwargs):
    """Call student code on copies of `args`, with stderr and warnings kept quiet.

    Raises Mistake, in a plain sentence, if it is not written, stops, or changes its inputs.
    """
    name, copies = getattr(fn, "__name__", "your function"), copy.deepcopy(args)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            result = fn(*copies, **kwargs)
    except NotImplementedError:
        hint = "replace `raise NotImplementedError()` with your code"
        raise mistake(f"{name} is not written yet", try_=hint) from None
    except Exception as error:
        raise mistake(
            f"{name} stopped with {type(error).__name__}: {_first_line(error)}",
            got=f"inputs {', '.join(_kind(a) for a in args)}",
            try_="run it on these shapes in a cell of your own and print every .shape",
        ) from None
    if not all(_same(a, b) for a, b in zip(args, copies, strict=True)):
        raise mistake(
            f"{name} changed its inputs",
            likely="an in-place step such as `x -= ...` or `x[...] = ...`",
            try_="write `x = x - ...`, or work on x.clone()",
        )
    return result


def compare(what, got, expected, wrong=(), *, atol=1e-4, reveal=True):
    """Raise Mistake unless `got` equals `expected` (tensor, number, bool, text or None).

    `wrong` is [(answer, likely cause, what to try)]: a cause is named only when `got` equals a
    known wrong answer. With reveal=False the message gives the gap and no values.
    """
    if isinstance(expected, (str, bool)) or expected is None:
        return _compare_plain(what, got, expected, wrong, reveal)
    expected, got = torch.as_tensor(expected), _as_tensor(what, got, expected)
    near = [row for row in wrong if _near(got, row[0], atol)]
    likely, try_ = (near[0][1], near[0][2]) if near else (None, None)
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
    at = tuple(int(i) for i in (gap == gap.max()).nonzero()[0])
    raise mistake(
        what,
        expected=_row(expected, at) if reveal else None,
        got=_row(got, at) if reveal else f"values that are off by up to {gap.max():.3g}",
        likely=likely,
        try_=try_ or "work a small case out by hand and compare it step by step",
    )


def case(fn, name):
    """Check `fn` against every example of cases/<name>.json; stop at the first mistake."""
    stored, passed = load(name), []
    for example in stored["examples"]:
        result = call(fn, *[decode(a) for a in example["args"]])
        parts = result if isinstance(result, tuple) else (result,)
        names = stored["returns"]
        if len(parts) != len(names):
            what = f"{stored['function']} returns {len(parts)} value(s), not {len(names)}"
            raise mistake(what, expected=f"({', '.join(names)})")
        for i in range(len(names)):  # in the order of computation, inner results first
            at = stored["order"][i]
            wrong = [(decode(w["answers"][at]), w["likely"], w["try"]) for w in example["wrong"]]
            label = f"{stored['function']}: {names[at]} ({example['idea']})"
            expected = decode(example["expected"][at])
            compare(label, parts[at], expected, wrong, atol=stored["atol"])
        passed.append(example["idea"])
    print(f"✓ {stored['function']}: {', '.join(passed)}")


def load(name):
    """Return the stored case `name`, such as "04_first_neural_network/two_layer_forward"."""
    path = CASES / f"{name}.json"
    if not path.exists():
        raise FileNotFoundError(
            f"There is no case {name!r} in this version of chainrule: update it."
        )
    return json.loads(path.read_text(encoding="utf-8"))


def encode(value):
    """Return `value` as JSON data; a tensor keeps its dtype. The inverse of decode."""
    if isinstance(value, torch.Tensor):
        numbers = value.detach().cpu()
        if numbers.is_floating_point():
            numbers = torch.round(numbers.double(), decimals=6)
        return {"tensor": numbers.tolist(), "dtype": str(value.dtype).removeprefix("torch.")}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    if isinstance(value, dict):
        return {"dict": {k: encode(v) for k, v in value.items()}}
    return value


def decode(value):
    """Return the Python value that `encode` wrote."""
    if isinstance(value, list):
        return [decode(v) for v in value]
    if not isinstance(value, dict):
        return value
    if "dict" in value:
        return {k: decode(v) for k, v in value["dict"].items()}
    return torch.tensor(value["tensor"], dtype=getattr(torch, value["dtype"]))


def _compare_plain(what, got, expected, wrong, reveal):
    if type(got) is type(expected) and got == expected:
        return
    near = [row for row in wrong if type(row[0]) is type(got) and row[0] == got]
    likely, try_ = (near[0][1], near[0][2]) if near else (None, None)
    shown = repr(expected) if reveal else None
    raise mistake(what, expected=shown, got=f"{got!r:.60}", likely=likely, try_=try_)


def _as_tensor(what, got, expected):
    """Return a student's number, array or tensor as a tensor; raise Mistake for anything else."""
    if isinstance(got, torch.Tensor):
        return got.detach()
    if expected.ndim == 0 and isinstance(got, (int, float)):
        return torch.as_tensor(got)
    if type(got).__module__ == "numpy" and expected.ndim == 0 and getattr(got, "ndim", 1) == 0:
        return torch.as_tensor(got.item())
    kind = "a number" if expected.ndim == 0 else f"a tensor of shape {tuple(expected.shape)}"
    likely = "a missing return" if got is None else "a return of something else"
    raise mistake(what, expected=kind, got=f"{type(got).__name__} {got!r:.60}", likely=likely)


def _near(a, b, atol):
    if not isinstance(b, torch.Tensor):
        if not isinstance(b, (int, float)) or isinstance(b, bool):
            return False
        b = torch.as_tensor(b)
    same_shape = a.shape == b.shape
    return same_shape and torch.allclose(
        a.double(), b.double(), rtol=1e-4, atol=atol, equal_nan=True
    )


def _same(a, b):
    if isinstance(a, torch.Tensor):
        return torch.equal(torch.nan_to_num(a.detach()), torch.nan_to_num(b.detach()))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    return True


def _kind(value):
    if isinstance(value, torch.Tensor):
        return f"of shape {tuple(value.shape)}"
    return f"{value!r:.30}"


def _first_line(error):
    return (str(error).splitlines() or [""])[0][:160]


def _row(x, at):
    """The row of x that holds element `at`, as a reader can compare it: `row 1: [0.0, 0.7]`."""
    if x.ndim == 0:
        return f"{x.item():.6g}"
    numbers = [round(n, 3) if isinstance(n, float) else n for n in x[at[:-1]].reshape(-1).tolist()]
    start = max(0, at[-1] - 7)  # at most eight numbers, the differing one among them
    text = str(numbers[start : start + 8])
    return f"row {', '.join(map(str, at[:-1]))}: {text}" if len(at) > 1 else text
