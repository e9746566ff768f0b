"""Runs submissions: cells and tests in two kernels, and the word of the judge is the grade.

nbgrader's own Autograde does all but the running: it restores locked cells, keeps the gradebook
and writes the graded notebooks. What is around the engine knows only `execute`.
"""

import os

import nbformat
from nbformat.v4 import new_output
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import List

from autograder.course import Stop
from autograder.grading import flags
from autograder.grading.converters import convert, settings
from autograder.grading.kernel import Limits, Stopped
from autograder.grading.pair import Pair, sentence
from autograder.grading.plan import Judged, steps
from autograder.grading.verdict import Outcome, Verdict
from autograder.judge import UNREADABLE
from autograder.kernels import sandbox

RESTARTS = 8  # pairs of kernels that a submission may use up
UNSAFE = "local-provisioner"  # jupyter_client's own
NOT_RUN = {"status": "not run", "message": "✗ This was not checked.", "unknown": False}


def execute(root, slug, students, seed, unsafe=False):
    """Grade root/gradebook/submitted/<student>/<slug>; yield (student, Outcome).

    Leaves the graded notebooks in root/gradebook/autograded and the points in root's gradebook.db.
    `seed` is the seed of the hidden inputs. Raises Stop where code cannot be isolated, unless
    `unsafe`, which runs it with the rights of the person who grades.
    """
    provisioner = choose(unsafe)
    config = settings(root)
    limits = Limits(cell_s=config.Execute.timeout, total_s=10 * config.Execute.timeout)
    path = root / "source" / slug / f"{slug}.ipynb"
    judged = Judged(nbformat.read(path, as_version=4))
    for student in students:
        run = Run(judged, provisioner, limits, seed)
        step = type("Judging", (Judging,), {"run": run})
        problem = convert(autograde(step), config, slug, student)
        reason = problem and f"nbgrader could not run it ({problem:.200})"
        yield student, run.outcome(reason)


def choose(unsafe):
    """Return the name of the kernels' provisioner."""
    if unsafe:
        return UNSAFE
    if reason := sandbox.problem():
        raise Stop(
            f"Students' code cannot be isolated on this computer: {reason}. Nothing was graded. "
            "UNSAFE=1 grades all the same, with your rights for all that they have written."
        )
    return os.environ.get("CHAINRULE_KERNELS", "warm")


def autograde(step):
    """nbgrader's Autograde with `step` in place of the step that runs the notebook."""
    others = [p for p in Autograde.autograde_preprocessors.default() if p is not Execute]
    return type("Judged", (Autograde,), {"autograde_preprocessors": List([step, *others])})


class Judging(NbGraderPreprocessor):
    """nbgrader's step: runs the notebook, and writes the verdicts as outputs of the tests."""

    run = None

    def preprocess(self, nb, resources):
        self.run.grade(nb, resources["metadata"]["path"])
        return nb, resources


class Run:
    """One submission's run."""

    def __init__(self, judged, provisioner, limits, seed):
        self.judged, self.provisioner, self.limits, self.seed = judged, provisioner, limits, seed
        self.data, self.bad, self.flags, self.why, self.seconds = {}, set(), (), "", 0.0

    def grade(self, notebook, folder):
        """Run a notebook whose locked cells nbgrader has restored; write outputs into it."""
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = []
        self.notebook, self.order = notebook, steps(notebook, self.judged)
        self.flags = flags.of(notebook, self.judged)
        with Pair(self.provisioner, folder, self.judged, self.limits, self.seed) as self.pair:
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

    def outcome(self, reason):
        verdicts = () if reason else tuple(map(self.verdict, self.judged.tests))
        isolated = self.provisioner != UNSAFE
        return Outcome(
            verdicts=verdicts,
            caps=sandbox.held(isolated, self.limits),
            flags=(*self.flags, *self.seen()),
            unsafe=not isolated,
            seconds=round(self.seconds, 2),
            reason=reason,
        )


def shown(verdict):
    """The outputs from which nbgrader reads these points: none, a number, or an error."""
    if verdict.points == verdict.of:
        return []
    if verdict.points:
        return [new_output("execute_result", {"text/plain": repr(verdict.points)})]
    return [new_output("error", ename="Mistake", evalue=verdict.message, traceback=[])]
