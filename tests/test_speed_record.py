"""The record of make speed: of the code as it is, below no bar, and on the instructor's page."""

import json

import pytest

from autograder.authoring import speed

if not speed.RECORD.exists():
    pytest.skip("there is no record yet: make speed writes it", allow_module_level=True)
RECORD = json.loads(speed.RECORD.read_text("utf-8"))


def test_the_record_belongs_to_the_code_as_it_is():
    assert RECORD["code"] == speed.code_hash(), "run `make speed COURSE=make_course.py`"


@pytest.mark.parametrize("row", speed.ROWS)
def test_no_bar_is_missed(row):
    assert speed.verdict(row, RECORD) != "missed"


def test_the_page_shows_what_was_measured():
    page = speed.PAGE.read_text("utf-8")
    assert speed.with_sizes(page, RECORD) == page


def test_the_table_has_every_row():
    lines = speed.table(RECORD).splitlines()
    assert len(lines) == 1 + len(speed.ROWS)
    assert all(line.split()[-1] in ("reached", "computer", "missed") for line in lines[1:])
