"""No attack gets more points than the answers of its functions earn."""

import pytest
from attacks import ATTACKS, EARNS, WRONG
from judging import SETUP, graded, judge, solution

from autograder.grading.kernel import Limits

RIGHT = """
def softmax(x):
    return torch.softmax(x, 1)
def cross_entropy(logits, y):
    return nn.functional.cross_entropy(logits, y).item()
def triple(x):
    return 3 * x
def activation(z, phi):
    if phi == "relu":
        return z.clamp(min=0), (z > 0).to(z.dtype)
    a = torch.sigmoid(z) if phi == "sigmoid" else torch.tanh(z)
    return a, a * (1 - a) if phi == "sigmoid" else 1 - a**2
def shuffle(values):
    return sorted(values)
def power(x, fn):
    return fn(x) ** 2
def slope(x):
    return x**2
def label(x):
    return "yes"
"""
TESTS = {
    "softmax": "x = torch.tensor([[1000.0, 1001.0], [-1.0, 0.5]])\nexpected = torch.softmax(x, 1)\n"
    "got = softmax(x.clone())\nassert torch.allclose(got, expected, atol=1e-6)",
    "entropy": "torch.manual_seed(1)\nx, y = torch.randn(16, 7), torch.randint(0, 7, (16,))\n"
    "expected = nn.functional.cross_entropy(x, y)\n"
    "assert abs(float(cross_entropy(x, y)) - expected) < 1e-4",
    "triple": "assert all(map(lambda x: triple(x) == 3 * x, [7, 8]))\nassert triple(7) == 21",
    "unseen": "from autograder.exercises import unseen\n"
    "unseen('ch04_first_neural_network.activation', activation)",
    "shuffle": "values = [3, 1, 2]\nassert list(shuffle(values[:])) == [1, 2, 3]",
    "power": "assert power(3, lambda v: v + 1) == 16",
    "slope": "x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)\nslope(x).sum().backward()\n"
    "assert x.grad.tolist() == [2, 4, 6]",
    "label": "from chainrule import check\ncheck.compare('label', check.call(label, 1), 'yes')",
}
SOURCE = [SETUP, solution("answers", RIGHT), *(graded(n, text) for n, text in TESTS.items())]
QUICK = Limits(cell_s=3, total_s=20)


def test_right_answers_get_all_points():
    outcome, _ = judge(SOURCE)
    assert [v for v in outcome.verdicts if v.status != "passed"] == []


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(name):
    cells = [SETUP, solution("answers", WRONG + ATTACKS[name]), *SOURCE[2:]]
    outcome, notebook = judge(SOURCE, cells, QUICK)
    assert outcome.points <= EARNS.get(name, 0), outcome.verdicts
    assert outcome.seconds < 25
    for cell in notebook.cells[2:]:  # what nbgrader reads
        assert [output.output_type for output in cell.outputs] == ["error"]
