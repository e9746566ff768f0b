"""Pictures of a function of two variables: its level lines, and a walk over them."""

import matplotlib.pyplot as plt
import numpy as np

from chainrule.plots import ORANGE


def contours(f, x, y, levels, *, points=45, title=None, ax=None):
    """Draw level lines of f over the box x = (low, high), y = (low, high).

    f       takes points (..., 2), a float64 array, and returns the heights (...)
    levels  the heights of the lines, in rising order
    """
    ax = ax or plt.gca()
    a, b = np.meshgrid(np.linspace(*x, points), np.linspace(*y, points))
    heights = np.asarray(f(np.stack([a, b], -1)))
    ax.contour(a, b, heights, levels=levels, colors="#9a9a9a", linewidths=0.8)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=x, ylim=y)
    ax.grid(visible=False)
    if title:
        ax.set_title(title)


def walk(points, *, color=ORANGE, ax=None):
    """Draw a walk (steps, 2): a ring at its start, a dot at its end; cut where it diverges."""
    ax = ax or plt.gca()
    points = np.asarray(points, dtype=float)
    lost = np.flatnonzero(~(np.abs(points).max(axis=1) < 1e3))  # also where it is not a number
    points = points[: lost[0]] if len(lost) else points
    ax.plot(*points.T, color=color, linewidth=1.3)
    ax.plot(*points[:1].T, "o", color=color, markerfacecolor="white")
    if not len(lost):
        ax.plot(*points[-1:].T, "o", color=color)
