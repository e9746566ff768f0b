"""The cover's picture: a small computation graph with its values and its gradients.

`python book/drawings/cover.py` writes book/static/figures/cover.html, which the first page
includes; book/static/cover.js computes its numbers anew as w moves. Colours come from the page.
"""

from svg import FIGURES, Drawing

W, X, B, Y = 0.5, 2.0, 1.0, 4.0  # weight at the start, input, bias, target
OPERATIONS = {"×": 146, "+": 242, "−": 338, "²": 434}  # and where they stand, all at height ROW
ROW = 100
ALT = (
    "A computation graph of the loss (wx + b − y)², with w = {w}, x = {x}, b = {b}, y = {y}. "
    "Forward, to the right: wx is {p}, plus b is {z}, minus y is {e}, and the loss is {loss}. "
    "Backward, to the left, the chain rule multiplies slopes: {de} up to b and wx, {dw} at w."
)
FRAME = """<svg class="cover-graph" viewBox="0 0 480 232" role="img" aria-labelledby="cover-told">
<title id="cover-told">{told}</title>
<defs><marker id="cover-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6"
 orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>
{body}
</svg>
"""


def graph(w, x=X, b=B, y=Y):
    """Return the values and the gradients of (wx + b - y)^2, by name."""
    z = w * x + b
    e = z - y
    values = {"w": w, "x": x, "b": b, "y": y, "p": w * x, "z": z, "e": e, "loss": e * e}
    return values | {"de": 2 * e, "dw": 2 * e * x}


def shown(number):
    """The number with at most three decimals and a minus sign of full width."""
    return f"{round(number, 3) + 0:g}".replace("-", "−")


class Cover(Drawing):
    """A drawing without a card whose numbers have names."""

    def __init__(self):
        super().__init__(480, 232, "")
        self.numbers = {name: shown(value) for name, value in graph(W).items()}

    def put(self, x, y, text, kind, **attributes):
        self.add("text", text, x=x, y=y, class_=f"cover-{kind}", **attributes)

    def number(self, x, y, name, kind="value"):
        self.put(x, y, self.numbers[name], kind, data_n=name)

    def edge(self, x1, y1, x2, y2):
        self.add("path", d=f"M{x1} {y1}L{x2} {y2}", class_="cover-edge")

    def entry(self, x, y, name, slope="", width=72):
        """A weight with its gradient, or a datum without."""
        kind, height = ("weight", 52) if slope else ("datum", 32)
        box = {"x": x - width // 2, "y": y - height // 2, "width": width, "height": height}
        self.add("rect", rx=8, class_=f"cover-{kind}", **box)
        left = x - width // 2 + 40
        self.put(left, y + (-5 if slope else 6), f"{name} =", "name")
        self.number(left + 6, y + (-5 if slope else 6), name)
        if slope:
            self.number(x, y + 18, slope, "gradient")


def cover():
    """Return the picture as HTML."""
    page, (times, plus, minus, square) = Cover(), OPERATIONS.values()
    page.edge(107, 62, times - 17, ROW - 12)
    page.edge(107, 142, times - 15, ROW + 15)
    for x1, x2, name in ((times, plus, "p"), (plus, minus, "z"), (minus, square, "e")):
        page.edge(x1 + 20, ROW, x2 - 21, ROW)
        page.number((x1 + x2) // 2, ROW - 12, name)
        page.number((x1 + x2) // 2, ROW + 24, "de", "gradient")
    page.edge(plus, 176, plus, ROW + 21)
    page.edge(minus, 186, minus, ROW + 21)
    page.edge(square, ROW - 20, square, 54)
    for name, x in OPERATIONS.items():
        page.add("circle", cx=x, cy=ROW, r=20, class_="cover-node")
        page.put(x, ROW + 7, name, "operation")
    page.entry(54, 50, "w", "dw", width=104)
    page.entry(54, 150, "x", width=104)
    page.entry(plus, 202, "b", "de")
    page.entry(minus, 202, "y")
    page.put(square, 22, "loss", "operation")
    page.number(square, 44, "loss")
    return FRAME.format(told=ALT.format(**page.numbers), body="\n".join(page.shapes))


if __name__ == "__main__":
    (FIGURES / "cover.html").write_text(cover(), encoding="utf-8")
