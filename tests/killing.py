"""Rounds of grading that are killed at some moment, and what is left then."""

import contextlib
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import toy_course as toy
from nbgrader.api import Gradebook

from autograder.grading import marks, run

DOUBLES = {"Ana": "2 * x", "Bo": "3 * x", "Cy": "x + x", "Di": "x", "Eve": "sum([x, x])"}
CODE = """
import sys
from pathlib import Path
from autograder import course
course.ROOT = Path(sys.argv[1])
from autograder.grading import run
run.grade(sys.argv[2], "99", workers=2)
"""


def prepare(folder):
    """Make a course with an earlier round of Ana, one of whose marks was given by hand."""
    root = folder / "base"
    toy.build(root)
    for name, body in DOUBLES.items():
        hand_in(folder / "all", name, f"def double(x):\n    return {body}")
    hand_in(folder / "first", "Ana", "def double(x):\n    return -x")
    with toy.at(root):
        run.grade(folder / "first", "99")
    with Gradebook(url(root)) as book:
        book.find_grade("why", toy.SLUG, toy.SLUG, "Ana").manual_score = 1.5
        book.db.commit()


def hand_in(inbox, name, double):
    inbox.mkdir(exist_ok=True)
    cells = toy.answers(double=double, why="Twice.")
    (inbox / f"{name}.ipynb").write_bytes(toy.notebook(cells))


def url(root):
    return f"sqlite:///{root}/gradebook/gradebook.db"


def start(folder, name):
    """Begin the second round, on a copy of the course."""
    if not (folder / name).exists():
        shutil.copytree(folder / "base", folder / name)
    command = [sys.executable, "-c", CODE, str(folder / name), str(folder / "all")]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **quiet)


def finish(folder, name):
    """Run the second round to its end; return the grades and the seconds that it took."""
    began = time.monotonic()
    with start(folder, name) as process:
        said = process.communicate()[1]
    assert process.returncode == 0, said[-2000:]
    return grades(folder / name), time.monotonic() - began


def grades(root):
    """Return all that counts of a course's gradebook; every file of it must be whole."""
    with contextlib.closing(sqlite3.connect(root / "gradebook" / "gradebook.db")) as book:
        assert book.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        [(many,)] = book.execute("SELECT count(*) FROM submitted_assignment").fetchall()
    found = marks.read(url(root), toy.SLUG)
    assert many == len(found), (many, sorted(found))  # each once
    assert found["Ana"].marks["why"].score == 1.5
    for path in (root / "gradebook").glob("*/*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    return {student: marked.marks for student, marked in found.items()}


def killed(folder, name, seconds):
    """Kill the second round after some seconds, look at what is left, and run it again."""
    with start(folder, name) as process:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert set(grades(folder / name)) in ({"Ana"}, set(DOUBLES))
    after, _ = finish(folder, name)
    rows = toy.rows_of(folder / name, toy.SLUG)
    pages = [toy.page_of(folder / name, student, toy.SLUG) for student in DOUBLES]
    shutil.rmtree(folder / name)
    return after, {student: row["total"] for student, row in rows.items()}, len(pages)
