"""Clumsy, damaged and odd honest submissions: each gets full points, or its stated reason."""

import contextlib
import io
import os
import warnings

import clumsy
import nbformat
import pytest
import toy_course as toy

from autograder.grading import files, intake, repair, run

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


@pytest.mark.slow
@pytest.mark.skipif("TORTURE" not in os.environ, reason="minutes: set TORTURE=1")
def test_all_kinds_in_one_round(tmp_path):
    """The whole table through the real engine: everybody has a row, a page and the points."""
    root, inbox = tmp_path / "course", tmp_path / "inbox"
    toy.build(root)
    names = {f"kind {i}": kind for i, kind in enumerate(clumsy.KINDS)}
    for who, kind in names.items():
        (inbox / who).mkdir(parents=True)
        for name, data in clumsy.KINDS[kind][0].items():
            (inbox / who / name).parent.mkdir(parents=True, exist_ok=True)
            (inbox / who / name).write_bytes(data)
    before = toy.fingerprint(inbox)
    with toy.at(root):
        run.grade(inbox, "99")
    assert toy.fingerprint(inbox) == before
    rows, wrong = toy.rows_of(root, toy.SLUG), {}
    for who, kind in names.items():
        row, outcome = rows[who.replace(" ", "_")], clumsy.KINDS[kind][1]
        page = toy.page_of(root, row["student"], toy.SLUG)
        toy.assert_inert(page)
        expected = ("5", "") if outcome == clumsy.FULL else ("0", row["note"])
        if (row["automatic"], row["note"]) != expected or len(page) > 1_000_000:
            wrong[kind] = row["automatic"], row["note"]
        if outcome != clumsy.FULL and outcome not in row["note"]:
            wrong[kind] = row["note"]
    assert (len(rows), wrong) == (len(names), {})
