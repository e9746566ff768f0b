"""The drawing of lesson 9: ten payments, a threshold and what it decides."""

from svg import BLUE, GREY, INK, ORANGE, Drawing

SCORES = (0.9, 0.8, 0.7, 0.6, 0.6, 0.4, 0.3, 0.3, 0.2, 0.1)
FRAUD = (1, 0, 1, 1, 0, 0, 0, 1, 0, 0)
CUT = 0.5


def counts():
    """Return TP, FP, FN, TN at the cut."""
    pairs = [(f, s >= CUT) for s, f in zip(SCORES, FRAUD, strict=True)]
    return [pairs.count(k) for k in ((1, True), (0, True), (1, False), (0, False))]


def draw():
    page = Drawing(760, 300, "Ten payments by score, and a threshold at 0.5")
    place = lambda score: 40 + 680 * score
    page.line((place(0), 150), (place(1) + 20, 150), color=GREY, arrow=True)
    seen = []
    for score, fraud in zip(SCORES, FRAUD, strict=True):
        y = 122 - 34 * seen.count(score)
        seen.append(score)
        if fraud:
            page.box(place(score), y, 24, 24, color=ORANGE, fill=ORANGE)
        else:
            page.circle(place(score), y, 13, color=BLUE)
    for score in sorted(set(SCORES)):
        page.text(place(score), 170, f"{score:g}", color=GREY, size=14)
    page.line((place(CUT), 30), (place(CUT), 176), width=2.5)
    page.text(place(CUT), 18, f"threshold {CUT:g}", weight="bold", size=15)
    tp, fp, fn, tn = counts()
    page.text(place(0.27), 46, f"let through: {fn + tn}", size=15)
    page.text(place(0.75), 46, f"checked: {tp + fp}", size=15)
    page.text(place(0.27), 206, f"FN = {fn}, TN = {tn}", size=16)
    page.text(place(0.75), 206, f"TP = {tp}, FP = {fp}", size=16)
    page.text(place(0.27), 240, f"recall = TP / (TP + FN) = {tp}/{tp + fn}", color=INK, size=16)
    page.text(place(0.75), 240, f"precision = TP / (TP + FP) = {tp}/{tp + fp}", size=16)
    page.box(place(0.27) - 70, 276, 18, 18, color=ORANGE, fill=ORANGE)
    page.text(place(0.27) - 52, 276, "fraud", anchor="start", size=14)
    page.circle(place(0.27) + 20, 276, 10, color=BLUE)
    page.text(place(0.27) + 38, 276, "honest", anchor="start", size=14)
    page.write("09_counts")


if __name__ == "__main__":
    draw()
