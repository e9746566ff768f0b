"""Study cards: the quiz questions and the "say it" questions of every lesson.

One list serves the page (Markdown) and the Anki import file (HTML). Ids are stable: a quiz card
has its question's id, a "say it" card a hash of its question, so that moving a question in the
lesson keeps what a learner's Anki knows about it.
"""

import hashlib
import html
import json
import re
from dataclasses import dataclass

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from autograder.course import read_notebook
from autograder.site import run
from chainrule.quiz import said

DETAILS = re.compile(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", re.DOTALL)


@dataclass(frozen=True)
class Card:
    id: str
    slug: str
    front: str  # Markdown
    back: str  # Markdown


def cards(chapter):
    """Return the cards of one chapter, quiz first."""
    items = json.loads(chapter.quiz.read_text(encoding="utf-8")) if chapter.quiz.exists() else []
    return [_quiz_card(item, chapter.slug) for item in items] + list(_say_it(chapter))


def title(chapter):
    """The heading of a lesson, without its number sign: "4. Your first neural network"."""
    for cell in read_notebook(chapter.lesson)["cells"]:
        for line in "".join(cell["source"]).splitlines():
            if cell["cell_type"] == "markdown" and line.startswith("# "):
                return line[2:].strip()
    return chapter.slug


def page():
    """Return the cards of all chapters as MyST Markdown, to follow the page's introduction."""
    return "\n\n".join(_section(chapter) for chapter in run.published())


def anki():
    """Return the cards as a text file that Anki imports: id, front, back and tag per line."""
    head = ["#separator:tab", "#html:true", "#guid column:1", "#tags column:4", "#deck:Chainrule"]
    rows = [
        "\t".join(
            [
                f"chainrule-{card.id}",
                to_html(card.front),
                to_html(card.back),
                f"chainrule::{card.slug}",
            ]
        )
        for chapter in run.published()
        for card in cards(chapter)
    ]
    return "\n".join(head + rows) + "\n"


def to_html(markdown):
    """Return Markdown as one line of HTML, with $x$ in the brackets that Anki's MathJax reads."""
    parser = MarkdownIt("commonmark").use(dollarmath_plugin)
    parser.add_render_rule("math_inline", lambda _, tokens, i, *__: _tex(tokens[i], "()"))
    parser.add_render_rule("math_block", lambda _, tokens, i, *__: _tex(tokens[i], "[]"))
    # A line end inside <pre> must stay one; anywhere else HTML reads it as a space.
    text = parser.render(markdown).strip()
    text = re.sub(r"<pre>.*?</pre>", lambda m: m[0].replace("\n", "<br>"), text, flags=re.DOTALL)
    return re.sub(r"[\t\n]+", " ", text)


def _tex(token, brackets):
    return f"\\{brackets[0]}{html.escape(token.content.strip(), quote=False)}\\{brackets[1]}"


def _section(chapter):
    blocks = [f"## {title(chapter)}"]
    for card in cards(chapter):
        blocks += [
            f"(card-{card.id})=",
            f":::::{{div}} study-card\n{card.front}\n",
            f"::::{{dropdown}} Answer\n{card.back}\n::::\n:::::",
        ]
    return "\n\n".join(blocks)


def _quiz_card(item, slug):
    numeric = item["type"] == "numeric"
    choices = [] if numeric else [f"- {_markdown(said(answer))}" for answer in item["answers"]]
    right = [
        f"**{_markdown(said(answer))}** {_markdown(answer['feedback'])}"
        for answer in item["answers"]
        if answer["correct"]
    ]
    front = "\n".join([_markdown(item["question"]), *([""] if choices else []), *choices])
    return Card(item["id"], slug, front, "\n\n".join(right))


def _say_it(chapter):
    if not chapter.lesson.exists():
        return
    for cell in read_notebook(chapter.lesson)["cells"]:
        if "say-it" in cell["metadata"].get("tags", []):
            for question, answer in DETAILS.findall("".join(cell["source"])):
                words = re.sub(r"\W+", " ", question).strip().lower()
                key = hashlib.sha256(words.encode()).hexdigest()[:8]
                name = f"{chapter.slug.partition('_')[0]}-say-{key}"
                yield Card(name, chapter.slug, question.strip(), answer.strip())


def _markdown(text):
    """Escape the plain text of a quiz for Markdown; `code` and $x$ stay as they are."""
    parts = re.split(r"(`[^`]+`|\$[^$]+\$)", text)
    return "".join(
        p if i % 2 else re.sub(r"([\\*_\[\]<>#])", r"\\\1", p) for i, p in enumerate(parts)
    )
