"""The pool: the same grades with any number of workers and on a cluster; what is kept, what not."""

import contextlib
import importlib
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import killing
import nbformat
import nbgrader
import pytest
import toy_course as toy
from alembic.script import ScriptDirectory

from autograder import course
from autograder.authoring import cluster
from autograder.course import Chapter, Stop
from autograder.grading import attempts, cache, converters, engine, gradebook, marks, run
from autograder.grading.converters import assign, settings
from autograder.grading.pair import Pair
from autograder.kernels import server

BODIES = {"right": "2 * x", "wrong": "3 * x", "long": "sum([x, x])"}
CRASH = "import os\n\ndef double(x):\n    os._exit(1)"


@pytest.fixture
def campus(tmp_path):
    """A course with four students; two of them hand in the same."""
    toy.build(tmp_path)
    with toy.at(tmp_path):
        assign(tmp_path / "work", Chapter(toy.SLUG))
        for name, body in (BODIES | {"same": "2 * x"}).items():
            stage(name, f"def double(x):\n    return {body}")
        yield tmp_path / "work"


def stage(student, double):
    cells = toy.notebook(toy.answers(double=double))
    notebook = nbformat.reads(cells.decode(), as_version=4)
    attempts.stage(course.ROOT / "work", toy.SLUG, student, notebook)


def grades(root, students=(*BODIES, "same"), **how):
    outcomes = dict(engine.execute(root, toy.SLUG, students, 7, **how))
    book = marks.read(settings(root).CourseDirectory.db_url, toy.SLUG)
    scores = {student: book[student].sum("score") for student in students}
    assert scores == {student: outcome.points for student, outcome in outcomes.items()}
    return scores


EXPECTED = {"right": 2, "wrong": 0, "long": 2, "same": 2}


def test_a_fork_server_with_more_modules_serves_a_notebook_that_needs_fewer(monkeypatch):
    monkeypatch.setattr(server.Zygote, "started", [])  # without those of earlier tests
    needed = server.modules("import torch, matplotlib.pyplot as plt; torch.optim.SGD")
    assert server.modules("import torch") < needed
    assert not server.modules("import numpy")
    for name in needed:
        importlib.import_module(name)
    one = server.Zygote.get(needed)
    assert server.Zygote.get(server.modules("import torch")) is one
    one.close()
    other = server.Zygote.get(needed)
    assert other is not one
    assert other.process.poll() is None
    other.close()


@pytest.mark.parametrize("workers", [1, 4])
def test_any_number_of_workers_gives_the_same_grades(campus, workers):
    assert grades(campus, workers=workers) == EXPECTED


def test_a_cluster_gives_the_same_grades_also_when_a_worker_is_killed(campus):
    with cluster.running() as (address, workers):
        found = engine.execute(campus, toy.SLUG, [*EXPECTED], 7, scheduler=address)
        first, outcome = next(found)
        workers[0].send_signal(signal.SIGKILL)
        points = {first: outcome.points} | {s: outcome.points for s, outcome in found}
    assert points == EXPECTED


def test_no_scheduler_is_said_in_a_sentence(campus):
    with pytest.raises(Stop, match="no dask scheduler at tcp"):
        grades(campus, scheduler="tcp://127.0.0.1:1")


# What is kept


@pytest.fixture
def ran(monkeypatch):
    """The submissions' texts that were run, rather than taken from what is kept."""
    texts, grade = [], engine.grade

    def counted(task, text):
        texts.append(text)
        return grade(task, text)

    monkeypatch.setattr(engine, "grade", counted)
    return texts


def test_equal_work_is_run_once_and_unchanged_work_not_again(campus, ran):
    assert grades(campus) == EXPECTED
    assert len(ran) == 3  # two are equal
    shutil.rmtree(campus / "gradebook" / "autograded")
    assert grades(campus) == EXPECTED
    assert len(ran) == 3


def test_a_run_in_which_a_process_ended_is_not_kept(campus, ran):
    stage("crash", CRASH)
    for count in (1, 2):
        assert grades(campus, ["crash"]) == {"crash": 0}
        assert len(ran) == count


def test_a_failure_of_ours_is_not_kept(campus, monkeypatch):
    def broken(task, text):
        raise RuntimeError("the kernels did not start")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "grade", broken)
        outcomes = dict(engine.execute(campus, toy.SLUG, ["right"], 7))
    assert outcomes["right"].reason == "it could not be run (the kernels did not start)"
    assert grades(campus, ["right"]) == {"right": 2}


