"""Exercises of chapter 9: ten payments and a few small tables run through them."""

import torch

# Ten payments, as in the lesson: a 1 is a fraud, and two pairs of scores tie.
TEN_Y = torch.tensor([1, 0, 1, 1, 0, 0, 0, 1, 0, 0])
TEN_S = torch.tensor([0.9, 0.8, 0.7, 0.6, 0.6, 0.4, 0.3, 0.3, 0.2, 0.1]).double()


def whole(seed):
    """Return a function (high, *sizes) that draws whole numbers from 0 to high - 1."""
    generator = torch.Generator().manual_seed(seed)
    return lambda high, *sizes: torch.randint(high, sizes, generator=generator)
