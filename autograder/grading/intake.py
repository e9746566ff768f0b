"""Take in a folder or zip of submissions, as teachers keep them and as an LMS exports them.

Files are read, never changed, unpacked or run. Known layouts: a folder per student (Moodle's
`Surname Firstname_12345_assignsubmission_file_` too), or one file per student (Canvas's
`surnamefirstname_12345_67890_name.ipynb` too).
"""

import json
import re
import stat
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from autograder.course import Stop

LARGEST = 20_000_000  # bytes of one notebook
NOISE = {"__MACOSX", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini", ".DS_Store"}
MOODLE = re.compile(r"(?P<who>.+_\d+)_assignsubmission_(file|onlinetext)_?")
CANVAS = re.compile(r"(?P<name>[^_]+)(_LATE)?_(?P<number>\d+)_\d+_.+\.\w+")
NEW_CELL = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


class Refused(Exception):
    """Why a submission is no notebook of the assignment, in a plain clause."""


@dataclass(frozen=True)
class Entry:
    """A file of the folder or zip. `read` returns at most LARGEST + 1 bytes, or raises Refused."""

    parts: tuple
    read: Callable


def collect(path):
    """Return {student: [Entry]} of a folder or zip; what cannot be one raises Stop."""
    path = Path(path).expanduser()
    if not path.exists():
        raise Stop(f"There is no folder or zip {path}. Name it with SUBMISSIONS=.")
    if path.is_dir():
        entries = folder_entries(path)
    elif zipfile.is_zipfile(path):
        entries = zip_entries(path)
    else:
        raise Stop(f"{path} is neither a folder nor a zip: nothing was graded.")
    entries = [e for e in entries if not NOISE & set(e.parts)]
    if not entries:
        raise Stop(f"{path} holds no submission: nothing was graded.")
    students = defaultdict(list)
    for entry in unwrapped(entries):
        students[student_of(entry.parts)].append(entry)
    return dict(sorted(students.items()))


def folder_entries(folder):
    """The files below a folder; links are listed and refused, never followed."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_symlink():
            yield Entry(parts, refuse(f"{parts[-1]} is a link, not a file"))
        elif path.is_file():
            yield Entry(parts, lambda path=path: read(lambda: path.open("rb")))
        elif path.is_dir() and len(parts) == 1 and not any(path.iterdir()):
            yield Entry((*parts, ""), refuse("the folder is empty"))


def zip_entries(path):
    """The files in a zip, read in memory: no name in it can lead a file out of its place."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise Stop(f"{path} is damaged: {error}. Export it again; nothing was graded.") from None
    for info in archive.infolist():
        name = PurePosixPath(info.filename.replace("\\", "/"))
        parts = tuple(p for p in name.parts if p not in ("/", "..") and not p.endswith(":"))
        if info.is_dir() or not parts:
            continue
        if parts != name.parts:
            yield Entry(parts, refuse(f"its path in the zip leads out of it ({info.filename})"))
        elif stat.S_ISLNK(info.external_attr >> 16):
            yield Entry(parts, refuse(f"{parts[-1]} is a link, not a file"))
        elif info.flag_bits & 1:
            yield Entry(parts, refuse(f"{parts[-1]} is locked with a password"))
        else:
            yield Entry(parts, lambda info=info: read(lambda: archive.open(info)))


def refuse(reason):
    def read_nothing():
        raise Refused(reason)

    return read_nothing


def read(opened):
    """Read LARGEST + 1 bytes at most, whatever size a header promises."""
    try:
        with opened() as file:
            data = file.read(LARGEST + 1)
    except Exception as error:  # a damaged zip raises many kinds
        raise Refused(f"the file cannot be read ({error})") from None
    if len(data) > LARGEST:
        raise Refused(f"the file is larger than {LARGEST // 1_000_000} MB")
    return data


def unwrapped(entries):
    """Leave out an outer folder that holds the notebooks of several students."""
    inner = {e.parts[1] for e in entries if len(e.parts) > 1 and is_notebook(e)}
    if len({e.parts[0] for e in entries}) == 1 and len(inner) > 1:
        return [Entry(e.parts[1:], e.read) for e in entries]
    return entries


def student_of(parts):
    """Return the student's id: the LMS's name and number, safe as the name of a folder."""
    top = parts[0]
    if moodle := MOODLE.match(top):
        name = moodle["who"]
    elif len(parts) > 1:
        name = top
    elif canvas := CANVAS.fullmatch(top):
        name = f"{canvas['name']}_{canvas['number']}"
    else:
        name = PurePosixPath(top).stem
    name = unicodedata.normalize("NFC", name)  # macOS writes an accent as a character of its own
    return re.sub(r"[^\w.-]+", "_", name).strip("._-")[:60] or "unnamed"


def is_notebook(entry):
    return entry.parts[-1].lower().endswith(".ipynb")


def choose(entries, slug):
    """Return the entry that is the submission; Refused if that cannot be told."""
    tops = {e.parts[0] for e in entries if len(e.parts) > 1}
    tops = {MOODLE.sub(r"\g<who>", top) for top in tops}
    if len(tops) > 1:
        raise Refused(f"two submissions would have the same name: {', '.join(sorted(tops))}")
    notebooks = [e for e in entries if is_notebook(e)]
    named = [e for e in notebooks if any(slug in part for part in e.parts)]
    for found in (named, notebooks, entries):
        if len(found) == 1:
            return found[0]
    names = ", ".join(e.parts[-1] for e in (named or notebooks or entries)[:5])
    if not notebooks:
        raise Refused(f"there is no notebook (.ipynb) among its files: {names}")
    raise Refused(f"there are {len(notebooks)} notebooks and one is expected: {names}")


def notebook(data, release):
    """Return a clean copy of a submitted notebook (bytes): Refused if it is not of `release`.

    Only the texts of cells are the student's. What the assignment says about a cell comes from the
    release, the last copy of a doubled cell counts, and graded cells that were deleted come back.
    """
    originals = {c.metadata.nbgrader.grade_id: c for c in release.cells if "nbgrader" in c.metadata}
    cells, kept = [], set()
    for name, kind, text, attachments in reversed(cells_of(data)):
        known = originals.get(name) if name not in kept else None
        cell = NEW_CELL[known.cell_type if known else kind](text)
        if known:
            kept.add(name)
            cell.metadata.nbgrader = known.metadata.nbgrader
        if attachments and cell.cell_type == "markdown":
            cell.attachments = attachments
        cells.insert(0, cell)
    if not kept:
        raise Refused("none of the assignment's exercises are in it: the wrong notebook?")
    lost = [c for n, c in originals.items() if n not in kept and c.metadata.nbgrader.grade]
    return new_notebook(cells=cells + lost, metadata=release.metadata)


def cells_of(data):
    """Return [(grade_id or None, cell type, text, attachments)] of a notebook file's bytes."""
    if not data:
        raise Refused("the file is empty")
    text = data.decode(json.detect_encoding(data), "replace")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip().startswith("{"):
            raise Refused(f"the notebook is cut short or damaged ({error})") from None
        raise Refused("the file is not a notebook") from None
    try:
        return [plain(cell) for cell in nbformat.convert(nbformat.from_dict(content), 4).cells]
    except Exception:  # nbformat raises anything on JSON of another kind
        raise Refused("the file is JSON, but not a notebook") from None


def plain(cell):
    text = "".join(cell.source).encode("utf-8", "replace").decode()
    kind = cell.cell_type if cell.cell_type in NEW_CELL else "raw"
    rules = cell.get("metadata", {}).get("nbgrader")
    name = rules.get("grade_id") if isinstance(rules, dict) else None
    return name if isinstance(name, str) else None, kind, text, cell.get("attachments")
