"""How a test ends, what it says to whom, and that the place of a cell costs nobody points."""

import inspect
import json
import re
from fractions import Fraction

import pytest
import toy_course as toy
from judging import SETUP, graded, judge, notebook, solution, verdicts

from autograder import exercises
from autograder.grading import flags
from autograder.grading.kernel import Limits
from autograder.grading.plan import Judged
from autograder.grading.source import fault_of_test
from autograder.grading.verdict import Outcome, Verdict
from chainrule import check, credit

# How a test ends

POINTS = "from chainrule import check\ncheck.points(2)\n"
TENTHS = "from chainrule.check import points\nfor _ in range(3):\n    points(0.1)\n"
ENDS = {
    "right": ("assert f(1) == 2", 1, "passed", 1),
    "two of three": (POINTS + "assert f(1) == 3", 3, "partial", 2),
    "in tenths": (TENTHS + "assert f(1) == 3", 1, "partial", 0.3),
    "all of it": (POINTS + "check.points(0.5)", 2.5, "passed", 2.5),
    "too many": (POINTS, 1, "passed", 1),
    "last value": ("f(1)\n0.5", 1, "passed", 1),
    "unwritten": ("unwritten()", 1, "failed", 0),
    "missing": ("nowhere(1)", 1, "failed", 0),
    "endless": ("f(1)\nendless()", 1, "timed out", 0),
    "points before the end": (POINTS + "endless()", 3, "timed out", 2),
    "deaf": ("deaf()", 1, "timed out", 0),
    "dead": ("dead()", 1, "killed", 0),
    "dead, and the test hears it": (
        "try:\n    dead()\nexcept Exception:\n    pass",
        1,
        "killed",
        0,
    ),
    "right after all that": ("assert f(1) == 2", 1, "passed", 1),
}
ENDLESS = """
import os, signal, time
def f(x):
    return x + 1
def unwritten():
    raise NotImplementedError()
def endless():
    while True:
        time.sleep(0.1)
def deaf():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
def dead():
    os._exit(0)
"""


@pytest.fixture(scope="module")
def ended():
    tests = [graded(name, text, of) for name, (text, of, *_) in ENDS.items()]
    limits = Limits(cell_s=1, total_s=60)
    return verdicts([SETUP, solution("code", ENDLESS), *tests], limits=limits)


@pytest.mark.parametrize("name", ENDS)
def test_end_of_a_test(ended, name):
    *_, status, points = ENDS[name]
    verdict = ended[name]
    assert (verdict.status, verdict.points) == (status, points), verdict
    assert bool(verdict.message) == (status != "passed")
    assert verdict.seconds < 2.5


def test_messages_tell_no_test(ended):
    assert ended["unwritten"].message == "✗ This part is not written yet."
    assert "nowhere is not there" in ended["missing"].message
    assert "took too long" in ended["endless"].message
    assert "process ended" in ended["dead"].message
    assert not any("assert" in verdict.message for verdict in ended.values())


# What is known of a wrong answer


def unseen(name, answer):
    return f"from autograder.exercises import unseen\nunseen('{name}', {answer})"


def test_a_known_mistake_is_named():
    wrong = exercises.load("ch06_optimization.adamw_step").WRONG["uphill"].likely
    code = inspect.getsource(exercises.load("ch06_optimization.adamw_step")._step)
    code = code.replace("sign=1.0", "sign=-1.0").replace("def _step", "def adamw_step")
    letters = 'letters = {"a": "A", "b": "A", "c": "A", "d": "A", "e": "A"}'
    cells = [
        SETUP,
        solution("code", f"{code}\n{letters}"),
        graded("adamw", unseen("ch06_optimization.adamw_step", "adamw_step")),
        graded("letters", unseen("ch04_first_neural_network.perceptron_rule", "letters")),
    ]
    found = verdicts(cells)
    assert found["adamw"].diagnosis == "ch06_optimization.adamw_step:uphill"
    assert wrong in found["adamw"].message
    assert re.fullmatch(r"ch04\w+.perceptron_rule:[a-e]=A", found["letters"].diagnosis)


# Where cells stand

F = "def f(x):\n    return g(x) + 1"
G = "def g(x):\n    return 2 * x"
ORDER = [SETUP, solution("f", F), graded("tf", "assert f(1) == 3"), solution("h", "h = 5"),
         graded("th", "assert h == 5")]  # fmt: skip
