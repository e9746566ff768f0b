"""Exercises of chapter 4, and what several of them need.

One network with numbers for the head runs through three exercises.
"""

import itertools
import math

import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from autograder.exercises import normal

LN3 = math.log(3)  # sigmoid(k ln 3) is 1/4, 1/2 and 3/4 for k = -1, 0 and 1

X = torch.tensor([[1.0, 0, 2], [0, 1, 1], [2, 1, 0], [1, 2, 1]])  # (N, d) = (4, 3)
Y = torch.tensor([[1.0], [0], [0], [1]])  # (N, 1)
W1 = torch.tensor([[-1.0, 2, 1], [0, 2, 0]])  # (h, d) = (2, 3)
B1 = torch.tensor([-1.0, -1])  # (h,)
W2 = torch.tensor([[LN3, -LN3]])  # (1, h)
B2 = torch.tensor([0.0])  # (1,)


def logits(x, W1, b1, W2, b2):
    """The two-layer network by torch's own layers; returns z1, a1, z2."""
    z1 = torch.nn.functional.linear(x, W1, b1)
    a1 = torch.nn.functional.relu(z1)
    return z1, a1, torch.nn.functional.linear(a1, W2, b2)


def by_hand(
    x, y, z1, a1, z2, W2, *,
    dz2=lambda z2, y: (torch.sigmoid(z2) - y) / len(y),
    slope=lambda z1, a1: (z1 > 0).to(z1.dtype),
    bias=lambda dz: dz.sum(0),
):  # fmt: skip
    """The gradients dW1, db1, dW2, db2; wrong answers replace one of the steps."""
    delta2 = dz2(z2, y)
    delta1 = (delta2 @ W2) * slope(z1, a1)
    return delta1.T @ x, bias(delta1), delta2.T @ a1, bias(delta2)


def parity(d):
    """All rows of d bits, and 1 where an odd number of them is set; d = 2 is XOR."""
    x = torch.tensor(list(itertools.product([0.0, 1.0], repeat=d)), dtype=torch.float64)
    return x, x.sum(1, keepdim=True) % 2


def start(d, h, seed):
    """Random weights W1, b1, W2, b2 for d inputs and h hidden units."""
    rand = normal(seed)
    return rand(h, d), 0.5 * rand(h), rand(1, h) * (2 / h) ** 0.5, torch.zeros(1).double()


def loop(step, measure=bce, after=False, skip=0):
    """Return a learner's training loop around step(x, y, weights, gradients, lr)."""

    def train_network(x, y, W1, b1, W2, b2, lr, num_epochs):
        w, losses = [W1, b1, W2, b2], []
        for _ in range(skip, num_epochs):
            z1, a1, z2 = logits(x, *w)
            losses.append(measure(z2, y))
            w = step(x, y, w, by_hand(x, y, z1, a1, z2, w[2]), lr)
            if after:
                losses[-1] = measure(logits(x, *w)[2], y)
        return *w, torch.stack(losses) if losses else x.new_zeros(0)

    return train_network


def step(only=(0, 1, 2, 3), factor=lambda x: 1.0):
    """Return a step that updates some of the four parameters, by a factor too far."""

    def update(x, y, w, grads, lr):
        new = [p - lr * factor(x) * g for p, g in zip(w, grads, strict=True)]
        return [new[i] if i in only else w[i] for i in range(4)]

    return update
