"""Exercise `stationary_points`: where a cubic is flat, and which kind of place that is."""

from functools import partial

import numpy as np
import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

EXAMPLES = {
    "x^3 - 4x": (torch.tensor([0.0, -4, 0, 1]).double(),),
    "two, falling": (torch.tensor([5.0, 12, 3, -2]).double(),),  # flat at -1 and 2
    "one": (torch.tensor([2.0, 12, -6, 1]).double(),),  # (x - 2)^3 + 10
    "none": (torch.tensor([0.0, 4, 0, 1]).double(),),
}
AXES = ("4",)
RETURNS = ("x", "curvature", "kind")


def reference(c):
    """NumPy's roots of NumPy's derivative; nearly equal roots are one."""
    f = np.polynomial.Polynomial(c.double().numpy())
    roots = f.deriv().roots()
    roots = np.sort(roots[np.abs(roots.imag) < 1e-6].real)
    if len(roots) == 2 and roots[1] - roots[0] < 1e-6:
        roots = roots.mean(keepdims=True)
    curvature = f.deriv(2)(roots)
    kind = np.sign(np.where(np.abs(curvature) < 1e-6, 0, curvature))
    as_given = lambda values: torch.tensor(values).to(c.dtype)
    return as_given(roots), as_given(curvature), torch.tensor(kind).long()


