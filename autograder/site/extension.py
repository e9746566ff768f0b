"""The site's Sphinx extension: what _config.yml cannot say.

The lessons draw static frames, their figures become files, the glossary knows where its terms are
used, the study cards are made from the quizzes and the chapter cards from the lessons, each lesson
carries the report of its run, and no page loads what it does not use.
"""

import base64
import functools
import hashlib
import html
import io
import os
import posixpath
import re

from myst_parser.mdit_to_docutils.base import default_slugify
from PIL import Image

from autograder.course import read_notebook
from autograder.site import cards, contents, run

LINK = re.compile(r"book/glossary\.md#([\w-]+)\)")
FIGURE = re.compile(r'src="data:image/png;base64,([^"]+)"')
SUMMARY = re.compile(r"(?<=<summary>).*?(?=</summary>)", re.DOTALL)
PREDICT = re.compile(r"<p><strong>(?:Predict|Break it)\b.*?</p>(?:\s*<ul.*?</ul>)?", re.DOTALL)
CHAPTERS = "% The chapter cards: made from the lessons.\n"
ANKI = "book/chainrule_cards.txt"


def set_up(app, config):
    """Settings that depend on the tree: the cache of this chainrule, buttons if there is a url."""
    config.nb_execution_cache_path = str(run.cache_path())
    if not config.html_theme_options.get("repository_url"):
        for name in ("launch_buttons", "repository_url"):
            config.html_theme_options.pop(name, None)


def read(app, docname, source):
    """Complete the text of the pages that are partly generated."""
    if docname == "book/glossary":
        source[0] = with_uses(source[0], uses())
    if docname == "book/study_cards":
        source[0] += "\n" + cards.page()
    if docname == "book/index":
        source[0] = source[0].replace(CHAPTERS, contents.chapter_cards())


def uses():
    """Return {slug of a term: [chapters whose lesson links to it]}."""
    found = {}
    for chapter in run.published():
        text = "".join("".join(cell["source"]) for cell in read_notebook(chapter.lesson)["cells"])
        for slug in sorted(set(LINK.findall(text))):
            found.setdefault(slug, []).append(chapter)
    return found


def with_uses(text, found):
    """Return the glossary's Markdown with "Used in: ..." at the end of each term."""
    head, *terms = re.split(r"(?m)^### ", text)
    done = [head]
    for term in terms:
        name, _, rest = term.partition("\n")
        links = ", ".join(
            f"[{cards.title(chapter)}](../notebooks/{chapter.slug}.ipynb)"
            for chapter in found.get(default_slugify(name), [])
        )
        # The next heading of the second level, if there is one, follows the last term before it.
        body, mark, after = rest.partition("\n## ")
        used = f"\n\n:::{{div}} used-in\nUsed in: {links}\n:::\n" if links else "\n"
        done.append(f"### {name}\n{body.rstrip()}{used}{mark}{after}\n")
    return "".join(done)


def finish_page(app, pagename, templatename, context, doctree):
    """Drop doubled scripts; give a chapter its part's colour and a lesson the report of its run."""
    scripts = {}
    for script in context.get("script_files", []):
        key = getattr(script, "attributes", {}).get("body") or str(script.filename)
        scripts.setdefault(key, script)
    context["script_files"] = list(scripts.values())
    if "body" not in context:
        return
    context["body"] = contents.edge(pagename) + SUMMARY.sub(_marked_up, context["body"])
    folder, slug = posixpath.split(pagename)
    if folder == "notebooks":
        to_file = functools.partial(_to_file, app.outdir / "_images")
        body = PREDICT.sub(r'<div class="predict">\g<0></div>', context["body"])
        context["body"] = FIGURE.sub(to_file, body) + run_report(slug)


def run_report(slug):
    """Return how a lesson's page was run, folded, as HTML."""
    rows = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>"
        for name, value in run.report(slug)
    )
    summary = "<summary>How this page was run</summary>"
    return f'<details class="run-report">{summary}<dl>{rows}</dl></details>'


def _marked_up(match):
    """Set the `code` and the $x$ of a folded question, which is HTML and so not Markdown."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", match[0])
    return re.sub(r"\$([^$]+)\$", r'<span class="math">\(\1\)</span>', text)


def _to_file(folder, match):
    """Move a figure out of the page into a lossless WebP file, which is half as large."""
    data = base64.b64decode(match[1])
    path = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.webp"
    folder.mkdir(exist_ok=True)
    with Image.open(io.BytesIO(data)) as image:
        image.save(path, lossless=True)
        width, height = image.size
    return f'src="../_images/{path.name}" width="{width}" height="{height}"'


def write_cards(app, error):
    """Write the Anki file beside the page that offers it."""
    if not error:
        path = app.outdir / ANKI
        path.parent.mkdir(exist_ok=True)
        path.write_text(cards.anki(), encoding="utf-8")


def setup(app):
    os.environ["BOOK_BUILD"] = "1"  # a notebook that Sphinx runs draws static frames as well
    app.connect("config-inited", set_up)
    app.connect("source-read", read)
    app.connect("html-page-context", finish_page, priority=900)
    app.connect("build-finished", write_cards)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
