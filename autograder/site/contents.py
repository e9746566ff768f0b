"""What the pages know of the book's order: its parts, and how each lesson opens.

All of it is read from _toc.yml and from the lessons, so that a new chapter appears by itself: as a
card on the first page, and with the colour of its part on its own pages.
"""

import functools
import re
from dataclasses import dataclass

from autograder.course import ROOT, Chapter, contents, read_notebook, read_yaml
from autograder.site import cards

KINDS = {"notebooks": "Lesson", "release": "Assignment", "book/cheat_sheets": "Cheat sheet"}
OUTCOMES = re.compile(r"^Afterwards you can:?\n+((?:- .+\n?)+)", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """A part of the book that has lessons; `number` from 1 on picks its colour."""

    number: int
    name: str
    chapters: tuple  # each the names of its pages, such as "notebooks/12_attention", lesson first


@dataclass(frozen=True)
class Opening:
    """How a lesson begins; what it does not say is ""."""

    title: str  # without its number
    minutes: str
    outcomes: str  # a Markdown list


@functools.cache
def parts():
    """The parts of the book that have lessons, in the order of _toc.yml."""
    told = read_yaml(ROOT / "_toc.yml")["parts"]
    pages = {part["caption"]: tuple(map(tuple, map(contents, part["chapters"]))) for part in told}
    taught = [name for name in pages if pages[name][0][0].startswith("notebooks/")]
    return [Part(number, name, pages[name]) for number, name in enumerate(taught, 1)]


def opening(chapter):
    """Read a lesson's opening: its first Markdown cell."""
    cells = read_notebook(chapter.lesson)["cells"]
    text = next("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    minutes, outcomes = re.search(r"\b(\d+) minutes", text), OUTCOMES.search(text)
    title = re.sub(r"^\d+\. ", "", cards.title(chapter))
    return Opening(title, minutes[1] if minutes else "", outcomes[1] if outcomes else "")


def edge(page):
    """The line on top of a chapter's page that names its part, as HTML; "" for other pages."""
    for part in parts():
        if any(page in chapter for chapter in part.chapters):
            kind = f"<span>{_kind(page)}</span>"
            return f'<p class="part-edge part-{part.number}">{part.name} {kind}</p>\n'
    return ""


def chapter_cards():
    """The cards of all chapters, part by part, as MyST Markdown for the first page."""
    return "\n".join(
        "\n".join([
            f"### {part.name}\n\n:::::{{div}} chapters part-{part.number}",
            *map(_card, part.chapters),
            ":::::\n",
        ])
        for part in parts()
    )  # fmt: skip


def _card(pages):
    lesson, *others = pages
    chapter = Chapter(lesson.partition("/")[2])
    told, number = opening(chapter), int(chapter.slug[:2])
    minutes = f" · {told.minutes} minutes" if told.minutes else ""
    links = " · ".join(f"[{_kind(page)} {number}]({_address(page)})" for page in others)
    return (
        f"::::{{div}} chapter-card\nChapter {number}{minutes}\n\n"
        f"#### [{told.title}]({_address(lesson)})\n\n"
        f"Afterwards you can\n\n{told.outcomes}\n\n{links}\n::::"
    )


def _kind(page):
    return next((name for folder, name in KINDS.items() if page.startswith(f"{folder}/")), "Page")


def _address(page):
    """Where a page's source lies, seen from book/."""
    ending = ".ipynb" if (ROOT / f"{page}.ipynb").exists() else ".md"
    return f"../{page}{ending}"
