"""One round of the tiny assignment: table, feedback, marks by hand, formgrader."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest
import toy_course as toy
from nbgrader.api import Gradebook
from toy_course import assert_inert, fingerprint, page_of, rows_of

from autograder.course import Stop
from autograder.grading import run

HOSTILE = """Because <script>alert(1)</script> <img src=https://x.example/1.png onerror=alert(2)>
[here](javascript:alert(3)) <iframe src="//x.example"></iframe> <svg onload=alert(4)>
![p](https://x.example/2.png) <b style="background:url(//x.example/3)">twice</b> **as much**

### So"""
DOUBLED = "def double(x):\n    return 2 * x"
ENDLESS = "import time\n\ndef triple(x):\n    while True:\n        time.sleep(0.1)"
SPY = """from IPython.display import HTML, Javascript, display
display(HTML("<script>alert(5)</script>"), Javascript("alert(6)"))
print(In)"""


def submissions():
    right = {"double": DOUBLED, "triple": "def triple(x):\n    return 3 * x"}
    spy = toy.answers(**right)
    spy.append(toy.cell("code", "spy", SPY))
    return {
        "Teacher/99_toy.ipynb": toy.notebook(toy.CELLS),
        "Half/x.ipynb": toy.notebook(toy.answers(double=DOUBLED, why=HOSTILE)),
        "Blank/x.ipynb": toy.notebook(toy.answers()),
        "Spy/x.ipynb": toy.notebook(spy),
        "Loop/x.ipynb": toy.notebook(toy.answers(double=DOUBLED, triple=ENDLESS)),
        "Crash/x.ipynb": toy.notebook(toy.answers(double="import os\nos._exit(1)")),
        "=1+1_1_assignsubmission_file_/=cmd.ipynb": b"",
        "Text/x.txt": b"I was ill.",
    }


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The tiny course after one round."""
    root, inbox = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("inbox")
    toy.build(root)
    with (root / "nbgrader_config.py").open("a") as settings:
        settings.write("c.Execute.timeout = 8\n")
    for name, data in submissions().items():
        (inbox / name).parent.mkdir()
        (inbox / name).write_bytes(data)
    before = fingerprint(inbox)
    with toy.at(root):
        run.grade(inbox, "99")
    assert fingerprint(inbox) == before
    return SimpleNamespace(root=root, rows=rows_of(root, toy.SLUG))


@pytest.mark.parametrize(
    ("student", "automatic", "pending"),
    [
        ("Teacher", 5, 2.5),
        ("Half", 2, 2.5),
        ("Blank", 0, 0),
        ("Spy", 5, 0),
        ("Loop", 2, 0),
        ("Crash", 0, 0),
    ],
)
def test_points(graded, student, automatic, pending):
    row = graded.rows[student]
    assert float(row["automatic"]) == float(row["total"]) == automatic
    assert float(row["waits to be read"]) == pending
    assert (row["of automatic"], row["of by hand"], row["of"]) == ("5", "2.5", "7.5")
    assert row["why"] == ("" if pending else "0")


def test_who_could_not_be_graded_has_a_row_with_the_reason(graded):
    notes = {student: row["note"] for student, row in graded.rows.items() if row["note"]}
    assert notes.keys() == {"1_1_1", "Text"}
    assert notes["1_1_1"] == "the file is empty"
    assert notes["Text"] == "the file is not a notebook"


def test_the_table_is_safe_in_a_spreadsheet(graded):
    assert graded.rows["1_1_1"]["submission"].startswith("'=1+1")
    text = (graded.root / "gradebook" / "scores" / "99_toy.csv").read_text(encoding="utf-8-sig")
    assert all(re.fullmatch(r'("[^"]*",)*"[^"]*"', line) for line in text.splitlines())


@pytest.mark.parametrize("student", ["Teacher", "Half", "Blank", "Spy"])
def test_feedback_is_inert_and_tells_no_test(graded, student):
    page = page_of(graded.root, student, toy.SLUG)
    assert_inert(page)
    assert "secret" not in page
    assert "alert(5)" not in page
    assert "In[" not in page


def test_feedback_shows_work_points_and_messages(graded):
    page = page_of(graded.root, "Half", toy.SLUG)
    assert "return 2 * x" in page
    assert "2 of 7.5 points; answers worth 2.5 wait to be read" in page
    assert "double-unseen: 2 of 2" in page
    assert "✓ passed" in page
    assert "✗ This part is not written yet." in page
    assert "twice <strong>as much</strong>" in page
    assert "<h3>So</h3>" in page
    assert "✗ The check took too long." in page_of(graded.root, "Loop", toy.SLUG)


def test_marks_given_by_hand_reach_table_and_page_and_outlast_a_bad_file(graded, tmp_path, capsys):
    root = tmp_path / "course"
    shutil.copytree(graded.root, root)
    with Gradebook(f"sqlite:///{root}/gradebook/gradebook.db") as book:  # as formgrader does
        book.find_grade("why", toy.SLUG, toy.SLUG, "Half").manual_score = 1.5
        book.find_comment("why", toy.SLUG, toy.SLUG, "Half").manual_comment = "<b>Good</b>"
        book.db.commit()
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "Half.ipynb").write_bytes(b"")
    seed = json.loads((root / "gradebook" / "records" / "99_toy.json").read_text())["seed"]
    with toy.at(root):
        run.grade(n="99")
        row = rows_of(root, toy.SLUG)["Half"]
        assert (row["total"], row["by hand"], row["waits to be read"]) == ("3.5", "1.5", "0")
        assert "Comment:</strong> &lt;b&gt;Good" in page_of(root, "Half", toy.SLUG)
        run.grade(tmp_path / "inbox", "99")
    rows = rows_of(root, toy.SLUG)
    assert rows.keys() == graded.rows.keys()
    assert rows["Half"]["total"] == "3.5"
    assert rows["Half"]["note"] == "the file is empty" + run.EARLIER
    assert json.loads((root / "gradebook" / "records" / "99_toy.json").read_text())["seed"] == seed
    assert "Half: the file is empty" in capsys.readouterr().out


def test_graded_cells_cannot_be_renamed_under_the_marks(graded, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(graded.root, root)
    path = root / "source" / toy.SLUG / f"{toy.SLUG}.ipynb"
    path.write_text(path.read_text().replace("triple-unseen", "other-unseen"))
    (tmp_path / "Half.ipynb").write_bytes(toy.notebook(toy.answers()))
    before = fingerprint(root / "gradebook")
    with toy.at(root), pytest.raises(Stop, match="Give the cells their old names back"):
        run.grade(shutil.make_archive(tmp_path / "inbox", "zip", tmp_path, "Half.ipynb"), "99")
    assert fingerprint(root / "gradebook") == before


# Formgrader


@pytest.fixture
def formgrader(graded):
    """The address of formgrader in a running JupyterLab, to which "?token" is added."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", f"--port={port}"]
    command += ["--ServerApp.token=secret", "--ServerApp.port_retries=0", "--allow-root"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=graded.root, **quiet) as server:
        yield f"http://127.0.0.1:{port}/formgrader"
        server.terminate()


def fetch(address):
    """The text of a page; a server that is still starting is asked again."""
    for _ in range(300):
        try:
            request = urllib.request.Request(address, headers={"Authorization": "token secret"})
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.URLError:
            time.sleep(0.2)
    raise TimeoutError(address)


@pytest.mark.slow
def test_formgrader_opens_on_the_course(formgrader):
    assert "nbgrader formgrade" in fetch(formgrader)
    [assignment] = json.loads(fetch(f"{formgrader}/api/assignments"))
    assert (assignment["name"], assignment["max_score"]) == (toy.SLUG, 7.5)
    answers = json.loads(fetch(f"{formgrader}/api/submitted_notebooks/{toy.SLUG}/{toy.SLUG}"))
    by_student = {answer["student"]: answer for answer in answers}
    assert by_student["Half"]["needs_manual_grade"]
    assert not by_student["Blank"]["needs_manual_grade"]
    page = fetch(f"{formgrader}/submissions/{by_student['Half']['id']}/")
    assert "as much" in page
    assert not re.search(r"<script>alert|onerror|onload|<iframe", page)
