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

# Okabe and Ito (2008), "Color universal design": told apart by colour-blind readers. The order
# puts the darkest first, and yellow, too pale for lines on white, is left out.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2", "#D55E00", "#009E73", "#B2182B", "#8B4F8B", "#56B4E9", "#5A5A5A",
)  # fmt: skip
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, GREY)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

STYLE = {
    "figure.figsize": (6.0, 3.6),
    "figure.constrained_layout.use": True,
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
        draw()
        figure = plt.gcf()
        try:
            return _encode(figure, fmt)
        finally:
            plt.close(figure)


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
    if len(alt) <= 20:
        raise ValueError(f"plots.show: alt text must say what is seen, not only {alt!r}")
    return Picture(plt.gcf(), alt)


def row(n, width=3.2, height=3.0, **kwargs):
    """Start a figure of n panels side by side; return their axes (pass one as `ax=`)."""
    _, axes = plt.subplots(1, n, figsize=(width * n, height), squeeze=False, **kwargs)
    return list(axes[0])


def lines(series, *, x, y, at=None, log=False, title=None, ax=None):
    """Draw {name: values} as curves, each labelled at its end. `at` gives the x positions."""
    ax = ax or plt.gca()
    for i, (name, ys) in enumerate(series.items()):
        ys = np.asarray(ys, dtype=float)
        xs = np.arange(len(ys)) if at is None else np.asarray(at, dtype=float)
        (line,) = ax.plot(xs, ys, color=PALETTE[i % len(PALETTE)])
        if len(series) > 1:
            end = np.flatnonzero(np.isfinite(ys))[-1]
            ax.annotate(
                f" {name}", (xs[end], ys[end]), color=line.get_color(), va="center",
                annotation_clip=False,
            )  # fmt: skip
    if log:
        ax.set_yscale("log")
    ax.set(xlabel=x, ylabel=y)
    if title:
        ax.set_title(title)


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
    for value, marker, color in ((0, "o", "#2166AC"), (1, "s", "#B2182B")):
        ax.scatter(
            *X[labels == value].T, marker=marker, color=color, edgecolor="white", s=60, zorder=3,
            label=f"class {value}",
        )  # fmt: skip
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
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
