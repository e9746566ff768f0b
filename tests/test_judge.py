"""The judge: which tests work through it, which answers it believes, what it says to whom."""

import inspect
import json
import random
import re
import struct
from fractions import Fraction

import numpy as np
import pytest
import torch
from judging import SETUP, graded, judge, solution, verdicts

from autograder import exercises
from autograder.grading.kernel import Limits
from autograder.grading.source import fault_of_test
from autograder.grading.verdict import Outcome, Verdict
from autograder.judge import wire
from chainrule import check, credit

# Tests that work in the judge's process as they would among the student's code

CODE = """
from dataclasses import dataclass
class Net(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        self.lin, self.n = nn.Linear(n, 2), n
    def forward(self, x):
        return self.lin(x).relu()
    def __len__(self):
        return 7
class Number:
    def __init__(self, value):
        self.value, self.grad = value, 0.0
    def __add__(self, other):
        return Number(self.value + getattr(other, "value", other))
    __radd__ = __add__
def double(x):
    return x * 2
def bad(x):
    if x < 0:
        raise ValueError("negative")
    return x
def apply(fn, x):
    return fn(x) + 1
def squares(n):
    for i in range(n):
        yield i * i
def forever():
    while True:
        yield 1
def zero(t):
    t.zero_()
def append(values):
    values.append(4)
def rename(table):
    table["b"] = table.pop("a")
def half(array):
    array /= 2
def step(m, x):
    m.zero_grad()
    m(x).sum().backward()
    return m.lin.weight.grad
def train(m, x, y, lr):
    for p in m.parameters():
        p.grad = None
    ((m(x) - y) ** 2).mean().backward()
    with torch.no_grad():
        for p in m.parameters():
            p -= lr * p.grad
@dataclass
class Result:
    loss: float
    accuracy: torch.Tensor
def result():
    return Result(0.5, torch.ones(2))
def normal():
    return torch.distributions.Normal(0.0, 1.0)
def loader():
    return torch.utils.data.DataLoader(torch.arange(8).float(), 4)
def draw(generator):
    return torch.rand(3, generator=generator)
def two(x):
    return x * 2, x ** 2
def largest(x):
    return x.max(dim=1)
def fresh(x):
    print("debug")
    return torch.zeros(3)
counts, W = {"a": 1}, torch.ones(3)
torch.set_grad_enabled(False)
"""
SUM = "m = Net(); x = torch.ones(3, 4); y = torch.ones(3, 2)\n"
IDIOMS = {
    "tensor": "assert torch.equal(double(torch.ones(3)), torch.full((3,), 2.0))",
    "array": "np.testing.assert_allclose(double(np.arange(3.0)), [0, 2, 4])",
    "scalar array": "assert double(np.float32(2)) == 4",
    "variables": "assert counts['a'] == 1 and W.sum() == 3",
    "module": "m = Net(); assert isinstance(m, nn.Module) and m.n == 4 and len(m) == 7",
    "forward": "assert Net()(torch.ones(3, 4)).shape == (3, 2)",
    "parameters": "assert sum(p.numel() for p in Net().parameters()) == 10",
    "state dict": "assert Net().state_dict()['lin.weight'].shape == (2, 4)",
    "submodule": "assert isinstance(Net().lin, nn.Linear)",
    "raises": "try:\n    bad(-1)\n    assert False\nexcept ValueError as e:\n"
    "    assert 'neg' in str(e)",
    "callback": "assert apply(lambda v: v * 10, 3) == 31",
    "callback of theirs": "assert apply(lambda v: double(v), 3) == 7",
    "generator": "assert list(squares(4)) == [0, 1, 4, 9]",
    "endless generator": "it = iter(forever()); assert [next(it), next(it)] == [1, 1]",
    "dataclass": "r = result(); assert r.loss == 0.5 and r.accuracy.sum() == 2",
    "operators": "a = Number(2); assert (a + 3).value == 5 and (1 + a + a).value == 5",
    "library object": "assert abs(float(normal().log_prob(torch.tensor(0.0))) + 0.9189) < 1e-3",
    "loader": "assert [b.sum().item() for b in loader()] == [6, 22]",
    "structure": "v, i = largest(torch.eye(2)); assert v.sum() == 2 and i.tolist() == [0, 1]",
    "weights set": "m = Net()\nm.load_state_dict({'lin.weight': torch.ones(2, 4), 'lin.bias': "
    "torch.zeros(2)})\nassert torch.equal(m(torch.ones(1, 4)), torch.full((1, 2), 4.0))",
    "random": "g = torch.Generator().manual_seed(1); a = draw(g); b = draw(g)\n"
    "g.manual_seed(1); assert torch.equal(a, torch.rand(3, generator=g)) and not torch.equal(a, b)",
    # gradients and changes in place, which have to cross the line
    "gradient of their code": "assert step(Net(), torch.ones(1, 4)).shape == (2, 4)",
    "backward": "x = torch.ones(3, requires_grad=True); double(x).sum().backward()\n"
    "assert torch.equal(x.grad, torch.full((3,), 2.0))",
    "backward inside a graph": "w = torch.ones(3, requires_grad=True); x = w * 3\n"
    "(double(x) ** 2).sum().backward(); assert torch.equal(w.grad, torch.full((3,), 72.0))",
    "gradient of one output": "x = torch.ones(2, requires_grad=True); a, b = two(x)\n"
    "assert torch.autograd.grad(b.sum(), x)[0].tolist() == [2, 2]",
    "no gradient": "x = torch.ones(3, requires_grad=True); assert not fresh(x).requires_grad",
    "optimizer": SUM + "o = torch.optim.SGD(m.parameters(), lr=0.1)\n"
    "before = m.lin.weight.clone()\n"
    "m.lin.weight.data.fill_(0.5); l0 = ((m(x) - y) ** 2).mean(); o.zero_grad(); l0.backward()\n"
    "assert m.lin.weight.grad.abs().sum() > 0\no.step(); assert ((m(x) - y) ** 2).mean() < l0\n"
    "assert not torch.equal(before, m.lin.weight)",
    "gradients by name": SUM + "g = torch.autograd.grad(m(x).sum(), list(m.parameters()))\n"
    "assert [t.shape for t in g] == [p.shape for p in m.parameters()]",
    "their training": SUM + "m.lin.weight.data.fill_(0.5); l0 = ((m(x) - y) ** 2).mean()\n"
    "with torch.enable_grad():\n    train(m, x, y, 0.1)\nassert ((m(x) - y) ** 2).mean() < l0",
    "their training of ours": "m = nn.Linear(4, 2); x, y = torch.ones(3, 4), torch.zeros(3, 2)\n"
    "l0 = ((m(x) - y) ** 2).mean(); train(m, x, y, 0.1); assert ((m(x) - y) ** 2).mean() < l0\n"
    "assert m.weight.grad is not None",
    "tensor changed": "t = torch.ones(3); zero(t); assert t.sum() == 0",
    "array changed": "a = np.ones(3); half(a); assert a.sum() == 1.5",
    "list changed": "v = [1]; append(v); assert v == [1, 4]",
    "dict changed": "d = {'a': 1}; rename(d); assert d == {'b': 1}",
    "check": "from chainrule import check\ncheck.compare('x', check.call(double, W), 2 * W)",
    "check of changes": "from chainrule import check\ntry:\n    check.call(zero, W)\n"
    "except check.Mistake as m:\n    assert 'changed its inputs' in str(m)\n"
    "else:\n    assert False",
    "magic": "%matplotlib inline\nassert double(2) == 4",
    "names of others": "assert double(len([1])) == 2 and math.pi > 3",
}  # fmt: skip
# Answers that are wrong: each test must fail.
DOUBTS = {
    "wrong number": "assert double(3) == 7",
    "agreeable object": "assert agreeable() == 3",
    "agreeable tensor": "assert torch.equal(agreeable_tensor(), torch.ones(2))",
    "claims to be a tensor": "assert isinstance(agreeable(), torch.Tensor)",
    "quiet end of a loop": "assert all(map(stops, [1, 2]))",
    "wrong gradient": "x = torch.ones(2, requires_grad=True); double(x).sum().backward()\n"
    "assert x.grad.tolist() == [3, 3]",
    "frames": "y = 3\nassert looks_at_frames() == 3",
    "exits": "leaves()",
    "own assertion": "says_so()",
}
WRONG = """
class Yes:
    __eq__ = __lt__ = __gt__ = __ge__ = __bool__ = lambda *_: True
    __hash__ = None
class YesTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *args, **kwargs):
        return True
def agreeable():
    return Yes()
def agreeable_tensor():
    return YesTensor([5.0, 5.0])
def stops(x):
    raise StopIteration
def leaves():
    raise SystemExit(0)
def looks_at_frames():
    import sys
    frame = sys._getframe()
    while frame:
        if "y" in frame.f_locals:
            return frame.f_locals["y"]
        frame = frame.f_back
def says_so():
    from chainrule import check
    raise check.mistake("passed")
"""


