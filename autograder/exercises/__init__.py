"""The exercises as data: a package per assignment, a module per autograded exercise.

The module of a function exercise holds
    EXAMPLES    {idea: arguments}: tiny inputs, numbers a person can check
    AXES        axes of each tensor argument, such as ("N d", "h d"): no two have the same size
    RETURNS     names of the returned values; ORDER (optional) lists inner results first
    reference   the oracle: torch's own kernel, a slow loop or a closed form
    WRONG       {name: Wrong}: answers that learners really give
    RIGHT       [functions]: unusual answers that are right
    hidden      hidden(fn, seed): the checks that carry the points
    learns      (training only) learns(call, task, seed) -> final loss, below BOUND, per TASKS

The module of a "read and predict" exercise, whose answer is a dict of letters, holds
    QUESTIONS   {question: {letter: Choice}}: the claims of the choices and why they are wrong
    TRY         what to try after a wrong choice
    reference   reference() -> {question: value}: computes what truly happens
"""

import contextlib
import importlib
import io
import os
import sys
import warnings
from collections.abc import Callable
from typing import NamedTuple

import torch

from chainrule import check


class Wrong(NamedTuple):
    """A wrong answer; `likely` and `try_` stay empty where only the hidden checks catch it."""

    fn: Callable
    likely: str = ""
    try_: str = ""


class Choice(NamedTuple):
    """One choice: the claim in words, the value it stands for, and the reason if it is wrong."""

    claim: str
    value: object
    reason: str = ""


def load(name):
    """Return the exercise module `name`, such as "ch12_attention.masks"."""
    return importlib.import_module(f"autograder.exercises.{name}")


def unseen(name, fn):
    """Run the hidden checks of exercise `name` on a student's function. Returns None.

    The seed of the hidden inputs is the grading run's (CHAINRULE_SEED). The seen examples run
    first: where they fail, their message, made of shipped numbers only, is the more helpful one.
    """
    exercise, silence = load(name), io.StringIO()
    # A student's print would show the inputs, and any text on stderr costs a test cell its points.
    with (
        contextlib.redirect_stdout(silence),
        contextlib.redirect_stderr(silence),
        torch.enable_grad(),  # the oracles need it, whatever the student's cells have set
    ):
        if hasattr(exercise, "QUESTIONS"):
            return check.choices(fn, case_name(name))
        if hasattr(exercise, "EXAMPLES"):
            check.case(fn, case_name(name))
        seed = int(os.environ.get("CHAINRULE_SEED", "0"))
        _hidden(exercise, fn, seed)
        _control(exercise, seed)


def _control(exercise, seed):
    """Code in this process may have patched the checks: a known wrong answer must still fail."""
    for wrong in list(getattr(exercise, "WRONG", {}).values())[:1]:
        try:
            _hidden(exercise, wrong.fn, seed)
        except check.Mistake:
            return
        raise check.mistake("the checks were changed and no longer tell right from wrong")


def _hidden(exercise, fn, seed):
    """Run the hidden checks; whatever goes wrong in them is a Mistake, which shows no source."""
    try:
        with check.concealed():
            exercise.hidden(fn, seed)
    except check.Mistake:
        raise
    except Exception as error:
        name = exercise.__name__.rpartition(".")[2]
        what = f"{name}: what it returns cannot be checked ({type(error).__name__})"
        raise check.mistake(what, try_="compare the kinds and shapes with the contract") from error


def run(fn, reference, returns, args, idea):
    """Call fn on hidden inputs; return its values as tensors, as many and as large as they must be.

    Raises check.Mistake. `idea` names the data in the message, which shows none of them.
    """
    return _run(fn, reference, returns, args, idea)[0]


def _run(fn, reference, returns, args, idea):
    """Do what run() does; return (fn's values, the reference's)."""
    function = reference.__module__.rpartition(".")[2]
    expected = as_parts(reference(*copies(args)))
    parts = check.values(function, check.call(fn, *args), returns)
    for i, (name, right) in enumerate(zip(returns, expected, strict=True)):
        what = f"{function}: {name} ({idea})"
        parts[i] = check.as_tensor(what, parts[i], torch.as_tensor(right))
        if parts[i].shape != right.shape:
            sizes = {"expected": tuple(right.shape), "got": tuple(parts[i].shape)}
            raise check.mistake(f"{what}: shape", **sizes)
    return parts, expected


def agree(fn, reference, returns, args, idea, order=()):
    """Hidden check: fn(*args) gives what reference(*args) gives, in kind, shape, numbers and dtype.

    Inner results come first, in the order given. Returns fn's values as tensors.
    """
    function = reference.__module__.rpartition(".")[2]
    parts, expected = _run(fn, reference, returns, args, idea)
    for i in order or range(len(returns)):
        what = f"{function}: {returns[i]} ({idea})"
        atol = 1e-6 if expected[i].dtype == torch.float64 else 1e-4
        check.compare(what, parts[i], expected[i], atol=atol)
        check.dtype(what, parts[i], expected[i])
    return parts


def normal(seed, dtype=torch.float64):
    """Return a function of sizes that draws standard normal tensors, the same for each seed."""
    generator = torch.Generator().manual_seed(seed)
    return lambda *sizes: torch.randn(sizes, generator=generator, dtype=dtype)


def talkative(fn):
    """Return fn as a student may hand it in: it prints, warns and writes to stderr as well."""

    def noisy(*args):
        print("debug")
        print("debug", file=sys.stderr)
        warnings.warn("harmless", stacklevel=1)
        return fn(*args)

    return noisy


def as_parts(answer):
    return answer if isinstance(answer, tuple) else (answer,)


def copies(args):
    return [a.clone() if hasattr(a, "clone") else a for a in args]


def case_name(name):
    """Name of the stored case of an exercise: "ch12_attention.masks" -> "12_attention/masks"."""
    package, _, module = name.partition(".")
    return f"{package.removeprefix('ch')}/{module}"
