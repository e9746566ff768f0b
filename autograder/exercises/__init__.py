"""The exercises as data: a package per assignment, a module per function exercise.

A module holds
    EXAMPLES    {idea: arguments}: tiny inputs, no two sizes equal, numbers a person can check
    RETURNS     names of the returned values; ORDER (optional) lists inner results first
    reference   the oracle: torch's own kernel, a slow loop or a closed form
    WRONG       {name: Wrong}: answers that learners really give
    RIGHT       [functions]: unusual answers that are right
    hidden      hidden(fn, seed): the checks that carry the points
"""

import contextlib
import importlib
import io
import os
from collections.abc import Callable
from typing import NamedTuple

from chainrule import check


class Wrong(NamedTuple):
    """A wrong answer; `likely` and `try_` stay empty where only the hidden checks catch it."""

    fn: Callable
    likely: str = ""
    try_: str = ""


def load(name):
    """Return the exercise module `name`, such as "ch12_attention.masks"."""
    return importlib.import_module(f"autograder.exercises.{name}")


def unseen(name, fn):
    """Run the hidden checks of exercise `name` on a student's function. Returns None.

    The seed of the hidden inputs is the grading run's (CHAINRULE_SEED). The seen examples run
    first: where they fail, their message, made of shipped numbers only, is the more helpful one.
    """
    exercise = load(name)
    if getattr(exercise, "EXAMPLES", None):
        with contextlib.redirect_stdout(io.StringIO()):
            check.case(fn, case_name(name))
    exercise.hidden(fn, seed=int(os.environ.get("CHAINRULE_SEED", "0")))


def case_name(name):
    """Name of the stored case of an exercise: "ch12_attention.masks" -> "12_attention/masks"."""
    package, _, module = name.partition(".")
    return f"{package.removeprefix('ch')}/{module}"
