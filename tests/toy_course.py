"""A course with one tiny assignment and no torch, so that a grading round takes seconds."""

import contextlib
import copy
import csv
import hashlib
import json
import re
import shutil

import pytest

from autograder import course

SLUG = "99_toy"
DOUBLE = '''def double(x):
    """Return 2 x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION'''
TRIPLE = '''def triple(x):
    """Return 3 x."""
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION'''
EMPTY_TEST = "### BEGIN HIDDEN TESTS\nx = 1\n### END HIDDEN TESTS"
HIDDEN = """# Graded later: {kind}.
### BEGIN HIDDEN TESTS
import os
seed = int(os.environ["CHAINRULE_SEED"])
{test}
### END HIDDEN TESTS"""


def cell(kind, name, text, **rules):
    """A notebook cell as JSON; `rules` are nbgrader's, none for a cell that it ignores."""
    made = {"cell_type": kind, "id": name, "metadata": {}, "source": text}
    if rules:
        plain = {"grade": False, "locked": False, "solution": False, "task": False}
        made["metadata"]["nbgrader"] = plain | {"grade_id": name, "schema_version": 3} | rules
    return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def unseen(name, kind, test, points):
    text = HIDDEN.format(kind=kind, test=test)
    return cell("code", f"{name}-unseen", text, grade=True, locked=True, points=points)


CELLS = [
    cell("markdown", "title", "# Exercises 99: toy"),
    cell("code", "double", DOUBLE, solution=True),
    cell("code", "double-seen", "assert double(1) == 2", locked=True),
    unseen("double", "negative numbers", "assert double(-seed) == -2 * seed, 'secret'", 2),
    cell("code", "triple", TRIPLE, solution=True),
    unseen("triple", "large numbers", "assert triple(1e6 + seed) == 3e6 + 3 * seed", 3),
    cell("markdown", "why", "It is *twice* as much.", grade=True, solution=True, points=2.5),
]


def notebook(cells):
    """The bytes of a notebook file."""
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    head = {"metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps({"cells": cells} | head, indent=1) + "\n").encode()


def source():
    """The instructor's cells, free to be changed."""
    return copy.deepcopy(CELLS)


def answers(**texts):
    """A student's cells: those of the release, with other text in the named ones."""
    cells = source()
    for one in cells:
        solved = one["metadata"].get("nbgrader", {}).get("solution")
        blank = "*Your answer here.*" if one["cell_type"] == "markdown" else stub(one["source"])
        one["source"] = texts.get(one["id"], blank if solved else one["source"])
        one["source"] = one["source"].partition("\n### BEGIN HIDDEN")[0]
    return cells


def stub(text):
    before, _, rest = text.partition("    ### BEGIN SOLUTION")
    return before + "    raise NotImplementedError()" + rest.partition("### END SOLUTION")[2]


def build(root, cells=None):
    """Make `root` a course folder with the toy assignment; return its Chapter."""
    path = root / "source" / SLUG / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(notebook(cells or CELLS))
    shutil.copy(course.ROOT / "nbgrader_config.py", root)
    return course.Chapter(SLUG)


@contextlib.contextmanager
def at(root):
    """Within this block the course is the one in the folder `root`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(course, "ROOT", root)
        yield patch


# What a round leaves


def rows_of(root, slug):
    with (root / "gradebook" / "scores" / f"{slug}.csv").open(encoding="utf-8-sig") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def page_of(root, student, slug):
    path = root / "gradebook" / "feedback" / student / slug / f"{slug}.html"
    return path.read_text(encoding="utf-8")


def fingerprint(folder):
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder): hashlib.sha256(p.read_bytes()).digest() for p in files}


def assert_inert(page):
    """No script, no handler, nothing to be fetched; no test, no traceback."""
    assert not re.search(r"<(script|iframe|object|embed|svg|img|link|base|form)\b", page, re.I)
    assert not re.search(r"<[^>]+\s(on\w+|src|style)\s*=", page, re.I)
    assert not re.search(r"(javascript:|url\(|@import)", page, re.I)
    assert not re.search(r'href="(?!#)', page)
    assert not re.search(r"Traceback|BEGIN HIDDEN|autograder\.exercises|CHAINRULE_SEED", page)
