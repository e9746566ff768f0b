"""Read, write and run the course's notebooks."""

import ast
import re
import subprocess
import sys
from collections import Counter
from typing import NamedTuple

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from tqdm import tqdm

from autograder.course import ROOT, environment

SETUP = "remove-cell"  # the tag of the first cell, which the site leaves out
SKELETON = ROOT / "autograder" / "authoring" / "skeleton"


def written():
    """The paths of the notebooks that people write: lessons, sources, and the skeleton's two."""
    folders = (ROOT / "notebooks", ROOT / "source", SKELETON)
    return sorted(path for folder in folders for path in folder.rglob("*.ipynb") if visible(path))


def visible(path):
    return ".ipynb_checkpoints" not in path.parts


def read(path):
    """Return a notebook, each cell's source as one text."""
    return nbformat.read(path, as_version=4)


def write(path, notebook):
    path.write_text(text(notebook), encoding="utf-8")


def text(notebook):
    """Return the file's text: indent 1, keys sorted, cell ids as they are."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def tags(cell):
    return cell.metadata.get("tags", [])


def code_cells(notebook):
    """The code cells without the set-up cell."""
    return [c for c in notebook.cells if c.cell_type == "code" and SETUP not in tags(c)]


def prose(notebook):
    """The Markdown of a notebook as one text."""
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def is_draft(notebook):
    """True while the author has marked the lesson a draft: its sizes may still fall short."""
    return bool(notebook.metadata.get("chainrule", {}).get("draft"))


def program(cell):
    """Return a code cell's Python: lines of IPython (`%magic`, `!command`) are blanked out."""
    return re.sub(r"^\s*[%!].*$", "", cell.source, flags=re.MULTILINE)


class Run(NamedTuple):
    """A notebook's run: CPU-seconds of its kernel, what stopped it or "", the cells as run."""

    seconds: float
    problem: str
    notebook: nbformat.NotebookNode


def execute(path, python=None, **variables):
    """Run a notebook on a clean kernel with FAST=1; return how it went.

    `python` is the kernel's interpreter, this one if None.
    """
    notebook = read(path)
    client = NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}
    )
    manager = client.create_kernel_manager()
    manager.kernel_spec.argv[0] = str(python or sys.executable)
    seconds = 0.0
    with client.setup_kernel(env=environment(FAST="1", **variables), stderr=subprocess.DEVNULL):
        kernel = psutil.Process(manager.provisioner.pid)
        for index, cell in enumerate(
            tqdm(notebook.cells, desc=path.stem, unit=" cells", disable=None)
        ):
            try:
                client.execute_cell(cell, index)
            except CellExecutionError as error:
                reason = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
                return Run(seconds, f"{path.name}: cell {cell.id}: {reason}", notebook)
            except (CellTimeoutError, DeadKernelError):
                reason = "its kernel died, or it took 10 minutes"
                return Run(seconds, f"{path.name}: cell {cell.id}: {reason}", notebook)
            seconds = sum(kernel.cpu_times()[:4])  # what getrusage counts: kernel and children
    return Run(seconds, "", notebook)


def calls(notebook):
    """Count the calls of a notebook by name: {"explore": 2, "plots.show": 6, ...}."""
    return Counter(name for name, _ in call_nodes(notebook))


def call_nodes(notebook):
    """Yield (dotted name without `chainrule.`, ast node) of each call."""
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(program(cell))):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func).removeprefix("chainrule."), node
