"""The two drawings of lesson 4, with the lesson's numbers."""

import numpy as np
from svg import BLUE, GREY, ORANGE, PALE, Drawing

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([0, 1, 1, 0])
W1, B1 = np.array([[2, -2], [-2, 2], [2, 2]]), np.array([-1, -1, -3])
W2, B2 = np.array([2, 2, -1]), -1
SHOWN = np.array([1, 0])  # the point that both drawings follow


def number(value):
    """2, −1 and 1/2 as they are written by hand."""
    text = {0.5: "1/2", -0.5: "-1/2"}.get(float(value), f"{value + 0.0:g}")  # no -0
    return text.replace("-", "\N{MINUS SIGN}")


def row(values):
    return f"({', '.join(number(v) for v in values)})"


def forward(x, b2):
    z1 = W1 @ x + B1
    a1 = np.maximum(0, z1)
    return z1, a1, W2 @ a1 + b2


def xor_network():
    page = Drawing(720, 360, "Four points that no line separates, and a network that does")
    page.line((20, 250), (240, 250), color=GREY, arrow=True)
    page.line((50, 280), (50, 60), color=GREY, arrow=True)
    page.text(232, 232, "x₁", color=GREY)
    page.text(72, 66, "x₂", color=GREY)
    for x, y in zip(X, Y, strict=True):
        at = 50 + 140 * x[0], 250 - 140 * x[1]
        if y:
            page.box(*at, 24, 24, color="#B2182B", fill="#F7D9DC")
        else:
            page.circle(*at, 13, color="#2166AC", fill="#D6E6F4")
        page.text(at[0], at[1], str(y), weight="bold")
        page.text(at[0] + 28, at[1] + 26, row(x), color=GREY, size=14)
    page.text(130, 330, "label 1: exactly one input is on", size=15)
    nodes(page)
    page.write("04_xor_network")


def nodes(page):
    """Inputs, detectors and score, from left to right, for the point SHOWN."""
    z1, a1, z2 = forward(SHOWN, B2)
    names, heights, score = ("only x₁", "only x₂", "both"), (60, 180, 300), (660, 180)
    for i, height in enumerate((120, 240)):
        for j, end in enumerate(heights):
            edge(page, (330, height), (490, end), W1[j, i], 0.24, SHOWN[i] != 0)
    for j, height in enumerate(heights):
        edge(page, (490, height), score, W2[j], 0.45, a1[j] != 0)
    for i, height in enumerate((120, 240)):
        page.circle(330, height, 22, color=BLUE if SHOWN[i] else GREY)
        page.text(330, height, number(SHOWN[i]), weight="bold")
        page.text(290, height, f"x{'₁₂'[i]}", color=GREY)
    for j, height in enumerate(heights):
        page.circle(490, height, 24, color=BLUE if a1[j] else GREY)
        page.text(490, height, number(a1[j]), weight="bold")
        page.text(490, height - 38, names[j], size=15)
        page.text(490, height + 36, f"bias {number(B1[j])}, z = {number(z1[j])}", color=GREY)
    page.circle(*score, 26, color=BLUE)
    page.text(*score, number(z2), weight="bold")
    page.text(score[0], score[1] - 40, "score", size=15)
    page.text(score[0], score[1] + 40, f"bias {number(B2)}", color=GREY)


def edge(page, start, end, weight, at, is_on):
    """An arrow with its weight written on it, pale where nothing passes."""
    page.line(start, end, color=(BLUE if weight > 0 else ORANGE) if is_on else PALE, width=2)
    x, y = (s + at * (e - s) for s, e in zip(start, end, strict=True))
    page.text(x, y, number(weight), color=BLUE if weight > 0 else ORANGE, size=15)


def backward():
    """One point through the network with b2 = -2, and the slopes back."""
    z1, a1, z2 = forward(SHOWN, -2)
    p, label = 1 / (1 + np.exp(-z2)), 1
    dz2 = p - label
    da1 = dz2 * W2
    slope = (z1 > 0) * 1.0
    dz1 = da1 * slope
    dW1 = np.outer(dz1, SHOWN)
    page = Drawing(760, 330, "Forward and backward through the network for one point")
    columns = (64, 232, 410, 574, 706)
    values = (("x", row(SHOWN)), ("z₁", row(z1)), ("a₁", row(a1)), ("z₂", number(z2)))
    steps = ("W₁x + b₁", "max(0, z)", "W₂a + b₂", "σ")
    half = (56, 62, 56, 34, 34)
    for x, w, (name, value) in zip(columns, half, (*values, ("p", number(p))), strict=True):
        page.box(x, 110, 2 * w - 8, 58, color=BLUE)
        page.text(x, 97, name, color=GREY, size=15)
        page.text(x, 122, value, weight="bold")
    for k, step in enumerate(steps):
        start, end = columns[k] + half[k], columns[k + 1] - half[k + 1]
        page.line((start, 110), (end, 110), color=BLUE, width=2, arrow=True)
        page.text((start + end) / 2, 60, step, color=BLUE, size=15)
    page.text(30, 22, "forward", color=BLUE, anchor="start", weight="bold")
    page.text(columns[4], 160, f"label {label}", color=GREY, size=15)
    back(page, columns, dz1, da1, dz2, slope)
    weights = f"dW₁ = ({', '.join(row(r) for r in dW1)})"
    page.text(145, 290, weights, size=15)
    page.text(145, 314, f"db₁ = {row(dz1)}", size=15)
    page.text(490, 290, f"dW₂ = {row(dz2 * a1)}", size=15)
    page.text(490, 314, f"db₂ = {number(dz2)}", size=15)
    page.write("04_backward")


def back(page, columns, dz1, da1, dz2, slope):
    """The lower row of `backward`: boxes with the slopes of the loss, right to left."""
    slopes = (("dz₁", row(dz1)), ("da₁", row(da1)), ("dz₂ = p − y", number(dz2)))
    for x, (name, value) in zip(columns[1:], slopes, strict=False):
        page.box(x, 225, 118, 58, color=ORANGE)
        page.text(x, 212, name, color=GREY, size=15)
        page.text(x, 237, value, weight="bold")
    for x, end in ((columns[3] - 61, columns[2] + 61), (columns[2] - 61, columns[1] + 61)):
        page.line((x, 225), (end, 225), color=ORANGE, width=2, arrow=True)
    page.text((columns[2] + columns[3]) / 2, 182, "times W₂", color=ORANGE, size=15)
    page.text(
        (columns[1] + columns[2]) / 2, 182, f"times slope {row(slope)}", color=ORANGE, size=15
    )
    page.line((columns[4], 176), (columns[3] + 64, 222), color=ORANGE, width=2, arrow=True)
    page.text(30, 225, "backward", color=ORANGE, anchor="start", weight="bold")


if __name__ == "__main__":
    xor_network()
    backward()
