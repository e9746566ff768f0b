"""All attempts of a student, kept in gradebook/attempts, and the one that counts."""

import shutil

import nbformat
from tqdm import tqdm

from autograder.grading import gradebook, repair
from autograder.grading.files import Refused


def folder(root, slug, student):
    return root / "gradebook" / "attempts" / student / slug


def keep(root, slug, student, known, found):
    """Add `found`, a list of Attempt, to the `known` ones; return all, oldest first.

    An attempt is {"key", "file", "time"}; its bytes go into the course folder `root`. The same
    bytes handed in again are no new attempt, and the earliest time counts.
    """
    old, new = gradebook.folder() / "attempts" / student / slug, folder(root, slug, student)
    if old.exists():
        shutil.copytree(old, new, dirs_exist_ok=True)
    new.mkdir(parents=True, exist_ok=True)
    every = {attempt["key"]: attempt for attempt in known}
    for one in found:
        (new / f"{one.key}.ipynb").write_bytes(one.data)
        seen = every.setdefault(one.key, {"key": one.key, "file": one.file, "time": one.time})
        times = [t for t in (seen["time"], one.time) if t is not None]
        every[one.key] = seen | {"time": min(times, default=None)}
    return sorted(every.values(), key=lambda attempt: attempt["time"] or 0)


def notebook_of(root, slug, student, attempt):
    """Return the clean notebook of an attempt; Refused if it is none of today's release."""
    release = nbformat.read(root / "release" / slug / f"{slug}.ipynb", as_version=4)
    data = (folder(root, slug, student) / f"{attempt['key']}.ipynb").read_bytes()
    return repair.notebook(data, release)


def stage(root, slug, student, notebook):
    """Put a clean notebook where nbgrader looks for this student's submission."""
    path = root / "gradebook" / "submitted" / student / slug / f"{slug}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def choose(root, trial, slug, classes, rules, execute):
    """Return {student: the attempt that counts} of `classes`, {student: attempts}.

    Where the best counts, those of students with several are graded in the course folder `trial`
    by execute(folder, slug, students).
    """
    if rules.attempts != "best":
        last = -1 if rules.attempts == "last" else 0
        return {student: every[last] for student, every in classes.items()}
    rivals = [(s, a) for s, every in classes.items() if len(every) > 1 for a in every]
    scores = try_all(root, trial, slug, rivals, execute) if rivals else {}

    def worth(student, attempt):
        percent = rules.penalty(student, attempt["time"])
        points = scores.get((student, attempt["key"]), 0) * (1 - percent / 100)
        return points, -percent, attempt["time"] or 0

    return {s: max(every, key=lambda a: worth(s, a)) for s, every in classes.items()}


def try_all(root, trial, slug, rivals, execute):
    """Return {(student, key): automatic points}; what cannot be run has 0."""
    shutil.copytree(root, trial, ignore=shutil.ignore_patterns("attempts", "submitted"))
    names = {}
    for i, (student, attempt) in enumerate(rivals):
        try:
            stage(trial, slug, f"attempt {i}", notebook_of(root, slug, student, attempt))
            names[f"attempt {i}"] = student, attempt["key"]
        except Refused:
            continue
    outcomes = tqdm(execute(trial, slug, list(names)), "Comparing", len(names))
    return {names[name]: outcome.points for name, outcome in outcomes}
