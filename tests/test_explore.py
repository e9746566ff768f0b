"""explore in its two renderings: live widgets, and the frames of the book."""

import json
import os
import re
import urllib.parse

import matplotlib.pyplot as plt
import pytest

from chainrule import explore, plots

ALT = "A straight line that starts at zero"


def draw(slope, bend):
    plots.lines({"line": [0, slope, 2 * slope + bend]}, x="x", y="y")


def readout(slope, bend):
    return f"slope {slope}, end at {2 * slope + bend} < 99"


SLIDERS = {"slope": [1, 2, 3], "bend": [0.0, 0.5], "start": {"slope": 2, "bend": 0.5}}


def test_live_sliders_redraw_and_say_so(monkeypatch):
    monkeypatch.delenv("BOOK_BUILD", raising=False)
    box = explore(draw, alt=ALT, readout=readout, **SLIDERS)
    slope, bend, picture, line = box.children
    assert (slope.value, bend.value) == (2, 0.5)
    assert slope.description == "slope"
    said = "slope 2, end at 4.5 &lt; 99"
    assert line.value == f"<output aria-live='polite'>{said}</output>"
    assert f'alt="{ALT}: {said.replace("&", "&amp;")}"' in picture.value
    before = picture.value
    slope.value = 3
    assert "end at 6.5" in line.value
    assert "end at 6.5" in picture.value
    assert picture.value.split("base64,")[1] != before.split("base64,")[1]
    assert plt.get_fignums() == []  # nothing is left to be shown a second time


def test_a_slow_drawing_is_redone_when_the_slider_is_let_go(monkeypatch):
    from chainrule import sliders

    monkeypatch.delenv("BOOK_BUILD", raising=False)
    monkeypatch.setattr(sliders, "SLOW", 60.0)
    assert explore(draw, alt=ALT, readout=readout, **SLIDERS).children[0].continuous_update
    monkeypatch.setattr(sliders, "SLOW", 0.0)
    assert not explore(draw, alt=ALT, readout=readout, **SLIDERS).children[0].continuous_update


@pytest.fixture
def book(monkeypatch):
    monkeypatch.setenv("BOOK_BUILD", "1")


def blob(frames):
    found = re.search(r'<script type="application/json">(.*?)</script>', frames.html, re.DOTALL)
    return json.loads(found[1].replace(r"<\/", "</"))


@pytest.mark.parametrize("fmt", ["svg", "webp"])
def test_the_book_holds_every_position(book, fmt):
    frames = explore(draw, alt=ALT, readout=readout, fmt=fmt, **SLIDERS)
    held = blob(frames)
    assert held["texts"] == [["1", "2", "3"], ["0", "0.5"]]
    assert held["readouts"] == [readout(s, b) for s in (1, 2, 3) for b in (0.0, 0.5)]
    assert len(set(held["frames"])) == 6
    assert held["svg"] == (fmt == "svg")


def test_the_book_starts_where_it_is_told(book):
    frames = explore(draw, alt=ALT, readout=readout, **SLIDERS)
    assert re.findall(r'max="(\d)" value="(\d)"', frames.html) == [("2", "1"), ("1", "1")]
    said = "slope 2, end at 4.5 &lt; 99"
    assert f'<output aria-live="polite">{said}</output>' in frames.html
    assert f'alt="{ALT}: {said}"' in frames.html
    source = re.search(r'src="data:image/svg\+xml,([^"]+)"', frames.html)[1]
    assert urllib.parse.unquote(source) == blob(frames)["frames"][3]
    shown = frames._repr_mimebundle_()
    assert set(shown) == {"text/html", "image/png", "text/plain"}
    assert shown["text/plain"] == f"{ALT}: slope 2, end at 4.5 < 99"
    labels = re.findall(
        r'<label for="([^"]+)">(\w+)</label><input type="range" id="([^"]+)"', frames.html
    )
    assert [(name, label == own) for label, name, own in labels] == [
        ("slope", True),
        ("bend", True),
    ]


def test_a_frame_cannot_end_its_script(book):
    frames = explore(draw, alt=ALT, readout=lambda **_: "</script><b>", **SLIDERS)
    assert frames.html.count("</script>") == 2
    assert set(blob(frames)["readouts"]) == {"</script><b>"}


def test_two_builds_give_the_same_bytes(python):
    code = "from test_explore import *; "
    code += "print(explore(draw, alt=ALT, readout=readout, **SLIDERS).html)"
    here = {"BOOK_BUILD": "1", "PYTHONPATH": os.path.dirname(__file__)}
    first, second = (python(code, PYTHONHASHSEED=seed, **here) for seed in "12")
    assert re.search(r'id="explore-[0-9a-f]{8}"', first)
    assert first == second


def test_other_pictures_get_another_id(book):
    one = explore(draw, alt=ALT, readout=readout, **SLIDERS)
    two = explore(draw, alt=ALT + " again", readout=readout, **SLIDERS)
    ids = [re.search(r'class="explore" id="([^"]+)"', frames.html)[1] for frames in (one, two)]
    assert ids[0] != ids[1]


def test_explore_refuses_a_start_off_the_slider_and_a_poor_alt():
    with pytest.raises(ValueError, match=r"start\['bend'\] must be one of \[0, 1\]"):
        explore(draw, alt=ALT, readout=readout, start={"slope": 1}, slope=[1], bend=[0, 1])
    with pytest.raises(ValueError, match="explore: alt text must say what is seen"):
        explore(draw, alt="Line", readout=readout, **SLIDERS)
