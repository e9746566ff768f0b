"""kill -9 at any moment: the next run goes on, with the same grades, each once."""

import random

import killing
import psutil
import pytest
import toy_course as toy

MOMENTS = 50


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """The folder, and the grades and the seconds of a round that nobody kills."""
    folder = tmp_path_factory.mktemp("killed")
    killing.prepare(folder)
    grades, seconds = killing.finish(folder, "usual")
    totals = {s: row["total"] for s, row in toy.rows_of(folder / "usual", toy.SLUG).items()}
    return folder, grades, totals, seconds


@pytest.mark.parametrize("part", range(MOMENTS))
def test_a_killed_round_goes_on(usual, part):
    folder, grades, totals, seconds = usual
    moment = (part + random.random()) / MOMENTS * seconds
    print(f"killed after {moment:.2f} of {seconds:.2f} s")
    assert killing.killed(folder, f"part {part}", moment) == (grades, totals, len(totals))


def test_nothing_is_left_behind(usual):
    folder, *_ = usual
    assert not [p for p in psutil.process_iter(["cmdline"])
                if str(folder) in " ".join(p.info["cmdline"] or [])]  # fmt: skip
