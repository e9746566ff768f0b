"""Exercise `two_layer_forward`: x to the logits through one hidden layer of ReLU units."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises import ch04_first_neural_network as numbers
from chainrule import check

WIDE = (  # N, d, h = 2, 4, 3
    torch.tensor([[1.0, 0, 2, -1], [0, 3, -1, 1]]).double(),
    torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, -1], [2, 0, 0, 1]]).double(),
    torch.tensor([-1.0, 2, 0.5]).double(),
    torch.tensor([[3.0, -2, 1]]).double(),
    torch.tensor([-0.5]).double(),
)
EXAMPLES = {
    "four rows": (numbers.X, numbers.W1, numbers.B1, numbers.W2, numbers.B2),
    "two rows": WIDE,
}
AXES = ("N d", "h d", "h", "1 h", "1")
RETURNS = ("z1", "a1", "z2")


def reference(x, W1, b1, W2, b2):
    """torch's own layers."""
    return numbers.logits(x, W1, b1, W2, b2)


def _net(phi=torch.relu, first=True, last=True, head=lambda z: z, keep=None):
    """Return a learner's function; the arguments say where it departs from the right one."""

    def two_layer_forward(x, W1, b1, W2, b2):
        z1 = x @ W1.mT + b1 if first else x @ W1.mT
        a1 = phi(z1)
        z2 = head(a1 @ W2.mT + b2 if last else a1 @ W2.mT)
        return (a1 if keep else z1), a1, z2

    return two_layer_forward


def _bias_after_phi(x, W1, b1, W2, b2):
    z1 = x @ W1.mT
    a1 = torch.relu(z1) + b1
    return z1, a1, a1 @ W2.mT + b2


def _z1_to_the_output(x, W1, b1, W2, b2):
    z1, a1, _ = reference(x, W1, b1, W2, b2)
    return z1, a1, z1 @ W2.mT + b2


def _squeezed(x, W1, b1, W2, b2):
    z1, a1, z2 = reference(x, W1, b1, W2, b2)
    return z1, a1, z2.squeeze(-1)


def _not_transposed(x, W1, b1, W2, b2):
    z1 = x @ W1 + b1
    a1 = torch.relu(z1)
    return z1, a1, a1 @ W2 + b2


def _columns(x, W1, b1, W2, b2):
    """The book's W x + b with examples as columns, turned back at the end."""
    z1 = (W1 @ x.T).T + b1
    a1 = torch.relu(z1)
    return z1, a1, (W2 @ a1.T).T + b2


def _only_z2(x, W1, b1, W2, b2):
    return reference(x, W1, b1, W2, b2)[2]


def _single_precision_loop(x, W1, b1, W2, b2):
    z1 = torch.zeros(len(x), len(W1))
    for n in range(len(x)):
        for j in range(len(W1)):
            z1[n, j] = (x[n] * W1[j]).sum() + b1[j]
    a1 = z1.clamp(min=0)
    return z1, a1, a1 @ W2.float().T + b2.float()


def _rounded(x, W1, b1, W2, b2):
    z1, a1, z2 = reference(x, W1, b1, W2, b2)
    return z1, a1, torch.round(z2, decimals=6)


def _bias_in_place(x, W1, b1, W2, b2):
    z1 = x @ W1.mT + b1
    b2 += (z1.clamp(min=0) @ W2.mT).mean()
    return z1, z1.clamp(min=0), z1.clamp(min=0) @ W2.mT + b2


