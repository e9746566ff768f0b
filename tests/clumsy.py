"""Honest submissions of the toy assignment, all right, as people really hand them in.

KINDS: {kind: ({file name: bytes}, outcome)}; the outcome is FULL or a clause of the stated reason.
"""

import json

import toy_course as toy
from bend import (
    ORDER,
    RIGHT,
    at,
    changed,
    colab,
    each,
    head,
    lines,
    noisy,
    order,
    pointless,
    right,
    strip,
    texts,
    twice,
    typed,
    version_3,
    without,
    zipped,
)  # fmt: skip

FULL = "full points"
OTHER = ("code", "raw", "markdown")
GOOD = toy.notebook(right())
STUB = toy.stub(toy.DOUBLE)
UMLAUT = json.loads(texts(double="def double(größe):\n    return 2 * größe"))
JOKES = "Exercises 99: 李 🙂 é"
ODD_FILES = {
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-16 without a mark": GOOD.decode().encode("utf-16-le"),
    "UTF-32": GOOD.decode().encode("utf-32"),
    "Latin-1 in a text": GOOD.replace(b"Exercises", b"Exerc\xecses"),
    "Latin-1 in a name": json.dumps(UMLAUT, ensure_ascii=False).encode("latin-1"),
    "raw UTF-8": GOOD.replace(b"Exercises 99", JOKES.encode()),
    "half a character": GOOD.replace(b"Exercises 99", b"\\ud800"),
    "Windows line ends": GOOD.replace(b"\n", b"\r\n"),
    "Windows line ends in cells": GOOD.replace(b"\\n", b"\\r\\n"),
    "control characters": GOOD.replace(b"return 2", b"return\\u0000 \x012"),
    "left-overs at the end": GOOD + b'"x"\n]}',
    "zeros at the end": GOOD + bytes(4096),
    "one line": json.dumps(json.loads(GOOD)).encode(),
}
ODD_FORMATS = {
    "format 3": version_3(),
    "format 3 with headings": version_3(heading=True),
    "format 4.0": head(nbformat_minor=0),
    "format 4.4 without ids": json.dumps(json.loads(strip("id")) | {"nbformat_minor": 4}).encode(),
    "format 4.9": head(nbformat_minor=9),
    "format 5": head(nbformat=5),
    "no format": head(nbformat=None, nbformat_minor=None),
    "no metadata": head(metadata=None),
    "of another language": head(metadata={"kernelspec": {"name": "ir", "language": "R"}}),
    "widgets' state": head(metadata={"widgets": {"state": {"a": 1}}}),
    "sources as lines": each(lines),
    "cells without outputs": strip("outputs", "execution_count"),
    "cells without metadata": strip("metadata"),
    "a cell that is none": changed(lambda cells: [*cells, None, 3, {}]),
    "bad attachments": each(lambda cell: cell.update(attachments=[1])),
    "run, with progress bars": each(noisy),
}
ODD_MARKS = {
    "nbgrader's marks stripped": strip("nbgrader"),
    "marks and ids stripped": strip("nbgrader", "id"),
    "metadata and ids stripped": strip("metadata", "id"),
    "saved by Colab": each(colab),
    "other points and locks": each(pointless),
    "marks that are no marks": each(lambda cell: cell["metadata"].update(nbgrader="yes")),
    "tagged to be skipped": each(lambda c: c["metadata"].update(tags=["skip-execution"])),
    "one id for all": each(lambda cell: cell.update(id="same")),
    **{f"all cells {kind}": typed(kind) for kind in OTHER},
    "a type that is none": typed("python"),
    "only the functions, in a new notebook": toy.notebook(
        [toy.cell("code", f"n-{i}", RIGHT[n]) for i, n in enumerate(("double", "triple"))]
    ),
}
ODD_CELLS = {
    "checks deleted": without("double-seen", "double-unseen", "triple-unseen"),
    "title deleted": without("title"),
    "text cells deleted": without("title", "why"),
    "all but the answers deleted": without("title", "double-seen", "double-unseen", "why"),
    "cells upside down": order(*reversed(ORDER)),
    "checks first": order("double-unseen", "triple-unseen", "double-seen", "double", "triple"),
    "answers exchanged": order("triple", "double", "double-seen", "double-unseen", "triple-unseen"),
    "answer moved to the end": order(*(n for n in ORDER if n != "double"), "double"),
    "answer copied": twice("double", last=RIGHT["double"]),
    "untouched copy above": twice("double", first=STUB),
    "untouched copy below": twice("double", last=STUB),
    "wrong try above": twice("double", first="def double(x):\n    return x"),
    "check copied": twice("double-unseen", last="# Graded later: negative numbers."),
    "check edited": texts(**{"double-seen": "double(3)", "double-unseen": "assert False"}),
    "check emptied": texts(**{"double-unseen": ""}),
    "answer split in two": changed(
        lambda cells: [
            *cells[:1],
            cells[1] | {"source": "import math\ntwo = math.sqrt(4)"},
            cells[1] | {"source": "def double(x):\n    return two * x"},
            *cells[2:],
        ]
    ),
    "answer merged with the check": order("double", "triple", "triple-unseen"),
    "answer in the check's cell": texts(double=STUB, **{"double-unseen": RIGHT["double"]}),
    "answer in a cell of its own": changed(
        lambda cells: [
            *(c | {"source": STUB} if c["id"] == "double" else c for c in cells),
            toy.cell("code", "mine", RIGHT["double"]),
        ]
    ),
    "answer in a Markdown cell": changed(lambda c: at(c, "double").update(cell_type="markdown")),
    "words in a cell below": changed(
        lambda cells: [
            *cells[:-1],
            cells[-1] | {"source": "*Your answer here.*"},
            toy.cell("markdown", "mine", RIGHT["why"]),
        ]
    ),
    "as a class": texts(double="class Double:\n    def __call__(self, x):\n        return 2 * x\n"
                        "double = Double()"),
    "as a lambda": texts(double="double = lambda x: 2 * x"),
}  # fmt: skip
ODD_CODE = {
    "helper cell": order("title", "+import math\ntwo = math.sqrt(4)", *ORDER[1:]),
    "prints": texts(double="def double(x):\n    print(x)\n    return 2 * x"),
    "writes to stderr": texts(
        double="import sys\ndef double(x):\n    print('x', file=sys.stderr)\n    return 2 * x"
    ),
    "warns": texts(
        double="import warnings\ndef double(x):\n    warnings.warn('x')\n    return 2 * x"
    ),
    "progress bar": texts(
        double="from tqdm import tqdm\ndef double(x):\n"
        "    for _ in tqdm(range(3)):\n        pass\n    return 2 * x"
    ),
    "cell magic": texts(double="%%time\n" + RIGHT["double"]),
    "line magic": texts(double="%matplotlib inline\n" + RIGHT["double"]),
    "shell command": texts(double="!echo hello\n" + RIGHT["double"]),
    "a cell that fails": order(*ORDER[:1], "+1 / 0", "+import nowhere", *ORDER[1:]),
    "a cell that is no Python": order(*ORDER[:1], "+pip install torch", *ORDER[1:]),
    "name used again later": order(*ORDER, "+double = 3"),
    "asks for input": order(*ORDER, "+input('your name')"),
    "prints much": order(*ORDER[:1], "+print('x' * 100_000)", *ORDER[1:]),
    "non-Latin names in code": texts(double="def double(größe):\n    return 2 * größe"),
}
KINDS = {
    kind: ({"x.ipynb": data}, FULL)
    for kind, data in (ODD_FILES | ODD_FORMATS | ODD_MARKS | ODD_CELLS | ODD_CODE).items()
} | {
    # Names and companions
    "renamed": ({"my work (final) (2).ipynb": GOOD}, FULL),
    "name in capitals": ({"99_TOY.IPYNB": GOOD}, FULL),
    "another ending": ({"99_toy.json": GOOD}, FULL),
    "no ending": ({"99_toy": GOOD}, FULL),
    "download's ending": ({"99_toy.ipynb.txt": GOOD}, FULL),
    "deep in folders": ({"home/me/course/99_toy.ipynb": GOOD}, FULL),
    "beside a scratch notebook": ({"x.ipynb": GOOD, "scratch.ipynb": b"{}"}, FULL),
    "beside a checkpoint": ({"x.ipynb": GOOD, ".ipynb_checkpoints/x.ipynb": b"{}"}, FULL),
    "beside a module": ({"x.ipynb": GOOD, "torch.py": b"1 / 0", "os/__init__.py": b"1 / 0"}, FULL),
    "beside a PDF": ({"x.ipynb": GOOD, "x.pdf": b"%PDF"}, FULL),
    "in a zip": ({"work.zip": zipped({"99_toy.ipynb": GOOD})}, FULL),
    "in a folder in a zip": ({"w.zip": zipped({"w/": b"", "w/x.ipynb": GOOD, "w/a": b""})}, FULL),
    "in two zips": ({"a.zip": zipped({"x.csv": b""}), "b.zip": zipped({"b.ipynb": GOOD})}, FULL),
    # What no program can read: a row, no points, and the reason
    "nothing": ({}, "the folder is empty"),
    "only noise": ({".DS_Store": b"x"}, "the folder is empty"),
    "folder of the notebook's name": ({"99_toy.ipynb/.DS_Store": b""}, "the folder is empty"),
    "empty file": ({"x.ipynb": b""}, "the file is empty"),
    "zeros": ({"x.ipynb": bytes(512)}, "the file is empty"),
    "cut short": ({"x.ipynb": GOOD[:700]}, "the notebook is cut short or damaged"),
    "merge marks": ({"x.ipynb": GOOD.replace(b'"cells"', b'<<<<<<< HEAD\n"cells"')}, "damaged"),
    "text": ({"x.txt": b"I was ill."}, "the file is not a notebook"),
    "Python": ({"x.py": RIGHT["double"].encode()}, "a Python script, not a notebook"),
    "PDF": ({"x.pdf": b"%PDF-1.7"}, "a PDF, not a notebook"),
    "web page": ({"x.html": b"<!DOCTYPE html>"}, "a web page, not a notebook"),
    "Word": ({"x.docx": zipped({"word/a.xml": b""})}, "a zip or an office document"),
    "link to Colab": ({"x.ipynb": b'{"url": "https://x.example"}'}, "JSON, but not a notebook"),
    "several texts": ({"a.txt": b"a", "b.txt": b"b"}, "there is no notebook (.ipynb) among"),
    "zip without a notebook": ({"a.zip": zipped({"x.csv": b"", "y": b""})}, "no notebook (.ipynb)"),
    "damaged zip": ({"a.zip": b"PK\x03\x04"}, "the zip is damaged"),
    "another assignment": (
        {"x.ipynb": toy.notebook([toy.cell("code", "a", "1")])},
        "none of the assignment's exercises",
    ),
}
