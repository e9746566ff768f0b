"""Stored cases: numbers that a student's function is compared with, and their messages."""

import json
import subprocess
import sys

import pytest
import torch
from test_check import message, student

from chainrule import check, stored


def test_values_round_trip_through_json():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    value = [x, {"labels": torch.tensor([1, 2]), "mask": torch.tensor(True)}, 0.5, "a", None]
    back = stored.decode(json.loads(json.dumps(stored.encode(value))))
    assert torch.equal(back[0], x)
    assert (back[0].dtype, back[1]["labels"].dtype) == (torch.float32, torch.int64)
    assert back[1]["mask"].item() is True
    assert back[2:] == [0.5, "a", None]


@pytest.fixture
def written(tmp_path, monkeypatch):
    """One stored case: `halves` returns x / 2 and its sum; the sum is computed last."""
    x = torch.tensor([2.0, 4.0, 8.0])
    wrong = {"answers": [x * 2, x.sum() * 2], "likely": "x is doubled", "try": "divide by 2"}
    wrong["answers"] = stored.encode(wrong["answers"])
    example = {"idea": "even numbers", "args": stored.encode([x]), "wrong": [wrong]}
    example["expected"] = stored.encode([x / 2, x.sum() / 2])
    case = {"function": "halves", "returns": ["half", "total"], "order": [0, 1], "atol": 1e-4}
    (tmp_path / "00_test").mkdir()
    path = tmp_path / "00_test" / "halves.json"
    path.write_text(json.dumps(case | {"examples": [example]}))
    monkeypatch.setattr(stored, "CASES", tmp_path)
    return "00_test/halves"


def test_a_case_passes_and_says_what_it_saw(written, capsys):
    check.case(lambda x: (x / 2, x.sum() / 2), written)
    assert capsys.readouterr().out == "✓ halves: even numbers\n"


def test_a_case_stops_at_the_first_mistake(written):
    assert message(check.case, lambda x: (x * 2, x.sum() * 2), written) == [
        "✗ halves: half (even numbers)",
        "  expected [1.0, 2.0, 4.0]",
        "  got      [4.0, 8.0, 16.0]",
        "  likely   x is doubled",
        "  try      divide by 2",
    ]
    lines = message(check.case, lambda x: (x / 2, x.sum()), written)
    assert lines[:3] == ["✗ halves: total (even numbers)", "  expected 7", "  got      14"]


def test_a_case_counts_the_returned_values(written):
    lines = message(check.case, lambda x: x / 2, written)
    assert lines == ["✗ halves returns 1 value(s), not 2", "  expected (half, total)"]
    lines = message(check.case, lambda x: None, written)
    assert lines[2] == "  likely   a missing return"


def test_a_case_that_does_not_ship():
    with pytest.raises(FileNotFoundError, match="no case '00_test/none' in this version"):
        check.case(student, "00_test/none")


def test_a_notebook_shows_the_message_and_no_traceback():
    pytest.importorskip("IPython")
    code = "from chainrule import check; raise check.mistake('y', expected=1, got=2)"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "IPython",
            "--no-banner",
            "--no-term-title",
            "--colors=NoColor",
            "-c",
            code,
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stdout.strip() == "✗ y\n  expected 1\n  got      2"


def test_choices_give_the_reason_against_the_letter(written, capsys):
    letters = {"A": "", "B": "the loss would rise", "C": "that is the learning rate"}
    case = {"function": "predict", "choices": {"q1": letters}, "try": "read the loop again"}
    (stored.CASES / "00_test" / "predict.json").write_text(json.dumps(case))
    assert message(check.choices, {"q1": "b"}, "00_test/predict") == [
        "✗ predict: question q1 is not B",
        "  likely   the loss would rise",
        "  try      read the loop again",
    ]
    assert message(check.choices, {}, "00_test/predict") == [
        "✗ predict: question q1 has no answer yet",
        "  expected one letter of A, B, C",
    ]
    check.choices({"q1": " a "}, "00_test/predict")
    assert capsys.readouterr().out == "✓ predict: q1\n"


def test_a_mistake_that_an_earlier_example_rules_out_is_not_named():
    def absolute(x, k):  # right on the first example; on the second it equals two known mistakes
        x = x - x.mean(0)
        components = torch.linalg.svd(x, full_matrices=False)[2][:k].abs()
        scores = x @ components.T
        return components, scores.var(0), scores

    lines = message(check.case, absolute, "02_math_you_need/pca")
    assert lines[0] == "✗ pca: components (a falling line)"
    assert "made positive" in lines[3]
    assert "rows of V" not in lines[3]


def test_a_list_in_place_of_a_tensor_is_told_how_to_become_one(written):
    lines = message(check.case, lambda x: (list(x / 2), x.sum() / 2), written)
    assert "torch.stack of a list of tensors" in lines[-1]
