"""The feedback page: what was handed in, the points, and the message of each check.

Never shown: the source of a test, hidden text, a traceback, or any output of the student's cells,
which could hold scripts, or hidden inputs that the student's code has seen.
"""

import re
from pathlib import Path

import bleach
import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.grading import marks

TAGS = {"p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "sub"}
TAGS |= {"sup", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
LONGEST = 1000  # characters of a message; a check writes five lines


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
    """Puts the data of the page into `resources["page"]`."""

    def preprocess(self, nb, resources):
        about = resources["nbgrader"]
        marked = marks.read(about["db_url"], about["assignment"])[about["student"]]
        resources["page"] = {
            "assignment": about["assignment"],
            "student": about["student"],
            "score": number(marked.sum("score")),
            "points": number(marked.sum("points")),
            "pending": number(marked.pending),
            "parts": [part for cell in nb.cells if (part := part_of(cell, marked))],
        }
        return nb, resources


def part_of(cell, marked):
    """Return what the page shows of a cell, or None."""
    rules = cell.metadata.get("nbgrader", {})
    if not rules.get("grade") and not rules.get("solution"):
        heading = re.match(r"#{1,3} +(.+)", cell.source)
        return {"heading": heading[1]} if heading and cell.cell_type == "markdown" else None
    name = rules["grade_id"]
    part = {"name": name, "comment": marked.comments.get(name)}
    if rules.get("solution"):
        is_code = cell.cell_type == "code"
        part |= {"code": cell.source} if is_code else {"answer": harmless(cell.source)}
    if rules.get("grade"):
        mark = marked.marks[name]
        points = number(mark.points)
        part["result"] = (
            f"of {points}, not read yet" if mark.pending else f"{number(mark.score)} of {points}"
        )
        part["message"] = message(cell) if mark.automatic else ""
    return part


def harmless(markdown):
    """Render a student's Markdown; only plain markup stays: no script, link, picture or style."""
    render = MarkdownWithMath(IPythonRenderer(escape=False, exclude_anchor_links=True)).render
    return bleach.clean(render(markdown), tags=TAGS, attributes={}, strip=True)


def message(cell):
    """What a graded check says to the student."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if not errors and any(output.get("name") == "stderr" for output in cell.outputs):
        return "✗ A warning, or other text on stderr, made this check fail."
    if not errors:
        return "✓ passed"
    name, text = errors[-1].ename, errors[-1].evalue
    if name == "CellTimeoutError":
        text = "✗ The check took too long. Is there a loop that never ends?"
    elif name == "NotImplementedError":
        text = "✗ This part is not written yet."
    elif name != "Mistake":
        text = f"✗ The check stopped with {name}: {text.strip().partition(chr(10))[0]}"
    return re.sub(r"\x1b\[[0-9;]*m|[\x00-\x09\x0b-\x1f\x7f-\x9f]", "", text)[:LONGEST]


def message_in(path, name):
    """The message of the check `name` in a graded notebook file."""
    cells = nbformat.read(path, as_version=4).cells
    return next(message(c) for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def number(points):
    return f"{points:.2f}".rstrip("0").rstrip(".")
