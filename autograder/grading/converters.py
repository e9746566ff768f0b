"""nbgrader's steps as functions: one settings file, no command line, the cause as a sentence."""

import contextlib
import io
import logging
import os
import shutil
import sysconfig
import warnings
from unittest import mock

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from autograder import course
from autograder.course import Stop


def settings(root):
    """Return nbgrader_config.py's settings for the course folder `root`."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course.ROOT)).load_config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = f"sqlite:///{root / 'gradebook' / 'gradebook.db'}"
    return config


def convert(step, config, slug, student="*", **environment):
    """Run one of nbgrader's converters. Return "", or in one line why it failed."""
    directory = CourseDirectory(config=config, assignment_id=slug, student_id=student)
    converter = step(coursedir=directory, config=config)
    converter.force = True
    said = io.StringIO()
    listener = logging.StreamHandler(said)
    converter.log.addHandler(listener)
    # nbgrader runs `alembic` by name: the environment's own programs must be found first.
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    variables = mock.patch.dict(os.environ, environment | {"PATH": path})
    try:
        # nbgrader changes the working folder; after Ctrl-C it might stay in one that is removed.
        with contextlib.chdir("."), variables, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLAlchemy's, about nbgrader's own code
            converter.start()
    except NbGraderException as error:
        return cause(said.getvalue()) or str(error)
    finally:
        converter.log.removeHandler(listener)
    return ""


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
