"""Exercises of chapter 9: ten payments and a few small tables run through them."""

import torch
import torch.nn.functional as F

# Ten payments, as in the lesson: a 1 is a fraud, and two pairs of scores tie.
TEN_Y = torch.tensor([1, 0, 1, 1, 0, 0, 0, 1, 0, 0])
TEN_S = torch.tensor([0.9, 0.8, 0.7, 0.6, 0.6, 0.4, 0.3, 0.3, 0.2, 0.1]).double()


def whole(seed):
    """Return a function (high, *sizes) that draws whole numbers from 0 to high - 1."""
    generator = torch.Generator().manual_seed(seed)
    return lambda high, *sizes: torch.randint(high, sizes, generator=generator)


def ece_with(gap=torch.abs, confident=None, weigh=True, axis=1, edge=1):
    """Return ece(z, y, bins) with another gap, confidence, weight or softmax axis.

    With edge=0 rows of confidence 1 fall out of the last bin.
    """

    def ece(z, y, bins):
        p = F.softmax(z, axis)
        confidence, guess = p.max(1)
        value = confident(p, y) if confident else confidence
        index = (value * bins).long().clamp(max=bins - edge)
        n = torch.bincount(index, minlength=bins + 1)[:bins]
        missing = torch.bincount(index, (guess == y).double() - value, minlength=bins + 1)[:bins]
        gaps, n = gap(missing[n > 0] / n[n > 0]), n[n > 0]
        return (gaps * n).sum() / len(y) if weigh else gaps.mean()

    return ece


def halve(too_sharp):
    """Return the T from 0.05 to 20 above which too_sharp(T) no longer holds."""
    low, high = 0.05, 20.0
    for _ in range(60):
        t = (low * high) ** 0.5
        low, high = (t, high) if too_sharp(t) else (low, t)
    return torch.tensor(t, dtype=torch.float64)
