"""The records of long runs: each is what the code as it is would write."""

import json

import pytest

from autograder.authoring import figures
from autograder.course import ROOT, Stop, chapters

SCRIPT = """\"\"\"A record for a test.\"\"\"
import json
from pathlib import Path

RECORD = Path(__file__).parent / "{number}_toy.json"


def code_hash():
    return "{code}"


def main():
    print("toy run")
    RECORD.write_text(json.dumps({{"code": code_hash()}}))


if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("script", figures.scripts(), ids=lambda script: script.stem)
def test_every_record_belongs_to_the_code_as_it_is(script):
    assert figures.is_current(script), f"run `make figures N={script.stem[2:4]}`"


def test_every_record_has_its_script_and_its_lesson():
    made = {figures.load(script).RECORD for script in figures.scripts()}
    assert made == set((ROOT / "figures").glob("[0-9p]*.json"))
    assert {path.stem for path in made} <= {chapter.slug for chapter in chapters()}


@pytest.fixture
def toys(tmp_path, monkeypatch):
    """A course with the records of chapters 97 (up to date) and 98 (stale)."""
    monkeypatch.setattr(figures, "ROOT", tmp_path)
    folder = tmp_path / "figures"
    folder.mkdir()
    for number in ("97", "98"):
        text = SCRIPT.format(number=number, code="new")
        (folder / f"ch{number}_toy.py").write_text(text, encoding="utf-8")
    (folder / "97_toy.json").write_text('{"code": "new", "by": "an earlier run"}')
    (folder / "98_toy.json").write_text('{"code": "old"}')
    return folder


def test_only_stale_records_are_made_again(toys, capsys):
    figures.figures()
    assert "1 of 2 records made" in capsys.readouterr().out
    assert json.loads((toys / "98_toy.json").read_text()) == {"code": "new"}
    assert "by" in json.loads((toys / "97_toy.json").read_text())


@pytest.mark.parametrize("broken", ["", "[1, 2", '{"seeds": []}'])
def test_a_broken_record_is_stale(toys, broken):
    (toys / "98_toy.json").write_text(broken)
    assert not figures.is_current(toys / "ch98_toy.py")


def test_a_record_that_is_asked_for_is_made_in_any_case(toys):
    figures.figures("97")
    assert json.loads((toys / "97_toy.json").read_text()) == {"code": "new"}
    assert json.loads((toys / "98_toy.json").read_text()) == {"code": "old"}


def test_what_goes_wrong_is_one_sentence(toys):
    with pytest.raises(Stop, match=r"belongs to chapter 5\. There are: 97, 98\."):
        figures.figures("5")
    (toys / "ch98_toy.py").write_text(SCRIPT.format(number="98", code="x") + "raise OSError(7)\n")
    (toys / "98_toy.json").unlink()
    with pytest.raises(Stop, match=r"figures/ch98_toy\.py failed: OSError: 7\."):
        figures.figures("98")
