"""Release and grading of every assignment; what stops a round and leaves all as it was."""

import contextlib
import functools
import json
import re
import shutil
import sqlite3
from types import SimpleNamespace

import pytest
import toy_course as toy
from toy_course import assert_inert, fingerprint, page_of, rows_of

from autograder.__main__ import main
from autograder.authoring import release
from autograder.course import ROOT, Stop, assignments, read_notebook
from autograder.grading import engine, gradebook, run

ASSIGNMENTS = assignments()
student_files = functools.cache(release.student_files)
each_assignment = pytest.mark.parametrize("chapter", ASSIGNMENTS, ids=lambda c: c.slug)


def source_of(cell):
    return "".join(cell["source"])


def rules_of(cell):
    return cell["metadata"].get("nbgrader", {})


def is_automatic(cell):
    return rules_of(cell).get("grade") and not rules_of(cell).get("solution")


def secret_lines(cells):
    """Lines of solutions and hidden tests that stand nowhere else in the source."""
    region = r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END"
    secret, shown = [], []
    for text in map(source_of, cells):
        secret += re.findall(region, text, flags=re.DOTALL)
        shown += re.split(region, text, flags=re.DOTALL)[::2]
    lines = {line.strip() for text in secret for line in text.splitlines()}
    return [line for line in lines if len(line) > 12 and line not in "\n".join(shown)]


# Every assignment of the course


@each_assignment
def test_the_committed_release_is_what_the_source_gives(chapter):
    files = student_files(chapter)
    committed = {
        path: path.read_bytes()
        for path in chapter.release.parent.rglob("*.*")
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    }
    changed = [p.name for p in files | committed if files.get(p) != committed.get(p)]
    assert not changed, f"run `make release N={chapter.slug.partition('_')[0]}`"


@each_assignment
def test_the_release_holds_no_solution_and_no_hidden_test(chapter):
    source = read_notebook(chapter.source)["cells"]
    cells = json.loads(student_files(chapter)[chapter.release])["cells"]
    assert [c["id"] for c in cells] == [c["id"] for c in source]
    text = "\n".join(map(source_of, cells))
    lines = secret_lines(source)
    for cell in source:  # model answers in words: the whole cell is one
        if rules_of(cell).get("solution") and cell["cell_type"] == "markdown":
            lines += filter(None, source_of(cell).splitlines())
    assert lines
    assert [line for line in lines if line in text] == []


