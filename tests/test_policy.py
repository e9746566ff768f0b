"""Which attempt counts, what lateness costs, and grading all attempts again."""

import csv
import json
import os
import re
from datetime import datetime
from types import SimpleNamespace

import pytest
import toy_course as toy
from toy_course import page_of, rows_of

from autograder.course import Stop
from autograder.grading import attempts, intake, policy, run

DOUBLED = "def double(x):\n    return 2 * x"
TRIPLED = "def triple(x):\n    return 3 * x"
DUE = datetime(2026, 10, 14, 23, 59).timestamp()
HOUR, DAY = 3600, 24 * 3600


def rules_of(root, text):
    (root / "gradebook").mkdir(exist_ok=True)
    (root / "gradebook" / "grading.yml").write_text(text, encoding="utf-8")
    with toy.at(root):
        return policy.read(toy.SLUG)


def test_without_a_file_the_last_attempt_counts_and_nothing_is_late(tmp_path):
    with toy.at(tmp_path):
        rules = policy.read(toy.SLUG)
    assert (rules.attempts, rules.penalty("Ana", DUE)) == ("last", 0)


LATE = """\
late: 10
due:
  99_toy: 2026-10-14 23:59
  98_old: 2026-01-01
extensions:
  Bo: {99_toy: 2026-10-16 23:59:00}
"""


@pytest.mark.parametrize(
    ("student", "after", "days", "percent"),
    [
        ("Ana", -HOUR, 0, 0),
        ("Ana", 59, 0, 0),
        ("Ana", 2 * 60, 1, 10),
        ("Ana", DAY + HOUR, 2, 20),
        ("Ana", 30 * DAY, 30, 100),
        ("Bo", DAY, 0, 0),
        ("Bo", 2 * DAY + HOUR, 1, 10),
    ],
)
def test_late_days_and_what_they_cost(tmp_path, student, after, days, percent):
    rules = rules_of(tmp_path, LATE)
    when = DUE + after
    assert (rules.days_late(student, when), rules.penalty(student, when)) == (days, percent)


def test_who_has_no_time_is_not_late(tmp_path):
    assert rules_of(tmp_path, LATE).penalty("Ana", None) == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("attempts: newest", "attempts is 'newest', not last, best, first"),
        ("late: much", "late is 'much', not a number of percent"),
        ("late: -5", "late is -5, not a number of percent"),
        ("late: yes", "late is True, not a number of percent"),
        ("due: 2026-10-14", "due is .*; write one name and its time on each line"),
        ("due:\n  99_toy: soon", "due, 99_toy is 'soon', not a time such as"),
        ("due:\n  99_toy: 9", "due, 99_toy is 9, not a time such as"),
        ("extensions:\n  Ana: {99_toy: x}", "extensions of Ana, 99_toy is 'x'"),
        ("deadline: 1", "deadline is no rule; the rules are attempts, due"),
        ("- attempts", "no rule"),
        ("late: [", "it is not YAML"),
    ],
)
def test_a_rule_that_cannot_be_one_is_named(tmp_path, text, sentence):
    with pytest.raises(Stop, match=sentence) as stopped:
        rules_of(tmp_path, text)
    assert "\n" not in str(stopped.value)


EVERY = [{"key": k, "file": k, "time": DUE + t} for k, t in (("a", -2), ("b", -1), ("c", 2 * HOUR))]


@pytest.mark.parametrize(
    ("kind", "scores", "counts"),
    [
        ("first", {}, "a"),
        ("last", {}, "c"),
        ("best", {"a": 2, "b": 3, "c": 1}, "b"),
        ("best", {"a": 2, "b": 2, "c": 2}, "b"),  # equal points: the newest that is not late
        ("best", {"a": 4, "b": 4, "c": 5}, "c"),  # 5 less a tenth is 4.5
        ("best", {"a": 4.6, "b": 4, "c": 5}, "a"),
        ("best", {}, "b"),
    ],
)
def test_the_attempt_that_counts(tmp_path, monkeypatch, kind, scores, counts):
    rules = rules_of(tmp_path, f"attempts: {kind}\n{LATE}")
    graded = {("Ana", key): points for key, points in scores.items()}
    monkeypatch.setattr(attempts, "try_all", lambda *_: graded)
    chosen = attempts.choose(None, None, toy.SLUG, {"Ana": EVERY}, rules, None)
    assert chosen["Ana"]["key"] == counts


def test_the_same_file_again_is_no_new_attempt_and_its_first_time_counts(tmp_path):
    with toy.at(tmp_path / "empty"):
        one = [intake.Attempt("x.ipynb", 50.0, b"a"), intake.Attempt("y.ipynb", 60.0, b"b")]
        known = attempts.keep(tmp_path, toy.SLUG, "Ana", [], one)
        again = [intake.Attempt("z.ipynb", 40.0, b"b"), intake.Attempt("z.ipynb", None, b"a")]
        known = attempts.keep(tmp_path, toy.SLUG, "Ana", known, again)
    assert [(a["file"], a["time"]) for a in known] == [("y.ipynb", 40.0), ("x.ipynb", 50.0)]
    assert len(list((tmp_path / "gradebook" / "attempts" / "Ana" / toy.SLUG).iterdir())) == 2


