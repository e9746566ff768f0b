"""make fmt: one form for code, notebooks and generated files.

Ruff formats the code. A notebook gets the course's own normal form: indent 1, its cell ids, the
set-up cell, and no outputs but those of golden cells (nbstripout would renumber the ids and clear
the golden cells' counts, upon which nbval fails).
"""

import re
import subprocess
import sys

import nbformat

from autograder.authoring import cases, notebooks
from autograder.authoring.notebooks import SETUP, tags
from autograder.course import ROOT, Stop, config, repository

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
MAPS = ROOT / "book" / "drawings" / "maps.py"  # a new lesson is a link on both maps
KEPT = ("chainrule", "nbgrader", "tags")  # everything else in metadata is an editor's


def fmt():
    """Format everything in place and say which notebooks changed."""
    ruff("check", "--fix", "--exit-zero", "--quiet", ".")
    ruff("format", "--quiet", ".")
    changed = drift()
    for path in changed:
        path.write_text(normal(path), encoding="utf-8")
        print(f"formatted {path.relative_to(ROOT)}")
    cases.write()
    subprocess.run([sys.executable, MAPS], cwd=ROOT, check=True)
    if ruff("check", "--quiet", "."):
        raise Stop("Ruff's findings above need a hand: mend them, then run make fmt again.")
    print(f"✓ formatted; {len(changed)} notebook(s) changed")


def ruff(*arguments):
    """Run ruff at the root of the course; return its exit code."""
    return subprocess.run([sys.executable, "-m", "ruff", *arguments], cwd=ROOT).returncode


def drift():
    """The written notebooks that are not in normal form."""
    return [p for p in notebooks.written() if p.read_text(encoding="utf-8") != normal(p)]


def normal(path):
    """Return the text of a notebook in normal form; a file that is none raises Stop."""
    try:
        notebook = notebooks.read(path)
    except (ValueError, AttributeError, nbformat.reader.NotJSONError) as error:
        reason = str(error).splitlines()[0][:120]
        raise Stop(f"{path.relative_to(ROOT)} is not a notebook ({reason}): restore it.") from None
    own = {"chainrule": c} if (c := notebook.metadata.get("chainrule")) else {}
    notebook.metadata = nbformat.from_dict(METADATA | own)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    if notebook.cells and SETUP in tags(notebook.cells[0]):
        notebook.cells[0].id, notebook.cells[0].source = "setup", setup_text()
    count = 0
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {k: cell.metadata[k] for k in KEPT if k in cell.metadata}
        )
        cell.source = cell.source.strip("\n")
        if cell.cell_type == "code":
            count += 1
            clear(cell, count)
    return notebooks.text(notebook)


def clear(cell, count):
    """Empty a code cell's outputs; a golden cell keeps them, counted by its place."""
    if "keep_output" not in tags(cell) or not cell.outputs:
        cell.outputs, cell.execution_count = [], None
        return
    cell.execution_count = count
    for output in cell.outputs:
        if "metadata" in output:
            output.metadata = nbformat.from_dict({})
        if output.output_type == "execute_result":
            output.execution_count = count


def setup_text():
    """The first cell of every notebook: installs chainrule where it is missing (Colab)."""
    url, branch = repository(), (config().get("repository") or {}).get("branch") or "main"
    lines = ["# Set-up. It does nothing where the course's package `chainrule` is installed."]
    if url:
        lines.append("# Links to other pages work in the book:")
        lines.append(f"# {site(url)}")
        remedy = f"%pip install --quiet git+{url}@{branch}"
    else:
        remedy = 'print("Install the course first: its README says how.")'
    test = ["from importlib.util import find_spec", "", 'if find_spec("chainrule") is None:']
    return "\n".join([*lines, *test, f"    {remedy}"])


def site(url):
    """Where the book of a repository is published: GitHub's pages, else the repository itself."""
    match = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+?)(\.git)?/?", url)
    return f"https://{match[1].lower()}.github.io/{match[2]}/" if match else url