def partial(chapter):
    """A submission with the first half of the graded functions solved; its points; all points."""
    solved = read_notebook(chapter.source)["cells"]
    cells = json.loads(student_files(chapter)[chapter.release])["cells"]
    checks = [i for i, cell in enumerate(solved) if is_automatic(cell)]
    half = checks[: len(checks) // 2]
    for i in range(max(half, default=0)):
        if rules_of(solved[i]).get("solution") and solved[i]["cell_type"] == "code":
            cells[i]["source"] = solved[i]["source"]
    points = {i: rules_of(solved[i])["points"] for i in checks}
    return toy.notebook(cells), sum(points[i] for i in half), sum(points.values())


@each_assignment
def test_a_partial_submission_gets_exactly_its_points(chapter, tmp_path):
    """The run itself proves that the instructor's notebook has all points, the release none."""
    root, inbox = tmp_path / "a course", tmp_path / "inbox"
    shutil.copytree(chapter.source.parent, root / "source" / chapter.slug)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    inbox.mkdir()
    data, points, of = partial(chapter)
    (inbox / "half.ipynb").write_bytes(data)
    with toy.at(root):
        run.grade(inbox, chapter.slug)
    row = rows_of(root, chapter.slug)["half"]
    assert (float(row["automatic"]), float(row["of automatic"])) == (points, of)
    assert points < of
    page = page_of(root, "half", chapter.slug)
    assert_inert(page)
    tests = filter(is_automatic, read_notebook(chapter.source)["cells"])
    assert [line for line in secret_lines(tests) if line in page] == []


# What stops a round leaves the last results as they were


@pytest.fixture
def campus(tmp_path):
    """The tiny course with results of an earlier round, which the test must not change."""
    root, inbox = tmp_path / "course", tmp_path / "inbox"
    toy.build(root)
    for name in ("scores/99_toy.csv", "feedback/Ana/99_toy/99_toy.html", "records/98_old.json"):
        path = root / "gradebook" / name
        path.parent.mkdir(parents=True)
        path.write_text("of an earlier round")
    inbox.mkdir()
    (inbox / "Ana.ipynb").write_bytes(toy.notebook(toy.answers()))
    before = fingerprint(root / "gradebook")
    with toy.at(root) as patch:
        yield SimpleNamespace(root=root, inbox=inbox, patch=patch)
    after = fingerprint(root / "gradebook")
    own = (".lock", "cache", f"records/{toy.SLUG}.json")  # what a run keeps for the next one
    assert {p: f for p, f in after.items() if not p.as_posix().startswith(own)} == before
    assert not (root / "gradebook" / ".grading").exists()


def rewrite(campus, **texts):
    """Put other texts into the source notebook's cells."""
    cells = toy.source()
    for cell in cells:
        cell["source"] = texts.get(cell["id"].replace("-", "_"), cell["source"])
    path = campus.root / "source" / toy.SLUG / f"{toy.SLUG}.ipynb"
    path.write_bytes(toy.notebook(cells))


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("triple", toy.TRIPLE.replace("3 * x", "4 * x"), "own notebook loses .* triple-unseen"),
        ("double_unseen", toy.EMPTY_TEST, "untouched release gets points in double-unseen"),
        ("triple", "import os\nos._exit(1)\n" + toy.TRIPLE, "own notebook loses .* triple-unseen"),
    ],
)
def test_tests_that_fail_on_a_canary_are_not_used(campus, name, text, sentence):
    rewrite(campus, **{name: text})
    with pytest.raises(Stop, match=sentence):
        run.grade(campus.inbox, "99")


def test_control_c(campus):
    def pressed(*_, **__):
        raise KeyboardInterrupt

    campus.patch.setattr(engine, "execute", pressed)
    with pytest.raises(Stop, match="Stopped by you"):
        run.grade(campus.inbox, "99")


def test_marks_given_while_the_round_ran(campus):
    def marks_given(*_):
        with contextlib.closing(sqlite3.connect(campus.root / "gradebook" / "gradebook.db")) as db:
            db.execute("CREATE TABLE marks (mark)")

    campus.patch.setattr(run, "prove", marks_given)
    campus.patch.setattr(engine, "execute", lambda *_, **__: iter(()))
    with pytest.raises(Stop, match="marks in formgrader"):
        run.grade(campus.inbox, "99")
    (campus.root / "gradebook" / "gradebook.db").unlink()


def test_two_rounds_at_a_time(campus):
    with gradebook.workplace() as work:
        with pytest.raises(Stop, match="Another grading run"):
            run.grade(campus.inbox, "99")
        assert work.exists()


def test_what_a_killed_round_left_is_cleared(campus):
    (campus.root / "gradebook" / ".grading" / "class").mkdir(parents=True)
    with gradebook.workplace() as work:
        assert not any(work.iterdir())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["SUBMISSIONS=nowhere"], "There is no folder or zip"),
        (["SUBMISSIONS={inbox}", "N=98"], "There is no chapter '98'"),
        (["SUBMISSIONS={root}/gradebook/feedback"], "Keep the submissions outside gradebook/"),
        (["N=99"], "Nothing of 99_toy was graded yet"),
    ],
)
def test_options_that_make_no_sense(campus, options, sentence):
    words = [option.format(root=campus.root, inbox=campus.inbox) for option in options]
    with pytest.raises(Stop, match=sentence) as stopped:
        main(["grade", *words])
    assert "\n" not in str(stopped.value)
