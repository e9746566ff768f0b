"""The notebooks in the environment with Colab's IPython and ipywidgets."""

import nbformat
import pytest

from autograder.authoring import colab, notebooks
from autograder.course import assignments, chapters

PINS = dict(line.split("==") for line in colab.PINS.read_text("utf-8").split() if "==" in line)
LIVE = """
import os
import IPython, ipywidgets
from chainrule import explore, plots

assert (IPython.__version__, ipywidgets.__version__) == {versions}
assert not os.environ.get("BOOK_BUILD")
box = explore(
    lambda k: plots.lines({{"line": [0, k]}}, x="x", y="y"),
    alt="A line that starts at zero and ends at k",
    readout=lambda k: f"end {{k}}",
    start={{"k": 1}},
    k=[1, 2],
)
slider, picture, line = box.children
before = picture.value
slider.value = 2
assert isinstance(slider, ipywidgets.SelectionSlider)
assert picture.value != before
assert "end 2" in line.value
box
"""


@pytest.fixture(scope="module")
def python():
    if not colab.PYTHON.exists():
        pytest.skip("the environment with Colab's versions is made by make test")
    return colab.PYTHON


def test_versions_and_live_sliders(python, tmp_path):
    versions = (PINS["ipython"], PINS["ipywidgets"])
    cell = nbformat.v4.new_code_cell(LIVE.format(versions=versions), id="live")
    path = tmp_path / "live.ipynb"
    notebooks.write(path, nbformat.v4.new_notebook(cells=[cell]))
    assert notebooks.execute(path, python).problem == ""


@pytest.mark.parametrize("chapter", chapters(), ids=lambda c: c.slug)
def test_lesson(python, chapter):
    assert notebooks.execute(chapter.lesson, python).problem == ""


@pytest.mark.parametrize("chapter", assignments(), ids=lambda c: c.slug)
def test_assignment(python, chapter):
    """The instructor's notebook: the student's one with its stubs filled in."""
    assert notebooks.execute(chapter.source, python).problem == ""
