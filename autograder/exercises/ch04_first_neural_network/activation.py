"""Exercise `activation`: sigmoid, tanh and ReLU, each with its slope."""

import math
from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch04_first_neural_network import LN3
from chainrule import check

LN2 = math.log(2)
EXAMPLES = {  # sigmoid(ln 3) = 3/4, sigmoid(ln 2) = 2/3, tanh(ln 3) = 0.8, tanh(ln 2) = 0.6
    "sigmoid": (torch.tensor([[-LN3, 0, LN3], [-LN2, LN2, 2 * LN2]]), "sigmoid"),
    "tanh": (torch.tensor([-LN3, 0, LN2, LN3]), "tanh"),
    "relu": (torch.tensor([[-2.0, 3], [0, 0.5], [-0.5, 1]]).double(), "relu"),
}
AXES = ("...",)
RETURNS = ("a", "slope")
NAMES = ("sigmoid", "tanh", "relu")


def reference(z, phi):
    """torch's own functions, and their slopes by automatic differentiation."""
    z = z.clone().requires_grad_()
    a = getattr(torch, phi)(z)
    (slope,) = torch.autograd.grad(a.sum(), z)
    return a.detach(), slope


def _with(value=None, slope=None):
    """Return a learner's function: right, but for the named value or slope (a function of z, a)."""

    def activation(z, phi):
        a, right = reference(z, phi)
        if value and phi in value:
            a = value[phi](z)
        if slope and phi in slope:
            right = slope[phi](z, a)
        return a, right

    return activation


def _naive_exponentials(z, phi):
    if phi == "sigmoid":
        a = torch.exp(z) / (1 + torch.exp(z))
        return a, a * (1 - a)
    if phi == "tanh":
        a = (torch.exp(z) - torch.exp(-z)) / (torch.exp(z) + torch.exp(-z))
        return a, 1 - a**2
    return z * (z > 0), (z > 0).to(z.dtype)


def _quotient_rule(z, phi):
    a, slope = reference(z, phi)
    return (a, torch.exp(-z) / (1 + torch.exp(-z)) ** 2) if phi == "sigmoid" else (a, slope)


def _math_of_one_number(z, phi):
    a = 1 / (1 + math.exp(-z))
    return a, a * (1 - a)


def _loops_over_rows_and_columns(z, phi):
    a, slope = torch.zeros(z.shape), torch.zeros(z.shape)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            a[i, j], slope[i, j] = reference(z[i, j], phi)
    return a, slope


def _in_place(z, phi):
    slope = reference(z, phi)[1]
    return (z.clamp_(min=0) if phi == "relu" else reference(z, phi)[0]), slope


def _single_precision(z, phi):
    a, slope = reference(z.float(), phi)
    return a, slope


def _forgets_the_slope(z, phi):
    return reference(z, phi)[0]


