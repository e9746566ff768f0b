"""The messages of the checks: at most five lines, no traceback, never a guess."""

import re
import sys
import warnings

import numpy as np
import pytest
import torch

from chainrule import check


def message(function, *args, **kwargs):
    """The lines of the Mistake that a call raises."""
    with pytest.raises(check.Mistake) as caught:
        function(*args, **kwargs)
    lines = str(caught.value).splitlines()
    assert len(lines) <= 5
    assert lines[0].startswith("✗ ")
    assert all(re.match(r"  (expected|got     |likely  |try     ) \S", line) for line in lines[1:])
    assert caught.value._render_traceback_() == [str(caught.value)]
    return lines


def student(x):
    raise NotImplementedError()


def test_a_function_that_is_not_written():
    assert message(check.call, student, torch.zeros(2)) == [
        "✗ student is not written yet",
        "  try      replace `raise NotImplementedError()`, here or in a function that it calls",
    ]


def test_a_function_that_stops():
    # torch refuses with a NotImplementedError of its own: that is not an unwritten function
    assert (
        "stopped with NotImplementedError"
        in message(check.call, lambda z: z.max(), torch.zeros(2, dtype=torch.complex64))[0]
    )

    def multiply(x, w):
        return x @ w

    lines = message(check.call, multiply, torch.zeros(2, 3), w=torch.zeros(2, 3))
    assert lines[0].startswith("✗ multiply stopped with RuntimeError: mat1 and mat2 shapes")
    assert lines[1] == "  got      inputs of shape (2, 3), of shape (2, 3)"
    assert "print every .shape" in lines[2]
    assert "SystemExit" in message(check.call, lambda: sys.exit(1))[0]


def test_a_hidden_check_does_not_quote_the_error_or_the_inputs():
    def leak(x, secret):
        raise ValueError(f"the inputs are {x.tolist()} and {secret}")

    lines = message(check.call, leak, torch.tensor([42.0]), "word", reveal=False)
    assert "42" not in "".join(lines)
    assert "word" not in "".join(lines)


def test_inputs_that_are_changed():
    def subtract(x, rows):
        x -= 1
        return x

    x = torch.ones(2)
    assert message(check.call, subtract, x, []) == [
        "✗ subtract changed its inputs",
        "  likely   an in-place step such as `x -= ...`, `x[...] = ...` or `x.sort()`",
        "  try      write `x = x - ...`, or work on a copy: x.clone(), list(x)",
    ]
    assert message(check.call, subtract, x, rows=[])[0] == "✗ subtract changed its inputs"
    assert x.tolist() == [1, 1]  # the student got a copy
    append = lambda x, rows: rows.append(x)
    assert "changed its inputs" in message(check.call, append, x, rows=[1])[0]


@pytest.mark.parametrize(
    ("change", "value"),
    [
        (lambda x: x.reverse(), [1, 2, 3]),
        (lambda x: x.sort(), ["b", "a"]),
        (lambda x: x[0].reverse(), [[1, 2], [3, 4]]),
        (lambda x: x.update(a=2), {"a": 1}),
        (lambda x: x.add(2), {1}),
        (lambda x: x.__setitem__(0, None), [0.5]),
        (lambda x: x.__setitem__(0, 1.0), [torch.ones(2)]),
        (lambda x: x.__setitem__(0, 0.0), torch.tensor([float("nan"), 1])),
        (lambda x: x.unsqueeze_(0), torch.ones(2)),
    ],
)
def test_every_kind_of_change_is_seen(change, value):
    assert message(check.call, change, value)[0] == "✗ <lambda> changed its inputs"


def test_inputs_that_are_left_alone_pass():
    values = [float("nan"), torch.tensor([float("nan"), float("inf")]), None, [True, "a"], {1}, len]
    assert check.call(lambda x: 5, values) == 5
    assert check.call(lambda x: 5, torch.nn.Parameter(torch.ones(2))) == 5


def test_gradients_flow_through_a_call():
    x = torch.tensor([3.0], requires_grad=True)
    (slope,) = torch.autograd.grad(check.call(lambda x: x**2, x), x)
    assert slope.item() == 6
    assert check.call(lambda x: x**2, 2 * x).item() == 36


def test_stderr_and_warnings_of_a_student_are_swallowed(capfd):
    def talkative(x):
        print("to stderr", file=sys.stderr)
        warnings.warn("a warning of the student", stacklevel=1)
        return x

    assert check.call(talkative, 3) == 3
    assert capfd.readouterr().err == ""


WRONG = [
    (torch.tensor([[1.0, 2.0], [3.0, 5.0]]), "the bias is added twice", "add b once"),
    (torch.tensor([1.0, 2.0]), "the second row is lost", "keep the batch axis"),
]
RIGHT = torch.tensor([[1.0, 2.0], [3.0, 4.0]])


def test_a_known_wrong_answer_is_named():
    assert message(check.compare, "layer: y", WRONG[0][0], RIGHT, WRONG) == [
        "✗ layer: y",
        "  expected row 1: [3.0, 4.0]",
        "  got      row 1: [3.0, 5.0]",
        "  likely   the bias is added twice",
        "  try      add b once",
    ]
    lines = message(check.compare, "layer: y", WRONG[1][0], RIGHT, WRONG)
    assert lines[:3] == ["✗ layer: y: shape", "  expected (2, 2)", "  got      (2,)"]
    assert lines[3] == "  likely   the second row is lost"


