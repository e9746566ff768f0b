"""Pictures of attention: what is drawn stands at the right place."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from chainrule import maps, plots


@pytest.fixture(autouse=True)
def fresh_figure():
    plt.close("all")
    yield
    plt.close("all")


def test_a_map_puts_the_first_word_on_top_and_rings_its_links():
    maps.attention(np.eye(2, 3), ["la", "casa"], ["the", "red", "house"], links=[(1, 2)])
    ax = plt.gca()
    assert [t.get_text() for t in ax.get_yticklabels()] == ["la", "casa"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["the", "red", "house"]
    assert ax.yaxis_inverted()
    ring = ax.get_lines()[0]
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (2.5, 1.5)
    assert ax.collections[0].get_array().reshape(2, 3).tolist() == np.eye(2, 3).tolist()


def test_a_mask_is_dark_where_it_is_true():
    maps.mask(np.array([[True, False], [True, True]]), title="causal")
    drawn = plt.gca().collections[0].get_array().reshape(2, 2)
    assert (drawn > 0).tolist() == [[True, False], [True, True]]


def test_bars_have_their_names_and_a_common_scale():
    maps.bars([0.25, 0.75], ["a", "b"], y="weight", high=1)
    ax = plt.gca()
    assert [bar.get_height() for bar in ax.patches] == [0.25, 0.75]
    assert ax.get_ylim() == (0, 1)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b"]


def test_a_map_is_a_light_frame():
    words = list("abcdefghi")
    svg = plots.frame(lambda: maps.attention(np.full((9, 9), 0.1), words, words), "svg")
    assert len(svg) < 40_000
