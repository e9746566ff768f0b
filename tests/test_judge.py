"""Which tests work through the judge as among the student's code, and whom it believes."""

import pytest
from judging import SETUP, graded, solution, verdicts

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
