"""Take in a folder or zip of submissions, as teachers keep them and as an LMS exports them.

Known layouts: a folder per student (Moodle's `Surname Firstname_12345_assignsubmission_file_` too),
or one file per student (Canvas's `surnamefirstname_12345_67890_name.ipynb` too). A student's own
zip is looked into. Only notebooks are read: whatever lies beside them stays where it is.
"""

import hashlib
import re
import unicodedata
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.course import Stop
from autograder.grading import files, repair
from autograder.grading.files import Entry, Refused

NOISE = {"__MACOSX", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini", ".DS_Store"}
MOODLE = re.compile(r"(?P<who>.+_\d+)_assignsubmission_(file|onlinetext)_?")
CANVAS = re.compile(r"(?P<name>[^_]+)(_LATE)?_(?P<number>\d+)_\d+_.+\.\w+")
TOGETHER = 60  # seconds: files of one hand-in
MOST = 20  # notebooks of one student that are looked at


@dataclass(frozen=True)
class Attempt:
    """A notebook of the assignment as it was handed in; `time` in seconds, or None."""

    file: str
    time: float | None
    data: bytes

    @property
    def key(self):
        """The same bytes handed in twice are one attempt."""
        return hashlib.sha256(self.data).hexdigest()[:16]


def collect(path):
    """Return {student: [Entry]} of a folder or zip; what cannot be one raises Stop."""
    path = Path(path).expanduser()
    if not path.exists():
        raise Stop(f"There is no folder or zip {path}. Name it with SUBMISSIONS=.")
    if not path.is_dir() and not zipfile.is_zipfile(path):
        raise Stop(f"{path} is neither a folder nor a zip: nothing was graded.")
    try:
        entries = list(files.of_folder(path) if path.is_dir() else files.of_zip(path))
    except (zipfile.BadZipFile, OSError) as error:
        raise Stop(f"{path} is damaged: {error}. Export it again; nothing was graded.") from None
    students = by_student(unwrapped([e for e in entries if not NOISE & set(e.parts)]))
    if not students:
        raise Stop(f"{path} holds no submission: nothing was graded.")
    return students


def unwrapped(entries):
    """Leave out an outer folder that holds the work of several students."""
    inner = {e.parts[1] for e in entries if len(e.parts) > 1 and e.ends(".ipynb", ".zip")}
    tops = {e.parts[0] for e in entries}
    if len(tops) == 1 and len(inner) > 1 and not any(map(MOODLE.match, tops)):
        return [Entry(e.parts[1:], e.read, e.time) for e in entries if e.name]
    return entries


def by_student(entries):
    """Sort entries by student. Two names that would give one id both get a mark of their own."""
    names = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        name = name_of(entry.parts)
        names[student_of(name).casefold()][name].append(entry)
    students = {}
    for same in names.values():
        for name, found in same.items():
            mark = f"-{hashlib.sha256(name.encode()).hexdigest()[:4]}" if len(same) > 1 else ""
            handed_in = [e for e in found if e.name]  # without the empty folder's own entry
            students[student_of(name) + mark] = handed_in or found
    return dict(sorted(students.items()))


def name_of(parts):
    """Return whose a file is: the LMS's name and number, else the folder's or the file's name."""
    # macOS writes an accent as a character of its own; half a character has no UTF-8.
    top = unicodedata.normalize("NFC", parts[0]).encode("utf-8", "replace").decode()
    if moodle := MOODLE.match(top):
        return moodle["who"]
    if len(parts) == 1 and (canvas := CANVAS.fullmatch(top)):
        return f"{canvas['name']}_{canvas['number']}"
    is_file = len(parts) == 1 or top.lower().endswith((".ipynb", ".zip"))
    return PurePosixPath(top).stem if is_file else top


def student_of(name):
    """Return a name as a student's id, safe as the name of a folder."""
    return re.sub(r"([^\w.-]|_)+", "_", name).strip("._-")[:60] or "unnamed"


def attempts(entries, slug, release):
    """Return ([Attempt], "" or why none or not the newest of them counts) of a student's files.

    Every notebook with the assignment's cells is an attempt, those named like it before all others.
    """
    found, reasons = [], []
    for entry in notebooks(entries, slug):
        try:
            attempt = Attempt("/".join(entry.parts), entry.time, entry.read())
            repair.notebook(attempt.data, release)
            found.append(attempt)
        except Refused as reason:
            reasons.append((entry, str(reason)))
    if not found:
        return [], said(reasons)
    newest = max(a.time or 0 for a in found) + TOGETHER
    later = [(e, why) for e, why in reasons if (e.time or 0) > newest]
    return found, said(later)


def said(reasons):
    """One clause of the reasons why files were refused."""
    if len(reasons) < 2:
        return "".join(why for _, why in reasons)
    return "; ".join(f"{entry.name}: {why}" for entry, why in reasons[:3])


def notebooks(entries, slug):
    """The entries to be read: notebooks, else what is in a zip, else the only file."""
    found = [e for e in entries if e.ends(".ipynb")]
    if not found:
        inside = [e for entry in entries if entry.ends(".zip") for e in opened(entry)]
        found = [e for e in inside if e.ends(".ipynb")] or (inside if len(inside) == 1 else [])
    if not found and len(entries) == 1 and not entries[0].ends(".zip"):
        found = entries
    if not found:
        names = ", ".join(e.name for e in entries[:5])
        reason = f"there is no notebook (.ipynb) among its files: {names}"
        return [Entry(entries[0].parts, files.refuse(reason))]
    named = [e for e in found if any(slug in part for part in e.parts)]
    return (named or found)[:MOST]


def opened(entry):
    """The files in a student's zip; its times are the student's, so the zip's own counts."""
    try:
        inside = list(files.of_zip(entry.read()))
    except Refused as reason:
        return [Entry(entry.parts, files.refuse(str(reason)))]
    except Exception as error:  # a damaged zip raises many kinds
        return [Entry(entry.parts, files.refuse(f"the zip is damaged ({error})"))]
    return [
        Entry((*entry.parts, *e.parts), e.read, entry.time)
        for e in inside
        if e.name and not NOISE & set(e.parts)
    ]


def flags(entries):
    """Sentences about files that the instructor may want to know of."""
    left = sorted({e.name for e in entries if e.ends(".py", ".so", ".pth", ".pyd")})
    late = any(re.match(r"[^_]+_LATE_\d+_\d+_", e.parts[0]) for e in entries)
    said = [f"modules were handed in and not used: {', '.join(left[:5])}"] if left else []
    return said + (["Canvas marks it as late"] if late else [])
