"""make release: the student notebooks, written by nbgrader from the instructor's."""

import re
import shutil
import tempfile
from pathlib import Path

from nbgrader.converters import GenerateAssignment

from autograder.authoring import cases
from autograder.course import Stop, assignments, find
from autograder.grading.converters import convert, settings
from autograder.grading.source import inspect, where

SECRET = re.compile("(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)|(from|import) autograder")


def release(n=None):
    """Write release/<slug>/ of every assignment, or of assignment `n`, and the numbers it needs."""
    cases.write()
    for chapter in [find(n)] if n else assignments():
        files = student_files(chapter)
        for path in chapter.release.parent.rglob("*"):
            if path.is_file() and path not in files:
                path.unlink()
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        print(f"release/{chapter.slug}: {len(files)} file(s)")


def student_files(chapter):
    """Return {path: bytes} of what students get. A faulty source notebook raises Stop."""
    inspect(chapter)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        shutil.copytree(chapter.source.parent, root / "source" / chapter.slug)
        config = settings(root)
        config.SaveCells.enabled = False  # no gradebook: the same bytes on every machine
        config.GenerateAssignment.no_database = True
        problem = convert(GenerateAssignment, config, chapter.slug)
        if problem:
            raise Stop(f"nbgrader cannot read {where(chapter)}: {problem}")
        written = root / "release" / chapter.slug
        files = {
            chapter.release.parent / path.relative_to(written): path.read_bytes()
            for path in sorted(written.rglob("*"))
            if path.is_file()
        }
    text = files[chapter.release].decode().replace("\r\n", "\n")  # Windows writes both
    if secret := SECRET.search(text):
        raise Stop(f"{where(chapter)}: {secret[0]!r} would stand in the student's notebook.")
    return files | {chapter.release: text.encode()}
