"""The built site as files: links, cards, back-links, buttons, and how a build goes wrong."""

import csv
import html.parser
import json
import re
import shutil
import signal
import subprocess
import sys
import urllib.parse
import urllib.request

import nbformat
import pytest
from browser import built, pages
from tqdm import tqdm

from autograder.course import ROOT, Chapter, environment
from autograder.site import build, cards, extension, run


@pytest.fixture(scope="module")
def site():
    return built()


class Links(html.parser.HTMLParser):
    """Collects the ids of a page and what it points to."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id" or (tag == "a" and name == "name"):
                self.ids.add(value)
            if name in ("href", "src") and value:
                self.links.append(value)


def test_no_page_shows_a_warning(site):
    """What a lesson writes to stderr stands on its page: a warning, with a path of this machine."""
    texts = {page: (site / page).read_text("utf-8") for page in pages(site)}
    assert [page for page in texts if 'class="output stderr' in texts[page]] == []


def test_every_link_and_anchor_leads_somewhere(site):
    parsed = {page: Links((site / page).read_text("utf-8")) for page in pages(site)}
    broken, inside = [], 0
    for page, found in parsed.items():
        for link in found.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            inside += 1
            path = (site / page).parent / urllib.parse.unquote(parts.path) if parts.path else None
            target = path.resolve() if path else site / page
            name = target.relative_to(site).as_posix()
            if not target.is_file():
                broken.append(f"{page}: {link}")
            elif parts.fragment and name in parsed and parts.fragment not in parsed[name].ids:
                broken.append(f"{page}: {link}: no such anchor")
    assert inside > 100
    assert not broken


def test_every_address_in_a_style_sheet_is_a_file(site):
    for sheet in site.rglob("*.css"):
        for link in re.findall(r"""(?:url\(|@import )["']?([^"')]+)""", sheet.read_text("utf-8")):
            if not link.startswith(("data:", "#")):
                assert (sheet.parent / link.partition("?")[0].partition("#")[0]).is_file(), link


def test_the_site_holds_no_dead_output_and_no_debris(site):
    for page in pages(site):
        text = (site / page).read_text("utf-8")
        assert "widget-view+json" not in text, f"{page} holds a widget that needs a kernel"
        assert "output stderr" not in text, f"{page} shows a warning"
        assert "thebe" not in text.lower()
    names = {path.name for path in site.rglob("*")}
    assert "tex-chtml.js" in names
    assert not names & {"tex-svg.js", "sre", "fontawesome.js.map"}


def test_cards_have_a_place_on_the_page_and_a_line_for_anki(site):
    every = [card for chapter in run.published() for card in cards.cards(chapter)]
    page = Links((site / "book" / "study_cards.html").read_text("utf-8"))
    lines = (site / "book" / "chainrule_cards.txt").read_text("utf-8").splitlines()
    head = [line for line in lines if line.startswith("#")]
    rows = list(csv.reader(lines[len(head) :], delimiter="\t", quoting=csv.QUOTE_NONE))
    assert {"#separator:tab", "#html:true", "#guid column:1"} <= set(head)
    assert [row[0] for row in rows] == [f"chainrule-{card.id}" for card in every]
    assert len({row[0] for row in rows}) == len(rows) > len(run.published())
    assert all(len(row) == 4 and all(row) for row in rows)
    assert {f"card-{card.id.lower()}" for card in every} <= page.ids


def test_card_text_becomes_html_that_anki_reads():
    assert cards.to_html("Is $a<b$ in `x*y`?") == "<p>Is \\(a&lt;b\\) in <code>x*y</code>?</p>"
    assert cards.to_html("```\na\nb\n```") == "<pre><code>a<br>b<br></code></pre>"


def test_a_say_it_card_keeps_its_id_when_questions_move(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.course.ROOT", tmp_path)
    say = "<details><summary>{}</summary>\n\n{}\n\n</details>\n"
    first, second = say.format("Why $b$?", "It shifts."), say.format("What else?", "Nothing.")
    both, chapter = [], Chapter("99_test")
    chapter.lesson.parent.mkdir()
    for text in (first + second, second + first):
        cell = {"cell_type": "markdown", "metadata": {"tags": ["say-it"]}, "source": [text]}
        chapter.lesson.write_text(json.dumps({"cells": [cell]}))
        both.append({card.front: card.id for card in cards.cards(chapter)})
    assert both[0] == both[1]
    assert list(both[0]) == ["Why $b$?", "What else?"]


def test_the_glossary_names_the_lessons_of_a_term(site):
    used = extension.uses()
    text = (site / "book" / "glossary.html").read_text("utf-8")
    assert used
    for slug, found in used.items():
        section = text.partition(f'<section id="{slug}">')[2].partition("</section>")[0]
        assert section, f"lessons link to {slug!r}, which the glossary does not explain"
        assert all(f"../notebooks/{chapter.slug}.html" in section for chapter in found)


def test_nothing_is_built_twice(site):
    before = (site / "book" / "index.html").stat().st_mtime_ns
    assert build.build() == site
    assert (site / "book" / "index.html").stat().st_mtime_ns == before


@pytest.mark.parametrize("url", ["", "https://github.com/an-org/a-course"])
def test_buttons_follow_the_address_of_the_repository(tmp_path, url):
    """One page is built with the book's settings, in a folder with a space in its name."""
    root = tmp_path / "a course"
    page = root / "release" / "99_test" / "99_test.ipynb"
    page.parent.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Test")]), page)
    settings = (ROOT / "_config.yml").read_text("utf-8")
    (root / "_config.yml").write_text(re.sub(r'url: ".*"', f'url: "{url}"', settings, count=1))
    (root / "_toc.yml").write_text("format: jb-book\nroot: release/99_test/99_test\n")
    shutil.copytree(ROOT / "book" / "static", root / "book" / "static")
    shutil.copy(ROOT / "book" / "references.bib", root / "book")
    command = build.jupyter_book(root)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert done.returncode == 0, done.stderr
    built_page = root / "_build" / "html" / "release" / "99_test" / "99_test.html"
    links = Links(built_page.read_text("utf-8")).links
    path = "release/99_test/99_test.ipynb"
    colab = f"https://colab.research.google.com/github/an-org/a-course/blob/main/{path}"
    binder = f"https://mybinder.org/v2/gh/an-org/a-course/main?urlpath=lab/tree/{path}"
    outside = [link for link in links if link.startswith("http")]
    assert outside == ([binder, colab] if url else [])


def test_a_failing_lesson_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.course.ROOT", tmp_path)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setattr(run, "config", lambda: {"execute": {"timeout": 60}})
    cells = [
        nbformat.v4.new_code_cell("x = 0", id="fine"),
        nbformat.v4.new_code_cell("1 / x", id="the-division"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    sentence, _ = run._run(Chapter("99_test"), notebook, tqdm(disable=True))
    assert sentence.startswith("Lesson 99_test failed in cell 'the-division': ZeroDivisionError")
    assert len(sentence.splitlines()) == 1


def test_book_prints_its_address_and_serves(site):
    command = [sys.executable, "-u", "-m", "autograder", "book"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as served:
        try:
            printed = next(line for line in served.stdout if "http://" in line)
            address = re.search(r"http://127\.0\.0\.1:\d+/", printed)[0]
            with urllib.request.urlopen(f"{address}book/index.html") as answer:
                assert b"Chainrule" in answer.read()
        finally:
            served.send_signal(signal.SIGINT)
        assert served.wait(10) == 0
