"""A helper that a lesson builds and a later one uses again is one thing: both run here.

The later lesson names the earlier one; the definitions are taken from the two notebooks as they
stand, so that neither can be changed alone.
"""

import ast
import itertools
import math
import re
import time

import numpy as np
import pytest
import torch
from sklearn import metrics
from torch import nn

from autograder.authoring import notebooks
from autograder.course import find

REUSED = {  # name: (built in lesson, used again in lessons)
    "central": (2, 4, 5),
    "descend": (2, 6),
    "digits": (2, 6, 7),
    "softmax_jacobian": (2, 12),
    "linear": (3, 4),
    "seconds": (3, 5),
    "bce": (4, 5),
    "backward": (4, 5),
    "He": (5, 6),
    "adamw": (6, 12),
    "one_cycle": (6, 12),
    "clip": (6, 12),
    "confusion_matrix": (7, 9),
    "evaluate": (7, 8),
}


def lesson(number):
    return notebooks.read(find(f"{number:02}").lesson)


def parts(number, *names):
    """Run a lesson's imports and its definitions of these names alone; return what they made."""
    space = {}
    for cell in notebooks.code_cells(lesson(number)):
        for node in ast.parse(notebooks.program(cell)).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)) or defined(node) & set(names):
                exec(compile(ast.Module([node], []), f"lesson {number}", "exec"), space)
    return [space[name] for name in names]


def defined(node):
    """The names that a statement defines; for `Value.exp = ...` that is Value."""
    targets = node.targets if isinstance(node, ast.Assign) else [node]
    owners = [t.value if isinstance(t, ast.Attribute) else t for t in targets]
    return {getattr(o, "id", None) or getattr(o, "name", None) for o in owners} - {None}


@pytest.mark.parametrize("name", REUSED)
def test_the_later_lesson_names_the_earlier(name):
    built, *later = REUSED[name]
    for number in later:
        text = notebooks.prose(lesson(number)).replace("\n", " ")
        assert re.search(rf"`{name}`[^.]*, as built in lesson {built}\b", text), number


def test_central_differences():
    ours, _ = parts(2, "central", "forward")
    five, one_sided, forward = *parts(5, "central", "one_sided"), parts(2, "forward")[0]
    for f, x, h in itertools.product((np.exp, np.sin), (-1.0, 0.5), (0.5, 1e-4)):
        assert five(f, x, h) == ours(f, x, h)
        assert one_sided(f, x, h) == forward(f, x, h)


def four():
    names = "sigmoid", "bce", "forward", "backward", "numeric"
    return dict(zip(names, parts(4, *names), strict=True))


def small_network(seed):
    """Params as lesson 4 keeps them, x (7, 3), y (7, 1)."""
    draw = np.random.default_rng(seed).normal
    params = [draw(size=(5, 3)), draw(size=5), draw(size=(1, 5)), draw(size=1)]
    return params, draw(size=(7, 3)), (draw(size=(7, 1)) > 0) * 1.0


def test_lesson_4_nudges_as_lesson_2_does():
    central, lesson_4 = parts(2, "central")[0], four()
    params, x, y = small_network(0)
    slopes = lesson_4["numeric"](params, x, y, np.tanh)
    for p, slope in zip(params, slopes, strict=True):
        for i in np.ndindex(p.shape):

            def loss(nudge, p=p, i=i):
                kept, p[i] = p[i], p[i] + nudge
                value = lesson_4["bce"](lesson_4["forward"](params, x, np.tanh)[2], y)
                p[i] = kept
                return value

            assert np.isclose(central(loss, 0.0, 1e-5), slope[i], atol=1e-9)


def test_a_layer_of_lesson_4_is_that_of_lesson_3():
    linear, (params, x, _) = parts(3, "linear")[0], small_network(1)
    z1, a1, z2 = four()["forward"](params, x, np.tanh)
    assert np.allclose(z1, linear(x, *params[:2]))
    assert np.allclose(z2, linear(a1, *params[2:]))


def test_seconds_counts_alike(monkeypatch):
    for seconds in parts(3, "seconds") + parts(5, "seconds"):
        ticks, calls = iter([0.0, 3.0, 10.0, 11.5, 20.0, 22.0]), []
        monkeypatch.setattr(time, "process_time", lambda ticks=ticks: next(ticks))
        assert (seconds(lambda calls=calls: calls.append(1), 3), len(calls)) == (1.5, 3)


def test_the_engine_of_lesson_5_has_the_gradients_of_lesson_4():
    lesson_4, (Tensor, bce, _) = four(), parts(5, "Tensor", "bce", "order_of")
    params, x, y = small_network(2)
    W1, b1, W2, b2 = nodes = [Tensor(p.T) for p in params]
    loss = bce((Tensor(x) @ W1 + b1).tanh() @ W2 + b2, y)
    loss.backward()
    z1, a1, z2 = lesson_4["forward"](params, x, np.tanh)
    assert np.isclose(loss.data, lesson_4["bce"](z2, y))
    slope = lambda z: 1 - np.tanh(z) ** 2
    theirs = lesson_4["backward"](params, x, y, z1, a1, z2, slope)
    for node, grad in zip(nodes, theirs, strict=True):
        assert np.allclose(node.grad, grad.T)


