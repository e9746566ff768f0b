"""Checks that teach: run a student's function and say what is wrong with the answer.

A case is one JSON file, `cases/<chapter>/<exercise>.json`, written by the grading side: inputs,
the right answers, and the answers that known mistakes give.
"""

import contextlib
import copy
import io
import warnings

import torch

from chainrule.comparison import as_tensor, compare
from chainrule.credit import points
from chainrule.mistakes import Mistake, concealed, is_concealed, mistake, shown, that
from chainrule.stored import decode, load

__all__ = [
    "Mistake", "as_tensor", "call", "case", "choices", "compare", "concealed", "dtype", "mistake",
    "points", "that", "values",
]  # fmt: skip


def call(fn, *args, reveal=True, **kwargs):
    """Call student code on copies of its arguments, with stderr and warnings kept quiet.

    Raises Mistake, in a plain sentence, if it is not written, stops, or changes its inputs. With
    reveal=False the sentence leaves out the error's text, which could quote the inputs.
    """
    name = getattr(fn, "__name__", "your function")
    inputs, copies, named = [*args, *kwargs.values()], _copy(args), _copy(kwargs)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            result = fn(*copies, **named)
    except (Exception, SystemExit) as error:
        if type(error) is NotImplementedError and not error.args:  # torch's own has a text
            hint = "replace `raise NotImplementedError()`, here or in a function that it calls"
            raise mistake(f"{name} is not written yet", try_=hint) from None
        reveal = reveal and not is_concealed()
        text = f": {_first_line(error)}" if reveal and str(error) else ""
        raise mistake(
            f"{name} stopped with {type(error).__name__}{text}",
            got=f"inputs {', '.join(_kind(a, reveal) for a in inputs)}",
            try_="run it on these shapes in a cell of your own and print every .shape",
        ) from None
    if not _same(inputs, [*copies, *named.values()]):
        raise mistake(
            f"{name} changed its inputs",
            likely="an in-place step such as `x -= ...`, `x[...] = ...` or `x.sort()`",
            try_="write `x = x - ...`, or work on a copy: x.clone(), list(x)",
        )
    if any(_tracked(a) != _tracked(b) for a, b in zip(inputs, copies, strict=False)):
        raise mistake(
            f"{name} changed its inputs: one of them tracks gradients now",
            likely="requires_grad_() on the caller's own tensor",
            try_="x.detach().clone().requires_grad_() is a tensor of your own",
        )
    return result


def case(fn, name):
    """Check `fn` against every example of cases/<name>.json; stop at the first mistake."""
    stored, passed, ruled_out = load(name), [], []
    for example in stored["examples"]:
        names = stored["returns"]
        result = call(fn, *[decode(a) for a in example["args"]])
        parts = values(stored["function"], result, names)
        mistakes = [w for w in example["wrong"] if w["likely"] not in ruled_out]
        for i in range(len(names)):  # in the order of computation, inner results first
            at = stored["order"][i]
            wrong = [(decode(w["answers"][at]), w["likely"], w["try"]) for w in mistakes]
            label = f"{stored['function']}: {names[at]} ({example['idea']})"
            expected = decode(example["expected"][at])
            compare(label, parts[at], expected, wrong, atol=stored["atol"])
            dtype(label, parts[at], expected)
            # A known mistake that would have shown in this value is not the one made here.
            hidden = [not _shows(answer, expected, stored["atol"]) for answer, *_ in wrong]
            mistakes = [w for w, possible in zip(mistakes, hidden, strict=True) if possible]
        passed.append(example["idea"])
        ruled_out += [w["likely"] for w in example["wrong"]]  # each would have shown here
    print(f"✓ {stored['function']}: {', '.join(passed)}")


def dtype(what, got, expected):
    """Raise Mistake where two tensors of floating numbers should be of one dtype and are not."""
    floats = isinstance(expected, torch.Tensor) and expected.is_floating_point()
    if floats and isinstance(got, torch.Tensor) and got.dtype != expected.dtype:
        likely = "a comparison, .float(), or a tensor made without dtype=..."
        hint = "mask.to(x.dtype), torch.zeros_like(x), x.new_zeros(shape)"
        if (expected.dtype, got.dtype) == (torch.float64, torch.float32):
            likely = "whole numbers divided, .float(), or a tensor made without dtype=..."
            hint = "counts.double() / n, mask.to(x.dtype), x.new_zeros(shape)"
        raise mistake(
            f"{what}: dtype", expected=expected.dtype, got=got.dtype, likely=likely, try_=hint
        )


def values(function, result, names):
    """Return the values that a student's function returned; raise Mistake if one is missing."""
    parts = list(result) if isinstance(result, (tuple, list)) and len(names) > 1 else [result]
    if len(parts) != len(names):
        what = f"{function} returns {len(parts)} value(s), not {len(names)}"
        likely = "a missing return" if result is None else None
        raise mistake(what, expected=f"({', '.join(names)})", likely=likely)
    return parts


def choices(answers, name):
    """Check a dict of letters against cases/<name>.json; stop at the first wrong choice.

    The case holds a reason for each wrong letter of each question.
    """
    stored = load(name)
    that(isinstance(answers, dict), f"{stored['function']}: your answers are no dict")
    for question, letters in stored["choices"].items():
        given = str(answers.get(question, "")).strip().upper()
        known = f"one letter of {', '.join(letters)}"
        if given not in letters:
            what = f"{stored['function']}: question {question} has no answer yet"
            raise mistake(what, expected=known, got=repr(given[:20]) if given else None)
        if letters[given]:
            what = f"{stored['function']}: question {question} is not {given}"
            raise mistake(what, likely=letters[given], try_=stored["try"])
    print(f"✓ {stored['function']}: {', '.join(stored['choices'])}")


def _shows(answer, expected, atol):
    """True if the answer that a known mistake gives is not the right one."""
    try:
        compare("", answer, expected, atol=atol)
    except Mistake:
        return True
    return False


def _copy(value):
    if isinstance(value, torch.Tensor):
        return value.clone()  # unlike a deep copy, it passes gradients on to `value`
    if type(value) in (list, tuple):
        return type(value)(_copy(v) for v in value)
    if type(value) is dict:
        return {k: _copy(v) for k, v in value.items()}
    return copy.deepcopy(value)


def _same(a, b):
    """True if `b`, the copy that student code was given, still equals `a`."""
    if isinstance(a, torch.Tensor):
        if not isinstance(b, torch.Tensor) or a.shape != b.shape:
            return False
        return bool(((a == b) | (a.isnan() & b.isnan())).all())
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[k], b[k]) for k in a)
    if isinstance(a, (bool, int, float, str, set)):  # an entry of a list, say
        return a == b or a != a  # NaN differs from itself
    return True  # a function or a module: nothing to compare


def _tracked(value):
    return isinstance(value, torch.Tensor) and value.requires_grad


def _kind(value, reveal):
    if isinstance(value, torch.Tensor):
        return f"of shape {tuple(value.shape)}"
    return shown(value, reveal)[:30]


def _first_line(error):
    return (str(error).splitlines() or [""])[0][:160]
