"""The two drawings of lesson 1: the learning cycle, and three nested words with two pipelines."""

import itertools

from svg import BLUE, GREY, ORANGE, Drawing

PIXELS, HIDDEN, CLASSES = 64, 32, 10
WEIGHTS = PIXELS * HIDDEN + HIDDEN + HIDDEN * CLASSES + CLASSES  # 2410
STAGES = (  # name, the lesson's sizes, what a person decides
    ("data", f"{PIXELS} numbers", "which examples?"),
    ("model", f"{CLASSES} scores", "which functions?"),
    ("loss", "one number", "what is good?"),
    ("slopes", f"{WEIGHTS} numbers", "by a machine"),
    ("optimizer", f"{WEIGHTS} weights", "how far a step?"),
    ("loop", "again", "when to stop?"),
)


def cycle():
    page = Drawing(760, 410, "The learning cycle, and what each stage decides")
    above, below, columns = 70, 210, (130, 380, 630)
    places = [(x, above) for x in columns] + [(x, below) for x in reversed(columns)]
    for (x, y), (name, size, asked) in zip(places, STAGES, strict=True):
        page.box(x, y, 180, 76, color=BLUE)
        page.text(x, y - 22, name, weight="bold")
        page.text(x, y, size, size=15)
        page.text(x, y + 23, asked, color=ORANGE, size=15)
    for row, order, color in ((above, columns, BLUE), (below, columns[::-1], ORANGE)):
        step = 92 if order[0] < order[1] else -92
        for start, end in itertools.pairwise(order):
            page.line((start + step, row), (end - step, row), color=color, width=2, arrow=True)
    page.line((columns[2], above + 40), (columns[2], below - 40), color=ORANGE, arrow=True)
    page.line((columns[0], below - 40), (columns[0], above + 40), color=GREY, arrow=True)
    page.text(255, 18, "numbers forward", color=BLUE, size=15)
    page.text(505, 152, "slopes backward", color=ORANGE, size=15)
    for x, name, asked in ((255, "evaluation", "does it hold on new data?"),
                           (570, "deployment", "does it serve people?")):  # fmt: skip
        page.box(x, 340, 230, 62, color=GREY)
        page.text(x, 327, name, weight="bold")
        page.text(x, 352, asked, color=ORANGE, size=15)
    page.line((columns[0], below + 40), (175, 308), color=GREY, arrow=True)
    page.line((372, 340), (453, 340), color=GREY, arrow=True)
    corners = ((570, 371), (570, 390), (16, 390), (16, above), (38, above))
    for i, (start, end) in enumerate(itertools.pairwise(corners)):
        page.line(start, end, color=GREY, arrow=i == 3)
    page.text(300, 390, "new data", color=GREY, size=15)
    page.write("01_cycle")


def nested():
    page = Drawing(760, 396, "Three nested words, and two pipelines")
    boxes = (
        (380, 108, 720, 196, GREY, "artificial intelligence", "route search, chess rules"),
        (480, 123, 500, 146, BLUE, "machine learning", "a line fitted to chosen features"),
        (560, 148, 320, 76, ORANGE, "deep learning", "features and rule fitted together"),
    )
    for x, y, width, height, color, name, example in boxes:
        page.box(x, y, width, height, color=color)
        left, top = x - width / 2 + 16, y - height / 2
        page.text(left, top + 22, name, color=color, anchor="start", weight="bold")
        page.text(left, top + 46, example, size=15, anchor="start")
    pipelines = (
        (256, "by hand", (("pixels", GREY), ("chosen features", GREY), ("fitted rule", ORANGE))),
        (336, "deep", (("pixels", GREY), ("fitted features", ORANGE), ("fitted rule", ORANGE))),
    )
    for y, name, steps in pipelines:
        page.text(30, y, name, anchor="start", weight="bold")
        for i, (step, color) in enumerate(steps):
            x = 190 + 200 * i
            page.box(x, y, 150, 44, color=color)
            page.text(x, y, step, size=15, color=color)
            page.line((x + 77, y), (x + (123 if i < 2 else 107), y), color=GREY, arrow=True)
        page.text(726, y, "answer", size=15)
    page.text(490, 378, "orange: found from data", color=ORANGE, size=14)
    page.write("01_nested")


if __name__ == "__main__":
    cycle()
    nested()