# Rounds in turn: two attempts, a late one, a mended test


@pytest.fixture(scope="module")
def campus(tmp_path_factory):
    """Ana handed in better work first, Bo too late; the best counts."""
    root, inbox = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("inbox")
    toy.build(root)
    (root / "gradebook").mkdir()
    (root / "gradebook" / "grading.yml").write_text(f"attempts: best\n{LATE}", encoding="utf-8")
    lines = {"Ana/old.ipynb": toy.answers(double=DOUBLED, triple=TRIPLED)}
    lines |= {"Ana/new.ipynb": toy.answers(triple=TRIPLED), "Cy/x.ipynb": []}
    lines |= {"ngdi_77_88_x.ipynb": toy.answers(double=DOUBLED, why="Words.")}
    for i, (name, cells) in enumerate(lines.items()):
        path = inbox / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(toy.notebook(cells))
        late = DAY + HOUR if "ngdi" in name else i
        os.utime(path, (DUE + late, DUE + late))
    with toy.at(root):
        run.grade(inbox, "99")
    return SimpleNamespace(root=root, first=rows_of(root, toy.SLUG))


def record_of(root):
    return json.loads((root / "gradebook" / "records" / "99_toy.json").read_text())["submissions"]


def test_the_best_attempt_counts_and_lateness_costs(campus):
    row = campus.first["Ana"]
    assert (row["submission"], row["total"], row["percent off"]) == ("Ana/old.ipynb", "5", "0")
    row = campus.first["ngdi_77"]
    assert (row["automatic"], row["days late"], row["total"]) == ("2", "2", "1.6")
    page = page_of(campus.root, "ngdi_77", toy.SLUG)
    assert "Handed in 2 days late: 20 % of the points are taken off." in page


def test_who_could_not_be_graded_has_a_page_with_the_reason(campus):
    page = page_of(campus.root, "Cy", toy.SLUG)
    toy.assert_inert(page)
    assert "none of the assignment's exercises are in it" in page
    assert "0 of 7.5 points" in page


def test_the_table_for_canvas(campus):
    text = (campus.root / "gradebook" / "scores" / "99_toy_canvas.csv").read_text("utf-8-sig")
    apart = ("99_toy", "99_toy automatic", "99_toy by hand", "99_toy waits to be read")
    assert list(csv.reader(text.splitlines())) == [
        ["Student", "ID", "SIS Login ID", "Section", *apart],
        ["    Points Possible", "", "", "", "7.5", "5", "2.5", "2.5"],
        ["Ana", "", "", "", "5", "5", "0", "0"],
        ["Cy", "", "", "", "0", "0", "0", "0"],
        ["ngdi", "77", "", "", "", "2", "0", "2.5"],  # an answer waits: no total yet
    ]


def test_the_data(campus):
    text = (campus.root / "gradebook" / "scores" / "99_toy.json").read_text(encoding="utf-8")
    rows = {row["student"]: row for row in json.loads(text)["submissions"]}
    assert (rows["ngdi_77"]["automatic"], rows["ngdi_77"]["pending"]) == (2, 2.5)
    assert rows["ngdi_77"]["parts"]["why"] == {
        "points": 0, "of": 2.5, "by_hand": True, "pending": True
    }  # fmt: skip
    verdicts = {v["grade_id"]: v for v in rows["ngdi_77"]["outcome"]["verdicts"]}
    assert verdicts["triple-unseen"]["message"] == "✗ This part is not written yet."


def test_the_instructor_s_page(campus):
    page = (campus.root / "gradebook" / "scores" / "99_toy.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|\son\w+=|https?:|url\(|@import", page)
    for text in (
        "3 submissions",
        "No answer that was written failed a check.",
        "feedback/Ana/99_toy/",
    ):
        assert text in page
    assert "Not isolated" in page or "Limits that were held" in page


def test_a_mended_test_and_another_rule_count_for_all_attempts(campus):
    path = campus.root / "source" / toy.SLUG / f"{toy.SLUG}.ipynb"
    before = path.read_text()
    path.write_text(before.replace("assert double(-seed) == -2 * seed", "assert double(0) == 0"))
    (campus.root / "gradebook" / "grading.yml").write_text("attempts: last", encoding="utf-8")
    with toy.at(campus.root):
        run.grade(n="99", regrade="1")
    rows = rows_of(campus.root, toy.SLUG)
    assert (rows["Ana"]["submission"], rows["Ana"]["total"]) == ("Ana/new.ipynb", "3")
    assert (rows["ngdi_77"]["total"], rows["Cy"]["total"]) == ("2", "0")
    assert rows["Cy"]["note"] == campus.first["Cy"]["note"]
    assert len(record_of(campus.root)["Ana"]["attempts"]) == 2
