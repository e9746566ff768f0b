"""Exercise `descend`: repair a walk down the parabola (x - a)^2 + c."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

EXAMPLES = {
    "three steps": (torch.tensor(0.0).double(), 3.0, 2.0, 0.25, 3),
    "two walks": (torch.tensor([1.0, -2]).double(), -1.0, 0.5, 0.1, 2),
    "no step": (torch.tensor([4.0]).double(), 1.0, -1.0, 0.5, 0),
}
AXES = ("...",)
RETURNS = ("path", "heights")


def reference(x, a, c, lr, steps):
    """The closed form: each step shrinks the distance to a by the factor 1 - 2 lr."""
    times = torch.arange(steps + 1, dtype=x.dtype).reshape(-1, *[1] * x.ndim)
    distance = (x - a) * (1 - 2 * lr) ** times
    return a + distance, distance**2 + c


def _repaired(
    gradient=lambda x, a: 2 * (x - a), sign=-1, start=True, height=lambda x, a, c: (x - a) ** 2 + c
):
    """Return the broken code with all faults repaired but those that are handed in."""

    def descend(x, a, c, lr, steps):
        path = [x] if start else []
        for _ in range(steps):
            x = x + sign * lr * gradient(x, a)
            path.append(x)
        path = torch.stack(path) if path else x.new_zeros(0, *x.shape)
        return path, height(path, a, c)

    return descend


def _slip(x, a):
    return 2 * x - a


def _height_of_the_start_left(x, a, c, lr, steps):
    path, heights = reference(x, a, c, lr, steps)
    return path, heights[1:]


def _end_left(x, a, c, lr, steps):
    path, heights = reference(x, a, c, lr, steps)
    return path[:-1], heights[:-1]


def _in_place(x, a, c, lr, steps):
    path = [x.clone()]
    for _ in range(steps):
        x -= lr * 2 * (x - a)
        path.append(x.clone())
    path = torch.stack(path)
    return path, (path - a) ** 2 + c


def _same_tensor_each_time(x, a, c, lr, steps):
    x = x.clone()
    path = [x]
    for _ in range(steps):
        x -= lr * 2 * (x - a)
        path.append(x)
    path = torch.stack(path)
    return path, (path - a) ** 2 + c


def _only_the_end(x, a, c, lr, steps):
    path, heights = reference(x, a, c, lr, steps)
    return path[-1], heights[-1]


def _plain_numbers(x, a, c, lr, steps):
    path = [float(x)]
    for _ in range(steps):
        path.append(path[-1] - lr * 2 * (path[-1] - a))
    return torch.tensor(path), torch.tensor([(p - a) ** 2 + c for p in path])


def _stops_early(x, a, c, lr, steps):
    path = [x]
    for _ in range(steps):
        step = lr * 2 * (path[-1] - a)
        path.append(path[-1] - (step if step.abs().max() > 0.1 else 0 * step))
    path = torch.stack(path)
    return path, (path - a) ** 2 + c


WRONG = {
    "bracket_left": Wrong(
        _repaired(gradient=_slip),
        "the slope is 2 x - a: the 2 belongs to the whole bracket",
        "chain rule: the derivative of (x - a)^2 is 2 (x - a)",
    ),
    "sign_left": Wrong(
        _repaired(sign=1),
        "the walk goes uphill, away from a",
        "subtract the step: x - lr * gradient",
    ),
    "start_left": Wrong(
        _repaired(start=False),
        "the start is missing: the path begins after the first step",
        "put x and its height into the lists before the loop",
    ),
    "bracket_and_sign_left": Wrong(
        _repaired(gradient=_slip, sign=1),
        "the slope is 2 x - a, and the walk goes uphill",
        "two faults are left: the bracket of the slope, and the sign of the step",
    ),
    "no_two": Wrong(
        _repaired(gradient=lambda x, a: x - a),
        "the slope lacks its factor 2",
        "the derivative of (x - a)^2 is 2 (x - a)",
    ),
    "c_in_the_slope": Wrong(
        _repaired(gradient=lambda x, a: 2 * (x - a) + 2),
        "a number is added to the slope; c shifts the curve up and changes no slope",
        "the derivative of the constant c is 0",
    ),
    "height_without_c": Wrong(
        _repaired(height=lambda x, a, c: (x - a) ** 2),
        "the heights lack the constant c",
        "f(x) = (x - a)^2 + c: its lowest value is c, not 0",
    ),
    "constant_step": Wrong(
        _repaired(gradient=lambda x, a: torch.sign(x - a)),
        "every step has the same length: only the sign of the slope was used",
        "multiply lr by the slope itself, so that steps shrink near the bottom",
    ),
    "nothing_repaired": Wrong(
        _repaired(gradient=_slip, sign=1, start=False),
        "all three faults are left: the start is missing, and then look at slope and step",
        "begin with the start: put x and its height into the lists before the loop",
    ),
    "start_and_bracket_left": Wrong(
        _repaired(gradient=_slip, start=False),
        "two faults are left: the start is missing, and the slope is no derivative of f",
        "put x and its height into the lists before the loop, then differentiate f",
    ),
    "start_and_sign_left": Wrong(
        _repaired(sign=1, start=False),
        "two faults are left: the start is missing, and the walk goes uphill",
        "put x and its height into the lists before the loop, then look at the step",
    ),
    "height_of_the_start_left": Wrong(
        _height_of_the_start_left,
        "the path has its start, the heights do not",
        "both lists begin before the loop: heights with f at the start",
    ),
    "end_left": Wrong(
        _end_left,
        "the last place is missing: each place is stored before its step is taken",
        "store once more after the loop, or store after the step and begin with the start",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "in_place": Wrong(_in_place),
    "same_tensor_each_time": Wrong(_same_tensor_each_time),
    "only_the_end": Wrong(_only_the_end),
    "plain_numbers": Wrong(_plain_numbers),
    "stops_early": Wrong(_stops_early),
}


def fills_a_table(x, a, c, lr, steps):
    path = x.new_empty(steps + 1, *x.shape)
    path[0] = x
    for t in range(steps):
        path[t + 1] = (1 - 2 * lr) * path[t] + 2 * lr * a
    return path, (a - path).square() + c


def by_autograd(x, a, c, lr, steps):
    """Lets torch find the slope, and keeps a list of both results."""
    path, heights = [], []
    for t in range(steps + 1):
        x = x.detach().requires_grad_()
        height = (x - a) ** 2 + c
        path.append(x.detach())
        heights.append(height.detach())
        if t < steps:
            x = x - lr * torch.autograd.grad(height.sum(), x)[0]
    return [torch.stack(path), torch.stack(heights)]


def one_start_at_a_time(x, a, c, lr, steps):
    walks = []
    for start in x.reshape(-1).tolist():
        walk = [start]
        while len(walk) <= steps:
            walk.append(walk[-1] - 2 * lr * (walk[-1] - a))
        walks.append(walk)
    path = torch.tensor(walks, dtype=x.dtype).T.reshape(steps + 1, *x.shape)
    return path, path**2 - 2 * a * path + a**2 + c


RIGHT = [fills_a_table, by_autograd, one_start_at_a_time, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        a, c = rand(2).tolist()
        for sizes, idea in [((), "one walk"), ((5,), "five walks"), ((2, 3), "a table of walks")]:
            match((rand(*sizes), a, c, 0.2, 7), idea)
        match((rand(3).float(), a, c, 0.2, 4), "float32")
        match((rand(3), a, c, 0.2, 0), "no step")
        match((rand(3), a, c, 0.6, 6), "steps across the bottom")
        match((rand(3), a, c, 1.1, 6), "a rate that diverges")
        _shifted(call, rand(4), a, c)
        _lands(call, rand(4), a, c)


def _shifted(call, x, a, c):
    """Moved sideways by 3 and up by 2, the walk is the same walk."""
    path, heights = call((x, a, c, 0.3, 5), "a walk")
    moved, higher = call((x + 3, a + 3, c + 2, 0.3, 5), "a walk, moved")
    check.compare("descend: path when all is moved sideways", moved, path + 3)
    check.compare("descend: heights when the curve is lifted", higher, heights + 2)


def _lands(call, x, a, c):
    path, heights = call((x, a, c, 0.5, 1), "rate 1/2")
    what = "descend: at rate 1/2 one step lands at the bottom"
    check.compare(what, path[-1], torch.full_like(path[-1], a))
    check.compare(f"{what}, height", heights[-1], torch.full_like(heights[-1], c))
