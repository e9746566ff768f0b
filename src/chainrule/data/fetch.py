"""Files that do not ship with the course: where they lie, how they come, that they are whole.

A file is read only if its SHA-256 is the published one. A download gets its name after that
check, so that nothing half written is ever found in the data folder.
"""

import contextlib
import hashlib
import http.client
import os
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

CHUNK = 1 << 20  # bytes
TIMEOUT = 20  # seconds without an answer


class DataError(RuntimeError):
    """A data set that cannot be used. The text says what happened, where, and what to do."""

    def _render_traceback_(self):  # IPython calls this instead of printing the stack
        return [f"✗ {self}"]


class Missing(Exception):
    """The files are not here and cannot be had now: `load` then takes the offline default."""


class File(NamedTuple):
    """One file: its place below the data folder, its SHA-256, and where it can be fetched."""

    path: str
    sha256: str
    urls: tuple


def folder():
    """Return the data folder: CHAINRULE_DATA if that is set, else ~/.cache/chainrule."""
    return Path(os.environ.get("CHAINRULE_DATA") or "~/.cache/chainrule").expanduser()


def fetch(file):
    """Return the path of the file, downloaded if it is not there yet, its hash checked.

    Raises Missing if it is not there and the network does not give it, and DataError if it is
    damaged or cannot be read or written.
    """
    path = folder() / file.path
    with usable(path):
        if not path.exists():
            _download(file, path)
        elif (found := sha256(path)) != file.sha256:
            raise DataError(
                f"{path} is damaged. Expected SHA-256 {file.sha256}, found {found}. "
                "Delete the file and run this again to download it anew."
            )
    return path


@contextlib.contextmanager
def usable(path):
    """Turn an error of the file system (read-only, full, not a folder) into a DataError."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{error.filename or path} cannot be used ({error.strerror or error}). Set the "
            "environment variable CHAINRULE_DATA to a folder that you can read and write."
        ) from None


def sha256(path):
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _download(file, path):
    """Try each address in turn; raise what the last one led to."""
    failures = []
    for url in file.urls:
        try:
            with contextlib.closing(_open(url)) as answer:
                return _save(answer, file, path)
        except (Missing, DataError) as failure:
            failures.append(failure)
    damaged = [f for f in failures if isinstance(f, DataError)]
    if damaged:
        raise damaged[-1]
    raise Missing(f"it is not in the data folder, and {failures[-1]}")


def _open(url):
    try:
        return urllib.request.urlopen(url, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()  # it holds the open connection
        raise Missing(f"the server answered {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        raise Missing(_why(error)) from None


def _save(answer, file, path):
    """Write the answer under a temporary name; give it its own name once its hash is right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The process number keeps two notebooks that download at once apart.
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        _copy(answer, part, path.name)
        found = sha256(part)
        if found != file.sha256:
            raise DataError(
                f"{path.name} arrived damaged from {answer.url}. Expected SHA-256 "
                f"{file.sha256}, found {found}. Nothing was kept. Try again, or put the right "
                f"file at {path}."
            )
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _copy(answer, part, name):
    size = int(answer.headers.get("Content-Length") or 0)
    # To stdout: nbgrader gives no points to a cell that writes to stderr.
    bar = tqdm(desc=name, total=size or None, unit="B", unit_scale=True, file=sys.stdout)
    with bar, open(part, "wb") as stream:
        while chunk := _read(answer):
            stream.write(chunk)
            bar.update(len(chunk))
        if stream.tell() < size:
            raise Missing("the connection broke off")


def _read(answer):
    try:
        return answer.read(CHUNK)
    except (OSError, http.client.HTTPException):
        raise Missing("the connection broke off") from None


def _why(error):
    """A failed request in a few words."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLError):
        return f"the connection is not secure ({reason})"
    return "there is no network"