def test_descent_with_sgd_is_that_of_lesson_2():
    two, (six, _, sgd) = parts(2, "descend")[0], parts(6, "descend", "gradient", "sgd")
    path = two(lambda x: 3 * x**2 - 4, 2.5, 0.05, 10)
    again = six(lambda x: x**3 - 4 * x, sgd, 2.5, 0.05, 10)
    assert np.allclose(path, again.numpy())


def test_digits_are_the_same():
    two, *later = (parts(number, "digits")[0] for number in REUSED["digits"])
    for digits, split in itertools.product(later, ("train", "test")):
        for ours, again in zip(two(split), digits(split), strict=True):
            assert np.array_equal(ours, again.numpy())


def test_hidden_weights_of_lesson_6_start_at_the_scale_of_lesson_5():
    (inits,), (networks, _) = parts(5, "INITS"), parts(6, "networks", "SEEDS")
    w1 = networks(1)[0]  # (seeds, 64, 32)
    assert math.isclose(w1.std(), inits["He"](64, 32), rel_tol=0.05)


def test_the_slope_of_the_softmax():
    jacobian, _, _ = parts(2, "softmax_jacobian", "log_softmax", "log_sum_exp")
    z = torch.tensor([2.0, -1, 0.5], dtype=torch.float64)
    p = z.softmax(-1)
    slope = line_of(12, "slope = ", p=p[None])  # p (1, 3), as the lesson has it
    assert np.allclose(jacobian(z.numpy()), slope.squeeze())


def line_of(number, start, **space):
    """The value of the right side of the one line of a lesson that starts so."""
    code = "\n".join(notebooks.program(c) for c in notebooks.code_cells(lesson(number)))
    (right,) = re.findall(rf"^ *{re.escape(start)}(.*)$", code, re.M)
    return eval(right, {"torch": torch} | space)


def test_the_rules_that_lesson_12_takes_from_torch():
    """Same settings as its `fit`: AdamW, one cycle of the rate, a clipped norm."""
    names = "adamw", "adam", "one_cycle", "cosine", "clip"
    adamw, _, one_cycle, _, clip = parts(6, *names)
    lr, steps, target = 3e-3, 500, torch.linspace(-1, 1, 6).view(2, 3)
    theirs = nn.Parameter(torch.zeros(2, 3))
    optimizer = torch.optim.AdamW([theirs], lr, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, steps, pct_start=0.15, cycle_momentum=False
    )
    ours, state = theirs.detach().clone(), {}
    for step in range(steps):
        rate = schedule.get_last_lr()[0]
        # torch's cycle ends each phase one step earlier
        assert abs(rate - one_cycle(step, lr, steps, up=0.15)) < 0.03 * lr
        grad = clip([(40 * (ours - target))[None]], 1.0)[0][0]
        theirs.grad = 40 * (theirs.detach() - target)
        nn.utils.clip_grad_norm_([theirs], 1.0)
        ours = adamw(ours, grad, state, rate, beta2=0.98)
        optimizer.step()
        schedule.step()
    assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize(
    ("number", "cells"), {7: ["six-steps"], 8: ["fit", "fit2"], 12: ["fit"]}.items()
)
def test_the_six_steps_are_marked_in_the_loop(number, cells):
    """Lesson 7 numbers them; a later loop carries the numbers at its lines, in this order."""
    source = "\n".join(c.source for c in lesson(number).cells if c.id in cells)
    body = source[source.index("    for ") :]
    marks = ["1 batch", "4 backward", "5 update", "6 record"]
    assert re.findall(f"# ({'|'.join(marks)})", body) == marks


def test_the_confusion_matrix_of_lesson_7_is_scikit_learns():
    (ours,) = parts(7, "confusion_matrix")
    y, y_hat = torch.randint(0, 4, (2, 50), generator=torch.Generator().manual_seed(0))
    theirs = metrics.confusion_matrix(y, y_hat, labels=range(4))
    assert ours(y, y_hat, 4).tolist() == theirs.tolist()


def test_the_five_steps_of_the_loop_of_lesson_9():
    """It records nothing, so the sixth has no line."""
    (source,) = [c.source for c in lesson(9).cells if c.id == "fit"]
    marks = ["1 batch", "2 forward", "3 loss", "4 backward", "5 update"]
    assert re.findall(r"# (\d \w+)", source) == marks


def test_evaluate_of_lesson_8_is_that_of_lesson_7():
    (seven,), (eight,) = parts(7, "evaluate"), parts(8, "evaluate")
    model, x, y = nn.Linear(64, 10), torch.randn(12, 64), torch.arange(12) % 10
    loader = [(x[:5], y[:5]), (x[5:], y[5:])]
    ours = eight(model, x[None], y[None])[:, 0]
    assert np.allclose(seven(model, loader), ours, atol=1e-6)
