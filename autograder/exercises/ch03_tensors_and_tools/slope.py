"""Exercise `slope`: value and slope of a polynomial by automatic differentiation."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

EXAMPLES = {
    # 3 x^3 + 2 x^2 - 5 x + 7 at 2: value 29, slope 36 + 8 - 5 = 39
    "a cubic at 2": (torch.tensor([7.0, -5, 2, 3]), torch.tensor(2.0)),
    "three points": (
        torch.tensor([1.0, 4, 0, -1, 2]).double(),
        torch.tensor([-1.0, 0.5, 3]).double(),
    ),
}
AXES = ("K", "...")
RETURNS = ("value", "slope")


def reference(c, x):
    """Term by term, by the power rule."""
    value, slope = torch.zeros_like(x), torch.zeros_like(x)
    for j, c_j in enumerate(c):
        value = value + c_j * x**j
        if j:
            slope = slope + j * c_j * x ** (j - 1)
    return value, slope


def polynomial(c, x):
    return sum(c_j * x**j for j, c_j in enumerate(c)) + torch.zeros_like(x)


def _graph(c, x):
    leaf = x.detach().clone().requires_grad_()
    return leaf, polynomial(c, leaf)


def _by_autograd(
    c, x, *, coefficients=lambda c: c, out=torch.sum, shown=lambda value, slope: (value, slope)
):
    """The right answer; the wrong ones replace one of its steps."""
    leaf, value = _graph(coefficients(c), x)
    (slope,) = torch.autograd.grad(out(value), leaf, allow_unused=True)
    return shown(value.detach(), torch.zeros_like(x) if slope is None else slope)


def _with(**steps):
    return partial(_by_autograd, **steps)


def _backward_twice(c, x):
    leaf, value = _graph(c, x)
    value.sum().backward(retain_graph=True)
    value.sum().backward()
    return value.detach(), leaf.grad


def _second_derivative(c, x):
    return reference(c, x)[0], reference(slope_coefficients(c), x)[1]


def slope_coefficients(c):
    return c[1:] * torch.arange(1, len(c), dtype=c.dtype) if len(c) > 1 else c.new_zeros(1)


def _by_coefficients(c, x):
    """The slope with respect to c, where c and not x was tracked."""
    leaf = c.detach().clone().requires_grad_()
    value = polynomial(leaf, x)
    return value.detach(), torch.autograd.grad(value.sum(), leaf)[0]


def _chord(c, x):
    """A one-sided difference with a step far too long."""
    value = reference(c, x)[0]
    return value, (reference(c, x + 0.01)[0] - value) / 0.01


def _in_place(c, x):
    parts = reference(c, x)
    x.add_(1)
    return parts


def _tracks_its_input(c, x):
    value = polynomial(c, x.requires_grad_())
    value.sum().backward()
    return value.detach(), x.grad


def _single_precision(c, x):
    return tuple(part.float() for part in reference(c, x))


WRONG = {
    "highest_power_first": Wrong(
        _with(coefficients=lambda c: c.flip(0)),
        "the coefficients are read from the highest power down",
        "c[0] is the constant, c[j] belongs to x^j",
    ),
    "powers_from_one": Wrong(
        _with(coefficients=lambda c: torch.cat([c.new_zeros(1), c])),
        "the powers start at 1: c[0] was multiplied by x",
        "c[0] goes with x^0, which is 1",
    ),
    "last_term_missing": Wrong(
        _with(coefficients=lambda c: c[:-1]),
        "the highest power is missing",
        "range(len(c)) goes over all of them",
    ),
    "constant_missing": Wrong(
        _with(coefficients=lambda c: torch.cat([c.new_zeros(1), c[1:]])),
        "the constant c[0] is missing from the value; the slope does not see it",
        "start the sum at j = 0",
    ),
    "value_twice": Wrong(
        _with(shown=lambda value, slope: (value, value)),
        "the slope repeats the value",
        "backward() leaves the slope in x.grad",
    ),
    "backward_twice": Wrong(
        _backward_twice,
        "backward() ran twice, and .grad adds up: the slope is doubled",
        "start from a fresh leaf, or clear .grad",
    ),
    "second_derivative": Wrong(
        _second_derivative, "this is the slope of the slope", "differentiate once"
    ),
    "by_coefficients": Wrong(
        _by_coefficients,
        "the slope is with respect to c: that tensor was tracked, not x",
        "requires_grad belongs on a copy of x",
    ),
    "mean_for_sum": Wrong(
        _with(out=torch.mean),
        "the values were averaged before backward(), so each slope is divided by their number",
        "the sum leaves every slope as it is",
    ),
    "slopes_added": Wrong(
        _with(shown=lambda value, slope: (value, slope.sum())),
        "the slopes of all points are added up to one number",
        "each point has its own slope, in the shape of x",
    ),
    "only_the_slope_shifted": Wrong(
        _with(shown=lambda value, slope: (value, slope + 1)),
        "the slope is too large by 1 everywhere",
        "the constant has the slope 0, not 1",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "chord": Wrong(_chord),
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(_single_precision),
    "tracks_its_input": Wrong(_tracks_its_input),
    "one_point_only": Wrong(lambda c, x: tuple(p.flatten()[:1] for p in reference(c, x))),
}


def by_horner(c, x):
    """Horner's scheme, and backward() with a vector of ones; the value stays tracked."""
    leaf = x.clone().requires_grad_()
    value = torch.zeros_like(leaf)
    for c_j in c.flip(0):
        value = value * leaf + c_j
    value.backward(torch.ones_like(value))
    return value, leaf.grad


def by_forward_mode(c, x):
    value, slope = torch.func.jvp(lambda at: polynomial(c, at), (x,), (torch.ones_like(x),))
    return [value, slope]


def by_the_power_rule(c, x):
    powers = x[..., None] ** torch.arange(len(c))
    return powers @ c, powers[..., : len(c) - 1] @ (c[1:] * torch.arange(1, len(c)).to(c))


RIGHT = [by_horner, by_forward_mode, by_the_power_rule, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for terms, sizes, idea in [
            (4, (), "a cubic at one point"),
            (4, (5,), "a cubic at five points"),
            (6, (2, 3), "degree 5, two axes"),
            (2, (4,), "a straight line"),
            (3, (1,), "one point with an axis"),
        ]:
            c, x = rand(terms), rand(*sizes)
            match((c, x), idea)
            match((c.float(), x.float()), f"{idea}, float32")
        match((rand(4), torch.zeros(3).double()), "at 0")
        _linear(call, rand(5), rand(5), rand(4))


def _linear(call, c, d, x):
    """The slope of a sum is the sum of the slopes."""
    total = call((c + d, x), "a sum of polynomials")[1]
    parts = call((c, x), "a polynomial")[1] + call((d, x), "another polynomial")[1]
    check.compare("slope: slope of a sum of two polynomials", total, parts)
