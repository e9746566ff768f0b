"""make grade: take submissions in, prove the tests on two canaries, grade, write the results.

All work happens in gradebook/.grading, a course folder of its own; the results move into gradebook/
at the end. Whatever stops a run leaves the results of the last one.
"""

import functools
import shutil
from pathlib import Path

import nbformat
from tqdm import tqdm

from autograder.course import Stop, assignments, find
from autograder.grading import (
    attempts,
    engine,
    gradebook,
    intake,
    marks,
    policy,
    results,
)
from autograder.grading.converters import assign, settings
from autograder.grading.files import Refused
from autograder.grading.source import inspect
from autograder.grading.verdict import Outcome

CANARIES = ("canary instructor", "canary untouched")  # a student's id has no space
EARLIER = "; the points are those of an earlier submission"


def grade(
    submissions=None, n=None, regrade=None, demo=None, unsafe=None, workers=None, scheduler=None
):
    """Grade the folder or zip `submissions` for assignment `n`.

    With regrade=1: grade all attempts of earlier rounds again, with today's tests. Without either:
    write tables and feedback anew, after marks were given in formgrader. With demo=1: grade a
    class that is made up, in a folder of its own. With unsafe=1 the students' code is not isolated:
    only for where it cannot be. `workers` submissions run at a time, else one for each core; with
    the address of a dask `scheduler`, as many as its workers have threads.
    """
    if demo:
        from autograder.grading.demo import show  # it needs the exercises, and so torch

        return show(n or "04", unsafe)
    chapter = find(n) if n else only_assignment()
    how = {"unsafe": unsafe == "1", "workers": number(workers), "scheduler": scheduler}
    take_in = functools.partial(collect, submissions) if submissions else dict
    record, waiting = whole_round(chapter, take_in, regrade == "1", **how)
    results.tell(chapter.slug, record, waiting)


def whole_round(chapter, take_in, regrade=False, patience=0, **how):
    """Do a round with the submissions of take_in() and publish it; `how` is for engine.execute.

    Return the record and how many submissions have answers that wait to be read. `patience` is for
    how many seconds it waits for the end of another run.
    """
    try:
        with gradebook.workplace(patience) as work:
            return grade_in(work, chapter, take_in(), regrade, **how)
    except KeyboardInterrupt:
        raise Stop("Stopped by you. The results of the last run are as they were.") from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise Stop(f"{error.strerror}{where}. Mend that, and run this again.") from None


def number(workers):
    if workers and not (str(workers).isdigit() and int(workers)):
        raise Stop(f"WORKERS={workers} is no number of submissions at a time.")
    return int(workers or 0)


def only_assignment():
    known = assignments()
    if len(known) != 1:
        raise Stop("Which assignment? Name it with N=, for example N=04.")
    return known[0]


def grade_in(work, chapter, entries, regrade, **how):
    """The same with {student: [Entry]}, in the folder `work`."""
    slug, root = chapter.slug, work / "class"
    book, rules = root / "gradebook", policy.read(slug)
    before, record = gradebook.digest(), gradebook.record(slug)
    gradebook.copy_database(gradebook.folder(), book)
    if not entries and not record["submissions"]:
        raise Stop(f"Nothing of {slug} was graded yet: name the folder with SUBMISSIONS=.")
    if entries or regrade:
        inspect(chapter)
        assign(root, chapter)
        gradebook.keep_seed(slug, record["seed"])
        execute = functools.partial(engine.execute, seed=record["seed"], **how)
        prove(root, work / "canaries", chapter, execute)
        classes = take(root, slug, entries, record["submissions"], regrade)
        counts = attempts.choose(root, work / "trial", slug, classes, rules, execute)
        run(root, slug, counts, record["submissions"], execute)
    waiting = results.write(root, slug, record, rules)
    gradebook.publish(book, slug, record, before)
    return record, waiting


def collect(submissions):
    path = Path(submissions).expanduser().resolve()
    if gradebook.folder() in (path, *path.parents):
        raise Stop("Keep the submissions outside gradebook/, which nbgrader writes into.")
    return intake.collect(path)


def prove(root, copy, chapter, execute):
    """Raise Stop unless the instructor's notebook gets all automatic points and the release 0."""
    slug = chapter.slug
    shutil.copytree(root, copy)
    release = copy / "release" / slug / f"{slug}.ipynb"
    for name, path in zip(CANARIES, (chapter.source, release), strict=True):
        attempts.stage(copy, slug, name, nbformat.read(path, as_version=4))
    outcomes = {}
    for name, outcome in tqdm(execute(copy, slug, CANARIES), "Proving the tests", 2):
        if outcome.reason:
            raise Stop(
                f"The {name}'s notebook of {slug} stopped: {outcome.reason}. Nothing was graded."
            )
        outcomes[name] = outcome.verdicts
    teacher, nobody = (outcomes[name] for name in CANARIES)
    if lost := [verdict for verdict in teacher if verdict.points < verdict.of]:
        names = ", ".join(verdict.grade_id for verdict in lost)
        raise Stop(
            f"The instructor's own notebook loses points in {names}, so the tests cannot be "
            f"trusted. Nothing was graded. {lost[0].message}"
        )
    if given := [verdict.grade_id for verdict in nobody if verdict.points]:
        raise Stop(
            f"The untouched release gets points in {', '.join(given)}, so the tests cannot be "
            "trusted. Nothing was graded."
        )


def run(root, slug, counts, submissions, execute):
    """Grade the attempts that count, {student: attempt}; write what became of each down."""
    url = settings(root).CourseDirectory.db_url
    earlier = marks.read(url, slug)
    ready = stage(root, slug, counts, submissions)
    known = {
        student: outcome
        for student in ready
        if student in earlier
        and "outcome" in submissions[student]
        and earlier[student].agrees(outcome := Outcome.from_json(submissions[student]["outcome"]))
    }
    graded = execute(root, slug, ready, known=known)
    for student, outcome in tqdm(graded, "Grading", len(ready)):
        about = submissions[student]
        if outcome.reason and student in earlier:
            about["reason"] = outcome.reason + EARLIER
            continue
        about["outcome"] = outcome.to_json()
        about["reason"] = outcome.reason or about["reason"]
        if outcome.reason:
            marks.remove(url, slug, student)


def take(root, slug, entries, submissions, everybody):
    """Keep what was handed in; return {student: attempts} of those with something to grade.

    With `everybody`, also of the students of earlier rounds.
    """
    release = nbformat.read(root / "release" / slug / f"{slug}.ipynb", as_version=4)
    classes = {}
    for student, files in entries.items():
        found, reason = intake.attempts(files, slug, release)
        about = submissions.setdefault(student, {"file": "/".join(files[0].parts)})
        about |= {"reason": reason, "flags": intake.flags(files)}
        if found:
            known = about.get("attempts", [])
            about["attempts"] = attempts.keep(root, slug, student, known, found)
            classes[student] = about["attempts"]
        if reason and about.get("attempts"):
            about["reason"] += EARLIER
    for student, about in submissions.items() if everybody else ():
        if about.get("attempts"):
            classes[student] = attempts.keep(root, slug, student, about["attempts"], [])
    return classes


def stage(root, slug, counts, submissions):
    """Lay the attempts that count before nbgrader; return the students who can be graded."""
    ready = []
    for student, attempt in counts.items():
        about = submissions[student]
        try:
            attempts.stage(root, slug, student, attempts.notebook_of(root, slug, student, attempt))
        except Refused as reason:  # of another release
            about["reason"] = str(reason)
            continue
        about |= {"file": attempt["file"], "counts": attempt["key"]}
        ready.append(student)
    return ready
