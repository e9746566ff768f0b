"""make release: the same bytes each time, and no faulty source notebook gets through."""

import re

import pytest
import toy_course as toy
from toy_course import fingerprint

from autograder.authoring import release
from autograder.course import Stop


def without(cells, key):
    del cells[3]["metadata"]["nbgrader"][key]


def doubled(cells):
    cells[5]["metadata"]["nbgrader"]["grade_id"] = "double-unseen"


def text_of(number, text):
    return lambda cells: cells[number].update(source=text)


FAULTS = {
    "graded but has no points": lambda cells: without(cells, "points"),
    "has no grade_id": lambda cells: without(cells, "grade_id"),
    "'double-unseen' is used twice": doubled,
    "stands outside ### BEGIN SOLUTION": text_of(1, "def double(x):\n    return 2 * x"),
    "not marked as a solution cell": text_of(2, toy.DOUBLE),
    "hidden tests but is not graded": text_of(2, toy.EMPTY_TEST),
    "no BEGIN or no END": text_of(1, toy.DOUBLE.replace("### END SOLUTION", "")),
    "'from autograder' would stand in the student's": text_of(2, "from autograder import course"),
    "no cell that nbgrader knows": lambda cells: cells.__delitem__(slice(1, None)),
}


@pytest.mark.parametrize(("sentence", "change"), FAULTS.items(), ids=FAULTS)
def test_a_faulty_source_is_not_released(tmp_path, sentence, change):
    cells = toy.source()
    change(cells)
    chapter = toy.build(tmp_path, cells)
    with toy.at(tmp_path):
        with pytest.raises(Stop, match=re.escape(sentence)) as stopped:
            release.release("99")
        assert f"source/{toy.SLUG}/{toy.SLUG}.ipynb" in str(stopped.value)
        assert not chapter.release.exists()


def test_release_is_the_same_bytes_again_and_clears_old_files(tmp_path):
    chapter = toy.build(tmp_path)
    with toy.at(tmp_path):
        release.release("99")
        first = fingerprint(tmp_path / "release")
        (chapter.release.parent / "old.png").write_bytes(b"x")
        release.release()
    assert fingerprint(tmp_path / "release") == first
    assert not (tmp_path / "gradebook").exists()
