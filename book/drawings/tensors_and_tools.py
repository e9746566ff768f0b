"""The drawing of lesson 3: all pairs of three predictions and three labels."""

from fractions import Fraction

from svg import BLUE, GREY, ORANGE, Drawing

Y_HAT, Y = (1, 3, 5), (1, 3, 5)
SIDE = 64


def number(value):
    return f"{value}".replace("-", "\N{MINUS SIGN}")


def pairs():
    page = Drawing(740, 300, "A column of predictions against a row of labels: nine differences")
    left, top = 200, 110
    page.text(95, 40, "y_hat (3, 1)", color=BLUE, size=15)
    page.text(left + SIDE, 22, "y (3,)", color=ORANGE, size=15)
    for k in range(3):
        page.box(95, top + SIDE * k, 52, 46, color=BLUE)
        page.text(95, top + SIDE * k, number(Y_HAT[k]), weight="bold")
        page.box(left + SIDE * k, 54, 52, 34, color=ORANGE)
        page.text(left + SIDE * k, 54, number(Y[k]), weight="bold")
    for i, a in enumerate(Y_HAT):
        for j, b in enumerate(Y):
            at = left + SIDE * j, top + SIDE * i
            page.box(*at, 56, 50, fill="#D6E6F4" if i == j else "#F3F3F3")
            page.text(*at, number(a - b), weight="bold" if i == j else "normal")
    squares = [(a - b) ** 2 for a in Y_HAT for b in Y]
    meant = [(a - b) ** 2 for a, b in zip(Y_HAT, Y, strict=True)]
    page.text(left + SIDE, 282, "y_hat - y (3, 3)", color=GREY, size=15)
    lines = (
        (130, f"mean of the {len(meant)} squares on the diagonal: {Fraction(sum(meant), 3)}"),
        (174, f"mean of all {len(squares)} squares: {Fraction(sum(squares), 9)}"),
    )
    for height, text in lines:
        page.text(372, height, text, size=14, anchor="start")
    page.write("03_pairs")


if __name__ == "__main__":
    pairs()
