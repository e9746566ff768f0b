"""The two drawings of lesson 12. The second shows the numbers of figures/12_attention.json."""

import itertools
import json
import statistics
from pathlib import Path

from svg import BLUE, GREY, ORANGE, PALE, Drawing

RECORD = Path(__file__).resolve().parents[2] / "figures" / "12_attention.json"
ENGLISH = ["the", "girl", "sees", "the", "red", "book"]
SPANISH = ["la", "niña", "ve", "el", "libro", "rojo"]
LINKS = [(0, 0), (1, 1), (2, 2), (3, 3), (4, 5), (5, 4)]


def sentence():
    page = Drawing(720, 200, "One sentence in two languages: two lines cross")
    at = lambda i: 70 + 116 * i
    for i, j in LINKS:
        crosses = i != j
        page.line(
            (at(i), 66), (at(j), 136), color=ORANGE if crosses else PALE, width=3 if crosses else 2
        )
    for words, height in ((ENGLISH, 46), (SPANISH, 156)):
        for i, word in enumerate(words):
            page.text(at(i), height, word, size=22, color=ORANGE if i > 3 else BLUE, weight="bold")
    page.write("12_sentence")


def bottleneck():
    """Exact match by sentence length of two GRU translators: median and range of the seeds."""
    models = json.loads(RECORD.read_text("utf-8"))["models"]
    page = Drawing(720, 330, "Translations without a fault, by sentence length")
    x, y = (lambda n: 80 + 46 * (n - 4)), (lambda share: 270 - 210 * share)
    for share in (0, 0.5, 1):
        page.line((80, y(share)), (540, y(share)), color=PALE, width=1)
        page.text(66, y(share), f"{share:g}", color=GREY, size=14, anchor="end")
    for n in range(4, 15, 2):
        page.text(x(n), 290, str(n), color=GREY, size=14)
    page.text(310, 314, "words and signs of the English sentence", color=GREY, size=14)
    page.text(80, 28, "share translated without a fault", color=GREY, size=14, anchor="start")
    for name, label, color in (
        ("GRU, attention", "with attention", BLUE),
        ("one vector", "one vector", ORANGE),
    ):
        curve(page, models[name]["by length"], label, color, x, y)
    page.write("12_bottleneck")


def curve(page, runs, label, color, x, y):
    points = []
    for n in range(4, 15):
        values = [run[str(n)] for run in runs]
        page.line((x(n), y(min(values))), (x(n), y(max(values))), color=color, width=1.5)
        points.append((x(n), y(statistics.median(values))))
    for start, end in itertools.pairwise(points):
        page.line(start, end, color=color, width=3)
    for point in points:
        page.circle(*point, 4, color=color, fill=color)
    page.text(points[-1][0] + 14, points[-1][1], label, color=color, anchor="start", weight="bold")


if __name__ == "__main__":
    sentence()
    bottleneck()
