"""Clumsy, damaged and odd honest submissions: each gets full points, or its stated reason."""

import contextlib
import io
import warnings

import clumsy
import nbformat
import pytest
import toy_course as toy

from autograder.grading import files, intake, repair

RELEASE = nbformat.reads(toy.notebook(toy.answers()), as_version=4)
for each in RELEASE.cells:  # what nbgrader notes in a release
    if "nbgrader" in each.metadata:
        each.metadata.nbgrader.cell_type = each.cell_type
TESTS = {cell["id"]: cell["source"] for cell in toy.CELLS if cell["id"].endswith("unseen")}


def student(kind):
    """The entries of one student who handed in this kind of files."""
    entries = [
        files.Entry(("Ana", *name.split("/")), lambda data=data: data)
        for name, data in clumsy.KINDS[kind][0].items()
    ]
    students = intake.by_student([e for e in entries if not intake.NOISE & set(e.parts)])
    return students.get("Ana") or [files.Entry(("Ana", ""), files.refuse("the folder is empty"))]


def points(notebook, monkeypatch):
    """Run a notebook's code in this process, the hidden tests in place; return the points."""
    monkeypatch.setenv("CHAINRULE_SEED", "7")
    names, earned = {"input": None}, 0
    for cell in notebook.cells:
        rules = cell.metadata.get("nbgrader", {})
        text = TESTS.get(rules.get("grade_id"), cell.source) if rules.get("grade") else cell.source
        code = "\n".join(line for line in text.splitlines() if line[:1] not in ("%", "!"))
        with contextlib.suppress(Exception), contextlib.redirect_stderr(io.StringIO()):
            if cell.cell_type == "code":
                exec(compile(code, "cell", "exec"), names)
                earned += rules.get("points", 0)
    return earned


def test_the_table_is_long_enough():
    assert len(clumsy.KINDS) >= 60


@pytest.mark.parametrize("kind", clumsy.KINDS)
def test_honest_work_keeps_its_points_or_gets_a_reason(kind, monkeypatch, capsys):
    outcome = clumsy.KINDS[kind][1]
    found, reason = intake.attempts(student(kind), toy.SLUG, RELEASE)
    if outcome != clumsy.FULL:
        assert (found, outcome in reason) == ([], True), reason
        return
    assert (len(found), reason) == (1, "")
    notebook = repair.notebook(found[0].data, RELEASE)
    nbformat.validate(notebook)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert points(notebook, monkeypatch) == 5
    [words] = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "why"]
    kept = any(cell.text == clumsy.RIGHT["why"] for cell in repair.cells_of(found[0].data))
    assert words.source == (clumsy.RIGHT["why"] if kept else "*Your answer here.*")
