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

STEPS = ("submitted", "autograded", "feedback", "attempts")


def folder():
    return course.ROOT / "gradebook"


@contextlib.contextmanager
def workplace():
    """Give an empty folder inside gradebook/; a second run at the same time raises Stop."""
    folder().mkdir(exist_ok=True)
    work = folder() / ".grading"
    # The system lets go of this lock, whatever ends the run.
    with contextlib.closing(sqlite3.connect(folder() / ".lock", timeout=0)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise Stop("Another grading run is going on: wait for its end.") from None
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


def record(slug):
    """Return {"seed": int, "submissions": {student: what is known of it}} of earlier runs.

    Of a submission: "file", "reason" (why it has no or earlier points), "attempts" and the one that
    "counts", "days" late, "percent" taken off, "flags", and the run's "outcome" (verdict.py).
    """
    path = folder() / "records" / f"{slug}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    return {"seed": secrets.randbelow(2**31), "submissions": {}}


def digest():
    """A hash of gradebook.db, "" if there is none."""
    path = folder() / "gradebook.db"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


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
    """
    if digest() != before:
        raise Stop(
            "Somebody gave marks in formgrader while this run went on, so nothing was written. "
            "Run it again: the new marks will be kept."
        )
    with uninterrupted():
        copy_database(finished, folder())
        for step in STEPS:
            for new in (finished / step).glob(f"*/{slug}"):
                old = folder() / step / new.parent.name / slug
                old.parent.mkdir(parents=True, exist_ok=True)
                clear(old)
                os.replace(new, old)
        text = json.dumps(about, indent=1, ensure_ascii=False) + "\n"
        (finished / "records").mkdir()
        (finished / "records" / f"{slug}.json").write_text(text, encoding="utf-8")
        for new in [*(finished / "records").iterdir(), *(finished / "scores").iterdir()]:
            (folder() / new.parent.name).mkdir(exist_ok=True)
            os.replace(new, folder() / new.parent.name / new.name)


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
