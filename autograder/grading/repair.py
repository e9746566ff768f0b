"""A submitted notebook, whatever became of it, as a clean notebook of the assignment.

Only the texts of cells are the student's. What the assignment says about a cell comes from the
release: its type, its points, its place among the checks. A cell is found back by nbgrader's name,
else by its id, its text, what it defines, or its neighbours.
"""

import codecs
import json
import re
from collections import defaultdict
from typing import NamedTuple

from nbformat import from_dict
from nbformat.corpus.words import generate_corpus_id
from nbformat.v4 import new_notebook

from autograder.grading.files import Refused

KINDS = ("code", "markdown", "raw")
NAMES = (  # what a cell defines: functions and classes, else variables
    re.compile(r"^(?:async +)?(?:def|class) +(\w+)", re.MULTILINE),
    re.compile(r"^(\w+) *=(?!=)", re.MULTILINE),
)
STRAY = dict.fromkeys(set(range(32)) - {9, 10, 12} | {0xFEFF})  # characters no editor shows
# A byte that is no UTF-8 was most likely written by an editor that saves Latin-1.
codecs.register_error("as latin-1", lambda e: (e.object[e.start : e.end].decode("latin-1"), e.end))


class Cell(NamedTuple):
    """A cell as it was handed in; `name` is nbgrader's, `id` the notebook's."""

    name: str
    id: str
    kind: str
    text: str
    attachments: dict


def notebook(data, release):
    """Return a clean copy of a submitted notebook (bytes): Refused if it is not of `release`.

    Of a doubled cell the last copy that differs from the release counts. Given cells and checks
    come from the release; each check follows the answers above it, wherever those were moved to.
    """
    cells, originals = cells_of(data), release.cells
    copies = found_back(cells, originals)
    if not any(is_asked(originals[i]) for i in copies):
        raise Refused("none of the assignment's exercises are in it: the wrong notebook?")
    counts = {i: chosen(cells, at, originals[i]) for i, at in copies.items()}
    whose = {p: i for i, at in copies.items() for p in at}
    placed = [
        (place(i, originals, counts, len(cells)), made(cells, counts.get(i), original))
        for i, original in enumerate(originals)
        if is_ours(original, i in counts)
    ]
    for p, cell in enumerate(cells):
        original = originals[whose[p]] if p in whose else None
        if original is None or stays(cell, original, p == counts[whose[p]]):
            kind = original.cell_type if original and not rules(original) else cell.kind
            placed.append(((p, 1, 0), new(kind, cell.text, cell.attachments)))
    cells = [cell for _, cell in sorted(placed, key=lambda pair: pair[0])]
    return new_notebook(cells=cells, metadata=release.metadata)


def rules(original):
    return original.metadata.get("nbgrader") or {}


def is_asked(original):
    """True for code that is to be written or that gives points: what tells an assignment apart."""
    wanted = rules(original).get("solution") or rules(original).get("grade")
    return bool(wanted) and original.cell_type == "code"


def is_ours(original, handed_in):
    """Does nbgrader know the cell, or is it given code that was deleted?"""
    if rules(original):
        return handed_in or rules(original)["grade"] or rules(original)["locked"]
    is_demo = "demo" in original.metadata.get("tags", [])
    return original.cell_type == "code" and not is_demo and not handed_in


def stays(cell, original, counts):
    """Is a copy of a release's cell kept as a cell of the student's own?"""
    if not rules(original):
        return True
    # An answer typed into a locked cell still runs; one that is the graded answer has its place.
    return changed(cell, original) and not (rules(original)["solution"] and counts)


def chosen(cells, positions, original):
    return ([p for p in positions if changed(cells[p], original)] or positions)[-1]


def changed(cell, original):
    return squeezed(cell.text) != squeezed(original.source)


def squeezed(text):
    return "".join(text.split())


def made(cells, position, original):
    """Return the cell with the release's type and rules, and the student's text if it is asked."""
    text, attachments = original.source, {}
    if position is not None and rules(original).get("solution"):
        text, attachments = cells[position].text, cells[position].attachments
    cell = new(original.cell_type, text, attachments)
    if rules(original):
        cell.metadata.nbgrader = rules(original)
    return cell


def new(kind, text, attachments):
    cell = {"id": generate_corpus_id(), "cell_type": kind, "metadata": {}, "source": text}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    elif kind == "markdown" and attachments:
        cell["attachments"] = attachments
    return from_dict(cell)


