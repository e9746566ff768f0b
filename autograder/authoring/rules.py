"""The rules of a chapter (CONTRIBUTING.md) as small pure functions that yield sentences.

`make check` and the tests call the same ones. `problems` must be empty always; `missing` (sizes)
may be filled while the lesson is a draft.
"""

import ast
import re

from autograder.authoring import notebooks, prose
from autograder.authoring.notebooks import SETUP, code_cells, program, tags
from autograder.course import ROOT

COLUMNS, CELL_LINES, CLASS_LINES, GOLDEN_LINES, POINTS_PER_CELL = 79, 20, 30, 5, 3
TAGS = {
    "build", "demo", "gpu", "keep_output", "nbval-check-output", "raises-exception",
    SETUP, "say-it",
}  # fmt: skip
SHOWN = {"explore", "plots.show", "quiz.show"}  # what a cell shows is its last value
GOLDEN = {"keep_output", "nbval-check-output"}
SIZES = {  # (at least, at most)
    "words": (1800, 3500),
    "code cells": (20, 45),
    "explore calls": (2, None),
    "figures": (6, None),
    "quiz questions": (6, None),
    "say-it questions": (3, None),
}
SOURCE = re.compile(r"https?://(?:dx\.)?doi\.org/(\S+)|https?://arxiv\.org/(?:abs|pdf)/([\d.]+\d)")


def lesson_problems(notebook, path, slug):
    """Every rule that a lesson keeps, draft or not."""
    yield from notebook_problems(notebook, path)
    if not re.match(rf"# {int(slug[:2])}\. \w", opening(notebook)):
        yield f'the title does not begin with its number, "# {int(slug[:2])}. "'
    counted = notebooks.calls(notebook)
    if counted["seed"] != 1:
        yield f"chainrule.seed(0) is called {counted['seed']} times: call it once, at the top"
    yield from show_problems(notebook, slug)
    markdown = notebooks.prose(notebook)
    for target in (f"../release/{slug}/{slug}.ipynb", "../book/glossary.md"):
        if target not in markdown:
            yield f"no link to {target}"


def opening(notebook):
    """The first Markdown cell: title, minutes, outcomes. The site's chapter cards show them."""
    return next((c.source for c in notebook.cells if c.cell_type == "markdown"), "")


def opening_missing(text):
    """What an opening must say before a lesson is no draft any more."""
    if not re.search(r"\b\d+ minutes", text):
        yield 'the opening does not say how long the lesson takes, such as "75 minutes"'
    if not re.search(r"^Afterwards you can:?\n+- ", text, re.MULTILINE):
        yield 'the opening has no list "Afterwards you can:"'


def notebook_problems(notebook, path):
    """The rules that lessons and assignments share."""
    markdown = notebooks.prose(notebook)
    yield from structure_problems(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code" and SETUP not in tags(cell):
            yield from (f"cell {cell.id}: {p}" for p in code_problems(cell))
        if cell.cell_type == "markdown":
            rules = (prose.word_problems, prose.myst_problems, image_problems)
            yield from (f"cell {cell.id}: {p}" for rule in rules for p in rule(cell.source))
    yield from prose.length_problems(markdown)
    yield from link_problems(markdown, path.parent)
    yield from source_problems(markdown, (ROOT / "book" / "references.bib").read_text("utf-8"))


def structure_problems(notebook):
    """Set-up cell first, readable ids, known tags, outputs in golden cells alone."""
    first = notebook.cells[0]
    if first.id != "setup" or SETUP not in tags(first):
        yield "the first cell is not the set-up cell: run make fmt"
    for cell in notebook.cells:
        if not re.fullmatch(r"[a-z][a-z0-9-]+", cell.id) or re.fullmatch(r"[0-9a-f]{8}", cell.id):
            yield f"cell id {cell.id!r} tells nothing: name it after what the cell does"
        if unknown := sorted(set(tags(cell)) - TAGS):
            yield f"cell {cell.id}: unknown tag {unknown[0]!r}"
        if cell.cell_type == "code":
            yield from golden_problems(cell)


def golden_problems(cell):
    """Golden cells carry both tags, a count (nbval wants it) and at most five lines of text."""
    marks = GOLDEN & set(tags(cell))
    if len(marks) == 1:
        yield f"cell {cell.id}: a golden cell has both tags, {' and '.join(sorted(GOLDEN))}"
    if not marks and (cell.outputs or cell.execution_count):
        yield f"cell {cell.id}: has an output but is not golden: run make fmt"
    if not marks:
        return
    if not cell.outputs or cell.execution_count is None:
        yield f"cell {cell.id}: is golden but has no output: make check records it"
    texts = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.outputs]
    if (lines := "".join(texts).rstrip().count("\n") + 1) > GOLDEN_LINES:
        yield f"cell {cell.id}: a golden output has at most {GOLDEN_LINES} lines, not {lines}"


