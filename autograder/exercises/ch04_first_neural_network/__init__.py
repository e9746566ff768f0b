"""Exercises of chapter 4, and what several of them need.

One network with numbers for the head runs through three exercises.
"""

import itertools
import math

import torch

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


def parity(d):
    """All rows of d bits, and 1 where an odd number of them is set; d = 2 is XOR."""
    x = torch.tensor(list(itertools.product([0.0, 1.0], repeat=d)), dtype=torch.float64)
    return x, x.sum(1, keepdim=True) % 2


def start(d, h, seed):
    """Random weights W1, b1, W2, b2 for d inputs and h hidden units."""
    rand = normal(seed)
    return rand(h, d), 0.5 * rand(h), rand(1, h) * (2 / h) ** 0.5, torch.zeros(1).double()
