"""Data sets, by name: `x, y = data.load("digits")`.

`data.NAMES` lists them. What ships with a dependency or is made by code is always there. The
others are read from the data folder (`data.folder()`, moved by the environment variable
CHAINRULE_DATA), or downloaded into it. Where neither can be done, `load` says so in a sentence
and returns the set's offline default.
"""

import difflib
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch

from chainrule.data import made, sets
from chainrule.data.fetch import DataError, Missing, folder

__all__ = ["NAMES", "DataError", "Labelled", "folder", "load"]
SPLITS = ("train", "test", "all")


class _Set(NamedTuple):
    what: str
    loader: Callable
    default: str = ""  # what to take where the files cannot be had


_SETS = {
    "xor": _Set("the four corners of XOR", made.xor),
    "two_moons": _Set("points on two half circles (n, noise, seed)", made.two_moons),
    "shapes": _Set("drawn shapes in colour, 6 classes (n, size, seed)", made.shapes),
    "grammar": _Set("English-Spanish sentences of a small grammar (n, seed)", made.grammar),
    "digits": _Set(
        "1,797 scanned digits, 8×8 pixels, from scikit-learn", sets.bundled("load_digits")
    ),
    "iris": _Set("150 flowers, 4 lengths in cm, 3 classes", sets.bundled("load_iris")),
    "wine": _Set("178 wines, 13 measurements, 3 grapes", sets.bundled("load_wine")),
    "breast_cancer": _Set(
        "569 tumours, 30 measurements, 2 classes", sets.bundled("load_breast_cancer")
    ),
    "diabetes": _Set(
        "442 patients, 10 scaled measurements, progress after a year",
        sets.bundled("load_diabetes"),
    ),
    "python_reference": _Set("the Python language reference as a text", sets.python_reference),
    "mnist": _Set("70,000 scanned digits, 28×28 pixels", sets.mnist, "digits"),
    "fashion-mnist": _Set("70,000 photos of clothes, 28×28 pixels", sets.fashion_mnist, "digits"),
    "cifar10": _Set("60,000 colour photos, 32×32 pixels", sets.cifar10, "shapes"),
    "flower_photos": _Set("3,670 photos of 5 flowers (size)", sets.flower_photos, "shapes"),
    "tinyshakespeare": _Set(
        "1,115,394 characters of Shakespeare", sets.tinyshakespeare, "python_reference"
    ),
    "spa-eng": _Set("123,376 English-Spanish sentence pairs", sets.spa_eng, "grammar"),
}
NAMES = {name: row.what for name, row in _SETS.items()}
"""{name: what it holds, with the options that `load` takes for it}."""


@dataclass(frozen=True, eq=False, repr=False)
class Labelled:
    """Examples with labels. It unpacks into two: `x, y = data.load("digits")`.

    x         float32. Images (N, channels, height, width), 0 black and 1 full light;
              tables (N, features) in the units of the source, not standardised
    y         int64 (N,), a position in `classes`; float32 where the label is a quantity
    classes   the names of the classes, () where the label is a quantity
    name      what was loaded: "digits" where "mnist" could not be had
    """

    x: torch.Tensor
    y: torch.Tensor
    classes: tuple
    name: str

    def __iter__(self):
        return iter((self.x, self.y))

    def __repr__(self):
        shown = [f"{n} {tuple(t.shape)} {t.dtype}" for n, t in (("x", self.x), ("y", self.y))]
        return f"{self.name}: {', '.join(shown)}, {len(self.classes)} classes"


def load(name, split="train", **options):
    """Return a data set; print a sentence where it is the offline default instead.

    name      one of NAMES, or the path of a folder of images with one folder per class
    split     "train", "test" or "all". A split that the source does not have is made here, once
              and for all: a fifth of a table and of a folder of images, a tenth of a text and of
              sentence pairs is the test. Take validation data out of "train" yourself.
    options   those that NAMES gives in brackets; `size` (pixels) for a folder of images

    Returns Labelled; a str for a text; a list of (English, Spanish) for sentence pairs.
    Raises DataError, in one sentence, for an unknown name, a damaged file, or a data folder that
    cannot be used.
    """
    if split not in SPLITS:
        raise DataError(f"There is no split {split!r}: it is one of {', '.join(SPLITS)}.")
    if name not in _SETS:
        if not Path(name).is_dir():
            raise DataError(_unknown(name))
        return Labelled(*sets.image_folder(name, split, **options), Path(name).name)
    try:
        return _shaped(name, split, _SETS[name].loader(split, **options))
    except Missing as reason:
        default = _SETS[name].default
        said = (
            f"{name} cannot be had now: {reason}. In its place you get {default}: {NAMES[default]}."
        )
        print(textwrap.fill(said, 79, break_long_words=False, break_on_hyphens=False))
    return load(default, split, **options)


def _shaped(name, split, loaded):
    """Bring what a loader returned into the shape that `load` promises."""
    if isinstance(loaded, tuple):
        return Labelled(*loaded, name)
    if split == "all":
        return loaded
    if isinstance(loaded, str):
        cut = loaded.rfind("\n", 0, len(loaded) * 9 // 10) + 1  # at the end of a line
        return loaded[:cut] if split == "train" else loaded[cut:]
    # By the English sentence, so that no sentence has one translation here and another there.
    return [pair for pair in loaded if sets.side(pair[0], 10) == split]


def _unknown(name):
    near = difflib.get_close_matches(str(name), _SETS, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"There is no data set and no folder {str(name)!r}. {hint}Data sets: {', '.join(_SETS)}."
