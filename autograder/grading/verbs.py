"""make grade and make submit: the kernels' fork server starts while the rest is imported."""

import contextlib
import os
from pathlib import Path

from autograder.course import find
from autograder.kernels.server import early

LOOK_AT = 1 << 20  # bytes of a notebook, which may be of any size


def grade(
    submissions=None, n=None, regrade=None, demo=None, unsafe=None, workers=None, scheduler=None
):
    """See run.grade."""
    if n and submissions and not scheduler:  # what is graded again needs no kernel as a rule
        start_early(find(n).source, unsafe)
    from autograder.grading import run

    run.grade(submissions, n, regrade, demo, unsafe, workers, scheduler)


def submit(file, n=None, student=None, unsafe=None):
    """See submit.submit."""
    start_early(find(n).source if n else Path(file).expanduser(), unsafe)
    from autograder.grading import submit

    submit.submit(file, n, student, unsafe)


def start_early(path, unsafe):
    """Start what the notebook at `path` will need; what is wrong with it others will say."""
    warm = os.environ.get("CHAINRULE_KERNELS", "warm") == "warm"
    if unsafe != "1" and warm:
        with contextlib.suppress(OSError), path.open("rb") as file:
            early(file.read(LOOK_AT).decode("utf-8", "replace"))
