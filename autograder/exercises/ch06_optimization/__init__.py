"""Exercises of chapter 06, optimization, and what those that return one number share."""

import torch

from chainrule import check


def number(fn, *args):
    """Call fn on hidden inputs; return its number as a float. Raises check.Mistake."""
    what = f"{getattr(fn, '__name__', 'your function')}: what it returns"
    value = check.as_tensor(what, check.call(fn, *args), torch.tensor(0.0))
    check.that(value.ndim == 0, f"{what} is a tensor with axes, not a number")
    return value.item()
