"""Run the lessons' `gpu` cells on a GPU and keep what they printed, in figures/cuda.json.

python -m autograder.authoring.cuda, on a machine with CUDA; Jupyter need not be there. Every cell
before them runs as well, with FAST=1. A lesson's page says whether its cells have run on a GPU.
"""

import contextlib
import datetime
import hashlib
import io
import json
import os
import sys

from autograder.course import ROOT, Chapter, Stop, chapters, read_notebook

RECORD = ROOT / "figures" / "cuda.json"


def main():
    """Write the record; stops where there is no GPU, or at the first cell that fails."""
    import torch

    if not torch.cuda.is_available():
        raise Stop("There is no CUDA device here. Run this on a machine that has one.")
    printed = {c.slug: run(c) for c in chapters() if gpu_cells(c)}
    machine = {"device": torch.cuda.get_device_name(), "torch": torch.__version__}
    record = {**machine, "date": datetime.date.today().isoformat(), "lessons": printed}
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"✓ wrote {RECORD.relative_to(ROOT)}: {', '.join(printed)} on {machine['device']}")


def gpu_cells(chapter):
    """The sources of a lesson's cells tagged `gpu`, by their ids."""
    cells = read_notebook(chapter.lesson)["cells"] if chapter.lesson.exists() else []
    tagged = (c for c in cells if "gpu" in c["metadata"].get("tags", []))
    return {c["id"]: "".join(c["source"]) for c in tagged}


def run(chapter):
    """Run a lesson's code up to its last gpu cell: {id: {"code": hash, "printed": text}}."""
    wanted, names, found = gpu_cells(chapter), {"__name__": "__main__"}, {}
    for cell in read_notebook(chapter.lesson)["cells"]:
        if cell["cell_type"] != "code" or "remove-cell" in cell["metadata"].get("tags", []):
            continue
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile("".join(cell["source"]), f"{chapter.slug} {cell['id']}", "exec"), names)
        if cell["id"] in wanted:
            found[cell["id"]] = {"code": _hash(wanted[cell["id"]]), "printed": said.getvalue()}
        if len(found) == len(wanted):
            return found


def report(slug):
    """What a lesson's page says of its gpu cells: [(name, value)], empty if it has none."""
    cells = gpu_cells(Chapter(slug))
    if not cells:
        return []
    record = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {"lessons": {}}
    ran = record["lessons"].get(slug, {})
    if any(ran.get(name, {}).get("code") != _hash(source) for name, source in cells.items()):
        return [("GPU cells", "not run on CUDA")]
    where = f"{record['date']} on {record['device']}, torch {record['torch']}"
    printed = "; ".join(line for cell in ran.values() for line in cell["printed"].splitlines())
    return [("GPU cells", f"run {where}, with FAST=1: {printed}")]


def _hash(source):
    return hashlib.sha256(source.encode()).hexdigest()[:16]


if __name__ == "__main__":
    os.environ |= {"FAST": "1", "BOOK_BUILD": "1", "MPLBACKEND": "agg", "TQDM_DISABLE": "1"}
    sys.exit(main())
