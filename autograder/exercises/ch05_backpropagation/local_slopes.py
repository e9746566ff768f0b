"""Exercise `local_slopes`: repair an engine's table of local derivatives."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

A, B = torch.tensor([2.0, 4.0, 3.0]), torch.tensor([4.0, 0.5, 3.0])
EXAMPLES = {
    "div": ("div", A, B),
    "pow": ("pow", A, B),
    "max": ("max", A.double(), B.double()),
    "mul": ("mul", A, B),
}
RETURNS = ("da", "db")
VALUES = {
    "mul": torch.mul,
    "div": torch.div,
    "pow": torch.pow,
    "max": torch.maximum,
}


def reference(op, a, b):
    """torch's own autograd; at a tie torch.maximum gives half to each."""
    a, b = (v.detach().clone().requires_grad_() for v in (a, b))
    return torch.autograd.grad(VALUES[op](a, b).sum(), (a, b))


def _half(a, b):
    return (a > b).to(a.dtype) + 0.5 * (a == b)


TABLE = {
    "mul": lambda a, b: (b, a),
    "div": lambda a, b: (1 / b, -a / b**2),
    "pow": lambda a, b: (b * a ** (b - 1), a**b * torch.log(a)),
    "max": lambda a, b: (_half(a, b), _half(b, a)),
}
DIV = lambda a, b: (1 / b, a / b**2)
POW = lambda a, b: (b * a ** (b - 1), a**b * torch.log(b))
MAX = lambda a, b: ((a >= b).to(a.dtype), (b >= a).to(b.dtype))


def _with(**rows):
    """Return a learner's function: the right table, but for the given rows."""
    return lambda op, a, b: (TABLE | rows)[op](a, b)


def _exchanged(op, a, b):
    return TABLE[op](a, b)[::-1]


def _values(op, a, b):
    """Multiplied by the inputs: a change in per cent, not a slope."""
    da, db = TABLE[op](a, b)
    return da * a, db * b


def _single_precision(op, a, b):
    return tuple(d.float() for d in TABLE[op](a, b))


def _truth_values(op, a, b):
    return (a > b, b >= a) if op == "max" else TABLE[op](a, b)


def _in_place(op, a, b):
    if op == "div":
        da = 1 / b
        return da, -a.mul_(da).mul_(da)
    return TABLE[op](a, b)


def _near_ties(a, b):
    near = (a - b).abs() < 1e-3
    return torch.where(near, 0.5, (a > b).to(a)), torch.where(near, 0.5, (b > a).to(a))


def _differences(op, a, b):
    """Central differences with a step that is far too large."""
    f, h = VALUES[op], 1e-2
    return (f(a + h, b) - f(a - h, b)) / (2 * h), (f(a, b + h) - f(a, b - h)) / (2 * h)


WRONG = {
    "nothing_repaired": Wrong(
        _with(div=lambda a, b: (1 / b, a / b**2), pow=POW, max=MAX),
    ),
    "div_sign": Wrong(
        _with(div=DIV),
        "a / b falls when b grows, so its slope in b is negative",
        "write a / b as a * b**(-1) and differentiate",
    ),
    "div_not_squared": Wrong(
        _with(div=lambda a, b: (1 / b, -a / b)),
        "the slope of 1/b is -1/b**2; a power is missing",
        "write a / b as a * b**(-1) and differentiate",
    ),
    "log_of_the_exponent": Wrong(
        _with(pow=POW),
        "the logarithm is that of the exponent b; a**b = exp(b ln a) has ln a in it",
        "differentiate exp(b * log(a)) in b",
    ),
    "exponent_as_power_rule": Wrong(
        _with(pow=lambda a, b: (b * a ** (b - 1), b * a ** (b - 1))),
        "the power rule is used for the exponent as well, where b is not the base",
        "differentiate exp(b * log(a)) in b",
    ),
    "both_at_a_tie": Wrong(
        _with(max=MAX),
        "at a tie both get slope 1, so that a common change of both counts twice",
        "the contract gives half to each",
    ),
    "first_at_a_tie": Wrong(
        _with(max=lambda a, b: ((a >= b).to(a.dtype), (b > a).to(b.dtype))),
        "at a tie a gets everything and b nothing",
        "the contract gives half to each",
    ),
    "none_at_a_tie": Wrong(
        _with(max=lambda a, b: ((a > b).to(a.dtype), (b > a).to(b.dtype))),
        "at a tie neither gets anything, and the gradient is lost",
        "the contract gives half to each",
    ),
    "exchanged": Wrong(
        _exchanged,
        "the two slopes come in the other order",
        "return the slope in a first, then the slope in b",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "times_the_inputs": Wrong(_values),
    "single_precision": Wrong(_single_precision),
    "truth_values": Wrong(_truth_values),
    "in_place": Wrong(_in_place),
    "near_ties": Wrong(_with(max=_near_ties)),
    "differences": Wrong(_differences),
}


def through_logarithms(op, a, b):
    """a / b and a**b as exp of something."""
    if op == "div":
        return torch.exp(-b.log()), -a * torch.exp(-2 * b.log())
    if op == "pow":
        return torch.exp(b.log() + (b - 1) * a.log()), torch.exp(b * a.log()) * a.log()
    return TABLE[op](a, b)


def number_by_number(op, a, b):
    da, db = torch.zeros_like(a), torch.zeros_like(b)
    for i in range(a.numel()):
        u, v = a.flatten()[i], b.flatten()[i]
        if op == "max":
            pair = (0.5, 0.5) if u == v else (float(u > v), float(v > u))
        else:
            pair = TABLE[op](u, v)
        da.view(-1)[i], db.view(-1)[i] = pair
    return da, db


def signs(op, a, b):
    """max(a, b) is (a + b + |a - b|) / 2."""
    if op == "max":
        return (1 + torch.sign(a - b)) / 2, (1 - torch.sign(a - b)) / 2
    return TABLE[op](a, b)


RIGHT = [through_logarithms, number_by_number, signs, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for op in VALUES:
            a, b = rand(5).abs() + 0.3, rand(5).abs() + 0.3
            b[2] = a[2]
            a[3] = b[3] + 4e-4  # near a tie is no tie
            match((op, a, b), f"{op}, five numbers")
            match((op, a.float(), b.float()), f"{op}, float32")
            match((op, a[:1], b[:1]), f"{op}, one number")
            match((op, rand(2, 3).abs() + 1, rand(2, 3).abs() + 1), f"{op}, a table")
            if op != "pow":
                match((op, -a, b), f"{op}, a negative a")
        _scaled(fn, a, b)


def _scaled(fn, a, b):
    """a/b and max are homogeneous: with a and b doubled their slopes halve, and stay."""
    for op, factor in (("div", 0.5), ("max", 1.0)):
        once = run(fn, reference, RETURNS, (op, a, b), op)
        twice = run(fn, reference, RETURNS, (op, 2 * a, 2 * b), op)
        for name, u, v in zip(RETURNS, once, twice, strict=True):
            what = f"local_slopes: {name} of {op} when both inputs are doubled"
            check.compare(what, v, factor * u)
