"""Run the lessons, two at a time, and keep their outputs where Sphinx finds them.

Sphinx would run them one after the other. jupyter-cache compares code cells only, so the folder of
the cache names the version of chainrule, and each entry that of the chapter's own cases.
"""

import datetime
import hashlib
import importlib.metadata
import platform
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor, as_completed

import nbformat
import psutil
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from tqdm import tqdm

from autograder.authoring import cuda
from autograder.course import ROOT, Chapter, Stop, chapters, config, contents, environment

PROCESSES = 2
CACHES = ROOT / "_build" / ".jupyter_cache"
WIDGET = "application/vnd.jupyter.widget-view+json"
PACKAGES = ("torch", "numpy", "matplotlib", "chainrule")


def published():
    """The chapters whose lesson is a page of the site: those that _toc.yml lists."""
    listed = set(contents())
    return [c for c in chapters() if f"notebooks/{c.slug}" in listed]


def digest(*paths):
    """Return a short hash of files and of everything below folders, names included."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            name = file.relative_to(ROOT)
            made = any(part.startswith((".", "__pycache__")) for part in name.parts)
            if file.is_file() and not made:
                total.update(f"{name.as_posix()}\0{file.stat().st_size}\0".encode())
                total.update(file.read_bytes())
    return total.hexdigest()[:16]


def cache_path():
    """The folder of the outputs that this version of chainrule gives."""
    package = ROOT / "src" / "chainrule"
    return CACHES / digest(*(p for p in sorted(package.iterdir()) if p.name != "cases"))


def lessons():
    """Run every lesson whose outputs are not known yet. Stops with a sentence for each failure."""
    cache = get_cache(str(cache_path()))
    notebooks = {c: nbformat.read(c.lesson, as_version=4) for c in published()}
    waiting = {c: nb for c, nb in notebooks.items() if not _is_known(cache, c, nb)}
    cells = sum(cell.cell_type == "code" for nb in waiting.values() for cell in nb.cells)
    failures = []
    with (
        tqdm(total=cells, desc="Running the lessons", unit=" cells", disable=not cells) as bar,
        ThreadPoolExecutor(PROCESSES) as pool,
    ):
        jobs = {pool.submit(_run, c, nb, bar): c for c, nb in waiting.items()}
        for job in as_completed(jobs):
            chapter, (failure, data) = jobs[job], job.result()
            if failure:
                failures.append(failure)
                continue
            bundle = CacheBundleIn(notebooks[chapter], str(chapter.lesson), data=data)
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    if failures:
        raise Stop("\n✗ ".join(sorted(failures)))
    for folder in CACHES.iterdir():  # what earlier versions of chainrule gave
        if folder != cache_path():
            shutil.rmtree(folder)


def report(slug):
    """Return what a lesson's page says about its run: [(name, value)]."""
    notebook = nbformat.read(Chapter(slug).lesson, as_version=4)
    kept = get_cache(str(cache_path())).match_cache_notebook(notebook).data["report"]
    return kept + cuda.report(slug)


def _is_known(cache, chapter, notebook):
    try:
        return cache.match_cache_notebook(notebook).data.get("cases") == digest(chapter.cases)
    except KeyError:
        return False


def _run(chapter, notebook, bar):
    """Run one lesson in place; return (sentence on its failure or None, data for the cache)."""
    at, used = {"cell": None}, {"seconds": 0.0}

    def started(cell, cell_index):
        at["cell"] = cell.get("id", f"number {cell_index + 1}")

    def executed(cell, cell_index, execute_reply):
        bar.update()
        times = psutil.Process(client.km.provisioner.pid).cpu_times()
        used["seconds"] = sum(times[:4])  # of the kernel and of its children

    client = NotebookClient(
        notebook,
        timeout=config()["execute"]["timeout"],
        coalesce_streams=True,  # one block of text, as in JupyterLab
        record_timing=False,  # it would change the cells that jupyter-cache compares
        resources={"metadata": {"path": str(chapter.lesson.parent)}},
        on_cell_execute=started,
        on_cell_executed=executed,
    )
    try:
        # The kernel's own log is noise here; what a cell prints to stderr comes by its channel.
        client.execute(env=_kernel_environment(), stderr=subprocess.DEVNULL)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        what = f"Lesson {chapter.slug} failed in cell {at['cell']!r}: {_reason(error)}."
        return f"{what} Mend the cell (make lab), then run this again.", None
    _drop_widgets(notebook)
    return None, {"cases": digest(chapter.cases), "report": _report(notebook, used["seconds"])}


def _drop_widgets(notebook):
    """Take out what needs a kernel: progress bars. (Sliders come as frames, see `explore`.)"""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if WIDGET not in o.get("data", {})]


def _kernel_environment():
    # FAST is for tests: the site shows the full runs. Progress bars would be dead on a page.
    env = environment(BOOK_BUILD="1", OMP_NUM_THREADS="1", TQDM_DISABLE="1")
    env.pop("FAST", None)
    return env


def _reason(error):
    if isinstance(error, CellExecutionError):
        return f"{error.ename}: {(error.evalue.splitlines() or [''])[0]:.200}"
    if isinstance(error, CellTimeoutError):
        return f"it ran longer than {config()['execute']['timeout']} seconds"
    return "its kernel died, for want of memory perhaps"


def _report(notebook, seconds):
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    seeds = sorted(set(re.findall(r"\bseed\((\d+)\)", code)), key=int)
    versions = [("Python", platform.python_version())]
    versions += [(name, importlib.metadata.version(name)) for name in PACKAGES]
    return [
        ("Date", datetime.date.today().isoformat()),
        ("Processor time", f"{seconds:.0f} s, every slider position included"),
        ("Seeds", ", ".join(seeds) or "none"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in versions)),
    ]