@pytest.fixture(scope="module")
def ruled():
    """{name: Verdict} of all idioms and doubts, from one submission."""
    tests = [graded(name, text) for name, text in (IDIOMS | DOUBTS).items()]
    return verdicts([SETUP, solution("code", CODE + WRONG), *tests])


@pytest.mark.parametrize("name", IDIOMS)
def test_idiom_works_through_the_judge(ruled, name):
    assert (ruled[name].status, ruled[name].message) == ("passed", "")


@pytest.mark.parametrize("name", DOUBTS)
def test_wrong_answer_gets_nothing(ruled, name):
    assert (ruled[name].status, ruled[name].points) == ("failed", 0)
    assert ruled[name].message.startswith("✗")


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


def test_outcome_goes_to_json_and_back():
    outcome = Outcome((Verdict("a", 1.5, 2, "partial", "x"),), (("time", "1 s"),), ("odd",))
    assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome


# The line

VALUES = [
    None, True, 3, -2.5, float("inf"), "é\U0001f600", b"\x00", 1 + 2j, [1, [2]], (1, "a"), {3, 4},
    {"a": [1]}, slice(1, None), range(3), ..., torch.Size([2]), torch.float16,
    torch.arange(6).reshape(2, 3), torch.tensor([True, False]), torch.zeros(0, 2),
    torch.tensor(1.5, dtype=torch.bfloat16), np.arange(4.0).reshape(2, 2), np.float32(2),
    np.bool_(1),
]  # fmt: skip
ALLOWED = {type(v) for v in VALUES} | {frozenset, bytearray, torch.device, np.int64, torch.dtype}


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_values_cross_the_line_as_they_are(value):
    packer = wire.Packer()
    tree = json.loads(json.dumps(packer.pack(value)))
    back = packer.unpack(tree, [bytearray(b) for b in packer.take_blobs()])
    assert type(back) is type(value)
    same = np.array_equal if isinstance(value, np.ndarray) else torch.equal
    assert same(back, value) if hasattr(value, "shape") and value.shape else back == value


