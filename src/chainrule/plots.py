"""The course's figures: one style, one palette, and alt text for every picture.

The functions draw on the current pyplot axes and return nothing; `show(alt)` ends a cell with the
picture. Inside `explore` the same functions are called without `show`.
"""

import base64
import html
import io
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler

from chainrule import FAST

# Okabe and Ito (2008), "Color universal design": told apart by colour-blind readers. The order
# puts the darkest first, and yellow, too pale for lines on white, is left out.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2", "#D55E00", "#009E73", "#B2182B", "#8B4F8B", "#56B4E9", "#5A5A5A",
)  # fmt: skip
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, GREY)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

STYLE = {
    "figure.figsize": (6.0, 3.6),
    # A third of the time of a drawing, and nobody looks at those of a fast run.
    "figure.constrained_layout.use": not FAST,
    "figure.facecolor": "white",
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "lines.linewidth": 2,
    "font.size": 10,
    "legend.frameon": False,
    "image.cmap": "viridis",
    "svg.fonttype": "none",  # text as text: small files, and frames that share their bytes
    "svg.hashsalt": "chainrule",
}
mpl.rcParams.update(STYLE)


def frame(draw, fmt):
    """Call draw() on a fresh figure; return it as SVG text, or as base64 text (png, webp)."""
    plt.close("all")
    with mpl.rc_context(STYLE):
        try:
            draw()
            return _encode(plt.gcf(), fmt)
        finally:
            plt.close("all")  # else a drawing that stops half way is shown below the cell


def img(png, alt):
    """Return an <img> element of base64 PNG text; class dark-light keeps its colours true."""
    return f'<img class="dark-light" alt="{html.escape(alt)}" src="data:image/png;base64,{png}">'


class Picture:
    """A finished figure with its alt text; as a cell's last value it shows itself."""

    def __init__(self, figure, alt):
        self.alt, self.png = alt, _encode(figure, "png")
        plt.close(figure)

    def _repr_mimebundle_(self, include=None, exclude=None):
        shown = {"text/html": img(self.png, self.alt), "image/png": self.png}
        return shown | {"text/plain": self.alt}


def show(alt):
    """End a cell: return the current figure as a Picture. `alt` says what is seen (a sentence)."""
    need_alt("plots.show", alt)
    return Picture(plt.gcf(), alt)


def need_alt(where, alt):
    """Raise ValueError unless the alt text is long enough to say what is seen."""
    if len(alt) <= 20:
        raise ValueError(f"{where}: alt text must say what is seen, not only {alt!r}")


def row(n, width=3.2, height=3.0, **kwargs):
    """Start a figure of n panels side by side; return their axes (pass one as `ax=`)."""
    _, axes = plt.subplots(1, n, figsize=(width * n, height), squeeze=False, **kwargs)
    return list(axes[0])


def lines(series, *, x, y, at=None, log=False, label="end", title=None, ax=None):
    """Draw {name: values} as labelled curves.

    values    (points,), or (points, runs): then the median, and a band from least to largest
    at        the x positions of all curves, or {name: positions}; None counts from 0
    log       True for a logarithmic y axis, or the axes: "x", "y" or "xy"
    label     where a curve's name stands: at its "end", or where it is "lowest"
    """
    ax, ends = ax or plt.gca(), []
    for i, (name, ys) in enumerate(series.items()):
        runs = np.asarray(ys, dtype=float).reshape(len(ys), -1)
        places = at[name] if isinstance(at, dict) else at
        xs = np.arange(len(runs)) if at is None else np.asarray(places, dtype=float)
        middle = np.median(runs, axis=1)
        (line,) = ax.plot(xs, middle, color=PALETTE[i % len(PALETTE)])
        if runs.shape[1] > 1:
            band = {"color": line.get_color(), "alpha": 0.18, "linewidth": 0}
            ax.fill_between(xs, runs.min(axis=1), runs.max(axis=1), **band)
        finite = np.flatnonzero(np.isfinite(middle))
        if len(finite):  # none where a run diverged at once
            k = finite[middle[finite].argmin()] if label == "lowest" else finite[-1]
            ends.append((xs[k], middle[k], name, line.get_color()))
    for axis in "y" if log is True else log or "":
        ax.set(**{f"{axis}scale": "log"})
    ax.set(xlabel=x, ylabel=y)
    if title:
        ax.set_title(title)
    if len(series) > 1:
        _name(ax, ends)


def _name(ax, ends):
    """Write each curve's name right of its point (x, y, name, color), none over another."""
    ax.autoscale_view()
    inches = ax.figure.dpi_scale_trans.inverted()
    heights = [72 * inches.transform(ax.transData.transform(e[:2]))[1] for e in ends]
    floor = np.inf
    for k in np.argsort(heights)[::-1]:  # from the top down, a line of text apart
        x, y, name, color = ends[k]
        floor = min(heights[k], floor - 11)
        ax.annotate(
            f" {name}", (x, y), (0, floor - heights[k]), textcoords="offset points", color=color,
            va="center", annotation_clip=False,
        )  # fmt: skip


