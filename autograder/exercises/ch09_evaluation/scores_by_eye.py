"""Exercise `scores_by_eye`: read a situation and say what a score will do."""

import torch

from autograder.exercises import Choice
from autograder.exercises.ch09_evaluation import TEN_S, TEN_Y, auroc, calibration

TRY = "write the four counts for 1,000 rows, or take three rows and work them out"

QUESTIONS = {
    "a": {
        "A": Choice(
            "p > 0.8", 0.8, "this is (50 - 10) / 50; ask for which p both choices cost as much"
        ),
        "B": Choice("p > 0.2", 0.2, "compare 50 p with 10: which p makes them equal?"),
        "C": Choice("p > 0.5", 0.5, "0.5 is right only if both choices cost the same at p = 0.5"),
        "D": Choice("p > 5", 5.0, "the costs are divided the wrong way round: p is at most 1"),
    },
    "b": {
        "A": Choice("about 0.9", 0.9, "that is the recall; precision asks about the alarms"),
        "B": Choice(
            "about 0.5",
            0.5,
            "count both kinds of alarm among 1,000: 9 true ones and how many false?",
        ),
        "C": Choice("about 0.01", 0.01, "that is the share of frauds before any test"),
        "D": Choice(
            "about 0.08",
            0.08,
            "9 of the 10 frauds are found, beside a tenth of 990 honest payments",
        ),
    },
    "c": {
        "A": Choice(
            "AUROC and ECE both change",
            (True, True),
            "does any pair change its order when both are cubed?",
        ),
        "B": Choice(
            "only AUROC changes",
            (True, False),
            "ECE compares the number itself with a share; what happens to 0.9?",
        ),
        "C": Choice(
            "only ECE changes", (False, True), "cubing keeps every order, and makes 0.9 a 0.729"
        ),
        "D": Choice(
            "neither changes",
            (False, False),
            "the order stays, but is a 0.729 still the share of frauds?",
        ),
    },
    "d": {
        "A": Choice(
            "only precision",
            "precision",
            "among the alarms there are now more false ones; who is in recall's fraction?",
        ),
        "B": Choice("only recall", "recall", "recall looks at the frauds alone, and they stayed"),
        "C": Choice(
            "F1", "f1", "F1 has the false positives below the line, and they have grown tenfold"
        ),
        "D": Choice(
            "average precision", "ap", "at every rank there are now more honest payments above"
        ),
    },
    "e": {
        "A": Choice(
            "T = 1", "one", "why should it stop there? A larger factor still lowers the loss"
        ),
        "B": Choice(
            "T runs down to the bound", "low", "every answer is right, so sharper is always better"
        ),
        "C": Choice(
            "T runs up to the bound",
            "high",
            "that would be the answer if the network were no better than chance",
        ),
        "D": Choice(
            "the T that validation rows give",
            "same",
            "validation rows contain errors, and each error pays for too much certainty",
        ),
    },
}


def threshold():
    """The least p at which a check (10) is cheaper than a miss (50 p), from a fine grid."""
    grid = torch.arange(1, 100).double() / 100
    return round(float(grid[50 * grid >= 10 - 1e-9].min()), 2)


def precision_of_alarms(n=1000):
    frauds, honest = 0.01 * n, 0.99 * n
    return round(0.9 * frauds / (0.9 * frauds + 0.1 * honest), 2)


def cubed():
    """Does AUROC change, does the gap between score and share change?"""
    cube = TEN_S**3
    order = auroc.reference(TEN_Y, cube) != auroc.reference(TEN_Y, TEN_S)
    pair = lambda s: torch.stack([1 - s, s], 1).log()
    ece = [float(calibration._ece(pair(s), TEN_Y, 5)) for s in (TEN_S, cube)]
    return bool(order), abs(ece[0] - ece[1]) > 1e-3


def steady():
    """Which score stays when every honest payment comes ten times?"""
    from sklearn import metrics

    y = torch.cat([TEN_Y, TEN_Y[TEN_Y == 0].repeat(9)]).numpy()
    s = torch.cat([TEN_S, TEN_S[TEN_Y == 0].repeat(9)]).numpy()
    scores = {
        "precision": lambda y, s: metrics.precision_score(y, s >= 0.5),
        "recall": lambda y, s: metrics.recall_score(y, s >= 0.5),
        "f1": lambda y, s: metrics.f1_score(y, s >= 0.5),
        "ap": metrics.average_precision_score,
    }
    few = TEN_Y.numpy(), TEN_S.numpy()
    (name,) = [n for n, f in scores.items() if abs(f(y, s) - f(*few)) < 1e-9]
    return name


def on_training_rows():
    """Where the loss is least on a grid of T when every answer is right."""
    z = torch.tensor([[2.0, 0, 0], [0, 1, 0], [0, 0.5, 3]]).double()
    grid = [0.01, 0.1, 1.0, 10.0, 100.0]
    losses = [float(torch.nn.functional.cross_entropy(z / t, z.argmax(1))) for t in grid]
    best = grid[losses.index(min(losses))]
    return {0.01: "low", 1.0: "one", 100.0: "high"}.get(best, "same")


def reference():
    """Work every situation out."""
    return {
        "a": threshold(),
        "b": precision_of_alarms(),
        "c": cubed(),
        "d": steady(),
        "e": on_training_rows(),
    }
