"""nbgrader's steps as functions: one settings file, no command line, the cause as a sentence."""

import contextlib
import io
import logging
import os
import re
import shutil
import warnings
from pathlib import Path
from unittest import mock

import nbgrader
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, Execute
from sqlalchemy import text
from traitlets import List
from traitlets.config import PyFileConfigLoader

from autograder import course
from autograder.course import Stop


def settings(root):
    """Return nbgrader_config.py's settings for the course folder `root`."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course.ROOT)).load_config()
    config.CourseDirectory.root = str(root)
    config.Exporter.optimistic_validation = True  # once at the end, not after each preprocessor
    config.CourseDirectory.db_url = f"sqlite:///{root / 'gradebook' / 'gradebook.db'}"
    return config


def without(left_out, steps):
    return List([step for step in steps.default() if step not in left_out])


class Sanitize(Autograde):
    """The first half of nbgrader's Autograde: the notebook as it is to be run.

    Its metadata come from the release, which was checked when it was made.
    """

    sanitize_preprocessors = without((CheckCellMetadata,), Autograde.sanitize_preprocessors)

    def convert_single_notebook(self, notebook_filename):
        self._init_preprocessors()
        BaseConverter.convert_single_notebook(self, notebook_filename)

    def set_permissions(self, assignment_id, student_id):
        """The other half still writes to the file."""


class Save(Sanitize):
    """The second half: keeps the grades of a notebook that was run."""

    _sanitizing = False  # it reads what it will replace
    autograde_preprocessors = without(
        (CheckCellMetadata, Execute), Autograde.autograde_preprocessors
    )
    set_permissions = Autograde.set_permissions

    def init_destination(self, assignment_id, student_id):
        return True

    def init_assignment(self, assignment_id, student_id):
        """The first half did."""


@contextlib.contextmanager
def opened(config):
    """Open the working copy of the gradebook for many steps: see sharing()."""
    with Gradebook(config.CourseDirectory.db_url, config.CourseDirectory.course_id) as book:
        # A copy need not outlast a power cut: publish() writes the real one.
        book.db.execute(text("PRAGMA synchronous=OFF"))
        book.db.execute(text("PRAGMA journal_mode=MEMORY"))
        yield book


def sharing(book):
    """Let nbgrader's steps, each of which opens the gradebook, use the one that is open."""
    share = {"__init__": lambda self, *_, **__: vars(self).update(vars(book))}
    return mock.patch.multiple(Gradebook, close=lambda _: None, **share)


def convert(step, config, slug, student="*", **environment):
    """Run one of nbgrader's converters. Return "", or in one line why it failed."""
    directory = CourseDirectory(config=config, assignment_id=slug, student_id=student)
    converter = step(coursedir=directory, config=config)
    converter.force = True
    said = io.StringIO()
    listener = logging.StreamHandler(said)
    converter.log.addHandler(listener)
    variables = mock.patch.dict(os.environ, environment)
    version = mock.patch("nbgrader.api.get_alembic_version", newest)
    try:
        # nbgrader changes the working folder; after Ctrl-C it might stay in one that is removed.
        with contextlib.chdir("."), variables, version, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLAlchemy's, about nbgrader's own code
            converter.start()
    except NbGraderException as error:
        return cause(said.getvalue()) or str(error)
    finally:
        converter.log.removeHandler(listener)
    return ""


def newest():
    """The version of the gradebook's tables; nbgrader starts a program to ask for it."""
    files = (Path(nbgrader.__file__).parent / "alembic" / "versions").glob("*.py")
    texts = "\n".join(path.read_text(encoding="utf-8") for path in files)
    made, left = (
        set(re.findall(rf"^{name} = '(\w+)'", texts, re.MULTILINE))
        for name in ("revision", "down_revision")
    )
    [last] = made - left
    return last


def cause(log):
    """The line of nbgrader's log that names the error: the end of its first traceback."""
    _, _, trace = log.partition("Traceback (most recent call last)")
    return next((line for line in trace.splitlines()[1:] if line and line[0] != " "), "")


def assign(root, chapter):
    """Copy an assignment into the course folder `root`: source, release, cells in its gradebook."""
    slug = chapter.slug
    shutil.copytree(chapter.source.parent, root / "source" / slug)
    (root / "gradebook").mkdir(parents=True, exist_ok=True)
    problem = convert(GenerateAssignment, settings(root), slug)
    if "Cannot add or remove cells" in problem:
        raise Stop(
            f"The graded cells of {slug} are not those that the gradebook has grades for. Give "
            "the cells their old names back, or move gradebook/ aside: it keeps the old grades."
        )
    if problem:
        raise Stop(f"nbgrader cannot read source/{slug}/{slug}.ipynb: {problem}")
