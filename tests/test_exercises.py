"""The tests that prove the tests: wrong answers are caught and named, right ones pass."""

import json
import math
import re

import pytest
import torch

from autograder.course import assignments
from autograder.exercises import as_parts, case_name, copies, load, unseen
from chainrule import FAST, check

SEEDS = range(1 if FAST else 5)
TRAINING_SEEDS = range(5 if FAST else 20)
ASSIGNMENTS = {c.package: c for c in assignments()}
MODULES = {
    f"{c.package}.{name}": load(f"{c.package}.{name}")
    for c in ASSIGNMENTS.values()
    for name in c.exercise_names()
}
FUNCTIONS = {n: m for n, m in MODULES.items() if hasattr(m, "EXAMPLES")}
CHOICES = {n: m for n, m in MODULES.items() if hasattr(m, "QUESTIONS")}
TRAINING = [(n, task) for n, m in FUNCTIONS.items() for task in getattr(m, "TASKS", ())]
WRONG = [(n, w) for n, m in FUNCTIONS.items() for w in m.WRONG]
RIGHT = [(n, fn.__name__) for n, m in FUNCTIONS.items() for fn in m.RIGHT]
# What a message about hidden data must not hold: numbers of four digits or more, lists, tensors.
LEAK = re.compile(r"tensor\(|\[-?\d+[.,]|\b(?=[\d.]*\.)0*\.?0*[1-9](?:\.?\d){3,}")


def named(fn, name):
    """Return fn under the exercise's name, as a student's function has it."""

    def student(*args):
        return fn(*args)

    student.__name__ = name.partition(".")[2]
    return student


def message(run, *args):
    """Run a check that must fail; return its text, which has at most five lines."""
    with pytest.raises(check.Mistake) as caught:
        run(*args)
    text = str(caught.value)
    assert text.startswith("✗ ")
    assert text.count("\n") < 5, text
    return text


def hidden_message(name, fn, seed):
    """The same for the hidden checks; the text holds none of their data."""
    with check.concealed():
        text = message(MODULES[name].hidden, fn, seed)
    assert not LEAK.search(text), text
    return text


def source_text(name):
    cells = notebook_cells(ASSIGNMENTS[name.partition(".")[0]])
    return "\n".join(c["source"] for c in cells)


def notebook_cells(chapter):
    cells = json.loads(chapter.source.read_text(encoding="utf-8"))["cells"]
    return [c | {"source": "".join(c["source"])} for c in cells]


# ---- the lists


@pytest.mark.parametrize("name", FUNCTIONS)
def test_lists_are_long_enough(name):
    module = FUNCTIONS[name]
    diagnosed = [w for w in module.WRONG.values() if w.likely]
    assert len(module.WRONG) >= 6
    assert len(diagnosed) >= 4
    assert all(w.try_ for w in diagnosed)
    assert len(module.RIGHT) >= 3
    assert len({w.likely for w in diagnosed}) == len(diagnosed)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_two_axes_of_an_example_have_the_same_size(name):
    """But for size 1: an exchange of two axes must show. One axis may come twice, as in "d d"."""
    module = FUNCTIONS[name]
    for idea, args in module.EXAMPLES.items():
        tensors = [a for a in args if isinstance(a, torch.Tensor)]
        groups = [dict(enumerate(t.shape)) for t in tensors]
        if hasattr(module, "AXES"):
            groups = [sizes_by_name(module.AXES, tensors)]
        for sizes in groups:
            long = [size for size in sizes.values() if size > 1]
            assert len(set(long)) == len(long), f"{idea}: {sizes}"


def sizes_by_name(axes, tensors):
    """Return {axis: size}; an axis named by a digit, such as "2", has that size."""
    sizes = {}
    for names, t in zip(axes, tensors, strict=False):
        for axis, size in zip(names.split(), t.shape, strict=names != "..."):
            right = int(axis) if axis.isdigit() else size
            assert sizes.setdefault(axis, right) == size, f"axis {axis} of {tuple(t.shape)}"
    return sizes