def mutated(tree, rng):
    """The tree with one random change somewhere."""
    if type(tree) is not list or not tree or rng.random() < 0.2:
        kinds = ["tensor", "array", "dict", "object", "mirror", "graph", "token", "size", "set"]
        return rng.choice(
            [None, -1, 2**70, 1e308, "\ud800", [], [[]], {}, True, *kinds, [rng.choice(kinds), 0]]
        )
    at = rng.randrange(len(tree))
    return [*tree[:at], mutated(tree[at], rng), *tree[at + 1 :]]


def plain(value):
    inner = value.items() if isinstance(value, dict) else value
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        return type(value) in ALLOWED and all(map(plain, inner))
    return type(value) in ALLOWED or isinstance(value, np.generic)


def test_garbage_on_the_line_is_refused_and_nothing_else():
    rng, packer, kept = random.Random(0), wire.Packer(), 0
    for _ in range(5000):
        tree = packer.pack(rng.choice(VALUES))
        blobs = [bytearray(b) for b in packer.take_blobs()]
        for _ in range(rng.randrange(1, 4)):
            tree = mutated(tree, rng)
        if blobs and rng.random() < 0.3:
            blobs[0] = blobs[0][: rng.randrange(len(blobs[0]) + 1)]
        try:
            value = packer.unpack(tree, blobs)
        except wire.Refused:
            continue
        kept += 1
        assert plain(value), value
    assert 50 < kept < 4900


class Pipe:
    def __init__(self, data):
        self.data = data

    def recv_into(self, view):
        part, self.data = self.data[: len(view)], self.data[len(view) :]
        view[: len(part)] = part
        return len(part)


def message(head, claimed=None):
    return struct.pack("!Q", len(head) if claimed is None else claimed) + head


@pytest.mark.parametrize(
    "data",
    [
        message(b"", 2**62),
        message(b"not json"),
        message(b"[" * 100_000),
        message(b"[1, [1e9]]"),
        message(b"[1, [-1]]"),
        message(b"[1, [999999999999]]"),
        message(b"[1]"),
        message(b'{"a": 1}'),
        message(b"[1, [" + b"0," * 200_000 + b"0]]"),
        message(b"9" * 5000),
        message(b"\xff\xfe"),
    ],
    ids=range(11),
)
def test_a_message_that_is_none(data):
    with pytest.raises(wire.Refused):
        wire.receive(Pipe(data))
    for cut in (0, 5, len(data) - 1):
        with pytest.raises((wire.Refused, EOFError)):
            wire.receive(Pipe(data[:cut]))


def test_bytes_that_are_no_bool_become_one():
    tensor = wire.tensor_of(bytearray([0, 2, 255]), torch.bool, [3])
    assert tensor.view(torch.uint8).tolist() == [0, 1, 1]


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
