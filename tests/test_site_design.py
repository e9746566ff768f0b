"""The site's design: cards made from the lessons, colours of the parts, type, paper, search."""

import itertools
import json
import re

import pytest
import torch
from browser import Visit

from autograder.course import ROOT, Chapter
from autograder.site import contents, run

pytestmark = pytest.mark.browser
THEMES = ("light", "dark")
TOC = """
format: jb-book
root: book/index
parts:
  - caption: Start here
    chapters: [{file: book/how_to_use}]
  - caption: "Part I: Toys"
    chapters:
      - file: notebooks/01_toy
        sections: [{file: release/01_toy/01_toy}]
      - file: notebooks/02_other
"""


def test_a_new_chapter_gets_its_card_and_its_colour_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.course.ROOT", tmp_path)
    monkeypatch.setattr(contents, "ROOT", tmp_path)
    contents.parts.cache_clear()
    (tmp_path / "_toc.yml").write_text(TOC)
    for slug, text in (
        (
            "01_toy",
            "# 1. A toy\n\n*About 20 minutes.*\n\nAfterwards you can:\n\n- play,\n- stop.\n",
        ),
        ("02_other", "# Another\n\nNothing is promised."),
    ):
        chapter = Chapter(slug)
        chapter.lesson.parent.mkdir(exist_ok=True)
        cells = [{"cell_type": "code", "source": "1"}, {"cell_type": "markdown", "source": text}]
        chapter.lesson.write_text(json.dumps({"cells": cells}))
    try:
        shown = contents.chapter_cards()
        edges = [contents.edge(p) for p in ("release/01_toy/01_toy", "book/how_to_use")]
    finally:
        contents.parts.cache_clear()
    assert "### Part I: Toys" in shown
    assert "Start here" not in shown
    assert "Chapter 1 · 20 minutes\n\n#### [A toy](../notebooks/01_toy.ipynb)" in shown
    assert "- play,\n- stop.\n\n\n[Assignment 1]" in shown
    assert "Chapter 2\n\n#### [Another]" in shown
    assert edges == ['<p class="part-edge part-1">Part I: Toys <span>Assignment</span></p>\n', ""]


@pytest.mark.parametrize("chapter", run.published(), ids=lambda chapter: chapter.slug)
def test_a_published_lesson_opens_with_minutes_and_outcomes(chapter):
    told = contents.opening(chapter)
    assert 10 <= int(told.minutes or 0) <= 180
    assert told.outcomes.count("\n- ") >= 2


def test_the_first_page_has_a_card_for_every_chapter(browser, url):
    with Visit(browser, f"{url}book/index.html") as visit:
        cards = visit.page.locator(".chapter-card")
        texts = cards.all_inner_texts()
        links = cards.locator("h4 a").evaluate_all("links => links.map(a => a.href)")
        assert links == [f"{url}notebooks/{chapter.slug}.html" for chapter in run.published()]
        for text, chapter in zip(texts, run.published(), strict=True):
            assert f"{contents.opening(chapter).minutes} minutes" in text


def test_a_part_has_one_colour_everywhere(browser, url):
    """On its cards, on top of its pages and in the contents, light and dark; no two share one."""
    found = {}
    with Visit(browser, f"{url}book/index.html") as visit:
        for part, theme in itertools.product(contents.parts(), THEMES):
            visit.look(theme, 1280)
            group = visit.page.locator(f".chapters.part-{part.number} .chapter-card").first
            caption = visit.page.locator(".bd-links p.caption", has_text=part.name)
            found[part, theme] = {colour(group, "top"), colour(caption, "left")}
        for part in contents.parts():
            for page in part.chapters[0]:
                visit.open(f"{url}{page}.html")
                for theme in THEMES:
                    visit.look(theme, 1280)
                    edge = visit.page.locator(".part-edge")
                    found[part, theme].add(colour(edge, "top"))
    assert [key for key, colours in found.items() if len(colours) > 1] == []
    for theme in THEMES:
        colours = [found[part, theme].pop() for part in contents.parts()]
        assert len(set(colours)) == len(colours)


def colour(element, side):
    return element.evaluate(f"e => getComputedStyle(e)['border-{side}-color']")


def test_lines_hold_about_70_characters(browser, url):
    with Visit(browser, f"{url}notebooks/{run.published()[0].slug}.html") as visit:
        visit.look("light", 1280)
        lengths = visit.page.evaluate(
            """() => [...document.querySelectorAll(".bd-article section > p")].map(p => {
            const range = document.createRange();
            range.selectNodeContents(p);
            const rows = new Set([...range.getClientRects()].map(r => r.bottom >> 3));
            return p.querySelector("mjx-container") ? 0 : p.textContent.length / rows.size;
            })"""
        )
    assert 60 <= max(lengths) <= 85


