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
    feedback,
    gradebook,
    intake,
    marks,
    overview,
    policy,
    report,
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
    try:
        with gradebook.workplace() as work:
            how = {"unsafe": unsafe == "1", "workers": number(workers), "scheduler": scheduler}
            record, waiting = grade_in(work, chapter, submissions, regrade == "1", **how)
    except KeyboardInterrupt:
        raise Stop("Stopped by you. The results of the last run are as they were.") from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise Stop(f"{error.strerror}{where}. Mend that, and run this again.") from None
    tell(chapter.slug, record, waiting)


def number(workers):
    if workers and not (str(workers).isdigit() and int(workers)):
        raise Stop(f"WORKERS={workers} is no number of submissions at a time.")
    return int(workers or 0)


def only_assignment():
    known = assignments()
    if len(known) != 1:
        raise Stop("Which assignment? Name it with N=, for example N=04.")
    return known[0]


def grade_in(work, chapter, submissions, regrade=False, **how):
    """Do the round in the folder `work` and publish it; `how` is for engine.execute.

    Return the record and how many submissions have answers that wait to be read.
    """
    slug, root = chapter.slug, work / "class"
    book, rules = root / "gradebook", policy.read(slug)
    before, record = gradebook.digest(), gradebook.record(slug)
    entries = collect(submissions) if submissions else {}
    gradebook.copy_database(gradebook.folder(), book)
    if not submissions and not record["submissions"]:
        raise Stop(f"Nothing of {slug} was graded yet: name the folder with SUBMISSIONS=.")
    if submissions or regrade:
        inspect(chapter)
        assign(root, chapter)
        gradebook.keep_seed(slug, record["seed"])
        execute = functools.partial(engine.execute, seed=record["seed"], **how)
        prove(root, work / "canaries", chapter, execute)
        classes = take(root, slug, entries, record["submissions"], regrade)
        counts = attempts.choose(root, work / "trial", slug, classes, rules, execute)
        run(root, slug, counts, record["submissions"], execute)
    waiting = write_reports(root, slug, record, rules)
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


def write_reports(root, slug, record, rules):
    """Write tables, pages and feedback; return how many submissions wait to be read."""
    url, scores = settings(root).CourseDirectory.db_url, root / "gradebook" / "scores"
    marked, blank = marks.read(url, slug), marks.blank(url, slug)
    for student in marked:  # nbgrader may have been used by hand as well
        record["submissions"].setdefault(student, {"file": "", "reason": ""})
    for student, about in record["submissions"].items():
        every = {attempt["key"]: attempt["time"] for attempt in about.get("attempts", ())}
        when = rules.times.get(student, every.get(about.get("counts")))
        about["days"] = rules.days_late(student, when)
        about["percent"] = rules.penalty(student, when)
    give_feedback(root, slug, record["submissions"], marked, blank)
    rows = report.rows(record["submissions"], marked, blank)
    scores.mkdir()
    report.write_table(scores / f"{slug}.csv", rows, blank.marks)
    report.write_canvas(scores / f"{slug}_canvas.csv", rows, slug, blank)
    report.write_json(scores / f"{slug}.json", rows, slug)
    overview.write(scores / f"{slug}.html", rows, slug, blank)
    return sum(row.marked.pending > 0 for row in rows)


def give_feedback(root, slug, submissions, marked, blank):
    """Write everybody's page, also of those whose file could not be graded."""
    for student, about in submissions.items():
        places = (root / "gradebook", gradebook.folder())
        paths = [place / "autograded" / student / slug / f"{slug}.ipynb" for place in places]
        path = next((path for path in paths if path.exists()), None)
        cells = nbformat.read(path, as_version=4).cells if path else []
        page = feedback.page(slug, student, marked.get(student, blank), about, cells)
        feedback.write(root / "gradebook" / "feedback" / student / slug / f"{slug}.html", page)


def tell(slug, record, waiting):
    """Print what became of the submissions, and where the results lie."""
    submissions = record["submissions"]
    notes = {name: about["reason"] for name, about in submissions.items() if about["reason"]}
    print(f"{slug}: {len(submissions)} submissions, {len(notes)} with a note")
    for student, reason in sorted(notes.items()):
        print(f"  {student}: {reason}")
    print(f"Report    gradebook/scores/{slug}.html")
    print(f"Scores    gradebook/scores/{slug}.csv, {slug}_canvas.csv, {slug}.json")
    print(f"Feedback  gradebook/feedback/STUDENT/{slug}/{slug}.html")
    if waiting:
        print(
            f"{waiting} with answers in words to be read: make lab, menu Nbgrader > Formgrader, "
            f"then make grade N={slug.partition('_')[0]} without SUBMISSIONS."
        )
