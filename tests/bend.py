"""Ways to bend the notebook file of a right submission of the toy assignment."""

import copy
import io
import json
import zipfile

import toy_course as toy

RIGHT = {
    "double": "def double(x):\n    return 2 * x",
    "triple": "def triple(x):\n    return 3 * x",
    "why": "Because it is *twice* as much.",
}
ORDER = ("title", "double", "double-seen", "double-unseen", "triple", "triple-unseen", "why")


def right():
    return toy.answers(**RIGHT)


def at(cells, name):
    return next(cell for cell in cells if cell["id"] == name)


def changed(change):
    """A right notebook after `change`, a function of its cells."""
    cells = right()
    return toy.notebook(change(cells) or cells)


def each(change):
    """A right notebook after `change` of each cell."""
    return changed(lambda cells: [change(cell) or cell for cell in cells])


def order(*names, less=()):
    """A right notebook with its cells in this order; "+text" is a new code cell."""

    def arrange(cells):
        new = [n[1:] if n.startswith("+") else None for n in names]
        made = [toy.cell("code", f"new-{i}", t) if t else None for i, t in enumerate(new)]
        picked = zip(names, made, strict=True)
        return [m or copy.deepcopy(at(cells, n)) for n, m in picked if n not in less]

    return changed(arrange)


def without(*names):
    return order(*(n for n in ORDER if n not in names))


def texts(**given):
    """A right notebook with other texts in some cells."""
    return toy.notebook(toy.answers(**RIGHT | given))


def strip(*keys):
    """A right notebook without these keys of each cell; "nbgrader" is one of its metadata."""

    def bare(cell):
        for key in keys:
            cell.pop(key, None)
            cell["metadata"].pop(key, None) if "metadata" in cell else None

    return each(bare)


def head(**fields):
    """A right notebook with other fields around its cells; None takes one away."""
    content = json.loads(toy.notebook(right())) | fields
    return json.dumps({k: v for k, v in content.items() if v is not None}).encode()


def version_3(heading=False):
    def old(cell):
        cell.pop("id")
        if cell["cell_type"] == "code":
            cell |= {"input": cell.pop("source"), "language": "python", "collapsed": False}
        elif heading and cell["source"].startswith("# "):
            cell |= {"cell_type": "heading", "level": 1, "source": cell["source"][2:]}
        return cell

    cells = [old(cell) for cell in right()]
    sheets = [{"cells": cells[:3], "metadata": {}}, {"cells": cells[3:], "metadata": {}}]
    return json.dumps({"worksheets": sheets, "metadata": {}, "nbformat": 3}).encode()


def lines(cell):
    cell["source"] = cell["source"].splitlines(keepends=True)


def colab(cell):
    """As Colab saves: no nbgrader names, the id among the metadata."""
    cell["metadata"] = {"id": cell.pop("id"), "colab": {"base_uri": "https://x.example"}}


def noisy(cell):
    if cell["cell_type"] == "code":
        text = {"output_type": "stream", "name": "stderr", "text": "100%|█████| 9/9\n"}
        cell |= {"execution_count": 7, "outputs": [text] * 50}


def pointless(cell):
    if "nbgrader" in cell["metadata"]:
        cell["metadata"]["nbgrader"] |= {"points": 0, "locked": "no", "grade": None}


def typed(kind):
    def retype(cell):
        cell["cell_type"] = kind
        cell.pop("outputs", None)

    return each(retype)


def twice(name, **edit):
    """The cell `name` doubled; the first or the last copy has another text."""

    def double(cells):
        here = cells.index(at(cells, name))
        for place, text in edit.items():
            cells.insert(here + (place == "last"), at(cells, name) | {"id": f"c-{place}"})
            cells[here + (place == "last")]["source"] = text

    return changed(double)


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()
