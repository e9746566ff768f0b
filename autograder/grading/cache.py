"""Results of runs by content: the same work under the same conditions is not run twice.

A file of gradebook/cache holds what one run said, and is written whole or not at all. Only sound
runs are kept: where a process ended or a limit was passed, the computer may have had a part in it.
"""

import functools
import hashlib
import importlib.metadata
import json
from pathlib import Path

from autograder.grading import gradebook
from autograder.kernels.bubble import packages


def key(*parts):
    """A name for what depends on these data."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=repr).encode()).hexdigest()


@functools.cache
def installed():
    """A hash of all distributions' versions and of our own code: hidden tests are part of it."""
    found = {(d.name, d.version) for d in importlib.metadata.distributions()}
    digest = hashlib.sha256(repr(sorted(found)).encode())
    for folder in map(Path, packages(grading=True)):
        for path in sorted(p for p in folder.rglob("*") if p.suffix in (".py", ".json")):
            digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()


def path_of(name):
    return gradebook.folder() / "cache" / name[:2] / f"{name}.json"


def load(name):
    """Return the data kept under a name, or None."""
    try:
        return json.loads(path_of(name).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # a power cut may leave half a file
        return None


def store(name, data):
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    gradebook.write(path, json.dumps(data, ensure_ascii=False))
