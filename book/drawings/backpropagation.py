"""The two drawings of lesson 5, with the lesson's numbers."""

from svg import BLUE, GREY, INK, ORANGE, Drawing

A, B = 2, 3
LAYERS = 30
FACTORS = (0.7, 1.0, 1.4)  # of the gradient, per layer


def graph():
    """The expression (ab + a)² forward, and its slopes backward."""
    d, e = A * B, A * B + A
    total, to_e = e * e, 2 * e  # e is used twice in e * e
    to_d, by_d, by_e = to_e, to_e * B, to_e
    page = Drawing(760, 300, "The graph of (ab + a) squared, forward and backward")
    at = {"a": (80, 80), "b": (80, 230), "d": (290, 200), "e": (490, 120), "L": (680, 120)}
    page.line((118, 88), (258, 178), color=BLUE, arrow=True)
    page.line((118, 226), (252, 206), color=BLUE, arrow=True)
    page.line((120, 74), (450, 108), color=BLUE, arrow=True)
    page.line((328, 186), (454, 138), color=BLUE, arrow=True)
    page.line((530, 120), (640, 120), color=BLUE, arrow=True)
    rows = (("a", A, by_d + by_e), ("b", B, to_e * A), ("d", d, to_d), ("e", e, to_e))
    for name, value, slope in (*rows, ("L", total, 1)):
        x, y = at[name]
        page.box(x, y, 76, 58, color=INK)
        page.text(x, y - 12, f"{name} = {value}", color=BLUE, weight="bold")
        page.text(x, y + 13, f"{slope}", color=ORANGE, weight="bold")
    labels(page, by_d, by_e)
    page.write("05_graph")


def labels(page, by_d, by_e):
    """What stands at the edges: the operation, the local slope, what is passed back."""
    page.text(290, 246, "d = a · b", color=GREY, size=15)
    page.text(490, 166, "e = d + a", color=GREY, size=15)
    page.text(680, 166, "L = e · e", color=GREY, size=15)
    page.text(198, 128, f"slope {B}", color=BLUE, size=14)
    page.text(186, 232, f"slope {A}", color=BLUE, size=14)
    page.text(300, 78, "slope 1", color=BLUE, size=14)
    page.text(404, 176, "slope 1", color=BLUE, size=14)
    page.text(585, 104, "slope 8 + 8", color=BLUE, size=14)
    page.text(80, 28, f"{by_d} + {by_e} = {by_d + by_e}", color=ORANGE, weight="bold")
    page.text(210, 28, "two ways back to a, added", color=ORANGE, size=15, anchor="start")
    page.text(30, 284, "forward: values", color=BLUE, anchor="start", size=15)
    page.text(190, 284, "backward: slope of L", color=ORANGE, anchor="start", size=15)


def depth():
    """Three columns of layers; the gradient falls through each by a factor."""
    page = Drawing(760, 350, "The gradient on its way down through 30 layers")
    page.text(90, 40, "loss", weight="bold")
    for x, factor in zip((250, 440, 630), FACTORS, strict=True):
        page.text(x, 26, f"factor {factor:g} a layer", color=ORANGE, size=15)
        page.text(x, 50, "1", weight="bold")
        for layer, y in ((30, 92), (29, 160), (1, 268)):
            page.line((x, y - 32), (x, y - 20), color=ORANGE, width=2, arrow=True)
            page.box(x, y, 120, 36, color=INK)
            page.text(x, y, f"{factor ** (LAYERS + 1 - layer):.2g}", color=ORANGE, weight="bold")
        page.text(x, 210, "⋮", color=GREY, size=22)
        page.text(x, 318, said(factor**LAYERS), color=ORANGE, weight="bold")
    for layer, y in ((30, 92), (29, 160), (1, 268)):
        page.text(90, y, f"layer {layer}", color=GREY, size=15)
    page.text(90, 318, "what is left", color=GREY, size=15)
    page.write("05_depth")


def said(value):
    """0.00002, 1 and 24,000: two digits, without powers of ten."""
    if value == 1:
        return "1"
    return f"{value:.5f}" if value < 1 else f"{round(value, -3):,.0f}"


if __name__ == "__main__":
    graph()
    depth()
