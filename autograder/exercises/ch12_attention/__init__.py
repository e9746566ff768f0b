"""Exercises of chapter 12, attention, and what several of them need."""

import math

import torch

from autograder.exercises import as_parts, copies, normal
from chainrule import check

LN2 = math.log(2)  # scores that are multiples of it give weights that are fractions


def same_gradient(fn, reference, args, at, variable):
    """The gradient of fn's first value with respect to args[at] is the reference's.

    Raises check.Mistake. The only check that needs the graph behind a student's tensors.
    """
    name, gradients = reference.__module__.rpartition(".")[2], []
    for one in (reference, fn):
        inputs = copies(args)
        inputs[at].requires_grad_()
        result = one(*inputs) if one is reference else check.call(fn, *inputs)
        first = result[0] if isinstance(result, list) else as_parts(result)[0]
        flows = isinstance(first, torch.Tensor) and first.requires_grad
        cause = "a .detach(), .item(), .data, no_grad, or a new tensor made from the numbers"
        check.that(flows, f"{name}: no gradient flows back to {variable}", likely=cause)
        along = normal(at)(*first.shape).to(first.dtype)
        gradients += torch.autograd.grad((first * along).sum(), inputs[at])
    check.compare(f"{name}: the gradient that flows back to {variable}", *gradients[::-1])


def may_look(rand, *sizes):
    """A random mask of the sizes (..., L, S); every query may look at one key at least."""
    mask = rand(*sizes) < 0.2
    return mask | (torch.arange(sizes[-1]) == torch.arange(sizes[-2])[:, None] % sizes[-1])
