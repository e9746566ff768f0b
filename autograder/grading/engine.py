"""Grades many submissions: nbgrader's Autograde in two passes, with a pool between them.

The first pass restores locked cells, the pool runs the notebooks, the second pass keeps the grades.
One thread does both passes and alone writes the gradebook. What is around the engine knows only
`execute`.
"""

import json
import os

from autograder.course import Stop
from autograder.grading import cache, pool
from autograder.grading.converters import Sanitize, Save, convert, opened, settings, sharing
from autograder.grading.kernel import Limits
from autograder.grading.submission import UNSAFE, Task, grade
from autograder.grading.verdict import Outcome
from autograder.kernels import bubble
from autograder.kernels.warm import packed


def execute(root, slug, students, seed, unsafe=False, known=None, workers=None, scheduler=None):
    """Grade root/gradebook/submitted/<student>/<slug>; yield (student, Outcome) as they end.

    Leaves the graded notebooks in root/gradebook/autograded and the points in root's gradebook.db,
    but not for whom the Outcome in `known` is of the same work: that is yielded again. `seed` is
    the seed of the hidden inputs. Raises Stop where code cannot be isolated, unless `unsafe`, which
    runs it with the rights of the person who grades.
    """
    known, whose = known or {}, {}
    task = task_of(root, slug, seed, unsafe)
    for student in students:
        key = key_of(task, notebook_of(root, "submitted", slug, student))
        if student in known and known[student].key == key:
            yield student, known[student]
        else:
            whose.setdefault(key, []).append(student)
    with opened(settings(root)) as book:
        keeper = Keeper(root, slug, book)
        for key in list(whose):
            if result := cache.load(key):
                for student in whose.pop(key):
                    yield student, keeper.keep(student, result)
        jobs = ((key, (task, keeper.text(names[0]))) for key, names in whose.items())
        for key, call in pool.finished(grade, jobs, workers, scheduler):
            result = result_of(call, key)
            for student in whose[key]:
                yield student, keeper.keep(student, result)


class Keeper:
    """Does nbgrader's two passes for one submission after the other."""

    def __init__(self, root, slug, book):
        self.root, self.slug, self.book, self.config = root, slug, book, settings(root)
        self.problems = {}  # of those whose first pass is done: why nbgrader could not, or ""

    def step(self, step, student):
        with sharing(self.book):
            problem = convert(step, self.config, self.slug, student)
        self.book.db.remove()
        return problem and f"nbgrader could not run it ({problem:.200})"

    def text(self, student):
        """Do the first pass; return the notebook that is to be run."""
        self.problems[student] = self.step(Sanitize, student)
        path = notebook_of(self.root, "autograded", self.slug, student)
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def keep(self, student, result):
        """Do what is left to do with a result; return the Outcome."""
        notebook, outcome = result
        if student not in self.problems:
            self.text(student)
        reason = self.problems.pop(student) or outcome.get("reason", "")
        if not reason:
            path = notebook_of(self.root, "autograded", self.slug, student)
            path.write_text(notebook, encoding="utf-8")
            reason = self.step(Save, student)
        return Outcome(reason=reason) if reason else Outcome.from_json(outcome)


def notebook_of(root, step, slug, student):
    return root / "gradebook" / step / student / slug / f"{slug}.ipynb"


def task_of(root, slug, seed, unsafe):
    timeout, source = settings(root).Execute.timeout, root / "source" / slug
    try:
        files = packed(source)
    except RuntimeError as error:
        raise Stop(f"{error} Let the notebook load them through chainrule.data.") from None
    return Task(
        source=(source / f"{slug}.ipynb").read_text(encoding="utf-8"),
        files=files,
        provisioner=choose(unsafe),
        limits=Limits(cell_s=timeout, total_s=10 * timeout),
        seed=seed,
        code=cache.installed(),
    )


def choose(unsafe):
    """Return the name of the kernels' provisioner."""
    if unsafe:
        return UNSAFE
    if reason := bubble.problem():
        raise Stop(
            f"Students' code cannot be isolated on this computer: {reason}. Nothing was graded. "
            "UNSAFE=1 grades all the same, with your rights for all that they have written."
        )
    return os.environ.get("CHAINRULE_KERNELS", "warm")


def key_of(task, path):
    """The cache's key of a submission: all that its result depends on."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        cell.pop("id", None)  # drawn anew each time
    return cache.key(cells, vars(task))


def result_of(call, key):
    """Return what a run gave: (notebook, Outcome) as JSON data; keep it if it is sound."""
    try:
        notebook, outcome, sound = call()
    except Exception as error:  # of ours, or of the cluster's: the others go on
        return None, {"reason": f"it could not be run ({error!s:.200})"}
    if sound:
        outcome["key"] = key
        cache.store(key, [notebook, outcome])
    return notebook, outcome