HELPER = {"cell_type": "code", "metadata": {}, "source": G, "outputs": [], "execution_count": None}
G_CELL = HELPER | {"id": "g"}
PLACES = {
    "helper first": [G_CELL, *ORDER],
    "helper at the end": [*ORDER, G_CELL],
    "tests first": [ORDER[2], ORDER[4], G_CELL, ORDER[0], ORDER[1], ORDER[3]],
    "tests gone": [G_CELL, ORDER[0], ORDER[1], ORDER[3]],
    "imports gone": [G_CELL, *ORDER[1:]],
    "backwards": [G_CELL, *ORDER[::-1]],
    "overshadowed later": [G_CELL, *ORDER, HELPER | {"id": "x", "source": "f = h = 0"}],
    "a cell that stops": [HELPER | {"id": "x", "source": "1 / 0"}, G_CELL, *ORDER],
    "no Python": [HELPER | {"id": "x", "source": "def ("}, G_CELL, *ORDER],
    "a cell that leaves": [HELPER | {"id": "x", "source": "exit()"}, G_CELL, *ORDER],
    "a crash": [HELPER | {"id": "x", "source": "import os\nos.abort()"}, G_CELL, *ORDER],
    "no end": [HELPER | {"id": "x", "source": G + "\nwhile True: pass"}, *ORDER],
}


@pytest.mark.parametrize("name", PLACES)
def test_honest_work_in_another_place_keeps_its_points(name):
    outcome, _ = judge(ORDER, PLACES[name], Limits(cell_s=1, total_s=30))
    assert [v.points for v in outcome.verdicts] == [1, 1], outcome


FORGED = """
import sys
answer = ["value", [], [], [], [], ["token", 1]]
sys.modules["_line"].answer = lambda *a: answer
def f(x):
    return [0.234567, 0.345678, 0.456789]
"""


def test_forged_answers_and_odd_code_are_flagged_and_cost_nothing_else():
    cells = [SETUP, solution("f", F), graded("tf", "assert f(1) == 3")]
    outcome, _ = judge(cells, [SETUP, solution("f", FORGED), cells[2]])
    assert outcome.points == 0
    assert "its process answered the judge as no honest process does" in outcome.flags
    odd = "import sys\ndef f(x):\n    sys._getframe()\n    return 3"
    outcome, _ = judge(cells, [SETUP, solution("f", odd), cells[2]])
    assert (outcome.points, outcome.flags) == (1, ("its code looks at the frames of its callers",))


def test_numbers_of_a_shown_check_in_the_code_are_flagged():
    seen = 'check.case(activation, "04_first_neural_network/activation")'
    source = [toy.cell("code", "seen", seen, locked=True), solution("a", "pass")]
    code = (
        "def activation(z, phi):\n    return torch.tensor([0.333333, 0.666667]), [0.1875, 0.222222]"
    )
    judged = Judged(notebook(source))
    assert flags.of(notebook([source[0], solution("a", "x = 0.25")]), judged) == ()
    [flag] = flags.of(notebook([source[0], solution("a", code)]), judged)
    assert "hard-coded" in flag


def test_outcome_goes_to_json_and_back():
    outcome = Outcome((Verdict("a", 1.5, 2, "partial", "x"),), (("time", "1 s"),), ("odd",))
    assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome


# Partial credit is said in the test, and wrong ways to say it are found when it is built


def test_points_are_counted_exactly_and_outside_a_test_they_do_nothing():
    check.points(1)
    with credit.counted() as awarded:
        for _ in range(3):
            check.points(0.1)
        assert sum(awarded) == Fraction(3, 10)
    for wrong in (0, -1, float("nan"), float("inf"), True, "1"):
        with pytest.raises(ValueError, match="points takes"):
            check.points(wrong)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("check.points(1)\nassert f(1) == 2\ncheck.points(1)", None),
        ("unseen('a', f)", None),
        ("%matplotlib inline\nassert f(1)", None),
        ("f(1)", "its last line has a value"),
        ("score = 1\nscore / 2", "its last line has a value"),
        ("0.5", "its last line has a value"),
        ("check.points(3)", "come to 3, and it has 2"),
        ("check.points(n)", "takes one number"),
        ("check.points(-1)", "takes one number"),
        ("check.points(0)", "takes one number"),
        ("check.points(1, 2)", "takes one number"),
        ("def (", "no Python"),
    ],
)
def test_what_is_wrong_with_a_test_is_said_when_it_is_built(text, fault):
    said = fault_of_test(text, 2)
    assert said is None if fault is None else fault in said
