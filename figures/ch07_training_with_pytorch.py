"""The recorded figures of lesson 7: its run on the full MNIST, five seeds and a linear baseline.

    python figures/ch07_training_with_pytorch.py      (about 3 minutes on one core)

writes figures/07_training_with_pytorch.json. The classes and functions are the lesson's own, taken
from its cells; `code` is the hash of all code that the numbers depend on. MNIST must be in the data
folder, or within reach.
"""

import ast
import hashlib
import json
import os
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
LESSON = ROOT / "notebooks" / "07_training_with_pytorch.ipynb"
RECORD = ROOT / "figures" / "07_training_with_pytorch.json"
CELLS = ("imports", "dataset", "train-step", "evaluate", "run", "fit", "checkpoint", "save")
KEPT = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef)
SEEDS = range(5)
EPOCHS = 8
SIZES = (784, 256, 128, 10)
VALIDATION = 5000  # the last of a random order; the other 55,000 train


def definitions():
    """The lesson's imports, classes and functions, as one text."""
    cells = {c.id: c.source for c in nbformat.read(LESSON, as_version=4).cells}
    nodes = [n for cell in CELLS for n in ast.parse(cells[cell]).body if isinstance(n, KEPT)]
    return "\n".join(ast.unparse(node) for node in nodes)


def code_hash():
    """Hash of this script and of the lesson's definitions."""
    text = Path(__file__).read_text("utf-8") + definitions()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def lesson():
    """The lesson's classes and functions; its data stand in for defaults alone."""
    space = {"train": None, "x_val": None, "y_val": None, "EPOCHS": EPOCHS}
    space["STATEFUL"] = ("model", "optimizer", "schedule")
    exec(definitions(), space)
    return space


def mnist(space):
    """Return the data sets "train", "val" and "test" of MNIST; SystemExit where it is not there."""
    torch, data, rows = space["torch"], space["data"], space["Rows"]
    whole, test = data.load("mnist"), data.load("mnist", "test")
    if "mnist" not in (whole.name, test.name):
        raise SystemExit("This record needs the full MNIST: put it into the data folder.")
    order = torch.randperm(len(whole.y), generator=torch.Generator().manual_seed(0))
    parts = {"train": order[:-VALIDATION], "val": order[-VALIDATION:]}
    sets = {name: rows(whole.x[at].flatten(1), whole.y[at]) for name, at in parts.items()}
    return sets | {"test": rows(test.x.flatten(1), test.y)}


def run(space, sets, sizes, seed, epochs=EPOCHS):
    """Train once; return test accuracy at the best epoch, that epoch, and CPU-seconds."""
    began = time.process_time()
    val = [(sets["val"].x, sets["val"].y)]
    options = {"train": sets["train"], "val": val, "batch_size": 128}
    trained = space["Run"](sizes, p=0.2, seed=seed, epochs=epochs, **options)
    space["fit"](trained, epochs)
    trained.model.load_state_dict(trained.best["weights"])
    accuracy = space["evaluate"](trained.model, [(sets["test"].x, sets["test"].y)])[1]
    seconds = round(time.process_time() - began, 1)
    return {"test": round(accuracy, 4), "epoch": trained.best["epoch"], "seconds": seconds}


def main():
    os.environ.update(OMP_NUM_THREADS="1", OMP_WAIT_POLICY="PASSIVE", TQDM_DISABLE="1", FAST="")
    space = lesson()
    space["torch"].set_num_threads(1)
    sets = mnist(space)
    record = {"code": code_hash(), "seeds": list(SEEDS), "models": {}}
    for name, sizes in {"linear": (784, 10), "network": SIZES}.items():
        runs = [run(space, sets, sizes, seed) for seed in SEEDS]
        record["models"][name] = {key: [r[key] for r in runs] for key in runs[0]}
        print(name, record["models"][name])
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
