"""The feedback page: what was handed in, the points, and the message of each check.

Never shown: the source of a test, hidden text, a traceback, or any output of the student's cells,
which could hold scripts, or hidden inputs that the student's code has seen. A page of a file that
could not be graded says why.
"""

import functools
import html
import json
import re
from pathlib import Path

import bleach
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.v4 import new_notebook
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.grading import marks
from autograder.grading.verdict import Outcome

TAGS = {"p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "sub"}
TAGS |= {"sup", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
LONGEST = 12_000  # characters of one cell; with MOST it keeps a page under 1 MB
MOST = 40_000  # characters of all the student's cells and headings together
SAID = {
    "passed": "✓ passed",
    "timed out": "✗ The check took too long. Is there a loop that never ends?",
    "killed": "✗ The Python process ended while the check ran.",
    "not run": "✗ The check could not be run.",
}


class FeedbackExporter(HTMLExporter):
    """Renders the data of `Page` through our template, which asks no other host."""

    @property
    def default_config(self):
        config = super().default_config
        config.FeedbackExporter.template_name = "feedback"
        config.FeedbackExporter.preprocessors = []
        config.FeedbackExporter.extra_template_basedirs = [str(Path(__file__).parent / "templates")]
        return config


class Page(NbGraderPreprocessor):
    """Puts the data of the page into `resources["page"]`: for formgrader's own feedback button."""

    def preprocess(self, nb, resources):
        about = resources["nbgrader"]
        slug, student = about["assignment"], about["student"]
        path = Path(about["db_url"].removeprefix("sqlite:///")).parent / "records" / f"{slug}.json"
        record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        submission = record.get("submissions", {}).get(student, {})
        marked = marks.read(about["db_url"], slug)[student]
        resources["page"] = page(slug, student, marked, submission, nb.cells)
        return nb, resources


@functools.cache
def exporter():
    return FeedbackExporter()  # it reads its templates once


def write(path, data):
    """Write the page of `data`, which page() returned."""
    text, _ = exporter().from_notebook_node(new_notebook(), {"page": data})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def page(slug, student, marked, about, cells=()):
    """Return what a student's page shows; `about` is the record of the submission."""
    outcome = Outcome.from_json(about["outcome"]) if about.get("outcome") else Outcome()
    verdicts = {verdict.grade_id: verdict for verdict in outcome.verdicts}
    percent = about.get("percent", 0)
    return {
        "assignment": slug,
        "student": student,
        "file": about.get("file", ""),
        "reason": about.get("reason", ""),
        "days": about.get("days", 0),
        "percent": number(percent),
        "unsafe": outcome.unsafe,
        "stock": not (about.get("outcome") or about.get("reason")),
        "score": number(marked.sum("score") * (1 - percent / 100)),
        "points": number(marked.sum("points")),
        "pending": number(marked.pending),
        "parts": shortened(part for c in cells if (part := part_of(c, marked, verdicts))),
    }


def shortened(parts):
    """Cut the parts' texts, so that no submission makes a page that is slow to open."""
    left, kept = MOST, []
    for part in parts:
        for key in ("heading", "code", "answer"):
            text = part.get(key, "")
            if len(text) > min(left, LONGEST):
                text = text[: min(left, LONGEST)] + "\n... (shortened)"
            left = max(0, left - len(text))
            part |= {key: text} if key in part else {}
        part |= {"answer": harmless(part["answer"])} if "answer" in part else {}
        if left or "name" in part:
            kept.append(part)
    return kept


def part_of(cell, marked, verdicts):
    """Return what the page shows of a cell, or None."""
    rules = cell.metadata.get("nbgrader", {})
    if not rules.get("grade") and not rules.get("solution"):
        heading = re.match(r"#{1,3} +(.{1,200})", cell.source)
        return {"heading": heading[1]} if heading and cell.cell_type == "markdown" else None
    name = rules["grade_id"]
    part = {"name": name, "comment": marked.comments.get(name)}
    if rules.get("solution"):
        part["code" if cell.cell_type == "code" else "answer"] = cell.source
    if name in marked.marks:
        mark = marked.marks[name]
        points = number(mark.points)
        part["result"] = (
            f"of {points}, not read yet" if mark.pending else f"{number(mark.score)} of {points}"
        )
        part["message"] = said(verdicts.get(name)) if mark.automatic else ""
    return part


def said(verdict):
    """What a graded check says to the student."""
    if verdict is None:
        return ""
    return verdict.message or SAID.get(verdict.status, f"✗ {verdict.status}")


def harmless(markdown):
    """Render a student's Markdown; only plain markup stays: no script, link, picture or style."""
    render = MarkdownWithMath(IPythonRenderer(escape=False, exclude_anchor_links=True)).render
    try:
        return bleach.clean(render(markdown), tags=TAGS, attributes={}, strip=True)
    except RecursionError:  # thousands of lists in lists
        return f"<pre>{html.escape(markdown)}</pre>"


def number(points):
    return f"{points:.2f}".rstrip("0").rstrip(".")
