"""Exercise `two_layer_backward`: the gradients of the loss, by hand."""

from functools import partial

import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises import ch04_first_neural_network as numbers
from autograder.exercises.ch04_first_neural_network import LN3, by_hand, logits
from chainrule import check

Z1, A1, Z2 = logits(numbers.X, numbers.W1, numbers.B1, numbers.W2, numbers.B2)
SMALL = (  # N, d, h = 3, 2, 4; here z2 is not computed from a1, and need not be
    torch.tensor([[1.0, -1], [0, 2], [3, 1]]).double(),
    torch.tensor([[0.0], [1], [1]]).double(),
    torch.tensor([[1.0, -2, 0, 4], [2, 1, -1, -3], [-1, 3, 2, 5]]).double(),
    torch.tensor([[1.0, 0, 0, 4], [2, 1, 0, 0], [0, 3, 2, 5]]).double(),
    torch.tensor([[LN3], [-LN3], [0]]).double(),
    torch.tensor([[1.0, -2, 3, 2]]).double(),
)
EXAMPLES = {
    "four rows": (numbers.X, numbers.Y, Z1, A1, Z2, numbers.W2),
    "three rows": SMALL,
}
AXES = ("N d", "N 1", "N h", "N h", "N 1", "1 h")
RETURNS = ("dW1", "db1", "dW2", "db2")
ORDER = [2, 3, 0, 1]  # from the loss back to the first layer


def reference(x, y, z1, a1, z2, W2):
    """Automatic differentiation in small changes e of the weights, at e = 0."""
    h, d = W2.shape[1], x.shape[1]
    sizes = ((h, d), (h,), (1, h), (1,))
    e = [torch.zeros(size, dtype=x.dtype, requires_grad=True) for size in sizes]
    a = torch.relu(z1 + x @ e[0].T + e[1])
    moved = z2 + (a @ (W2 + e[2]).T - a.detach() @ W2.T) + e[3]
    return torch.autograd.grad(bce(moved, y), e)


def _with(**step):
    return partial(by_hand, **step)


def _divided_out(z2, y):
    p = torch.sigmoid(z2)
    return (p - y) / (p * (1 - p)) * (p * (1 - p)) / len(y)


def _weights_transposed(x, y, z1, a1, z2, W2):
    dW1, db1, dW2, db2 = by_hand(x, y, z1, a1, z2, W2)
    return dW1.T, db1, dW2.T, db2


def _last_layer_first(x, y, z1, a1, z2, W2):
    dW1, db1, dW2, db2 = by_hand(x, y, z1, a1, z2, W2)
    return dW2, db2, dW1, db1


def _four_rows_for_ever(x, y, z1, a1, z2, W2):
    return by_hand(x, y, z1, a1, z2, W2, dz2=lambda z, y: (torch.sigmoid(z) - y) * (1 / 4))


def _w2_left_out(x, y, z1, a1, z2, W2):
    return by_hand(x, y, z1, a1, z2, torch.ones_like(W2))


def _labels_in_place(x, y, z1, a1, z2, W2):
    return by_hand(x, y, z1, a1, z2, W2, dz2=lambda z, y: z.sigmoid_().sub_(y).div_(len(y)))


def _dw2_from_z1(x, y, z1, a1, z2, W2):
    dW1, db1, _, db2 = by_hand(x, y, z1, a1, z2, W2)
    return dW1, db1, by_hand(x, y, z1, z1, z2, W2)[2], db2


def _extra_slope(z2, y):
    p = torch.sigmoid(z2)
    return (p - y) * p * (1 - p) / len(y)


