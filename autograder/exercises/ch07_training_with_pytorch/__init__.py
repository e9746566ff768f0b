"""Exercises of chapter 07, training with PyTorch.

Students write classes and functions that take a model or an optimizer. What the checks call is a
`bench`, a locked cell of the notebook: it builds the model from numbers, uses the student's code
and returns numbers. The modules hold the same benches.
"""

import torch
from torch import nn


def linear(w, b=None):
    """A linear layer (out, in) that starts with these numbers."""
    layer = nn.Linear(w.shape[1], w.shape[0], bias=b is not None, dtype=w.dtype)
    with torch.no_grad():
        layer.weight.copy_(w)
        if b is not None:
            layer.bias.copy_(b)
    return layer
