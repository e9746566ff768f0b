"""The drawings of lesson 12. The last shows the numbers of figures/12_attention.json."""

import itertools
import json
import statistics
from pathlib import Path

from svg import BLUE, GREY, INK, ORANGE, PALE, Drawing

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


def translator():
    """Encoder and decoder with their branches; the streams run down at the outer sides."""
    page = Drawing(720, 480, "The translator: encoder on the left, decoder on the right")
    for x, width, label in ((168, 296, "encoder block, twice"), (540, 340, "decoder block, twice")):
        page.box(x, 226, width, 248, color=PALE, fill="#F4F7F9")
        page.text(x, 116, label, color=GREY, size=14)
    for x, words in ((60, "the girl sees the red book"), (670, "<bos> la niña ve el libro")):
        page.line((x, 60), (x, 412 if x > 400 else 386), color=INK, width=2.5, arrow=x > 400)
        anchor, middle = ("start", 30) if x < 400 else ("end", 690)
        page.text(middle, 24, words, color=BLUE, weight="bold", anchor=anchor)
        page.text(middle, 50, "embedding + position", size=14, anchor=anchor)
    branch(page, 60, 200, 166, "attention", "padding mask")
    branch(page, 60, 200, 310, "MLP", "each word alone")
    branch(page, 670, 520, 158, "attention", "causal mask")
    branch(page, 670, 520, 234, "cross-attention", "padding mask")
    branch(page, 670, 520, 310, "MLP", "each word alone")
    page.box(60, 372, 56, 28)
    page.text(60, 372, "norm", size=14)
    page.box(670, 372, 56, 28)
    page.text(670, 372, "norm", size=14)
    page.text(60, 402, "memory (B, S, d)", size=14, anchor="start", color=ORANGE, weight="bold")
    page.line((88, 372), (345, 372), color=ORANGE, width=2.5)
    page.line((345, 372), (345, 234), color=ORANGE, width=2.5)
    page.line((345, 234), (436, 234), color=ORANGE, width=2.5, arrow=True)
    page.text(392, 254, "keys, values", size=13, color=ORANGE)
    page.text(690, 430, "a score for every word (B, L, words)", size=14, anchor="end")
    page.text(690, 458, "la niña ve el libro rojo", color=BLUE, weight="bold", anchor="end")
    page.write("12_translator")


def branch(page, stream, x, y, name, note):
    """A branch leaves the stream, passes a norm and a layer, and is added to the stream."""
    side, half = (1 if x > stream else -1), 84
    edge = x - side * half
    page.line((stream, y - 18), (edge, y - 18), color=INK, arrow=True)
    page.line((edge, y + 18), (stream + side * 11, y + 18), color=INK, arrow=True)
    page.box(x, y, 2 * half, 58)
    page.text(x, y - 11, f"norm, {name}", weight="bold", size=15)
    page.text(x, y + 12, note, size=14, color=GREY)
    page.circle(stream, y + 18, 10, color=INK)
    page.text(stream, y + 18, "+", size=18)


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
    translator()
    bottleneck()
