"""Pictures of attention: maps of weights, masks, and bars.

As in `plots`, the functions draw on the current axes and return nothing.
"""

import matplotlib.pyplot as plt
import numpy as np

from chainrule.plots import BLUE, ORANGE


def attention(weights, rows, columns, *, links=(), x="looks at", y="word", title=None, ax=None):
    """Draw weights (rows, columns) from 0 (white) to 1 (dark), the words beside them.

    links   (row, column) pairs that get a ring: where a dictionary would look
    """
    ax, weights = ax or plt.gca(), np.asarray(weights, dtype=float)
    ax.pcolormesh(weights, cmap="Blues", vmin=0, vmax=1, edgecolors="#dddddd", linewidth=0.3)
    for row, column in links:
        ax.plot(column + 0.5, row + 0.5, "o", ms=11, mfc="none", mec=ORANGE, mew=2)
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=45, ha="right")
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows)
    ax.set(xlabel=x, ylabel=y)
    _table(ax, title)


def mask(allowed, *, x="key", y="query", title=None, ax=None):
    """Draw a mask (queries, keys): a field is blue where it is True."""
    ax, allowed = ax or plt.gca(), np.asarray(allowed, dtype=float)
    ax.pcolormesh(0.75 * allowed, cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=0.2)
    ax.set(xlabel=x, ylabel=y, xticks=[], yticks=[])
    _table(ax, title)


def bars(values, names, *, y, title=None, high=None, ax=None):
    """Draw one bar per name."""
    ax = ax or plt.gca()
    ax.bar(range(len(names)), np.asarray(values, dtype=float), color=BLUE, width=0.7)
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel=y, ylim=(0, high))
    ax.grid(visible=False, axis="x")
    if title:
        ax.set_title(title)


def _table(ax, title):
    ax.invert_yaxis()  # the first word on top
    ax.grid(visible=False)
    ax.set_aspect("equal")
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    if title:
        ax.set_title(title)
