"""submit FILE: one notebook at once, every attempt kept."""

import json
import shutil

import pytest
import toy_course as toy

from autograder import course
from autograder.__main__ import main
from autograder.course import Stop
from autograder.grading import gradebook, verbs

RIGHT = "def double(x):\n    return 2 * x"


@pytest.fixture
def campus(tmp_path):
    root = tmp_path / "a course"
    toy.build(root)
    release = root / "release" / toy.SLUG
    release.mkdir(parents=True)
    (release / f"{toy.SLUG}.ipynb").write_bytes(toy.notebook(toy.answers()))
    with toy.at(root):
        yield tmp_path


def hand_in(folder, name="Ana.ipynb", **texts):
    (folder / name).write_bytes(toy.notebook(toy.answers(**texts)))
    return str(folder / name)


def test_a_student_tries_again_and_the_best_attempt_counts(campus, capsys):
    gradebook.folder().mkdir()
    (gradebook.folder() / "grading.yml").write_text("attempts: best\n")
    main(["submit", hand_in(campus, double=RIGHT)])
    said = capsys.readouterr().out
    assert "Ana, 99_toy: 1 attempt\n" in said
    assert "     2 of 2  double-unseen" in said
    assert "     0 of 3  triple-unseen\n             ✗ This part is not written yet." in said
    main(["submit", hand_in(campus), "N=99", "STUDENT=Ana"])
    assert "Ana, 99_toy: 2 attempts\n     2 of 2" in capsys.readouterr().out
    assert toy.rows_of(course.ROOT, toy.SLUG)["Ana"]["total"] == "2"
    record = json.loads((gradebook.folder() / "records" / "99_toy.json").read_text())
    kept = [attempt["key"] for attempt in record["submissions"]["Ana"]["attempts"]]
    folder = gradebook.folder() / "attempts" / "Ana" / toy.SLUG
    assert sorted(kept) == sorted(path.stem for path in folder.iterdir())
    main(["submit", hand_in(campus, "Bo.ipynb", double=RIGHT)])
    assert toy.rows_of(course.ROOT, toy.SLUG).keys() == {"Ana", "Bo"}


def test_a_broken_file_gets_its_reason(campus, capsys):
    (campus / "Ana.ipynb").write_bytes(b"{")
    main(["submit", str(campus / "Ana.ipynb"), "N=99"])
    assert "Ana, 99_toy: 0 attempts; the notebook is cut short" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["submit"], "submit needs FILE="),
        (["submit", "nowhere.ipynb"], "There is no file nowhere.ipynb"),
        (["submit", "{other}"], "Which assignment is other.ipynb of"),
        (["grade", "SUBMISSIONS={other}", "WORKERS=many"], "WORKERS=many is no number"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(campus, words, sentence):
    other = campus / "other.ipynb"
    other.write_bytes(toy.notebook([toy.cell("code", "x", "1 + 1")]))
    with pytest.raises(Stop, match=sentence):
        main([word.format(other=other) for word in words])
    shutil.rmtree(gradebook.folder(), ignore_errors=True)


@pytest.mark.parametrize("path", ["none.ipynb", ".", "notes.bin"])
def test_the_early_start_leaves_a_wrong_file_to_others(tmp_path, monkeypatch, path):
    (tmp_path / "notes.bin").write_bytes(b"\xff torch")
    started = []
    monkeypatch.setattr(verbs, "early", started.append)
    verbs.start_early(tmp_path / path, None)
    assert started == (["\ufffd torch"] if path == "notes.bin" else [])