def by_formula(
    c, *,
    roots=lambda a, b, d: torch.stack([(-b - d) / (2 * a), (-b + d) / (2 * a)]),
    curvature=lambda c, x: 2 * c[2] + 6 * c[3] * x,
    kind=lambda curvature, x: curvature.sign().long(),
    order=lambda x: x.sort().values,
    once=True,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    a, b = 3 * c[3], 2 * c[2]
    inside = b**2 - 4 * a * c[1]
    if inside < 0:
        x = c.new_zeros(0)
    else:
        x = order(roots(a, b, inside.sqrt()))
        x = x[:1] if once and inside == 0 else x
    curved = curvature(c, x)
    return x, curved, kind(curved, x)


def _with(**step):
    return partial(by_formula, **step)


def _zeros_of_f(c):
    roots = np.polynomial.Polynomial(c.double().numpy()).roots()
    x = torch.tensor(np.sort(roots[np.abs(roots.imag) < 1e-4].real)).to(c.dtype)
    curvature = 2 * c[2] + 6 * c[3] * x
    return x, curvature, curvature.sign().long()


def _coefficients_reversed(c):
    return by_formula(c.flip(0))


def _not_differentiated(c):
    a, b = c[3], c[2]
    root = (b**2 - 4 * a * c[1]).clamp(min=0).sqrt()
    x = torch.unique(torch.stack([(-b - root) / (2 * a), (-b + root) / (2 * a)]))
    curvature = 2 * c[2] + 6 * c[3] * x
    return x, curvature, curvature.sign().long()


def _forgets_the_middle(c):
    """Works for x^3 - 4x only: c2 is taken as 0."""
    kept = c.clone()
    kept[2] = 0
    return by_formula(kept)


def _always_two(c):
    """abs() against the NaN of a negative number under the root."""
    a, b = 3 * c[3], 2 * c[2]
    d = (b**2 - 4 * a * c[1]).abs().sqrt()
    x = torch.stack([(-b - d) / (2 * a), (-b + d) / (2 * a)]).sort().values
    return x, 2 * c[2] + 6 * c[3] * x, (2 * c[2] + 6 * c[3] * x).sign().long()


def _kind_as_float(c):
    x, curvature, _ = by_formula(c)
    return x, curvature, torch.where(curvature > 0, 1, -1)


def _single_precision(c):
    return by_formula(c.float())


WRONG = {
    "zeros_of_f": Wrong(
        _zeros_of_f,
        "these are the zeros of the cubic itself; flat places are the zeros of its derivative",
        "differentiate first, then solve",
    ),
    "kinds_swapped": Wrong(
        _with(kind=lambda curvature, x: -curvature.sign().long()),
        "minimum and maximum are exchanged",
        "where the second derivative is positive the curve opens upwards: a minimum, 1",
    ),
    "first_is_maximum": Wrong(
        _with(kind=lambda curvature, x: torch.tensor([-1, 1])[: len(x)]),
        "the kind goes by position: the left point is called a maximum, the right one a minimum",
        "that fits x^3 - 4x; a cubic that falls at last has it the other way: ask the curvature",
    ),
    "sign_of_x": Wrong(
        _with(kind=lambda curvature, x: x.sign().long()),
        "the kind goes by the sign of x",
        "that fits x^3 - 4x; in general the sign of the second derivative at x decides",
    ),
    "no_undecided": Wrong(
        _with(kind=lambda curvature, x: torch.where(curvature >= 0, 1, -1)),
        "a curvature of 0 is taken for a minimum; there the test says nothing",
        "return 0 where the second derivative is 0",
    ),
    "not_halved": Wrong(
        _with(roots=lambda a, b, d: torch.stack([(-b - d) / a, (-b + d) / a])),
        "the quadratic formula is divided by a, not by 2 a",
        "(-b plus or minus the root) / (2 a), with a = 3 c3 and b = 2 c2",
    ),
    "curvature_without_c2": Wrong(
        _with(curvature=lambda c, x: 6 * c[3] * x),
        "the second derivative lacks 2 c2",
        "differentiate c1 + 2 c2 x + 3 c3 x^2 once more, term by term",
    ),
    "double_root_twice": Wrong(
        _with(once=False),
        "where both roots are equal the point is listed twice",
        "if the number under the root is 0, return one point",
    ),
    "largest_first": Wrong(
        _with(order=lambda x: x.sort(descending=True).values),
        "the points are right, and run from right to left",
        "sort them from left to right: x.sort().values",
    ),
    "not_differentiated": Wrong(
        _not_differentiated,
        "the quadratic formula got c3, c2 and c1; the coefficients of the slope are others",
        "f' = 3 c3 x^2 + 2 c2 x + c1, so a = 3 c3 and b = 2 c2",
    ),
    "coefficients_reversed": Wrong(
        _coefficients_reversed,
        "the coefficients are read from the wrong end",
        "c[0] is the constant, and c[3] belongs to x^3",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "as_the_formula_gives_them": Wrong(_with(order=lambda x: x)),
    "forgets_the_middle": Wrong(_forgets_the_middle),
    "always_two": Wrong(_always_two),
    "kind_of_two_values": Wrong(_kind_as_float),
    "single_precision": Wrong(_single_precision),
}


def companion_matrix(c):
    """The roots of a quadratic as eigenvalues of a 2 by 2 matrix."""
    p, q = (c[1] / (3 * c[3])).double(), (2 * c[2] / (3 * c[3])).double()
    roots = torch.linalg.eigvals(torch.tensor([[0.0, -p], [1.0, -q]]).double())
    if (q / 2) ** 2 == p:
        x = (-q / 2).reshape(1)
    else:
        x = roots[roots.imag.abs() < 1e-9].real.sort().values
    curvature = 6 * c[3].double() * x + 2 * c[2].double()
    curvature = torch.where(curvature.abs() < 1e-9, 0.0, curvature)
    return x.to(c.dtype), curvature.to(c.dtype), curvature.sign().long()


def centre_and_distance(c):
    """Flat places lie at equal distances on both sides of the inflection point."""
    middle = -c[2] / (3 * c[3])
    square = middle**2 - c[1] / (3 * c[3])
    offsets = [] if square < 0 else [0.0] if square == 0 else [-square.sqrt(), square.sqrt()]
    x = torch.tensor([middle + o for o in offsets], dtype=c.dtype)
    curvature = torch.tensor([6 * c[3] * o for o in offsets], dtype=c.dtype)
    return x, curvature, torch.tensor([int(torch.sign(v)) for v in curvature]).long()


def plain_python(c):
    _, c1, c2, c3 = c.tolist()
    inside = (2 * c2) ** 2 - 12 * c3 * c1
    roots = sorted({(-2 * c2 + s * inside**0.5) / (6 * c3) for s in (1, -1)}) if inside >= 0 else []
    bends = [2 * c2 + 6 * c3 * r for r in roots]
    kinds = [(b > 0) - (b < 0) for b in bends]
    column = lambda values: torch.tensor(values, dtype=c.dtype)
    return [column(roots), column(bends), torch.tensor(kinds, dtype=torch.int64)]


RIGHT = [companion_matrix, centre_and_distance, plain_python, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        p, q, lift, size = _whole_numbers(draw)
        for sign, idea in [(1, "rising at last"), (-1, "falling at last")]:
            two = _cubic(sign * size, p, p + q, lift)
            match((two,), f"two flat points, {idea}")
            match((two.float(),), f"two flat points, {idea}, float32")
            match((_cubic(sign * size, p, p, lift),), f"one flat point, {idea}")
            _turned_round(call, two)
        none = _cubic(size, p, p, lift) + torch.tensor([0.0, size, 0, 0]).double()
        match((none,), "no flat point")


def _whole_numbers(seed):
    draws = normal(seed)(4).tolist()
    p, q, lift = (round(3 * d) for d in draws[:3])
    return p, 2 * abs(q) + 2, lift, 1 + abs(round(draws[3]))


def _cubic(size, p, q, lift):
    """The cubic with derivative 6 size (x - p)(x - q), exact in small whole numbers."""
    return torch.tensor([lift, 6 * size * p * q, -3 * size * (p + q), 2 * size]).double()


def _turned_round(call, c):
    """-f is flat where f is; every minimum becomes a maximum."""
    x, curvature, kind = call((c,), "a cubic")
    again, bent, other = call((-c,), "the same, upside down")
    what = "stationary_points: upside down,"
    check.compare(f"{what} the points stay", again, x)
    check.compare(f"{what} the curvature changes its sign", bent, -curvature)
    check.compare(f"{what} minimum and maximum change places", other, -kind)
