"""The course's figures: alt text, bytes that repeat, labels."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from chainrule import plots


def test_a_picture_needs_alt_text_that_says_something():
    with pytest.raises(ValueError, match="must say what is seen, not only 'Loss curve'"):
        plots.show("Loss curve")
    plots.lines({"line": [0, 1, 2]}, x="x", y="y")
    picture = plots.show('The loss falls from "2" to 1')
    shown = picture._repr_mimebundle_()
    assert 'alt="The loss falls from &quot;2&quot; to 1"' in shown["text/html"]
    assert shown["text/plain"] == 'The loss falls from "2" to 1'
    assert shown["image/png"].startswith("iVBOR")
    assert plt.get_fignums() == []


def test_svg_repeats_and_keeps_text_as_text():
    first, second = (
        plots.frame(lambda: plots.lines({"line": [0, 1, 2.5]}, x="x", y="y"), "svg")
        for _ in range(2)
    )
    assert first == second
    assert first.startswith("<svg")
    assert re.search(r"<text [^>]*>x</text>", first)
    assert "<dc:date>" not in first


def test_svg_numbers_that_are_printed_are_not_rounded():
    svg = plots.frame(lambda: plt.title("0.12345"), "svg")
    assert "0.12345" in svg
    path = re.search(r' d="([^"]+)"', svg)[1]
    assert not re.search(r"\.\d{3}", path)


def test_a_drawing_that_stops_leaves_no_figure():
    def stop():
        plt.plot([1, 2])
        raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        plots.frame(stop, "png")
    assert plt.get_fignums() == []


def test_each_curve_is_labelled_at_its_last_finite_value():
    (ax,) = plots.row(1)
    nan = float("nan")
    plots.lines({"a": [3, 2, 1], "b": [1, 2, nan], "c": [nan] * 3}, x="step", y="loss", ax=ax)
    labels = {text.get_text().strip(): text.xy for text in ax.texts}
    assert labels == {"a": (2, 1), "b": (1, 2)}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "loss")
    plt.close("all")


def test_one_curve_needs_no_label_and_can_be_logarithmic():
    plots.lines({"a": [1, 10, 100]}, x="x", y="y", at=[5, 6, 7], log=True, title="A title")
    ax = plt.gca()
    assert not ax.texts
    assert ax.get_yscale() == "log"
    assert ax.lines[0].get_xdata().tolist() == [5, 6, 7]
    assert ax.get_title(loc="left") == "A title"
    plt.close("all")


@pytest.mark.parametrize("constant", [False, True])
def test_the_boundary_is_drawn_where_the_prediction_is_a_half(constant):
    seen = []

    def predict(points):
        seen.append(points.shape)
        return np.full(len(points), 0.3) if constant else points[:, 0]

    plots.boundary(predict, torch.tensor([[0.0, 0.0], [1.0, 1.0]]), torch.tensor([0, 1]), points=9)
    ax = plt.gca()
    assert seen == [(81, 2)]
    halves = [s for s in ax.collections if list(getattr(s, "levels", ())) == [0.5]]
    assert len(halves) == (0 if constant else 1)
    if not constant:
        assert np.allclose(halves[0].get_paths()[0].vertices[:, 0], 0.5)
    assert ax.get_xlabel() == "$x_1$"
    plt.close("all")
