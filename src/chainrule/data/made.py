"""Data made by the course's own code: always there, the same on every machine.

`n` counts the examples of one split. The two splits are drawn apart, from the same law.
"""

import torch

SHAPES = ("disc", "square", "triangle", "ring", "stripes", "checks")


def two_moons(split, n=200, noise=0.1, seed=0):
    """Two half circles that interlock. x (n, 2); noise is a standard deviation in units of x."""
    from sklearn.datasets import make_moons

    draws = [make_moons(n, noise=noise, random_state=s) for s in _seeds(split, seed)]
    x = torch.cat([torch.tensor(x, dtype=torch.float32) for x, _ in draws])
    y = torch.cat([torch.tensor(y) for _, y in draws])
    return x, y, ("upper moon", "lower moon")


def xor(split):
    """The four corners of the unit square, the same in every split. x (4, 2), y 0, 1, 1, 0."""
    x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return x, torch.tensor([0, 1, 1, 0]), ("equal", "different")


def shapes(split, n=600, size=32, seed=0):
    """Coloured shapes, turned, shifted, scaled and noisy. x (n, 3, size, size), in [0, 1]."""
    draws = [_draw_shapes(n, size, s) for s in _seeds(split, seed)]
    x, y = (torch.cat(parts) for parts in zip(*draws, strict=True))
    return x, y, SHAPES


def grammar(split, n=2000, seed=0):
    """Sentence pairs of the course's small English-Spanish grammar, n before the split."""
    from chainrule import grammar

    return grammar.corpus(n, seed)


def _seeds(split, seed):
    """Two seeds of their own for train and test, whatever `seed` is."""
    return {"train": [2 * seed], "test": [2 * seed + 1], "all": [2 * seed, 2 * seed + 1]}[split]


def _draw_shapes(n, size, seed):
    g = torch.Generator().manual_seed(seed)
    uniform = lambda low, high, *shape: low + (high - low) * torch.rand(n, *shape, generator=g)
    y = torch.randperm(n, generator=g) % len(SHAPES)  # as many of each as n allows
    axis = torch.linspace(-1, 1, size)
    b, a = torch.meshgrid(axis, axis, indexing="ij")  # (size, size), b downwards
    a, b = a - uniform(-0.3, 0.3, 1, 1), b - uniform(-0.3, 0.3, 1, 1)  # (n, size, size)
    angle, radius = uniform(0, 2 * torch.pi, 1, 1), uniform(0.4, 0.65, 1, 1)
    u, v = a * angle.cos() + b * angle.sin(), b * angle.cos() - a * angle.sin()
    mask = _masks(u / radius, v / radius)[y, torch.arange(n)].unsqueeze(1)  # (n, 1, size, size)
    dark, light = uniform(0.0, 0.4, 3, 1, 1), uniform(0.6, 1.0, 3, 1, 1)
    flip = uniform(0, 1, 1, 1, 1) < 0.5  # light on dark, or dark on light
    x = torch.where(mask ^ flip, light, dark)
    x += 0.05 * torch.randn(x.shape, generator=g)
    return x.clamp_(0, 1), y


def _masks(u, v):
    """True inside each of SHAPES, in units of the radius: (6, n, size, size)."""
    r = (u**2 + v**2).sqrt()
    square = torch.maximum(u.abs(), v.abs()) < 0.85
    triangle = (v > -0.5) & (v < 1 - 1.9 * u.abs())
    stripes, across = torch.sin(5 * u) > 0, torch.sin(5 * v) > 0
    rows = [r < 1, square, triangle, (r < 1) & (r > 0.55), (r < 1.15) & stripes]
    return torch.stack([*rows, (r < 1.15) & (stripes ^ across)])