WRONG = {
    "not_a_mean": Wrong(
        _with(dz2=lambda z2, y: torch.sigmoid(z2) - y),
        "the gradient is that of the summed loss; the loss is the mean, so a factor 1/N is missing",
        "dz2 = (p - y) / N",
    ),
    "sign": Wrong(
        _with(dz2=lambda z2, y: (y - torch.sigmoid(z2)) / len(y)),
        "the gradient points downhill: y - p where it should be p - y",
        "if p is too large, the loss falls when z2 falls, so its derivative is positive",
    ),
    "logits_as_probabilities": Wrong(
        _with(dz2=lambda z2, y: (z2 - y) / len(y)),
        "z2 - y: the labels are compared with logits",
        "turn z2 into p with the sigmoid first",
    ),
    "squared_error": Wrong(
        _with(dz2=lambda z2, y: 2 * _extra_slope(z2, y)),
        "this is the gradient of the squared error (with p (1 - p)), not of the cross-entropy",
        "for cross-entropy with logits the factor p (1 - p) cancels",
    ),
    "extra_slope": Wrong(
        _with(dz2=_extra_slope),
        "p (1 - p) was multiplied in once more; p - y is the slope in z2 already",
        "dz2 = (p - y) / N",
    ),
    "dw2_from_z1": Wrong(
        _dw2_from_z1, "dW2 was computed from z1, but W2 multiplies a1", "dW2 = dz2.T @ a1"
    ),
    "bias_is_one_number": Wrong(
        _with(bias=lambda dz: dz.sum()),
        "sum() without an axis adds up everything and leaves a number without axes",
        "sum(0) adds up the rows: db1 is (h,), db2 is (1,)",
    ),
    "no_slope_of_relu": Wrong(
        _with(slope=lambda z1, a1: torch.ones_like(z1)),
        "the slope of ReLU is missing: units that are off still get gradient",
        "multiply da1 by 1 where z1 > 0, else by 0",
    ),
    "relu_slope_at_zero": Wrong(
        _with(slope=lambda z1, a1: (z1 >= 0).to(z1.dtype)),
        "at z1 = 0 the slope is taken as 1; here, as in torch, it is 0",
        "compare with z1 > 0",
    ),
    "sigmoid_slope_hidden": Wrong(
        _with(slope=lambda z1, a1: a1 * (1 - a1)),
        "a1 (1 - a1) is the slope of a sigmoid; the hidden units are ReLU",
        "multiply da1 by 1 where z1 > 0, else by 0",
    ),
    "times_a1": Wrong(
        _with(slope=lambda z1, a1: a1),
        "da1 was multiplied by ReLU's value a1 where its slope belongs",
        "multiply da1 by 1 where z1 > 0, else by 0",
    ),
    "w2_left_out": Wrong(
        _w2_left_out,
        "W2 is missing on the way back, so every hidden unit gets the same gradient",
        "da1 = dz2 @ W2",
    ),
    "averaged_twice": Wrong(
        _with(dz2=lambda z2, y: (torch.sigmoid(z2) - y) / len(y) ** 2),
        "all gradients are divided by N twice",
        "the factor 1/N enters once, with dz2; after that, sum",
    ),
    "bias_averaged_again": Wrong(
        _with(bias=lambda dz: dz.mean(0)),
        "the bias gradients are averaged over the rows, but 1/N is already in dz2",
        "sum dz over the rows",
    ),
    "bias_keeps_an_axis": Wrong(
        _with(bias=lambda dz: dz.sum(0, keepdim=True)),
        "keepdim=True leaves an axis of size 1 on the bias gradients",
        "a gradient has the shape of what it belongs to: db1 is (h,)",
    ),
    "bias_per_row": Wrong(
        _with(bias=lambda dz: dz),
        "the bias gradients are not summed: one bias serves all rows, so their gradients add up",
        "sum dz over the rows",
    ),
    "last_layer_first": Wrong(
        _last_layer_first, "the four gradients come in another order", "return dW1, db1, dW2, db2"
    ),
    "weights_transposed": Wrong(
        _weights_transposed,
        "the weight gradients are transposed",
        "a gradient has the shape of what it belongs to: dW1 is (h, d), as W1",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "divided_out": Wrong(_with(dz2=_divided_out)),
    "four_rows_for_ever": Wrong(_four_rows_for_ever),
    "labels_in_place": Wrong(_labels_in_place),
    "single_precision": Wrong(lambda *a: tuple(g.float() for g in by_hand(*a))),
}


def row_by_row(x, y, z1, a1, z2, W2):
    """One example at a time, outer products added up."""
    dW1, db1 = torch.zeros_like(x[0]).expand(z1.shape[1], -1).clone(), torch.zeros_like(z1[0])
    dW2, db2 = torch.zeros_like(W2), torch.zeros_like(z2[0])
    for n in range(len(x)):
        delta = torch.sigmoid(z2[n]) - y[n]  # (1,)
        dW2, db2 = dW2 + torch.outer(delta, a1[n]) / len(x), db2 + delta / len(x)
        for j in range(z1.shape[1]):
            if z1[n, j] > 0:
                dW1[j] += delta[0] * W2[0, j] * x[n] / len(x)
                db1[j] += delta[0] * W2[0, j] / len(x)
    return dW1, db1, dW2, db2


def einsum_with_heaviside(x, y, z1, a1, z2, W2):
    p = 0.5 * (1 + torch.tanh(z2 / 2))
    dz2 = (p - y) / y.numel()
    dz1 = torch.einsum("no,oh,nh->nh", dz2, W2, torch.sign(a1))
    dW1, dW2 = torch.einsum("nh,nd->hd", dz1, x), torch.einsum("no,nh->oh", dz2, a1)
    return dW1, torch.einsum("nh->h", dz1), dW2, torch.einsum("no->o", dz2)


def ones_sum_the_rows(x, y, z1, a1, z2, W2):
    """The mean taken last; biases as weights of an input that is always 1."""
    dz2 = torch.where(y > 0.5, -torch.sigmoid(-z2), torch.sigmoid(z2))
    dz1 = torch.where(z1 > 0, dz2 * W2, 0.0)
    one = torch.ones_like(y)
    return [g / len(y) for g in (dz1.T @ x, (one.T @ dz1)[0], dz2.T @ a1, (one.T @ dz2)[0])]


RIGHT = [row_by_row, einsum_with_heaviside, ones_sum_the_rows, talkative(reference)]


def hidden(fn, seed):
    call = partial(run, fn, reference, RETURNS)
    match = partial(agree, fn, reference, RETURNS, order=ORDER)
    for draw in (seed, seed + 1):
        case = _random_case(normal(draw), 6, 3, 5)
        _twice_the_rows(call, case)
        _labels_change_places(call, case)
        match(case, "a batch")
        match(_random_case(normal(draw), 1, 4, 2), "a batch of one")
        match(_random_case(normal(draw), 5, 1, 1), "one input and one hidden unit")
        match([a.float() for a in case], "float32")
    x, y, z1, a1, z2, W2 = case
    match((x, y, z1, a1, 1000 * z2.sign(), W2), "sure logits, +-1000")


def _random_case(rand, N, d, h):
    x, W2 = rand(N, d), rand(1, h)
    z1, a1, z2 = logits(x, rand(h, d), rand(h), W2, rand(1))
    z1[0, 0] = a1[0, 0] = 0.0  # at ReLU's corner
    return x, (rand(N, 1) > 0).to(x.dtype), z1, a1, z2, W2


def _twice_the_rows(call, case):
    x, y, z1, a1, z2, W2 = case
    once = call(case, "a batch")
    twice = call([torch.cat([a, a]) for a in (x, y, z1, a1, z2)] + [W2], "a batch")
    for name, a, b in zip(RETURNS, twice, once, strict=True):
        what = f"two_layer_backward: {name} of a mean stays when every row comes twice"
        check.compare(what, a, b)


def _labels_change_places(call, case):
    x, y, z1, a1, z2, W2 = case
    right = call(case, "a batch")
    mirror = call((x, 1 - y, z1, a1, -z2, -W2), "a batch")
    for i, sign in enumerate((1, 1, -1, -1)):
        what = f"two_layer_backward: {RETURNS[i]} when classes 0 and 1 change names"
        check.compare(what, mirror[i], sign * right[i])