def place(i, originals, counts, end):
    """Return the sort key of cell i of the release among the student's cells.

    A check comes after every answer above it in the release, a given cell before every answer below
    it; where nothing was moved, each keeps its place.
    """
    own, graded = counts.get(i), rules(originals[i]).get("grade")
    answers = [j for j, each in enumerate(originals) if rules(each).get("solution")]
    if i in answers:
        return (end, 3, i) if own is None else (own, 1, 0)
    if graded:
        above = [j for j in answers if j < i and originals[j].cell_type == "code"]
        if above and above[-1] not in counts:
            return end, 2, i
        return max([-1 if own is None else own, *(counts.get(j, -1) for j in above)]), 2, i
    below = [counts[j] for j in answers if j > i and j in counts]
    return min([end if own is None else own, *below]), 0, i


def found_back(cells, originals):
    """Return {number of a release's cell: [positions of its copies in `cells`]}."""
    names = {rules(o)["grade_id"]: i for i, o in enumerate(originals) if rules(o)}
    ids = {o.id: i for i, o in enumerate(originals)}
    squeezes = [squeezed(o.source) for o in originals]
    texts = {text: i for i, text in enumerate(squeezes) if squeezes.count(text) == 1}
    copies, free = defaultdict(list), []
    for p, cell in enumerate(cells):
        i = names.get(cell.name, ids.get(cell.id, texts.get(squeezed(cell.text))))
        if i is not None:
            copies[i].append(p)
        elif cell.text.strip():
            free.append(p)
    for i, original in enumerate(originals):
        answered = any(changed(cells[p], original) for p in copies.get(i, ()))
        if rules(original).get("solution") and not answered:
            spots = beside(i, copies) if original.cell_type == "markdown" else free
            for p in [p for p in spots if p in free and fits(cells[p], original)][-1:]:
                copies[i].append(p)
                free.remove(p)
    return dict(copies)


def fits(cell, original):
    """Could the cell be an answer to the original, whose marks were lost?"""
    if original.cell_type == "markdown":
        return cell.kind != "code"
    wanted = next((found for names in NAMES if (found := names.findall(original.source))), [])
    return any(set(wanted) & set(names.findall(cell.text)) for names in NAMES)


def beside(i, copies):
    """Where an answer in words would stand: before the next cell, after the last, after its own."""
    before = [copies[i + 1][0] - 1] if i + 1 in copies else []
    return before + [copies[j][-1] + 1 for j in (i - 1, i) if j in copies]


def cells_of(data):
    """Return the Cells of a notebook file's bytes, of any version of the format."""
    content = content_of(data)
    sheets = content.get("worksheets")  # of version 3
    groups = [content, *(sheets if isinstance(sheets, list) else [])]
    lists = [g["cells"] for g in groups if isinstance(g, dict) and isinstance(g.get("cells"), list)]
    if not lists:
        raise Refused("the file is JSON, but not a notebook")
    return [plain(cell) for cells in lists for cell in cells if isinstance(cell, dict)]


def content_of(data):
    if not data.strip(b"\x00\t\r\n "):
        raise Refused("the file is empty")
    text = data.decode(json.detect_encoding(data), "as latin-1").lstrip("\ufeff \t\r\n")
    if not text.startswith("{"):
        raise Refused(f"the file is {kind_of(text)}")
    try:  # what follows the last bracket was left by a shorter save over a longer file
        return json.JSONDecoder(strict=False).raw_decode(text)[0]
    except (ValueError, RecursionError) as error:
        raise Refused(f"the notebook is cut short or damaged ({error})") from None


def kind_of(text):
    """Say what a file is that is no notebook, by its beginning."""
    kinds = {"%PDF": "a PDF", "PK": "a zip or an office document", "<": "a web page"}
    kind = next((kind for start, kind in kinds.items() if text.startswith(start)), "")
    if not kind and re.search(r"^(import|from|def) \w+", text, re.MULTILINE):
        kind = "a Python script"
    return f"{kind}, not a notebook: hand in the .ipynb file" if kind else "not a notebook"


def plain(cell):
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    marks = metadata.get("nbgrader")
    name = marks.get("grade_id") if isinstance(marks, dict) else ""
    kind = {"heading": "markdown", "html": "markdown"}.get(str(cell.get("cell_type")))
    kind = kind or (cell.get("cell_type") if str(cell.get("cell_type")) in KINDS else "raw")
    files = cell.get("attachments")
    return Cell(
        name=str(name),
        id=str(cell.get("id") or metadata.get("id")),  # Colab keeps it among the metadata
        kind=kind,
        text=text_of(cell.get("source", cell.get("input", ""))),
        attachments=files if is_bundle(files) else {},
    )


def text_of(source):
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(STRAY)
    return text.encode("utf-8", "replace").decode()  # half a character becomes a question mark


def is_bundle(files):
    """True for attachments as the format has them: {name: {kind: base64 text}}."""
    return isinstance(files, dict) and all(
        isinstance(b, dict) and all(isinstance(t, str) for t in b.values()) for b in files.values()
    )