def test_an_unknown_wrong_answer_is_not_guessed_at():
    lines = message(check.compare, "layer: y", RIGHT + 0.5, RIGHT, WRONG)
    assert not any("likely" in line for line in lines)
    lines = message(check.compare, "layer: y", RIGHT[0, :1], RIGHT, WRONG)
    assert not any("likely" in line for line in lines)


def test_two_mistakes_with_one_answer_are_both_named():
    twin = (WRONG[0][0], "the input is shifted", "do not shift x")
    lines = message(check.compare, "layer: y", WRONG[0][0], RIGHT, [*WRONG, twin])
    assert lines[3:] == [
        "  likely   the bias is added twice; or: the input is shifted",
        "  try      add b once; or: do not shift x",
    ]


def test_right_answers_pass():
    check.compare("y", RIGHT + 1e-6, RIGHT, WRONG)
    check.compare("y", RIGHT.double(), RIGHT)
    check.compare("y", RIGHT.clone().requires_grad_(), RIGHT)
    check.compare("y", 2, torch.tensor(2.0))
    check.compare("y", np.float32(0.5), 0.5)
    check.compare("y", torch.tensor([float("inf")]), torch.tensor([float("inf")]))
    check.compare("y", torch.tensor([float("nan")]), torch.tensor([float("nan")]))
    check.compare("y", True, True)
    check.compare("y", None, None)
    check.compare("y", "relu", "relu")


def test_not_a_number():
    got = torch.tensor([[1.0, float("nan")], [3.0, 4.0]])
    lines = message(check.compare, "loss: y", got, RIGHT)
    assert lines[0] == "✗ loss: y: not a number (NaN)"
    assert "log of 0" in lines[1]


def test_a_missing_not_a_number_is_shown_where_it_should_be():
    expected = torch.tensor([[1.0, 2.0], [3.0, float("nan")]])
    lines = message(check.compare, "y", RIGHT, expected)
    assert lines[1:3] == ["  expected row 1: [3.0, nan]", "  got      row 1: [3.0, 4.0]"]


@pytest.mark.parametrize(
    ("got", "shown"),
    [
        (None, "  got      NoneType None"),
        ([[1.0, 2.0], [3.0, 4.0]], "  got      list [[1.0, 2.0], [3.0, 4.0]]"),
        (np.zeros((2, 2)), "  got      ndarray array([[0., 0.], [0., 0.]])"),
    ],
)
def test_the_wrong_kind_of_answer(got, shown):
    lines = message(check.compare, "y", got, RIGHT)
    assert lines[1:3] == ["  expected a tensor of shape (2, 2)", shown]
    assert lines[3].endswith("a missing return" if got is None else "a return of something else")


def test_a_number_and_its_shape():
    assert message(check.compare, "loss", torch.tensor([0.5, 0.5]), 0.5)[1:3] == [
        "  expected ()",
        "  got      (2,)",
    ]
    assert message(check.compare, "loss", 0.25, 0.5)[1:3] == ["  expected 0.5", "  got      0.25"]
    assert message(check.compare, "loss", "0.5", 0.5)[1] == "  expected a number"


def test_two_rows_that_differ_late_do_not_look_equal():
    lines = message(check.compare, "y", RIGHT + 4e-4, RIGHT, atol=1e-5)
    assert lines[1:3] == ["  expected row 0: [1.0, 2.0]", "  got      row 0: [1.0004, 2.0004]"]


def test_a_long_row_shows_the_number_that_differs():
    expected = torch.arange(20.0)
    got = expected.clone()
    got[17] = -1
    lines = message(check.compare, "y", got, expected)
    assert "17.0]" in lines[1]
    assert "-1.0]" in lines[2]


def test_a_hidden_comparison_shows_the_gap_and_no_value():
    lines = message(check.compare, "y", RIGHT + 0.25, RIGHT, reveal=False)
    assert lines[1] == "  got      values that are off by up to 0.25"
    assert not any("expected" in line for line in lines)
    lines = message(check.compare, "y", "tanh", "relu", reveal=False)
    assert "relu" not in "".join(lines)


def test_plain_answers_must_have_the_right_type():
    assert message(check.compare, "y", 1, True)[1:3] == ["  expected True", "  got      1"]
    wrong = [("tanh", "the output is not bounded", "look at the range")]
    assert "the output is not bounded" in message(check.compare, "y", "tanh", "relu", wrong)[3]


def test_whole_numbers_that_were_divided_are_named():
    hits, said = torch.tensor([1, 2]), torch.tensor([3, 4])
    right = hits.double() / said
    check.dtype("precision", right, right)
    lines = message(check.dtype, "precision", hits / said, right)
    assert "whole numbers divided" in lines[3]
    assert "counts.double()" in lines[4]
    assert max(map(len, lines)) <= 79
    assert "double" not in "".join(message(check.dtype, "y", right, right.float()))


def test_that_says_what_must_hold():
    check.that(True, "the rows sum to 1")
    assert message(check.that, False, "the rows sum to 1", try_="divide by the sum") == [
        "✗ the rows sum to 1",
        "  try      divide by the sum",
    ]
