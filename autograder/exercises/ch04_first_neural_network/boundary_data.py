"""Exercise `boundary_data`: repair code that should give the network's opinion on a grid."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch04_first_neural_network import LN3, logits
from chainrule import check

# z2 = ln 3 * (x1 - x2, with x2 cut to 0 ... 1), so p = 1/4, 1/2, 3/4 for -1, 0, 1
NET = (
    torch.tensor([[1.0, 0], [-1, 0], [0, 1], [0, 1]]),
    torch.tensor([0.0, 0, 0, -1]),
    torch.tensor([[LN3, -LN3, -LN3, LN3]]),
    torch.tensor([0.0]),
)
STEEP = (
    torch.tensor([[1.0, 2], [-1, 1], [2, 0], [0, -3]]).double(),
    torch.tensor([1.0, 0, -1, 2]).double(),
    torch.tensor([[1.0, -2, 0.5, -1]]).double(),
    torch.tensor([-0.5]).double(),
)
EXAMPLES = {
    "3 rows, 5 columns": (*NET, torch.tensor([-2.0, -1, 0, 1, 2]), torch.tensor([-1.0, 0, 1])),
    "5 rows, 3 columns": (
        *STEEP,
        torch.tensor([-1.0, 0, 2]).double(),
        torch.tensor([-2.0, -1, 0, 0.5, 1]).double(),
    ),
}
AXES = ("h 2", "h", "1 h", "1", "nx", "ny")
RETURNS = ("p",)


def reference(W1, b1, W2, b2, xs, ys):
    """One point after the other."""
    rows = [
        [torch.sigmoid(logits(torch.stack([a, b]), W1, b1, W2, b2)[2])[0] for a in xs] for b in ys
    ]
    return torch.stack([torch.stack(row) for row in rows])


def _repaired(
    *, hidden=True, axes=True, output=True, probability=True, swap=False, squash=torch.sigmoid
):
    """Return the broken code with the named faults repaired."""

    def boundary_data(W1, b1, W2, b2, xs, ys):
        a, b = torch.meshgrid(xs, ys, indexing="xy" if axes else "ij")
        points = torch.stack([b.ravel(), a.ravel()] if swap else [a.ravel(), b.ravel()], 1)
        z1 = points @ W1.T + b1
        z2 = (torch.relu(z1) if hidden else z1) @ W2.T + b2
        z2 = z2 if output else torch.relu(z2)
        p = squash(z2) if probability else z2
        return p.reshape(len(ys), len(xs))

    return boundary_data


def _columns_first(W1, b1, W2, b2, xs, ys):
    return reference(W1, b1, W2, b2, xs, ys).T


def _not_reshaped(W1, b1, W2, b2, xs, ys):
    return reference(W1, b1, W2, b2, xs, ys).reshape(-1, 1)


def _upside_down(W1, b1, W2, b2, xs, ys):
    return reference(W1, b1, W2, b2, xs, ys).flip(0)


def _even_grid(W1, b1, W2, b2, xs, ys):
    """Only the ends of xs and ys are used; the points between are spaced evenly."""
    xs, ys = (torch.linspace(v[0], v[-1], len(v)).to(v) for v in (xs, ys))
    return reference(W1, b1, W2, b2, xs, ys)


def _single_precision(*args):
    p = reference(*args)
    out = torch.zeros(p.shape)
    for i, row in enumerate(p):
        out[i] = row
    return out


def _in_place(W1, b1, W2, b2, xs, ys):
    return reference(W1, b1, W2, b2, xs, ys.sub_(ys.mean()).add_(ys.mean() + 0.5))


def _exponentials(z):
    return torch.exp(z) / (1 + torch.exp(z))


def _last_row_lost(W1, b1, W2, b2, xs, ys):
    step = xs[1] - xs[0]
    return reference(W1, b1, W2, b2, torch.arange(xs[0], xs[-1], step), ys)


AXES_FAULT = "indexing='ij' lets x run down the rows, and the reshape expects it along them"
OUTPUT_FAULT = "the ReLU after the last layer is still there, so p is never below 1/2"
LOGIT_FAULT = "the values are logits, not probabilities"
WRONG = {
    "nothing_repaired": Wrong(
        _repaired(axes=False, output=False, probability=False),
        "all three faults are still there: axes, output activation, logits",
        "take them one at a time, on a grid of 2 by 3 points",
    ),
    "axes_and_output_left": Wrong(
        _repaired(axes=False, output=False),
        f"two faults are left: {OUTPUT_FAULT}; and rows and columns are mixed up",
        "the last layer is linear; then look at what meshgrid returns",
    ),
    "axes_and_logits_left": Wrong(
        _repaired(axes=False, probability=False),
        f"two faults are left: {LOGIT_FAULT}; and rows and columns are mixed up",
        "take the sigmoid; then look at what meshgrid returns",
    ),
    "output_and_logits_left": Wrong(
        _repaired(output=False, probability=False),
        f"two faults are left: {LOGIT_FAULT}; and a ReLU cuts off the negative ones",
        "the last layer is linear, and the sigmoid turns its logit into p",
    ),
    "axes_left": Wrong(
        _repaired(axes=False),
        f"one fault is left: {AXES_FAULT}",
        "print the first column of points: it must change fastest",
    ),
    "output_left": Wrong(
        _repaired(output=False),
        f"one fault is left: {OUTPUT_FAULT}",
        "the last layer is linear: no activation before the sigmoid",
    ),
    "logits_left": Wrong(
        _repaired(probability=False),
        f"one fault is left: {LOGIT_FAULT}",
        "p = sigmoid(z2)",
    ),
    "coordinates_swapped": Wrong(
        _repaired(swap=True),
        "the points are (y, x): the picture is mirrored on the diagonal",
        "the first column of points holds x, which comes from xs",
    ),
    "classes_for_probabilities": Wrong(
        _repaired(squash=lambda z: (z > 0).to(z.dtype)),
        "p is 0 or 1, a class; the contour at 1/2 needs the probability",
        "leave the threshold to the picture",
    ),
    "columns_first": Wrong(
        _columns_first,
        "p is (nx, ny), transposed",
        "a row of p belongs to one y: (ny, nx), which is what contourf wants",
    ),
    "upside_down": Wrong(
        _upside_down,
        "the rows are in reverse order; row 0 belongs to ys[0]",
        "do not flip: contourf takes the order from ys",
    ),
    "hidden_relu_removed": Wrong(
        _repaired(hidden=False),
        "the ReLU of the hidden layer went too; only the last layer is linear",
        "keep clamp(min=0) in the line of a1",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "not_reshaped": Wrong(_not_reshaped),
    "even_grid": Wrong(_even_grid),
    "last_row_lost": Wrong(_last_row_lost),
    "exponentials": Wrong(_repaired(squash=_exponentials)),
    "single_precision": Wrong(_single_precision),
    "in_place": Wrong(_in_place),
}


def leading_axes(W1, b1, W2, b2, xs, ys):
    """No flat list of points: the grid (ny, nx, 2) goes through the layers as it is."""
    a, b = torch.broadcast_tensors(xs[None, :], ys[:, None])
    return torch.sigmoid(logits(torch.stack([a, b], -1), W1, b1, W2, b2)[2])[..., 0]


def list_of_pairs(W1, b1, W2, b2, xs, ys):
    points = torch.cartesian_prod(ys, xs).flip(1)
    z2 = logits(points, W1, b1, W2, b2)[2]
    return (0.5 + 0.5 * torch.tanh(z2 / 2)).view(ys.numel(), xs.numel())


def sum_of_two_parts(W1, b1, W2, b2, xs, ys):
    """z1 splits into a part of x and a part of y, added by broadcasting."""
    z1 = (xs[:, None] * W1[:, 0])[None] + (ys[:, None] * W1[:, 1] + b1)[:, None]
    return 1 / (1 + torch.exp(-(torch.einsum("yxh,oh->yx", z1.clamp(min=0), W2) + b2)))


RIGHT = [leading_axes, list_of_pairs, sum_of_two_parts, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        net = rand(7, 2), rand(7), rand(1, 7), rand(1)
        xs, ys = rand(6).sort()[0], rand(4).sort()[0]
        _mirror_on_the_diagonal(call, net, xs, ys)
        _opposite_logits(call, net, xs, ys)
        match((*net, xs, ys), "6 by 4 points, unevenly spaced")
        match((*net, xs, xs), "as many rows as columns")
        match((*net, xs[:1], ys), "a single column")
        match([a.float() for a in (*net, xs, ys)], "float32")
        match((*net, 2000 * xs, 2000 * ys), "far away")


def _mirror_on_the_diagonal(call, net, xs, ys):
    W1, *rest = net
    (p,), (mirror,) = call((*net, xs, ys), "a grid"), call((W1.flip(1), *rest, ys, xs), "a grid")
    what = "boundary_data: p is transposed when x and y change places"
    check.compare(what, mirror, p.T)


def _opposite_logits(call, net, xs, ys):
    W1, b1, W2, b2 = net
    (p,), (opposite,) = call((*net, xs, ys), "a grid"), call((W1, b1, -W2, -b2, xs, ys), "a grid")
    what = "boundary_data: p becomes 1 - p when the logits change sign"
    check.compare(what, opposite, 1 - p)
