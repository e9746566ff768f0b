"""One submission's run: a pure function of its arguments, on this machine or another.

Cells and tests run in two kernels, and the word of the judge is the grade.
"""

import compileall
import contextlib
import functools
import io
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_core.utils import ensure_event_loop
from nbformat.v4 import new_output

from autograder.grading import cache, flags
from autograder.grading.kernel import Limits, Stopped
from autograder.grading.pair import Pair, sentence
from autograder.grading.plan import Judged, steps
from autograder.grading.verdict import Outcome, Verdict
from autograder.judge import UNREADABLE
from autograder.kernels import sandbox
from autograder.kernels.bubble import packages

RESTARTS = 8  # pairs of kernels that a submission may use up
UNSAFE = "local-provisioner"  # jupyter_client's own
NOT_RUN = {"status": "not run", "message": "✗ This was not checked.", "unknown": False}


@dataclass(frozen=True)
class Task:
    """What all submissions of a round have in common.

    `source` is the instructor's notebook as text, `files` a zip archive of what lies beside it,
    `seed` that of the hidden inputs, `code` the grader's own: see cache.installed.
    """

    source: str
    files: bytes
    provisioner: str
    limits: Limits
    seed: int
    code: str


def grade(task, text):
    """Run a notebook (its text) whose locked cells are the instructor's.

    Return (its text with outputs, Outcome as JSON data, is the result sound enough to be kept).
    """
    if task.code != cache.installed():
        raise RuntimeError("a worker has another version of the course or of a package")
    notebook = nbformat.reads(text, as_version=4)
    run = Run(judged(task.source), task)
    # jupyter_client makes an event loop for each thread and leaves it open.
    loop = contextlib.closing(ensure_event_loop())
    with loop, tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(io.BytesIO(task.files)) as archive:
            archive.extractall(folder)
        run.grade(notebook, folder)
    return nbformat.writes(notebook), run.outcome().to_json(), not run.why


@functools.lru_cache(8)
def judged(source):
    # Kernels may write nowhere: without this each would compile these modules anew.
    lessons, ours = map(Path, packages(True))
    for folder in (lessons, ours / "judge", ours / "exercises"):
        compileall.compile_dir(folder, quiet=2)
    return Judged(nbformat.reads(source, as_version=4))


class Run:
    """One submission's run."""

    def __init__(self, judged, task):
        self.judged, self.task, self.limits = judged, task, task.limits
        self.data, self.bad, self.flags, self.why, self.seconds = {}, set(), (), "", 0.0

    def grade(self, notebook, folder):
        """Run a notebook whose locked cells nbgrader has restored; write outputs into it."""
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = []
        self.notebook, self.order = notebook, steps(notebook, self.judged)
        self.flags = flags.of(notebook, self.judged)
        with Pair(folder, self.judged, self.task) as self.pair:
            for _ in range(RESTARTS):
                if self.play() or self.pair.used > self.limits.total_s:
                    break
            self.seconds = self.pair.used
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in self.judged.tests:
                cell.outputs = shown(self.verdict(name))

    def play(self):
        """Run all steps on new kernels, without those that ended earlier ones; True at the end."""
        try:
            self.pair.open()
        except Stopped as stopped:
            if not self.bad and not self.data:
                raise RuntimeError(f"the kernels did not start: {stopped}") from None
            return True
        for at, step in enumerate(self.order):
            if at in self.bad or step.name in self.data:
                continue
            try:
                fit = self.test(step.name) if step.name else self.cell(step)
            except Stopped as stopped:
                self.blame(at, stopped)
                fit = False
            if not fit:
                return self.judged.tests.keys() <= self.data.keys()
        # A name that was missing may have been made by a later cell.
        return all(self.test(name) for name, data in [*self.data.items()] if data["unknown"])

    def cell(self, step):
        outputs = self.pair.run_cell(step.text)
        if step.at >= 0:
            self.notebook.cells[step.at].outputs = outputs
        return True

    def test(self, name):
        """Judge one test; return True if the kernels can go on."""
        began = self.pair.spent()
        cell = self.judged.cells[name]
        self.data[name] = self.pair.run_test(cell.source, self.judged.points(name))
        self.data[name]["seconds"] = self.pair.spent() - began
        return not self.data[name].pop("lost")

    def blame(self, at, stopped):
        """Remember what ended the kernels, so that the next ones run without it."""
        self.bad.add(at)
        self.why = str(stopped)
        if name := self.order[at].name:
            said = {"status": stopped.status, "message": sentence(stopped), "unknown": False}
            self.data[name] = said

    def seen(self):
        """Flags of what happened while it ran."""
        if self.why:
            yield f"its kernels were ended: {self.why}"
        if any(UNREADABLE in data["message"] for data in self.data.values()):
            yield "its process answered the judge as no honest process does"

    def verdict(self, name):
        of, data = self.judged.points(name), dict(self.data.get(name, NOT_RUN))
        if data.pop("unknown") and self.why:
            data["message"] += f" One cell was stopped: {self.why}."
        if data["status"] == "not run" and self.why:
            data["message"] = f"✗ This was not checked: an earlier cell was stopped ({self.why})."
        return Verdict(**{"grade_id": name, "points": 0.0, "of": of} | data)

    def outcome(self):
        isolated = self.task.provisioner != UNSAFE
        return Outcome(
            verdicts=tuple(map(self.verdict, self.judged.tests)),
            caps=sandbox.held(isolated, self.limits),
            flags=(*self.flags, *self.seen()),
            unsafe=not isolated,
            seconds=round(self.seconds, 2),
        )


def shown(verdict):
    """The outputs from which nbgrader reads these points: none, a number, or an error."""
    if verdict.points == verdict.of:
        return []
    if verdict.points:
        return [new_output("execute_result", {"text/plain": repr(verdict.points)})]
    return [new_output("error", ename="Mistake", evalue=verdict.message, traceback=[])]
