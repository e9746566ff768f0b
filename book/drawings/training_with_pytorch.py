"""The map of the training loop, which later lessons draw again, and what a checkpoint holds."""

from svg import BLUE, GREY, INK, ORANGE, PALE, Drawing

# Step, what it does, what it hands on.
STEPS = (
    ("1 batch", "rows of the data", "x, y"),
    ("2 forward", "the model predicts", "logits z"),
    ("3 loss", "compare with y", "one number"),
    ("4 backward", "slopes of the loss", ".grad"),
    ("5 update", "the optimizer steps", "new weights"),
    ("6 record", "log, curve, check", "next batch"),
)
PLACES = ((130, 80), (380, 80), (630, 80), (630, 230), (380, 230), (130, 230))
LATER = {  # the map as later lessons draw it: title, steps to point out, what is put there
    "08_six_steps": (
        "The six steps, and where a model can be kept from learning by heart",
        (1, 2, 3, 5, 6),
        {
            1: "changed or mixed rows",
            2: "dropout, norms, depth",
            3: "softer labels",
            5: "weight decay",
            6: "stop in time",
        },
    ),
    "09_six_steps": (
        "The six steps, of which an evaluation takes four",
        (1, 2, 3, 6),
        {
            1: "rows nobody chose by",
            2: "eval mode, no graph",
            3: "what an error costs",
            4: "not in an evaluation",
            5: "not in an evaluation",
            6: "number with interval",
        },
    ),
    "12_six_steps": (
        "The six steps of the translator's training",
        (1, 2, 3),
        {
            1: "padded pairs",
            2: "masks; right words in",
            3: "padding not counted",
            4: "slopes, clipped",
            5: "AdamW, one-cycle rate",
            6: "losses; sentences",
        },
    ),
}
STATES = (
    ("weights", "the model"),
    ("averages, step count", "the optimizer"),
    ("position", "the schedule"),
    ("shuffler's state", "order of the rows"),
    ("torch's state", "dropout"),
    ("epoch, log, best", "the record"),
)


def six_steps(name, title="The six steps of a training loop", lit=(), notes=None):
    """Draw the loop as book/static/figures/<name>.svg.

    lit     numbers of the steps to point out, in orange
    notes   {number: what this chapter puts there}, in place of what the step does
    """
    page = Drawing(760, 310, title)
    for i, ((step, does, gives), (x, y)) in enumerate(zip(STEPS, PLACES, strict=True), 1):
        color = ORANGE if i in lit else BLUE
        page.box(x, y, 190, 64, color=color)
        page.text(x, y - 13, step, color=color, weight="bold", size=17)
        page.text(x, y + 13, (notes or {}).get(i, does), size=14)
        here, there = _edge(i - 1)
        page.line(here, there, color=INK, arrow=True, width=2)
        page.text(*_label(i - 1), gives, color=GREY, size=13)
    page.text(380, 155, "once per batch", color=GREY, size=15)
    page.text(380, 290, "weights change in step 5 alone; evaluation is 1, 2, 3, 6", size=14)
    page.write(name)


def _edge(k):
    """Where the arrow from step k + 1 to the next begins and ends."""
    (x, y), (to_x, to_y) = PLACES[k], PLACES[(k + 1) % 6]
    if y == to_y:
        side = 1 if to_x > x else -1
        return (x + 97 * side, y), (to_x - 99 * side, y)
    side = 1 if to_y > y else -1
    return (x, y + 34 * side), (x, to_y - 36 * side)


def _label(k):
    """Beside the middle of that arrow."""
    (x, y), (to_x, to_y) = PLACES[k], PLACES[(k + 1) % 6]
    if y == to_y:
        return (x + to_x) / 2, y - 44
    return (x + (58 if x > 300 else -50), (y + to_y) / 2)


def checkpoint():
    """Six states that the next epoch depends on, and the test of it."""
    page = Drawing(760, 250, "What a checkpoint holds")
    for i, (what, whose) in enumerate(STATES):
        x, y = 140 + 240 * (i % 3), 50 + 76 * (i // 3)
        page.box(x, y, 210, 58, color=BLUE)
        page.text(x, y - 11, what, weight="bold", color=BLUE, size=15)
        page.text(x, y + 13, whose, size=14, color=GREY)
    page.line((40, 180), (720, 180), color=PALE)
    for x, epochs in ((90, "2 epochs"), (330, "file"), (570, "3 epochs")):
        page.text(x, 204, epochs, size=15)
    page.line((140, 204), (295, 204), arrow=True)
    page.line((365, 204), (520, 204), arrow=True)
    page.text(672, 204, "= 5, bit for bit", color=ORANGE, weight="bold", size=15)
    page.text(380, 234, "a part that is missing raises no error", color=GREY, size=14)
    page.write("07_checkpoint")


if __name__ == "__main__":
    six_steps("07_six_steps")
    for name, (title, lit, notes) in LATER.items():
        six_steps(name, title, lit, notes)
    checkpoint()
