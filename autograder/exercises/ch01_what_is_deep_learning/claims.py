"""Exercise `claims`: five claims about learning programs, decided by running them."""

import torch

from autograder.exercises import Choice, normal

TRY = "say first what the program was told by a person, and what it took from the data"
NESTED = {
    "AI": "AI, but not machine learning",
    "ML": "machine learning, but not deep",
    "DL": "deep learning",
    "none": "none of the three",
}
LETTERS = dict(zip("ABCD", NESTED, strict=True))

REASONS = {
    "a": {
        "ML": "no number in it comes from examples: the map is looked up, not learned",
        "DL": "layers of weights are fitted in deep learning; here nothing is fitted",
        "none": "artificial intelligence is the wide word: search belongs to it",
    },
    "b": {
        "AI": "its weights are fitted to labelled scans, so it learns",
        "DL": "one layer is fitted, on features that a person chose; nothing below it is learned",
        "none": "a fitted rule is machine learning, however small",
    },
    "c": {
        "AI": "its weights are fitted to examples, so it learns",
        "ML": "its first layer is fitted together with its last: the features are learned",
        "none": "it need not be large: several fitted layers are enough",
    },
}
QUESTIONS = {
    question: {
        letter: Choice(NESTED[kind], kind, REASONS[question].get(kind, "this is the one"))
        for letter, kind in LETTERS.items()
    }
    for question in REASONS
} | {
    "d": {
        "A": Choice(
            "About 0.1, since there is nothing to learn",
            0.1,
            "each training row is its own nearest row, and its label is stored",
        ),
        "B": Choice(
            "About 0.5",
            0.5,
            "nothing here is a coin: which stored row is nearest to a stored row?",
        ),
        "C": Choice(
            "About 0.9, with some errors",
            0.9,
            "no two rows are the same, so no stored label is ever missed",
        ),
        "D": Choice("1", 1.0, "look for the row that is nearest to itself"),
    },
    "e": {
        "A": Choice(
            "It reaches 2 four times as fast",
            "lands",
            "one step takes w from 0 to 0.2 * 20 = 4, beyond 2: what is the slope there?",
        ),
        "B": Choice(
            "It jumps between 0 and 4 for ever", "bounces", "compute the slope at w = 4 too"
        ),
        "C": Choice(
            "It grows without end",
            "grows",
            "at w = 4 the slope is as large as at 0, with the other sign, and no larger",
        ),
        "D": Choice(
            "It stays at 0",
            "stays",
            "the slope at 0 is -20, so the first step is not 0",
        ),
    },
}


def kind(fitted, layers_fitted):
    """Name the innermost box that a clever program belongs to."""
    return "AI" if not fitted else "DL" if layers_fitted > 1 else "ML"


def stored(rows=200, classes=10):
    """Training accuracy of a nearest-row program on random labels, to one decimal."""
    x, labels = normal(0)(rows, 3), torch.arange(rows) % classes
    nearest = torch.cdist(x, x).argmin(dim=1)
    return round((labels[nearest] == labels).double().mean().item(), 1)


def path(lr, steps=50):
    """Name what w does from 0, for the pairs (1, 2) and (3, 6) and the mean squared error."""
    w, seen = 0.0, []
    for _ in range(steps):
        w -= lr * sum(2 * (w * x - y) * x for x, y in ((1, 2), (3, 6))) / 2
        seen.append(w)
    if abs(seen[-1]) > 100:
        return "grows"
    if abs(seen[-1] - 2) < 0.01:
        return "lands"
    return "bounces" if abs(seen[-1] - seen[-2]) > 1 else "stays"


def reference():
    """Run or classify what is asked for; return what happens in each."""
    return {
        "a": kind(fitted=False, layers_fitted=0),
        "b": kind(fitted=True, layers_fitted=1),
        "c": kind(fitted=True, layers_fitted=2),
        "d": stored(),
        "e": path(lr=0.2),
    }
