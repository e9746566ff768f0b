"""The drawing of lesson 2: one training step as a loop of six boxes, with the lesson's sizes."""

import math

from svg import BLUE, GREY, ORANGE, Drawing

CLASSES, PIXELS = 10, 64
START_LOSS = math.log(CLASSES)  # of ten equal probabilities
STEPS = (  # what is done, the result and its size, the tool
    ("encode", "x", f"{PIXELS} numbers", "vectors"),
    ("Wx", "z", f"{CLASSES} scores", "matrices"),
    ("softmax", "p", f"{CLASSES} probabilities", "stable arithmetic"),
    ("−ln p of the label", "loss", f"{START_LOSS:.3f} at W = 0", "likelihood"),
    ("chain rule", "slopes", f"{CLASSES * PIXELS} numbers", "derivatives"),
    ("against the slope", "new W", f"{CLASSES} × {PIXELS}", "descent"),
)


def loop():
    page = Drawing(760, 330, "One training step of a digit classifier, in six boxes")
    above, below, columns = 95, 245, (130, 380, 630)
    places = [(x, above) for x in columns] + [(x, below) for x in reversed(columns)]
    for place, step in zip(places, STEPS, strict=True):
        box(page, *place, *step)
    for row, step in ((above, 1), (below, -1)):
        for start, end in zip(columns[::step], columns[::step][1:], strict=False):
            page.line((start + 95 * step, row), (end - 95 * step, row), color=GREY, arrow=True)
    page.line((columns[2], above + 42), (columns[2], below - 42), color=GREY, arrow=True)
    page.line((columns[0] + 62, below - 42), (columns[1] - 62, above + 42), color=GREY, arrow=True)
    page.text(columns[1] - 50, 170, "again, with the new W", color=GREY, size=14, anchor="start")
    page.write("02_loop")


def box(page, x, y, doing, name, size, tool):
    page.box(x, y, 186, 80, color=BLUE)
    page.text(x, y - 24, doing, color=GREY, size=15)
    page.text(x, y, name, weight="bold")
    page.text(x, y + 24, size, size=15)
    page.text(x, y + (58 if y > 170 else -56), tool, color=ORANGE, size=15, weight="bold")


if __name__ == "__main__":
    loop()
