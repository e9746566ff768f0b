"""The made-up class: its catalogued answers run by themselves, and its files are of all kinds."""

import pytest

from autograder import course
from autograder.grading import demo, learners

CHAPTERS = {chapter.slug: chapter for chapter in course.assignments()}


@pytest.mark.parametrize("slug", CHAPTERS)
def test_a_catalogued_answer_is_a_cell_that_needs_nothing_else(slug):
    wrong = learners.wrong_cells(CHAPTERS[slug])
    assert wrong
    for cell, answers in wrong.items():
        for name, code in answers.items():
            names = {}
            assert "autograder" not in code
            exec(code, names)
            assert callable(names[code.rpartition("\n")[2].partition(" ")[0]]), (cell, name)


@pytest.mark.parametrize("slug", CHAPTERS)
def test_the_class_has_thirty_students_and_all_kinds_of_files(slug):
    rows = demo.submissions(CHAPTERS[slug])
    files = [data for _, _, handed_in in rows for data in handed_in.values()]
    assert len({who for who, *_ in rows}) == 30
    assert len(rows) == len(files) == 32
    assert {data[:3] for data in files} >= {b"", b"%PD", b"\xef\xbb\xbf", b"\xff\xfe{", b"PK\x03"}
    kinds = len(demo.hostile(demo.Maker(CHAPTERS[slug])))
    assert kinds >= 7
