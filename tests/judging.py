"""Run cells as a submission, on the engine alone: no gradebook, no files."""

import tempfile

import nbformat
import toy_course as toy

from autograder.grading.kernel import Limits
from autograder.grading.plan import Judged
from autograder.grading.submission import Run, Task

QUICK = Limits(cell_s=5, total_s=60)
SETUP = toy.cell(
    "code",
    "setup",
    "import math\nimport numpy as np\nimport torch\nfrom torch import nn",
    locked=True,
)


def solution(name, text=""):
    return toy.cell("code", name, text, solution=True)


def graded(name, text, points=1):
    return toy.cell("code", name, text, grade=True, locked=True, points=points)


def notebook(cells):
    return nbformat.reads(toy.notebook(cells).decode(), as_version=4)


def judge(source, submitted=None, limits=QUICK, provisioner="warm"):
    """Return the Outcome of the submitted cells (the source's own, if None), and the notebook."""
    task = Task("", b"", provisioner, limits, seed=7, code="")
    run = Run(Judged(notebook(source)), task)
    work = notebook(source if submitted is None else submitted)
    with tempfile.TemporaryDirectory() as folder:
        run.grade(work, folder)
    return run.outcome(), work


def verdicts(*arguments, **options):
    """The same as {grade_id: Verdict}."""
    return {v.grade_id: v for v in judge(*arguments, **options)[0].verdicts}