def boundary(predict, X, labels, *, title=None, margin=0.5, points=120, ax=None):
    """Draw where `predict` says 0 to 1 over the plane, and the labelled points on it.

    predict   function of points (N, 2) that returns N numbers from 0 to 1
    X         (N, 2); labels (N,) of 0 and 1
    """
    ax = ax or plt.gca()
    X, labels = np.asarray(X, dtype=float), np.asarray(labels).reshape(-1)
    low, high = X.min(0) - margin, X.max(0) + margin
    a, b = np.meshgrid(np.linspace(low[0], high[0], points), np.linspace(low[1], high[1], points))
    z = np.asarray(predict(np.stack([a.ravel(), b.ravel()], 1)), dtype=float).reshape(a.shape)
    ax.contourf(a, b, z, levels=np.linspace(0, 1, 11), cmap="RdBu_r", alpha=0.55, vmin=0, vmax=1)
    if z.min() < 0.5 < z.max():
        ax.contour(a, b, z, levels=[0.5], colors="black", linewidths=1.5)
    classes(X, labels, ax=ax)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    ax.grid(visible=False)
    if title:
        ax.set_title(title)


def classes(X, labels, *, ax=None):
    """Draw the points X (N, 2) in the colours and marks of their labels (N,), 0 or 1."""
    ax = ax or plt.gca()
    X, labels = np.asarray(X, dtype=float), np.asarray(labels).reshape(-1)
    for value, marker, color in ((0, "o", "#2166AC"), (1, "s", "#B2182B")):
        ax.scatter(
            *X[labels == value].T, marker=marker, color=color, edgecolor="white", s=60, zorder=3,
            label=f"class {value}",
        )  # fmt: skip


def warp(f, *, low=-1.0, high=1.0, count=7, window=(-1.1, 1.1), title=None, ax=None):
    """Draw where the map `f` of points (N, 2) to points (N, 2) takes a square grid of lines.

    The grid spans `low` to `high`, the axes span `window`; lines of equal x2 are blue, of equal
    x1 orange.
    """
    ax = ax or plt.gca()
    along = np.linspace(low, high, 41)
    for at in np.linspace(low, high, count):
        here = np.full_like(along, at)
        for line, color in (((along, here), BLUE), ((here, along), ORANGE)):
            ax.plot(*np.asarray(f(np.stack(line, 1))).T, color=color, linewidth=0.8, alpha=0.8)
    ax.set(xlim=window, ylim=window, aspect="equal")
    if title:
        ax.set_title(title)


def line(w, b, *, ax=None):
    """Draw the line w[0] x1 + w[1] x2 + b = 0 across the axes, black."""
    ax, w = ax or plt.gca(), np.asarray(w, dtype=float)
    foot = -w * float(b) / (w @ w)
    ax.axline(foot, foot + np.array([-w[1], w[0]]), color="black", linewidth=1.5)


def level(value, text, *, ax=None):
    """Draw a dotted line at height `value` and write `text` above its right end."""
    ax = ax or plt.gca()
    ax.axhline(value, color=GREY, linestyle=":", linewidth=1.2)
    ax.annotate(
        text, (1, value), xycoords=("axes fraction", "data"), xytext=(0, 2),
        textcoords="offset points", ha="right", va="bottom", color=GREY, fontsize=9,
    )  # fmt: skip


def heat(values, rows, columns, *, x, y, low=0.0, title=None, ax=None):
    """Draw a table (R, C) of numbers as coloured fields with the numbers written in them.

    rows, columns   the names of the fields; values of `low` and below are white
    """
    ax, values = ax or plt.gca(), np.asarray(values, dtype=float)
    high = values.max()
    ax.imshow(values, cmap="Blues", vmin=low, vmax=high, aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        # From 0.71 of the scale on white has the higher contrast; both have 4.5 there.
        color = "white" if value > 0.29 * low + 0.71 * high else "black"
        ax.text(j, i, f"{value:g}", ha="center", va="center", color=color)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlabel=x, ylabel=y)
    ax.grid(visible=False)
    if title:
        ax.set_title(title)


def _encode(figure, fmt):
    buffer = io.BytesIO()
    if fmt == "svg":
        figure.savefig(buffer, format="svg", metadata={"Date": None})
        text = buffer.getvalue().decode()
        # Two decimals are enough for a path; rounding elsewhere would falsify printed numbers.
        short = lambda m: re.sub(r"(\.\d\d)\d+", r"\1", m[0])
        return re.sub(r'(?<= d=")[^"]+', short, text[text.index("<svg") :])
    options = {"pil_kwargs": {"lossless": True}} if fmt == "webp" else {}
    figure.savefig(buffer, format=fmt, dpi=120, **options)
    return base64.b64encode(buffer.getvalue()).decode()