def code_problems(cell):
    """At most 79 columns, 20 lines (30 for a class), one idea, and Python that parses."""
    lines = cell.source.splitlines()
    if not cell.source.strip():
        yield "is empty"
        return
    try:
        tree = ast.parse(program(cell))
    except SyntaxError as error:
        yield f"is no Python: line {error.lineno}: {error.msg}"
        return
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS:
            yield f"line {number} has {len(line)} columns; the bar is {COLUMNS}"
    for node in tree.body[:-1]:
        called = getattr(getattr(node, "value", None), "func", None)
        if isinstance(node, ast.Expr) and called and (name := ast.unparse(called)) in SHOWN:
            yield f"{name}(...) shows nothing unless it is the cell's last line"
    has_class = any(isinstance(node, ast.ClassDef) for node in tree.body)
    bar = CLASS_LINES if has_class else CELL_LINES
    # An exercise's docstring is its contract, and the student's copy shows it: not counted.
    length = len(lines) - docstring_lines(tree) if "nbgrader" in cell.metadata else len(lines)
    if length > bar:
        yield f"has {length} lines; the bar is {bar}"


def docstring_lines(tree):
    functions = [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
    texts = [f.body[0] for f in functions if ast.get_docstring(f)]
    return sum(text.end_lineno - text.lineno + 1 for text in texts)


def show_problems(notebook, slug):
    """Figures say what is seen; the lesson shows its own quiz and no other."""
    shown = []
    for name, node in notebooks.call_nodes(notebook):
        if name == "quiz.show":
            shown.append(ast.literal_eval(node.args[0]))
        if name == "explore":
            alt = next((k.value for k in node.keywords if k.arg == "alt"), None)
            if not isinstance(alt, ast.Constant) or len(str(alt.value)) <= 20:
                yield f"explore needs an alt text of over 20 characters: {ast.unparse(node)!r:.60}"
    if shown != [slug]:
        yield f'the lesson shows its quiz once, by quiz.show("{slug}"); found: {shown}'


def image_problems(markdown):
    """Pictures in Markdown have an alt text that says what is seen."""
    for alt, target in prose.IMAGE.findall(markdown):
        if len(alt) <= 20:
            yield f"the picture {target} needs an alt text of over 20 characters, not {alt!r}"
    for element in re.findall(r"<img[^>]*>", markdown):
        if not re.search(r'alt="[^"]{21,}"', element):
            yield f"this picture needs an alt text of over 20 characters: {element:.60}"


def link_problems(markdown, folder):
    """Links to files lead to a file that exists, and to a heading that exists in it."""
    for _, target in [*prose.LINK.findall(markdown), *prose.IMAGE.findall(markdown)]:
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = folder / name if name else None
        if path and not path.exists():
            yield f"the link {target} leads nowhere"
        elif path and anchor and path.suffix == ".md" and anchor not in anchors(path):
            yield f"the link {target} leads to no heading of {path.name}"


def anchors(path):
    """The anchors of a Markdown page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+\s+(.*?)\s*$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def source_problems(markdown, bibliography):
    """Every DOI and arXiv number that the text links to stands in the bibliography."""
    known = bibliography.lower()
    for _, target in prose.LINK.findall(markdown):
        match = SOURCE.match(target)
        if match and (match[1] or match[2]).lower() not in known:
            yield f"{target} is cited but not in book/references.bib"


def sizes(notebook, quiz):
    """Return {what: count} of everything in a lesson that has a size."""
    markdown, counted = notebooks.prose(notebook), notebooks.calls(notebook)
    say_it = [c.source for c in notebook.cells if "say-it" in tags(c)]
    return {
        "words": sum(len(prose.words(s)) for s in prose.sentences(markdown)),
        "code cells": len(code_cells(notebook)),
        "explore calls": counted["explore"],
        "figures": counted["plots.show"] + counted["explore"] + len(prose.IMAGE.findall(markdown)),
        "quiz questions": len(quiz),
        "say-it questions": sum(s.count("<summary>") for s in say_it),
    }


def missing(counts):
    """What a lesson still lacks, or has too much of."""
    for what, count in counts.items():
        low, high = SIZES[what]
        if count < low or (high and count > high):
            yield f"{count} {what}; the bar is {low} {f'to {high}' if high else 'or more'}"


def coverage_problems(points, lesson):
    """Each point of the chapter has a cell (at most three a cell) or a page that teaches it."""
    ids, cells = {c.id for c in lesson.cells}, [p["cell"] for p in points if "cell" in p]
    for point in points:
        if "cell" in point and point["cell"] not in ids:
            yield f"{point['id']}: the lesson has no cell {point['cell']!r}"
        page = point.get("page", "").partition("#")
        if page[0] and not (ROOT / page[0]).exists():
            yield f"{point['id']}: there is no page {page[0]!r}"
        if page[2] and page[0].endswith(".md") and page[2] not in anchors(ROOT / page[0]):
            yield f"{point['id']}: {page[0]} has no heading #{page[2]}"
        if "cell" not in point and not page[0]:
            yield f"{point['id']}: names neither a cell nor a page"
    for cell in sorted({c for c in cells if cells.count(c) > POINTS_PER_CELL}):
        yield f"cell {cell} carries {cells.count(cell)} points; the bar is {POINTS_PER_CELL}"
