"""Grades of honest work: those that stock nbgrader gives, and the same in every round."""

import contextlib
import itertools
import shutil
import subprocess
import sys

import nbformat
import pytest
import toy_course as toy
from nbgrader.converters import Autograde

from autograder.authoring import cluster
from autograder.course import Chapter
from autograder.grading import attempts, engine, gradebook, marks
from autograder.grading.converters import assign, convert, settings

# Ten ways each, right and wrong, that stock nbgrader grades as one would.
BODIES = {
    "double": (
        "2 * x", "x + x", "x * 2.0", "sum([x, x])", "x - -x", "x", "x * x", "3 * x", "abs(2 * x)",
        "None",
    ),
    "triple": (
        "3 * x", "x + x + x", "2 * x + x", "x / (1 / 3) if x < 0 else x * 3", "sum([x] * 3)", "x",
        "x**3", "int(x)", "[x] * 3", "raise_it(x)",
    ),
}  # fmt: skip
SEED = 7


def classmates():
    """100 submissions: {student: cells}."""
    pairs = itertools.product(*BODIES.values())
    return {
        f"student {i:02}": toy.answers(
            double=f"def double(x):\n    return {double}",
            triple=f"def triple(x):\n    return {triple}",
        )
        for i, (double, triple) in enumerate(pairs)
    }


def prepare(root, students):
    assign(root, Chapter(toy.SLUG))
    for student, cells in students.items():
        notebook = nbformat.reads(toy.notebook(cells).decode(), as_version=4)
        attempts.stage(root, toy.SLUG, student, notebook)


def points(root):
    """The automatic points of everybody, as nbgrader's gradebook holds them."""
    book = marks.read(settings(root).CourseDirectory.db_url, toy.SLUG)
    return {
        student: {name: mark.score for name, mark in marked.marks.items() if mark.automatic}
        for student, marked in book.items()
    }


@pytest.fixture
def course(tmp_path):
    toy.build(tmp_path / "written")
    with toy.at(tmp_path / "written"):
        yield tmp_path


def test_100_grades_are_those_of_stock_nbgrader(course):
    students = classmates()
    assert len(students) == 100
    for name in ("stock", "ours"):
        prepare(course / name, students)
    config = settings(course / "stock")
    for student in students:
        assert not convert(Autograde, config, toy.SLUG, student, CHAINRULE_SEED=str(SEED))
    for _, outcome in engine.execute(course / "ours", toy.SLUG, students, SEED):
        assert not outcome.reason
    stock, ours = points(course / "stock"), points(course / "ours")
    assert set(map(str, stock["student 00"].values())) == {"2.0", "3.0"}
    assert {s: (stock[s], ours[s]) for s in students if stock[s] != ours[s]} == {}


def test_20_rounds_give_the_same_grades(course):
    students = dict(list(classmates().items())[::20])
    prepare(course / "ours", students)
    rounds = []
    for _ in range(20):
        shutil.rmtree(gradebook.folder() / "cache", ignore_errors=True)  # each is run anew
        list(engine.execute(course / "ours", toy.SLUG, students, SEED))
        rounds.append(points(course / "ours"))
    assert all(found == rounds[0] for found in rounds)


@contextlib.contextmanager
def load(processes):
    """Keep the computer busy with something else."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    yield
    for process in busy:
        process.kill()
        process.wait()


@pytest.mark.parametrize("processes", [0, 4], ids=["idle", "loaded"])
def test_any_number_of_workers_and_a_cluster_give_the_same_grades(course, processes):
    students = dict(list(classmates().items())[::5])
    prepare(course / "ours", students)
    with cluster.running() as (address, _), load(processes):
        rounds = []
        for how in ({"workers": 1}, {"workers": 2}, {"workers": 4}, {"scheduler": address}):
            shutil.rmtree(gradebook.folder() / "cache", ignore_errors=True)
            list(engine.execute(course / "ours", toy.SLUG, students, SEED, **how))
            rounds.append(points(course / "ours"))
    assert all(found == rounds[0] for found in rounds)
