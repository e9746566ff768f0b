"""Files of a folder or zip as entries: read in memory, never changed, unpacked or run."""

import io
import stat
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

LARGEST = 50_000_000  # bytes of one file


class Refused(Exception):
    """Why a submission is no notebook of the assignment, in a plain clause."""


@dataclass(frozen=True)
class Entry:
    """A file of a folder or zip.

    `read` returns at most LARGEST bytes or raises Refused. `time` is the file system's or the
    export's, in seconds; None where nothing was handed in.
    """

    parts: tuple
    read: Callable
    time: float | None = None

    @property
    def name(self):
        return self.parts[-1]

    def ends(self, *suffixes):
        return self.name.lower().endswith(suffixes)


def of_folder(folder):
    """Yield the files below a folder; links are listed and refused, never followed."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_symlink():
            yield Entry(parts, refuse(f"{parts[-1]} is a link, not a file"))
        elif path.is_file():
            yield Entry(parts, lambda path=path: read(path.open, "rb"), path.stat().st_mtime)
        elif path.is_dir() and len(parts) == 1:
            yield Entry((*parts, ""), refuse("the folder is empty"))


def of_zip(file):
    """Yield the files in a zip (a path or its bytes): no name in it leads out of its place."""
    archive = zipfile.ZipFile(io.BytesIO(file) if isinstance(file, bytes) else file)
    for info in archive.infolist():
        name = PurePosixPath(name_of(info).replace("\\", "/"))
        parts = tuple(p for p in name.parts if p not in ("/", "..") and not p.endswith(":"))
        if not parts:
            continue
        if info.is_dir():
            yield Entry((parts[0], ""), refuse("the folder is empty"))
        elif parts != name.parts:
            yield Entry(parts, refuse(f"its path in the zip leads out of it ({name})"))
        elif stat.S_ISLNK(info.external_attr >> 16):
            yield Entry(parts, refuse(f"{parts[-1]} is a link, not a file"))
        elif info.flag_bits & 1:
            yield Entry(parts, refuse(f"{parts[-1]} is locked with a password"))
        else:
            when = time_of(info)
            yield Entry(parts, lambda info=info: read(archive.open, info), when)


def name_of(info):
    """A member's name: macOS writes UTF-8 and does not say so, so that zipfile reads cp437."""
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def time_of(info):
    try:
        return time.mktime((*info.date_time, 0, 0, -1))
    except (ValueError, OverflowError):  # a zip may claim a 31st of February
        return None


def refuse(reason):
    def read_nothing():
        raise Refused(reason)

    return read_nothing


def read(opener, *arguments):
    """Read LARGEST bytes at most, whatever size a header promises."""
    try:
        with opener(*arguments) as file:
            data = file.read(LARGEST + 1)
    except Exception as error:  # a damaged zip raises many kinds
        raise Refused(f"the file cannot be read ({error})") from None
    if len(data) > LARGEST:
        raise Refused(f"the file is larger than {LARGEST // 1_000_000} MB")
    return data
