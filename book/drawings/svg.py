"""Schematic drawings as SVG text: a white card with shapes on it, in the course's colours.

A drawing is a script of this folder, named after its chapter. It computes the numbers that it
shows and writes book/static/figures/NN_*.svg: `python book/drawings/first_neural_network.py`.
"""

from html import escape
from pathlib import Path

BLUE, ORANGE, INK, GREY, PALE = "#0072B2", "#B84A00", "#222222", "#5A5A5A", "#B9C3CC"
FIGURES = Path(__file__).resolve().parents[1] / "static" / "figures"


class Drawing:
    """Shapes on a card of `width` by `height`; coordinates run right and down."""

    def __init__(self, width, height, title):
        self.size, self.title, self.shapes = (width, height), title, []

    def add(self, name, text="", **attributes):
        """Add an element; x_y stands for the attribute x-y, and class_ for class."""
        named = {k.rstrip("_").replace("_", "-"): v for k, v in attributes.items()}
        pairs = "".join(f' {k}="{v}"' for k, v in named.items())
        self.shapes.append(f"<{name}{pairs}>{escape(text)}</{name}>")

    def text(self, x, y, text, *, color=INK, size=16, anchor="middle", weight="normal"):
        """Write text centred on height y, with a white halo over lines behind it."""
        self.add(
            "text", text, x=x, y=round(y + 0.35 * size, 1), fill=color, font_size=size,
            text_anchor=anchor, font_weight=weight, stroke="white", stroke_width=4,
            stroke_linejoin="round", paint_order="stroke",
        )  # fmt: skip

    def line(self, start, end, *, color=INK, width=1.5, arrow=False):
        """Draw a straight line, with an arrow head at its end if asked."""
        (x1, y1), (x2, y2) = start, end
        head = {"marker_end": f"url(#{color[1:]})"} if arrow else {}
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=color, stroke_width=width, **head)

    def circle(self, x, y, r, *, color=INK, fill="white", width=2):
        self.add("circle", cx=x, cy=y, r=r, fill=fill, stroke=color, stroke_width=width)

    def box(self, x, y, width, height, *, color=GREY, fill="white"):
        """Draw a rounded box whose centre is (x, y)."""
        self.add(
            "rect", x=x - width / 2, y=y - height / 2, width=width, height=height, rx=6, fill=fill,
            stroke=color, stroke_width=1.5,
        )  # fmt: skip

    def write(self, name):
        """Write book/static/figures/<name>.svg."""
        heads = "".join(
            f'<marker id="{c[1:]}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            f'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="{c}"/></marker>'
            for c in (BLUE, ORANGE, INK, GREY)
        )
        width, height = self.size
        body = "\n".join(self.shapes)
        FIGURES.mkdir(parents=True, exist_ok=True)
        (FIGURES / f"{name}.svg").write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" font-family="sans-serif">\n'
            f"<title>{escape(self.title)}</title>\n<defs>{heads}</defs>\n"
            f'<rect width="{width}" height="{height}" rx="8" fill="white"/>\n{body}\n</svg>\n',
            encoding="utf-8",
        )