WRONG = {
    "no_activation": Wrong(
        _net(phi=lambda z: z),
        "a1 equals z1: the hidden layer has no activation, so both layers are one linear map",
        "a1 = phi(z1), with phi = ReLU",
    ),
    "sigmoid_hidden": Wrong(
        _net(phi=torch.sigmoid),
        "the hidden units are sigmoids; here they are ReLU",
        "max(0, z), unit by unit",
    ),
    "tanh_hidden": Wrong(
        _net(phi=torch.tanh),
        "the hidden units are tanh; here they are ReLU",
        "max(0, z), unit by unit",
    ),
    "relu_on_the_output": Wrong(
        _net(head=torch.relu),
        "ReLU was applied after the last layer too, so no logit can be negative",
        "the last layer is linear: return z2 as it comes",
    ),
    "sigmoid_on_the_output": Wrong(
        _net(head=torch.sigmoid),
        "z2 went through a sigmoid; logits are wanted, the loss takes the sigmoid itself",
        "return z2 as it comes",
    ),
    "no_first_bias": Wrong(
        _net(first=False),
        "b1 is not added",
        "z1 = x @ W1.T + b1",
    ),
    "no_last_bias": Wrong(
        _net(last=False),
        "b2 is not added",
        "z2 = a1 @ W2.T + b2",
    ),
    "bias_after_phi": Wrong(
        _bias_after_phi,
        "b1 is added after the activation, so it no longer moves the corner of the ReLU",
        "add b1 first, then apply ReLU",
    ),
    "z1_overwritten": Wrong(
        _net(keep=True),
        "z1 holds a1: ReLU was applied in place (clamp_, relu_), or z1 was assigned twice",
        "keep z1: the backward pass needs its sign",
    ),
    "squeezed": Wrong(
        _squeezed,
        "the last axis of z2 is gone; (N,) against labels (N, 1) broadcasts to (N, N)",
        "keep z2 as (N, 1): W2 has one row, no squeeze is needed",
    ),
    "z1_to_the_output": Wrong(
        _z1_to_the_output,
        "the last layer was given z1; a1 is computed and not used",
        "z2 = a1 @ W2.T + b2",
    ),
    "clamped_from_above": Wrong(
        _net(phi=lambda z: z.clamp(max=0)),
        "the positive numbers were cut off; ReLU cuts off the negative ones",
        "clamp(min=0): no value below 0 is left",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "not_transposed": Wrong(_not_transposed),
    "columns": Wrong(_columns),
    "only_z2": Wrong(_only_z2),
    "single_precision_loop": Wrong(_single_precision_loop),
    "rounded": Wrong(_rounded),
    "bias_in_place": Wrong(_bias_in_place),
}


def einsum(x, W1, b1, W2, b2):
    z1 = torch.einsum("...d,hd->...h", x, W1) + b1
    a1 = torch.maximum(z1, z1.new_zeros(()))
    return z1, a1, torch.einsum("...h,oh->...o", a1, W2) + b2


def bias_as_a_weight(x, W1, b1, W2, b2):
    """Each bias is the weight of one more input, which is always 1."""

    def layer(v, W, b):
        ones = torch.ones_like(v[..., :1])
        return torch.cat([v, ones], -1) @ torch.cat([W, b[:, None]], 1).mT

    z1 = layer(x, W1, b1)
    a1 = (z1 + z1.abs()) / 2
    return z1, a1, layer(a1, W2, b2)


def one_unit_at_a_time(x, W1, b1, W2, b2):
    z1 = torch.stack([(x * w).sum(-1) + b for w, b in zip(W1, b1, strict=True)], -1)
    a1 = torch.where(z1 > 0, z1, 0.0)
    z2 = b2 + sum(a1[..., j : j + 1] * W2[0, j] for j in range(W2.shape[1]))
    return z1, a1, z2


RIGHT = [einsum, bias_as_a_weight, one_unit_at_a_time, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        weights = rand(5, 3), rand(5), rand(1, 5), rand(1)
        _units_are_a_set(call, rand(6, 3), *weights)
        _scale_moves_through_relu(call, rand(6, 3), *weights)
        for lead, idea in [((7,), "a batch"), ((1,), "a batch of one"), ((), "one example")]:
            match((rand(*lead, 3), *weights), idea)
        match((rand(2, 4, 3), *weights), "a grid: two leading axes")
        match((1000 * rand(7, 3), *weights), "large inputs")
        _slope_along(call, rand(6, 3), weights, rand(5, 3))
        match((rand(7, 3).float(), *[w.float() for w in weights]), "float32")
    match((rand(4, 1), rand(1, 1), rand(1), rand(1, 1), rand(1)), "one input and one hidden unit")


def _units_are_a_set(call, x, W1, b1, W2, b2):
    order = torch.arange(len(b1)).flip(0)
    z2 = call((x, W1, b1, W2, b2), "a batch")[2]
    same = call((x, W1[order], b1[order], W2[:, order], b2), "a batch")[2]
    what = "two_layer_forward: z2 stays when the hidden units change places"
    check.compare(what, same, z2)


def _scale_moves_through_relu(call, x, W1, b1, W2, b2):
    z2 = call((x, W1, b1, W2, b2), "a batch")[2]
    same = call((x, 4 * W1, 4 * b1, W2 / 4, b2), "a batch")[2]
    what = "two_layer_forward: z2 stays when a hidden unit is 4 times as large, its W2 a quarter"
    check.compare(what, same, z2)


def _slope_along(call, x, weights, direction):
    """A small change of W1 moves z2 as it does in torch's layers."""
    W1, *rest = weights
    ends = [(x, W1 + h * direction, *rest) for h in (1e-6, -1e-6)]
    up, down = (call(end, "a batch")[2] for end in ends)
    right_up, right_down = (reference(*end)[2] for end in ends)
    what = "two_layer_forward: how z2 changes with a small change of W1 (rounded or cut off?)"
    check.compare(what, (up - down) / 2e-6, (right_up - right_down) / 2e-6)