@pytest.mark.parametrize("what", ["seed", "test", "data", "config", "code"])
def test_what_a_result_depends_on_is_part_of_its_key(campus, what, monkeypatch):
    path = engine.notebook_of(campus, "submitted", toy.SLUG, "right")
    before = engine.key_of(engine.task_of(campus, toy.SLUG, 7, False), path)
    assert before == engine.key_of(engine.task_of(campus, toy.SLUG, 7, False), path)
    source = campus / "source" / toy.SLUG
    if what == "test":
        (source / f"{toy.SLUG}.ipynb").write_bytes(toy.notebook(toy.answers()))
    if what == "data":
        (source / "table.csv").write_text("1,2")
    if what == "config":
        with (course.ROOT / "nbgrader_config.py").open("a") as file:
            file.write("c.Execute.timeout = 7\n")
    if what == "code":
        monkeypatch.setattr(cache, "installed", lambda: "another version")
    after = engine.task_of(campus, toy.SLUG, 8 if what == "seed" else 7, False)
    assert engine.key_of(after, path) != before


def test_half_a_file_is_not_taken_for_a_result(campus, ran):
    grades(campus, ["right"])
    [path] = (gradebook.folder() / "cache").rglob("*.json")
    path.write_text(path.read_text()[:50])
    assert grades(campus, ["right"]) == {"right": 2}
    assert len(ran) == 2


def test_a_round_that_is_given_up_ends_its_workers(campus):
    stage("endless", "def double(x):\n    while True:\n        pass")
    found = engine.execute(campus, toy.SLUG, ["endless", "right"], 7, workers=2)
    assert next(found)[0] == "right"
    found.close()  # as Ctrl-C does
    assert not Pair.stopping.is_set()


# The round that is published


def test_a_killed_publication_is_ended_by_the_next_run(tmp_path, monkeypatch):
    toy.build(tmp_path / "course")
    (tmp_path / "Ana.ipynb").write_bytes(
        toy.notebook(toy.answers(double="double = lambda x: 2 * x"))
    )
    inbox = shutil.make_archive(tmp_path / "inbox", "zip", tmp_path, "Ana.ipynb")
    with toy.at(tmp_path / "course"):
        with monkeypatch.context() as patch:
            patch.setattr(gradebook, "settle", lambda: None)
            run.grade(inbox, "99")
        assert not (gradebook.folder() / "scores").exists()
        # Before the database, after it, when all is moved, and in the middle of the cleaning.
        for name, end in (
            ("copy_database", killed), ("clear", killed_later), ("throw_away", killed),
            ("rmtree", half_removed),
        ):  # fmt: skip
            with monkeypatch.context() as patch:
                patch.setattr(gradebook, name, end)
                with pytest.raises(KeyboardInterrupt):
                    gradebook.settle()
        gradebook.settle()
        assert toy.rows_of(course.ROOT, toy.SLUG)["Ana"]["total"] == "2"
        assert not (gradebook.folder() / gradebook.FINISHED).exists()
        record = json.loads((gradebook.folder() / "records" / "99_toy.json").read_text())
        assert record["submissions"]["Ana"]["outcome"]["key"]


def killed(*_):
    raise KeyboardInterrupt


def killed_later(path):
    if path.name != gradebook.SETTLED:
        raise KeyboardInterrupt


def half_removed(path):
    (path / "gradebook.db").unlink()
    raise KeyboardInterrupt


HALF = """
import os, sqlite3, sys
book = sqlite3.connect(sys.argv[1])
book.execute("PRAGMA cache_size=1")
book.executemany("INSERT INTO half VALUES (?)", [["x" * 1000]] * 1000)  # more than is cached
os._exit(1)
"""


def test_a_database_that_is_written_by_half_counts_as_before(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    gradebook.folder().mkdir()
    assert gradebook.digest() == ""
    path = gradebook.folder() / "gradebook.db"
    with contextlib.closing(sqlite3.connect(path)) as book:
        book.execute("CREATE TABLE half (text)")
    before = gradebook.digest()
    subprocess.run([sys.executable, "-c", HALF, path], check=False)
    assert path.with_name("gradebook.db-journal").exists()
    assert gradebook.digest() == before


@pytest.mark.slow
def test_a_round_that_is_killed_goes_on(tmp_path):
    killing.prepare(tmp_path)
    usual, seconds = killing.finish(tmp_path, "usual")
    for part in (0.6, 0.97):
        after, *_ = killing.killed(tmp_path, f"part {part}", part * seconds)
        assert after == usual


def test_the_gradebooks_version_is_the_one_that_nbgrader_would_ask_for():
    scripts = ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic"))
    assert converters.newest() == scripts.get_current_head()