@pytest.mark.parametrize("name", FUNCTIONS)
def test_known_mistakes_can_be_told_apart(name):
    """On each example two answers are equal, or differ by ten times the tolerance or more."""
    module = FUNCTIONS[name]
    atol = getattr(module, "ATOL", 1e-4)
    for args in module.EXAMPLES.values():
        functions = [w.fn for w in module.WRONG.values() if w.likely] + [module.reference]
        answers = [as_parts(fn(*copies(args))) for fn in functions]
        for i, a in enumerate(answers):
            for b in answers[:i]:
                gap = largest_gap(a, b)
                assert gap < atol or gap > 10 * atol, (gap, a, b)


def largest_gap(a, b):
    """The largest difference of two answers; infinite where their kinds or shapes differ."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)) and len(a) == len(b):
        return max((largest_gap(*pair) for pair in zip(a, b, strict=True)), default=0.0)
    numbers = (int, float, torch.Tensor)
    if not isinstance(a, numbers) or not isinstance(b, numbers):
        return 0.0 if type(a) is type(b) and a == b else float("inf")
    a, b = torch.as_tensor(a).double(), torch.as_tensor(b).double()
    if a.shape != b.shape:
        return float("inf")
    same = (a == b) | (a.isnan() & b.isnan())
    gaps = torch.where(same, 0.0, (a - b).abs()).nan_to_num(nan=math.inf, posinf=math.inf)
    return gaps.max().item() if a.numel() else 0.0


# ---- wrong answers fail, right ones pass


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_wrong_answer_is_caught_and_named(name, wrong):
    fn, likely, try_ = MODULES[name].WRONG[wrong]
    fn = named(fn, name)
    if likely:
        text = message(check.case, fn, case_name(name))
        assert likely in text
        assert try_ in text
    for seed in SEEDS:
        hidden_message(name, fn, seed)


@pytest.mark.parametrize(("name", "right"), RIGHT)
def test_unusual_right_answer_passes(name, right, capfd, monkeypatch):
    (fn,) = (fn for fn in MODULES[name].RIGHT if fn.__name__ == right)
    check.case(named(fn, name), case_name(name))
    capfd.readouterr()
    for seed in SEEDS:
        monkeypatch.setenv("CHAINRULE_SEED", str(seed))
        assert unseen(name, named(fn, name)) is None
    # Text on stderr costs a test cell its points; text on stdout would show hidden inputs.
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("name", "task"), TRAINING)
def test_training_bound_is_met_with_a_margin(name, task):
    module = MODULES[name]
    call = lambda args, _: list(as_parts(module.reference(*args)))
    losses = [module.learns(call, task, seed) for seed in TRAINING_SEEDS]
    worst = max(losses)
    print(f"{name}, {task}: worst of {len(losses)} starts {worst:.4f}, bound {module.BOUND}")
    assert worst < module.BOUND / 3


# ---- read and predict


@pytest.mark.parametrize("name", CHOICES)
def test_choices_have_one_right_letter_and_a_reason_for_every_other(name, capsys):
    module = CHOICES[name]
    truth, notebook = module.reference(), source_text(name)
    right = {}
    for question, letters in module.QUESTIONS.items():
        fits = [letter for letter, c in letters.items() if c.value == truth[question]]
        assert len(fits) == 1, (question, fits)
        right[question] = fits[0]
        reasons = [c.reason for letter, c in letters.items() if letter != fits[0]]
        assert len(reasons) >= 2
        assert all(len(reason) > 20 for reason in reasons)
        assert all(c.claim in notebook for c in letters.values())
    assert unseen(name, right) is None
    assert unseen(name, {q: f" {letter.lower()} " for q, letter in right.items()}) is None
    assert capsys.readouterr().err == ""
    for question, letters in module.QUESTIONS.items():
        for letter in set(letters) - {right[question]}:
            text = message(unseen, name, right | {question: letter})
            assert letters[letter].reason in text
    for nothing in ({}, None, "D", dict.fromkeys(right, "")):
        message(unseen, name, nothing)