def test_paper_shows_all_and_only_what_is_of_use_there(browser, url):
    """No navigation, nothing folded, sliders at their start, the addresses of links."""
    with Visit(browser, f"{url}notebooks/06_optimization.html") as visit:
        page, image = visit.page, visit.page.locator(".explore img").first
        start = image.get_attribute("src")
        page.locator(".explore input").nth(1).press("ArrowRight")
        moved = image.get_attribute("src")
        page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert image.get_attribute("src") == start != moved
        assert page.locator("details:not([open])").count() == 0
        for gone in (".bd-sidebar-primary", ".bd-header-article", ".progress-panel", ".bd-footer"):
            assert not page.locator(gone).first.is_visible(), gone
        after = "a => getComputedStyle(a, '::after').content"
        link = page.locator(".bd-article a[href^=http]").first
        assert link.get_attribute("href") in link.evaluate(after)
        page.emulate_media(media="screen")
        page.evaluate("() => dispatchEvent(new Event('afterprint'))")
        assert image.get_attribute("src") == moved
        assert page.locator("details:not([open])").count() > 3


def test_a_lesson_ends_with_the_report_of_its_run(site):
    for chapter in run.published():
        text = (site / "notebooks" / f"{chapter.slug}.html").read_text("utf-8")
        report = re.search(r'<details class="run-report">(.*?)</details>', text, re.DOTALL)[1]
        assert "<summary>How this page was run</summary>" in report
        assert re.search(r"<dt>Date</dt><dd>20\d\d-\d\d-\d\d</dd>", report)
        assert re.search(r"<dt>Processor time</dt><dd>\d+ s", report)
        assert "<dt>Seeds</dt>" in report
        assert f"torch {torch.__version__}" in report


# What a reader types, and a page that must be among the answers.
SEARCHES = {
    "neuron": "notebooks/04_first_neural_network",
    "xor": "notebooks/04_first_neural_network",
    "nesterov": "notebooks/06_optimization",
    "rosenbrock": "notebooks/06_optimization",
    "rotary": "notebooks/12_attention",
    "causal mask": "book/glossary",
    "hyperplane": "book/glossary",
    "Adam": "book/cheat_sheets/06",
    "licence": "book/data_licences",
    "formgrader": "book/instructor_guide",
}


@pytest.mark.parametrize("term", SEARCHES)
def test_search_finds(browser, url, term):
    with Visit(browser, f"{url}search.html?q={term}") as visit:
        visit.page.locator(f".search a[href*='{SEARCHES[term]}']").first.wait_for(timeout=8000)
        assert (visit.outside, visit.errors) == ([], [])


def test_search_finds_every_term_of_the_glossary(browser, url):
    terms = re.findall(r"(?m)^### (.+)$", (ROOT / "book" / "glossary.md").read_text("utf-8"))
    with Visit(browser, f"{url}search.html") as visit:
        visit.page.wait_for_function("() => Search.hasIndex()")
        look_up = """term => Search._performSearch(...Search._parseQuery(term))
          .some(found => found[0] === "book/glossary")"""
        lost = [term for term in terms if not visit.page.evaluate(look_up, term)]
    assert len(terms) > 50
    assert lost == []


def test_the_covers_numbers_are_those_of_autograd(browser, url):
    """At the start, after a move of the slider and after three steps down the slope."""
    with Visit(browser, f"{url}book/index.html") as visit:
        names = ("x", "b", "y")
        x, b, y = (float(visit.page.locator(f"[data-n={n}]").text_content()) for n in names)
        slider, step = visit.page.locator("#cover-w"), visit.page.locator(".cover-controls button")
        w = torch.tensor(0.5, requires_grad=True)
        check_cover(visit.page, w, x, b, y)
        slider.press("ArrowRight")
        w = torch.tensor(0.6, requires_grad=True)
        check_cover(visit.page, w, x, b, y)
        for _ in range(3):
            step.press("Enter")
            w = (w - 0.1 * w.grad).detach().requires_grad_()
            check_cover(visit.page, w, x, b, y)
        assert visit.errors == []


def check_cover(page, w, x, b, y):
    e = w * x + b - y
    e.retain_grad()
    (e**2).backward()
    wanted = {"w": w, "p": w * x, "e": e, "loss": e**2, "de": e.grad, "dw": w.grad}
    for name, value in wanted.items():
        text = page.locator(f".cover-graph [data-n={name}]").first.text_content()
        assert float(text.replace("−", "-")) == pytest.approx(value.item(), abs=6e-4), name


def test_the_committed_cover_is_what_its_script_draws(python):
    drawn = python("import cover; print(cover.cover(), end='')", PYTHONPATH="book/drawings")
    assert drawn == (ROOT / "book" / "static" / "figures" / "cover.html").read_text("utf-8")
