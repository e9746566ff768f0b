"""The files of gradebook/: one run at a time, results moved in whole.

gradebook.db, submitted/, autograded/, feedback/ are nbgrader's; attempts/ keeps what was handed in,
scores/ the tables and the instructor's page, and records/<slug>.json the seed of the hidden inputs
and what became of every submission. grading.yml holds the instructor's rules: see policy.py.
"""

import contextlib
import hashlib
import json
import os
import secrets
import signal
import sqlite3
import threading

from nbgrader.utils import rmtree

from autograder import course
from autograder.course import Stop

FINISHED, SETTLED = ".finished", ".settled"
STEPS = ("submitted", "autograded", "feedback", "attempts")


def folder():
    return course.ROOT / "gradebook"


@contextlib.contextmanager
def workplace(patience=0):
    """Give an empty folder inside gradebook/; a second run meanwhile raises Stop.

    It does so after `patience` seconds.
    """
    folder().mkdir(exist_ok=True)
    work = folder() / ".grading"
    # The system lets go of this lock, whatever ends the run.
    with contextlib.closing(sqlite3.connect(folder() / ".lock", timeout=patience)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise Stop("Another grading run is going on: wait for its end.") from None
        settle()
        clear(work)  # what a killed run left
        work.mkdir()
        try:
            yield work
        finally:
            clear(work)


def clear(path):
    """Remove a folder; nbgrader's rmtree also does where Windows protects read-only files."""
    if path.exists():
        rmtree(path)


def write(path, text):
    """Write a file whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def record(slug):
    """Return {"seed": int, "submissions": {student: what is known of it}} of earlier runs.

    Of a submission: "file", "reason" (why it has no or earlier points), "attempts" and the one that
    "counts", "days" late, "percent" taken off, "flags", and the run's "outcome" (verdict.py).
    """
    path = folder() / "records" / f"{slug}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    return {"seed": secrets.randbelow(2**31), "submissions": {}}


def keep_seed(slug, seed):
    """Write a seed down as soon as it is used, so that a run that is stopped can go on with it."""
    path = folder() / "records" / f"{slug}.json"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        write(path, json.dumps({"seed": seed, "submissions": {}}) + "\n")


def digest():
    """A hash of gradebook.db, "" if there is none."""
    path = folder() / "gradebook.db"
    if not path.exists():
        return ""
    marked(path)  # SQLite takes back what a killed run had written by half
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy_database(source, target):
    """Copy gradebook.db, as one transaction, into a folder (which may hold an older one)."""
    if not (source / "gradebook.db").exists():
        return
    target.mkdir(parents=True, exist_ok=True)
    with (
        contextlib.closing(sqlite3.connect(source / "gradebook.db")) as old,
        contextlib.closing(sqlite3.connect(target / "gradebook.db")) as new,
    ):
        old.backup(new)


def publish(finished, slug, about, before):
    """Move the results in the folder `finished` into gradebook/.

    `before` is the digest() that the run began with: marks given meanwhile must not be lost.
    Once the folder has its new name the results count: settle() ends what a killed run began.
    """
    text = json.dumps(about, indent=1, ensure_ascii=False) + "\n"
    (finished / "records").mkdir()
    (finished / "records" / f"{slug}.json").write_text(text, encoding="utf-8")
    mark(finished / "gradebook.db")
    (finished / "before").write_text(before)
    with uninterrupted():
        os.replace(finished, folder() / FINISHED)
        settle()


def settle():
    """Move the results of a finished round into gradebook/, or go on with that."""
    done = folder() / FINISHED
    clear(folder() / SETTLED)
    if not done.exists():
        return
    new, old = done / "gradebook.db", folder() / "gradebook.db"
    if digest() == (done / "before").read_text():
        copy_database(done, folder())
    elif marked(new) != marked(old):
        throw_away(done)
        raise Stop(
            "Somebody gave marks in formgrader while this run went on, so nothing was written. "
            "Run it again: the new marks will be kept."
        )
    for step in STEPS:
        for path in (done / step).glob("*/*"):
            place = folder() / step / path.parent.name / path.name
            place.parent.mkdir(parents=True, exist_ok=True)
            clear(place)
            os.replace(path, place)
    for path in [*(done / "records").iterdir(), *(done / "scores").iterdir()]:
        (folder() / path.parent.name).mkdir(exist_ok=True)
        os.replace(path, folder() / path.parent.name / path.name)
    throw_away(done)


def throw_away(done):
    """Remove the results of a round: from one moment to the next, since half of them mislead."""
    os.replace(done, folder() / SETTLED)
    clear(folder() / SETTLED)


def mark(database):
    """Give a database a number by which it is known again."""
    with contextlib.closing(sqlite3.connect(database)) as book:
        book.execute(f"PRAGMA user_version={1 + secrets.randbelow(2**31 - 1)}")


def marked(database):
    with contextlib.closing(sqlite3.connect(database)) as book:
        return book.execute("PRAGMA user_version").fetchone()[0]


@contextlib.contextmanager
def uninterrupted():
    """Ctrl-C waits until the block has ended."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = []
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
