"""The drawing of lesson 8: which numbers of a batch share a mean."""

from svg import BLUE, GREY, ORANGE, PALE, Drawing

ROWS, COLUMNS, CELL = 4, 6, 26


def table(page, left, name, note, inside):
    """A table of examples and features; the cells that share one mean are filled."""
    for i in range(ROWS):
        for j in range(COLUMNS):
            fill = BLUE if inside(i, j) else PALE
            place = left + CELL * (j + 0.5), 70 + CELL * (i + 0.5)
            page.box(*place, CELL - 3, CELL - 3, color=GREY, fill=fill)
    middle = left + CELL * COLUMNS / 2
    page.text(middle, 34, name, weight="bold")
    page.text(middle, 70 + CELL * ROWS + 22, note, color=ORANGE, size=14)


def norms():
    page = Drawing(760, 220, "Which numbers share a mean in three norms")
    page.text(48, 122, "examples", color=GREY, size=14)
    table(page, 100, "BatchNorm", "one feature, all examples", lambda i, j: j == 1)
    table(page, 330, "LayerNorm", "one example, all features", lambda i, j: i == 1)
    table(page, 560, "GroupNorm", "one example, a group", lambda i, j: i == 1 and j < 3)
    page.text(178, 60, "features", color=GREY, size=14)
    page.write("08_norms")


if __name__ == "__main__":
    norms()
