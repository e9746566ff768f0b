"""Exercise `leak_by_eye`: five experiments on labels that are coin tosses; which score is found?"""

import torch

from autograder.exercises import Choice

TRY = "follow one test row: what did the pipeline know of it, or of its label, before the test?"
REPEATS = 20

QUESTIONS = {
    "a": {
        "A": Choice(
            "About 0.5: the labels are coin tosses",
            "chance",
            "the 20 columns were chosen with the test labels in view, so they fit those as well",
        ),
        "B": Choice(
            "About 0.6: 20 columns cannot carry much",
            "a little",
            "20 columns that each agree with the labels by luck agree far better together",
        ),
        "C": Choice(
            "Above 0.75, on labels that cannot be predicted",
            "high",
            "among 3,000 columns of noise, which 20 were taken, and by what?",
        ),
    },
    "b": {
        "A": Choice(
            "About 0.5: the choice never saw the test labels",
            "chance",
            "the columns fit the training labels by luck; is there luck left for the test rows?",
        ),
        "B": Choice(
            "About 0.6: some of the luck remains",
            "a little",
            "columns of noise that fit one half by luck are coin tosses on the other half",
        ),
        "C": Choice(
            "Above 0.75, as before: the columns are the same kind",
            "high",
            "the test labels took no part in the choice, so they are not fitted",
        ),
    },
    "c": {
        "A": Choice(
            "About 0.5: the labels are coin tosses",
            "chance",
            "half of the test rows have their copy, with its label, among the training rows",
        ),
        "B": Choice(
            "About 0.75: half of the test rows have a copy in training",
            "half known",
            "count: a row with its copy in training is right, the others are coin tosses",
        ),
        "C": Choice(
            "About 1: every test row has a copy in training",
            "known",
            "the copy falls into the same half as often as into the other",
        ),
    },
    "d": {
        "A": Choice(
            "About 0.5: a leak in principle, and too small to see",
            "chance",
            "mean and spread of a column say nothing about any label",
        ),
        "B": Choice(
            "About 0.6: the mean of the test rows has leaked",
            "a little",
            "it has leaked, but no label went into the mean and the spread",
        ),
        "C": Choice(
            "Above 0.75: every leak inflates the score",
            "high",
            "which label would a mean over all rows give away?",
        ),
    },
    "e": {
        "A": Choice(
            "0.5 on validation, 0.5 on test",
            "neither",
            "it is the best of 200 scores: how far does the best of many tosses get?",
        ),
        "B": Choice(
            "Near 0.7 on validation, 0.5 on test",
            "validation",
            "the choice was made on the validation labels; who chose on the test labels?",
        ),
        "C": Choice(
            "Near 0.7 on both: the best of 200 is a good model",
            "both",
            "a coin that won 200 contests has no skill in the next one",
        ),
    },
}


def centroid(x, y, x_test, y_test):
    """Accuracy of the rule "which class mean is nearer?"."""
    a, b = x[y == 0].mean(0), x[y == 1].mean(0)
    guess = (x_test - b).norm(dim=1) < (x_test - a).norm(dim=1)
    return (guess == y_test).float().mean().item()


def nearest(x, y, x_test, y_test):
    """Accuracy of the rule "the label of the nearest training row"."""
    return (y[torch.cdist(x_test, x).argmin(1)] == y_test).float().mean().item()


def chosen(x, y, rows):
    """The 20 columns whose means differ most between the classes, on some rows."""
    x, y = x[rows], y[rows]
    gap = (x[y == 1].mean(0) - x[y == 0].mean(0)).abs()
    return gap.topk(20).indices


def columns(g, honest):
    """100 rows of 3,000 columns of noise, 20 of them chosen, half of the rows for the test."""
    x, y = torch.randn(100, 3000, generator=g), torch.randint(0, 2, (100,), generator=g)
    x = x[:, chosen(x, y, slice(0, 50 if honest else 100))]
    return centroid(x[:50], y[:50], x[50:], y[50:])


def copies(g):
    x, y = torch.randn(100, 20, generator=g), torch.randint(0, 2, (100,), generator=g)
    x = torch.cat([x, x + 0.01 * torch.randn(100, 20, generator=g)])
    y, order = torch.cat([y, y]), torch.randperm(200, generator=g)
    train, test = order[:100], order[100:]
    return nearest(x[train], y[train], x[test], y[test])


def scaled(g):
    x, y = 5 + 3 * torch.randn(100, 20, generator=g), torch.randint(0, 2, (100,), generator=g)
    x = (x - x.mean(0)) / x.std(0)
    return centroid(x[:50], y[:50], x[50:], y[50:])


def tries(g):
    """200 models that toss coins; the best of them on 50 rows, then on 1,000 new ones."""
    best = (torch.rand(200, 50, generator=g) < 0.5).float().mean(1).max().item()
    return best, (torch.rand(1000, generator=g) < 0.5).float().mean().item()


def mean(experiment):
    """The mean over draws; the first axis of what is returned are the scores."""
    draws = [experiment(torch.Generator().manual_seed(i)) for i in range(REPEATS)]
    return torch.tensor(draws).mean(0)


def size(score):
    return "chance" if score < 0.55 else "a little" if score < 0.7 else "high"


def reference():
    """Run the five experiments; return what is found in each."""
    twice = mean(copies)
    best, after = mean(tries)
    return {
        "a": size(mean(lambda g: columns(g, honest=False))),
        "b": size(mean(lambda g: columns(g, honest=True))),
        "c": "chance" if twice < 0.6 else "half known" if twice < 0.9 else "known",
        "d": size(mean(scaled)),
        "e": ("neither" if best < 0.6 else "validation") if after < 0.6 else "both",
    }
