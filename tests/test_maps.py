"""The learning paths, the concept map and the cheat sheets."""

import re
import sys

import pytest
from browser import Visit, chromium, served

from autograder.authoring import notebooks
from autograder.authoring.prose import repeated
from autograder.course import ROOT, read_notebook
from autograder.site.build import SITE

DRAWINGS = ROOT / "book" / "drawings"
FIGURES = ROOT / "book" / "static" / "figures"
SHEETS = ROOT / "book" / "cheat_sheets"
LESSONS = {  # those that are finished: a draft needs no place on a map and no cheat sheet yet
    path.stem[:2]: path
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    if not notebooks.is_draft(notebooks.read(path))
}
A4 = (595, 842)  # points, 72 to an inch


@pytest.fixture(scope="module")
def maps():
    sys.path.insert(0, str(DRAWINGS))
    import maps

    sys.path.remove(str(DRAWINGS))
    return maps


def prose(lesson):
    """The Markdown of a lesson."""
    cells = read_notebook(lesson)["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def linked(text):
    """The slugs of the lessons that HTML links to."""
    return set(re.findall(r'<a href="\.\./notebooks/(\w+)\.html"', text))


def test_the_committed_maps_are_what_the_generator_makes(maps):
    for name, text in maps.figures().items():
        made = (FIGURES / name).read_text("utf-8")
        assert made == text, f"run `python book/drawings/maps.py`: {name} is not up to date"
        page = (ROOT / "book" / name).with_suffix(".md").read_text("utf-8")
        assert f":file: static/figures/{name}" in page


def test_a_map_calls_each_lesson_by_its_own_title(maps):
    for key, lesson in LESSONS.items():
        heading = re.search(r"^# (?:\d+\. )?(.+)$", prose(lesson), re.MULTILINE)[1]
        assert maps.DATA["titles"][key] == heading


def test_every_lesson_is_linked_where_it_belongs_and_nothing_else_is(maps):
    """Both the picture and the list beside it have the links."""
    slugs = {lesson.stem for lesson in LESSONS.values()}
    for part in re.split(r"(?=<details>)", maps.concept_map()):
        assert linked(part) == slugs
    on_a_path = set()
    for name, keys in maps.DATA["paths"].items():
        belong = {LESSONS[key].stem for key in keys if key in LESSONS}
        for part in re.split(r"(?=<details>)", maps.learning_path(name, keys)):
            assert linked(part) == belong, name
        on_a_path |= belong
    assert on_a_path == slugs


def test_a_lesson_that_is_not_there_yet_is_no_link(maps, monkeypatch):
    monkeypatch.setattr(maps, "SLUGS", {})
    assert not any(linked(text) for text in maps.figures().values())
    assert "Optimization (lesson 6, planned)" in maps.learning_paths()


def test_the_paths_hold_the_projects_of_the_course_outline(maps):
    told = {
        name: [int(key[1:]) for key in keys if key[0] == "P"]
        for name, keys in maps.DATA["paths"].items()
    }
    assert told == {
        "Math first": [1, 2, 3, 5, 10],
        "Practitioner": [3, 4, 6, 7, 10],
        "Researcher": [1, 2, 5, 8, 9],
    }


@pytest.mark.parametrize("key", LESSONS)
def test_every_lesson_has_a_cheat_sheet_in_words_of_its_own(key):
    lesson, sheet = LESSONS[key], SHEETS / f"{key}.md"
    text = sheet.read_text("utf-8")
    assert f"(../../notebooks/{lesson.name})" in text
    assert not list(repeated({lesson.name: prose(lesson), sheet.name: text}))
    for part in ("Torch", "Numbers", "Errors and fixes"):
        assert f"\n## {part}\n" in text


@pytest.mark.browser
def test_every_cheat_sheet_prints_on_one_sheet_of_a4():
    pages = [f"book/cheat_sheets/{sheet.stem}.html" for sheet in sorted(SHEETS.glob("*.md"))]
    if not all((SITE / page).exists() for page in pages):
        pytest.skip("The site is not built with its cheat sheets: run `make book` first.")
    with served(SITE) as url, chromium() as browser:
        for page in pages:
            with Visit(browser, url + page) as visit:
                pdf = visit.page.pdf(prefer_css_page_size=True)
            sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
            points = [tuple(round(float(side)) for side in size) for size in sizes]
            assert points == [A4], f"{page} prints on {len(points)} pages"
