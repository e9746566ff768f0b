"""make submit FILE=...: one notebook graded at once; every attempt is kept."""

import time
from pathlib import Path

import nbformat

from autograder.course import Stop, assignments, find
from autograder.grading import files, intake, repair, run
from autograder.grading.files import Entry, Refused
from autograder.grading.verdict import Outcome

PATIENCE = 60  # seconds for which another run is waited for


def submit(file, n=None, student=None, unsafe=None):
    """Grade the notebook `file` of `student` (else the file's name says who) and print the points.

    The assignment is `n`, else the one whose exercises are in it. It is a round with one
    submission: the rules of grading.yml say which attempt counts.
    """
    path = Path(file).expanduser().resolve()
    if not path.is_file():
        raise Stop(f"There is no file {file}. Name a notebook: python -m autograder submit FILE.")
    entry = Entry((path.name,), lambda: files.read(path.open, "rb"), time.time())
    who = intake.student_of(student or intake.name_of(entry.parts))
    chapter = find(n) if n else assignment_of(entry)
    take_in = lambda: {who: [entry]}
    record, _ = run.whole_round(chapter, take_in, patience=PATIENCE, unsafe=unsafe == "1")
    tell(chapter.slug, who, record["submissions"][who])


def assignment_of(entry):
    """Return the assignment that a notebook belongs to; of several, the one that it names."""
    found = [chapter for chapter in assignments() if belongs(entry, chapter)]
    if len(found) > 1:
        found = [chapter for chapter in found if chapter.slug.encode() in entry.read()]
    if len(found) != 1:
        raise Stop(f"Which assignment is {entry.name} of? Name it with N=, for example N=04.")
    return found[0]


def belongs(entry, chapter):
    try:
        repair.notebook(entry.read(), nbformat.read(chapter.release, as_version=4))
    except (Refused, OSError):
        return False
    return True


def tell(slug, who, about):
    """Print the points of each check of the attempt that counts, and where its page lies."""
    attempts = about.get("attempts", ())
    many = f"{len(attempts)} attempt{'s' * (len(attempts) != 1)}"
    print(f"{who}, {slug}: {many}" + f"; {about['reason']}" * bool(about["reason"]))
    for verdict in Outcome.from_json(about["outcome"]).verdicts if "outcome" in about else ():
        print(f"{verdict.points:6g} of {verdict.of:g}  {verdict.grade_id}")
        if verdict.message:
            print(f"             {verdict.message.splitlines()[0]}")
    print(f"Feedback  gradebook/feedback/{who}/{slug}/{slug}.html")