WRONG = {
    "slope_formula_fed_with_z": Wrong(
        _with(slope={"sigmoid": lambda z, a: z * (1 - z)}),
        "a (1 - a) was computed with z where the formula has a, the sigmoid's value",
        "compute a first, then use a in the slope",
    ),
    "sigmoid_taken_twice": Wrong(
        _with(slope={"sigmoid": lambda z, a: torch.sigmoid(a) * (1 - torch.sigmoid(a))}),
        "the slope takes the sigmoid of a, which is already a sigmoid",
        "write a * (1 - a), or sigmoid(z) * (1 - sigmoid(z)), not a mixture",
    ),
    "sign_of_z": Wrong(
        _with(
            value={"sigmoid": lambda z: torch.sigmoid(-z)},
            slope={"sigmoid": lambda z, a: a * (1 - a)},
        ),
        "the exponent has the wrong sign, so the curve falls where it should rise",
        "check one number: a large positive z must give nearly 1",
    ),
    "sigmoid_slope_without_a": Wrong(
        _with(slope={"sigmoid": lambda z, a: 1 - a}),
        "the slope is 1 - a; its factor a is missing",
        "differentiate 1 / (1 + exp(-z)) once more on paper",
    ),
    "tanh_is_a_sigmoid": Wrong(
        _with(
            value={"tanh": lambda z: 2 * torch.sigmoid(z) - 1},
            slope={"tanh": lambda z, a: 1 - a**2},
        ),
        "2 sigmoid(z) - 1 is a tanh of z/2, half as steep",
        "tanh(z) = 2 sigmoid(2 z) - 1",
    ),
    "tanh_slope_not_squared": Wrong(
        _with(slope={"tanh": lambda z, a: 1 - a}),
        "the slope is 1 - a; the square of a is missing",
        "at z = 0 the slope is 1, and it is the same at z and -z",
    ),
    "tanh_slope_of_z": Wrong(
        _with(slope={"tanh": lambda z, a: 1 - z**2}),
        "1 - a^2 was computed with z where the formula has a",
        "compute a first, then use a in the slope",
    ),
    "relu_slope_at_zero": Wrong(
        _with(slope={"relu": lambda z, a: (z >= 0).to(z.dtype)}),
        "at z = 0 the slope is 1; the contract, like torch, says 0 there",
        "compare with z > 0",
    ),
    "relu_slope_is_the_value": Wrong(
        _with(slope={"relu": lambda z, a: a}),
        "the slope equals the value max(0, z); a straight piece has a constant slope",
        "which number does a grow by when z grows by 1?",
    ),
    "relu_is_absolute": Wrong(
        _with(value={"relu": torch.abs}, slope={"relu": lambda z, a: torch.sign(z)}),
        "|z| reflects negative numbers; ReLU cuts them off at 0",
        "ReLU(-2) is 0, not 2",
    ),
    "sigmoid_without_its_left_half": Wrong(
        _with(value={"sigmoid": lambda z: torch.sigmoid(z.abs())}),
        "exp(-|z|) went into the formula for z >= 0 everywhere, so the curve is mirrored at 0",
        "for z < 0 multiply numerator and denominator by exp(z): another formula, torch.where",
    ),
    "tanh_without_its_sign": Wrong(
        _with(value={"tanh": lambda z: torch.tanh(z.abs())}),
        "|z| lost the sign: tanh(-z) is -tanh(z)",
        "give the result the sign of z",
    ),
    "tanh_slope_of_a_sigmoid": Wrong(
        _with(slope={"tanh": lambda z, a: a * (1 - a)}),
        "a (1 - a) is the slope of a sigmoid",
        "the slope of tanh is 1 - a^2",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "naive_exponentials": Wrong(_naive_exponentials),
    "quotient_rule": Wrong(_quotient_rule),
    "math_of_one_number": Wrong(_math_of_one_number),
    "loops_over_rows_and_columns": Wrong(_loops_over_rows_and_columns),
    "slope_is_true_or_false": Wrong(_with(slope={"relu": lambda z, a: z > 0})),
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(_single_precision),
    "forgets_the_slope": Wrong(_forgets_the_slope),
}


def one_number_at_a_time(z, phi):
    """Loops over the elements; each sigmoid uses the exponential that cannot overflow."""

    def one(v):
        if phi == "relu":
            return max(0.0, v), float(v > 0)
        if phi == "tanh":
            return math.tanh(v), 1 - math.tanh(v) ** 2
        e = math.exp(-abs(v))
        return (1 / (1 + e) if v >= 0 else e / (1 + e)), e / (1 + e) ** 2

    pairs = [one(v) for v in z.flatten().tolist()]
    a, slope = (torch.tensor(column, dtype=z.dtype) for column in zip(*pairs, strict=True))
    return a.reshape(z.shape), slope.reshape(z.shape)


def all_from_tanh(z, phi):
    """sigmoid(z) = (1 + tanh(z/2)) / 2; the slope of tanh is 1 / cosh^2; ReLU is z times a step."""
    if phi == "relu":
        step = torch.heaviside(z, torch.zeros((), dtype=z.dtype))
        return z * step, step
    half = z / 2 if phi == "sigmoid" else z
    t, slope = torch.tanh(half), torch.cosh(half) ** -2
    return ((1 + t) / 2, slope / 4) if phi == "sigmoid" else (t, slope)


def graph_and_list(z, phi):
    """Automatic differentiation, values still on the graph, and a list for a tuple."""
    z = z.clone().requires_grad_()
    a = {"sigmoid": torch.special.expit, "tanh": torch.tanh, "relu": torch.nn.ReLU()}[phi](z)
    a.sum().backward()
    return [a, z.grad]


RIGHT = [one_number_at_a_time, all_from_tanh, graph_and_list, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for sizes, idea in [((7,), "a row"), ((5, 4), "a table"), ((3, 2, 5), "three axes")]:
            z = 2 * rand(*sizes)
            z = torch.where(z.abs() < 0.01, 1.0, z)  # a difference must not cross ReLU's corner
            for phi in NAMES:
                _slope_is_the_derivative(call, z, phi)
                match((z, phi), f"{phi}, {idea}")
                match((z.float(), phi), f"{phi}, {idea}, float32")
    _point_symmetry(call, 3 * normal(seed)(6))
    for big in (torch.tensor([-1000.0, 1000.0]), torch.tensor([-1000.0, 1000.0]).double()):
        for phi in NAMES:
            match((big, phi), f"{phi} far from 0")
            match((0 * big, phi), f"{phi} at 0")


def _slope_is_the_derivative(call, z, phi):
    """A central difference of the values that the function returns itself."""
    h = 1e-4
    slope, up, down = call((z, phi), phi)[1], call((z + h, phi), phi)[0], call((z - h, phi), phi)[0]
    what = f"activation: the slope of {phi} is the derivative of the value returned"
    check.compare(what, slope, (up - down) / (2 * h))


def _point_symmetry(call, z):
    for phi, total in (("sigmoid", 1.0), ("tanh", 0.0)):
        values = call((z, phi), phi)[0] + call((-z, phi), phi)[0]
        what = f"activation: {phi}(z) + {phi}(-z) is {total:g}"
        check.compare(what, values, torch.full_like(z, total))
