"""The evidence folder: six files that show what a training run did, and their check.

A run writes three of them, and the learner writes the three notes:

    run = evidence.Run("deep_learning_evidence")
    run.shapes(model, x)
    run.log(epoch=1, train_loss=0.71, val_loss=0.69)
    run.curve()
    evidence.report(run.folder)
"""

import base64
import contextlib
import csv
import itertools
import math
import re
import textwrap
from pathlib import Path

import torch

COLUMNS = ("epoch", "train_loss", "val_loss")
WORDS = 8  # the least that an answer in a note may hold

NOTES = {
    "best_checkpoint_note.md": [
        "Which epoch was kept, and what was its validation loss?",
        "Why does the validation set choose, and not the training set or the test set?",
        "How can another person load this checkpoint and get the same number?",
    ],
    "attention_note.md": [
        "What do query, key and value stand for, and what does the mask forbid?",
        "What does attention change, compared with a recurrent network?",
        "What stays hard although there is attention?",
    ],
    "failure_sample_note.md": [
        "Which sample fails, and what did the model say about it?",
        "What does the failure show about the data, the model or the labels?",
        "What is the next thing to try?",
    ],
}
"""{note: the questions that it answers}, each a heading with the learner's words below it."""


class Run:
    """An evidence folder while its run writes it.

    The first row begins the log anew; with resume=True the log that is there goes on. Notes that
    exist are never written over.
    """

    def __init__(self, folder="deep_learning_evidence", resume=False):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._log = self.folder / "training_log.csv"
        self._resume = resume
        for name in NOTES:
            if not (self.folder / name).exists():
                (self.folder / name).write_text(template(name), encoding="utf-8")

    def shapes(self, model, x):
        """Write shape_trace.txt: what each layer makes of the batch x, and what meets the loss."""
        rows = [f"input: {_shape(x)} (batch size first)"]

        def hook(name):
            return lambda layer, _, out: rows.append(
                f"{name or 'model'}: {type(layer).__name__} -> {_shape(out)}"
            )

        modes = {layer: layer.training for layer in model.modules()}
        with contextlib.ExitStack() as hooks, torch.no_grad():
            for name, layer in model.named_modules():
                if next(layer.children(), None) is None:
                    hooks.callback(layer.register_forward_hook(hook(name)).remove)
            out = model.eval()(x)
        for layer, mode in modes.items():  # one by one: some may have been frozen
            layer.training = mode
        rows.append(f"to the loss: {_shape(out)}")
        self._write("shape_trace.txt", rows)

    def log(self, **row):
        """Add one row to training_log.csv: epoch, train_loss, val_loss, and what else is measured.

        The row is on disk when this returns. Raises ValueError if the columns change.
        """
        if not self._resume:
            self._log.unlink(missing_ok=True)
            self._resume = True
        row = {key: getattr(value, "item", lambda v=value: v)() for key, value in row.items()}
        head = _head(self._log) or [*COLUMNS, *(key for key in row if key not in COLUMNS)]
        if sorted(head) != sorted(row):
            raise ValueError(f"log: the columns are {', '.join(head)}; got {', '.join(row)}")
        new = not self._log.exists()
        with open(self._log, "a", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, head)
            if new:
                writer.writeheader()
            writer.writerow(row)

    def curve(self):
        """Draw training and validation loss from the log into loss_curve.png."""
        from chainrule import plots

        rows, problem = read_log(self._log)
        if problem:
            raise ValueError(f"curve: training_log.csv {problem}")
        names = {"training": "train_loss", "validation": "val_loss"}
        series = {name: [row[column] for row in rows] for name, column in names.items()}
        draw = lambda: plots.lines(series, x="epoch", y="loss", at=[r["epoch"] for r in rows])
        (self.folder / "loss_curve.png").write_bytes(base64.b64decode(plots.frame(draw, "png")))

    def _write(self, name, rows):
        (self.folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")


def template(name):
    """Return the text that a note begins with: a title and its questions as headings."""
    title = name.removesuffix(".md").replace("_", " ").capitalize()
    return "\n".join([f"# {title}", *(f"\n## {question}\n" for question in NOTES[name])])


def check(folder):
    """Return {file: what is missing or wrong in plain words}, "" for a file that is right."""
    folder = Path(folder)
    rows, log_problem = read_log(folder / "training_log.csv")
    found = {
        "shape_trace.txt": _shape_trace(folder / "shape_trace.txt"),
        "training_log.csv": log_problem,
        "loss_curve.png": _picture(folder / "loss_curve.png"),
    }
    found |= {name: _note(folder / name) for name in NOTES}
    note = "best_checkpoint_note.md"
    if rows and not log_problem and not found[note]:
        lowest = min(row["val_loss"] for row in rows)
        best = [f"{row['epoch']:.0f}" for row in rows if row["val_loss"] == lowest]
        if not re.search(rf"\b({'|'.join(best)})\b", _text(folder / note)[0]):
            found[note] = f"does not name epoch {best[0]}, where val_loss in the log is lowest"
    return found


def report(folder):
    """Print one line per file of the folder: ✓, or ✗ and what to mend."""
    folder, found = Path(folder), check(folder)
    if set(found.values()) == {"is missing"}:
        inside = [f"try {path.parent.name} in it" for path in folder.glob("*/training_log.csv")]
        print(f"✗ {folder} holds none of the six files:", *(inside or ["is the path right?"])[:1])
        return
    lines = [f"{'✗' if problem else '✓'} {name} {problem}" for name, problem in found.items()]
    print(*(textwrap.fill(line, 79, subsequent_indent="  ") for line in lines), sep="\n")
    print(f"{list(found.values()).count('')} of {len(found)} files are right.")


def read_log(path):
    """Return (rows as {column: number}, problem): problem is "" where the log is right."""
    text, problem = _text(path)
    if problem:
        return [], problem
    try:
        reader = csv.DictReader(text.splitlines())
        missing, table = [c for c in COLUMNS if c not in (reader.fieldnames or ())], list(reader)
    except csv.Error as error:
        return [], f"is no table of comma-separated values ({error})"
    if missing:
        return [], f"has no column {', '.join(missing)} (commas between): it begins {text[:40]!r}"
    rows = []
    for number, row in enumerate(table, 1):
        try:
            rows.append({name: float(row[name]) for name in COLUMNS})
        except (TypeError, ValueError):
            return [], f"row {number} does not hold a number for each of {', '.join(COLUMNS)}"
        if not all(math.isfinite(value) for value in rows[-1].values()):
            return rows, f"row {number} holds a number that is not finite"
    if len(rows) < 2:
        return rows, f"has {len(rows)} row(s): at least two epochs are needed for a curve"
    for before, after in itertools.pairwise(row["epoch"] for row in rows):
        if after <= before:
            return rows, f"goes from epoch {before:g} to epoch {after:g}: one row per epoch, rising"
    return rows, ""


def _shape_trace(path):
    text, problem = _text(path)
    if problem:
        return problem
    shapes = [line for line in text.splitlines() if re.search(r"[(\[]\d+(, ?\d+)*,?[)\]]", line)]
    if len(shapes) < 3:
        return f"shows {len(shapes)} shape(s), such as (32, 10): show input, each layer and output"
    if not any(re.search(r"\b(loss|classifier)\b", line, re.IGNORECASE) for line in shapes):
        return "does not say which tensor meets the classifier or the loss"
    return ""


def _picture(path):
    from PIL import Image

    if not path.exists():
        return "is missing"
    try:
        with Image.open(path) as image:
            image.load()
            kind, size, lightness = image.format, image.size, image.convert("L").getextrema()
    except Exception:  # PIL raises many kinds for a damaged picture
        return "is no picture that can be opened: write it again with run.curve()"
    if kind != "PNG":
        return f"is a {kind} picture, not PNG"
    if min(size) < 100 or lightness[0] == lightness[1]:
        return "is blank or too small to read"
    return ""


def _note(path):
    text, problem = _text(path)
    if problem:
        return problem
    answers = re.split(r"^##\s*(.+?)\s*$", text, flags=re.MULTILINE)
    answers = dict(zip(answers[1::2], answers[2::2], strict=True))
    for question in NOTES[path.name]:
        if question not in answers:
            return f"has no heading: ## {question}"
        if len(re.findall(r"\w+", answers.get(question, ""))) < WORDS:
            return f"has no answer of at least {WORDS} words below: {question}"
    return ""


def _text(path):
    """Return (text, problem) of a text file."""
    if not path.is_file():
        return "", "is a folder, not a text file" if path.exists() else "is missing"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return "", "cannot be read as UTF-8 text"
    return text, "" if text.strip() else "is empty"


def _head(path):
    """The column names of a log that has begun, else None."""
    if not path.exists():
        return None
    with open(path, newline="", encoding="utf-8") as stream:
        return next(csv.reader(stream), None)


def _shape(value):
    if isinstance(value, torch.Tensor):
        return str(tuple(value.shape))
    if isinstance(value, (tuple, list)):  # an LSTM returns (output, (h, c))
        return ", ".join(_shape(v) for v in value)
    return type(value).__name__
