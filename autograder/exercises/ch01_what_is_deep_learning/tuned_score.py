"""Exercise `tuned_score`: repair a comparison that chooses settings by test score."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

EXAMPLES = {  # (S, R) = (2, 3) and (4, 2): settings by runs
    "two settings, three runs": (
        torch.tensor([[0.85, 0.75, 0.8], [0.55, 0.95, 0.7]]),
        torch.tensor([[0.85, 0.5, 0.55], [0.75, 0.95, 0.7]]),
    ),
    "four settings, two runs": (
        torch.tensor([[0.1, 0.6], [0.5, 0.2], [0.3, 0.4], [0.2, 0.45]]),
        torch.tensor([[0.7, 0.3], [0.1, 0.8], [0.6, 0.4], [0.2, 0.9]]),
    ),
    "a tie": (
        torch.tensor([[0.2], [0.8], [0.8]]),
        torch.tensor([[0.9], [0.5], [0.3]]),
    ),
}
AXES = ("S R", "S R")
RETURNS = ("score",)


def reference(val, test):
    """Run by run, setting by setting."""
    total = 0.0
    for r in range(val.shape[1]):
        best = 0
        for s in range(val.shape[0]):
            if val[s, r] > val[best, r]:
                best = s
        total = total + test[best, r]
    return total / val.shape[1]


def _score(
    val, test, *, by=lambda val, test: val, pick=lambda v: v.argmax(dim=0),
    read=lambda val, test: test, pool=torch.mean,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    best = pick(by(val, test))
    return pool(read(val, test)[best, torch.arange(val.shape[1])])


def _with(**steps):
    return partial(_score, **steps)


def _one_for_all(val, test):
    return test[val.mean(dim=1).argmax()].mean()


def _wrong_axis(val, test):
    return test[torch.arange(len(val)), val.argmax(dim=1)].mean()


def _best_run(val, test):
    best = val.argmax(dim=0)
    runs = torch.arange(val.shape[1])
    return test[best, runs][val[best, runs].argmax()]


def _last_of_a_tie(val):
    return len(val) - 1 - val.flip(0).argmax(dim=0)


def _all_runs(val, test):
    return test[val.argmax(dim=0)].mean()


WRONG = {
    "by_test": Wrong(
        _with(by=lambda val, test: test),
        "the setting is chosen by its test score, which flatters whoever has more settings",
        "choose by val, then read test at that place",
    ),
    "validation_reported": Wrong(
        _with(read=lambda val, test: val),
        "the validation score of the chosen setting is reported; it was chosen for being high",
        "read test at the chosen setting",
    ),
    "one_for_all": Wrong(
        _one_for_all,
        "one setting is chosen for all runs, by its mean",
        "each run chooses for itself: argmax along the settings, dim=0",
    ),
    "wrong_axis": Wrong(
        _wrong_axis,
        "the best run of each setting is taken, not the best setting of each run",
        "val is (settings, runs): go along dim=0",
    ),
    "worst": Wrong(
        _with(pick=lambda v: v.argmin(dim=0)),
        "the worst setting is chosen",
        "scores are accuracies: the highest is the best",
    ),
    "best_run": Wrong(
        _best_run,
        "the score of a single run is reported",
        "average over the runs",
    ),
    "summed": Wrong(_with(pool=torch.sum), "the runs are added up", "divide by the number of runs"),
    "all_settings": Wrong(
        lambda val, test: test.mean(),
        "all settings are averaged; nothing was chosen",
        "choose one setting per run first",
    ),
    "last_of_a_tie": Wrong(
        _with(pick=_last_of_a_tie),
        "of settings with equal validation scores the last is taken",
        "the contract asks for the first, which argmax gives",
    ),
    "all_runs": Wrong(
        _all_runs,
        "each chosen setting is averaged over all runs, not read in the run that chose it",
        "index with the run as well: test[best, torch.arange(R)]",
    ),
    "median": Wrong(_with(pool=torch.median), "this is the median of the runs", "take their mean"),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "a_list": Wrong(lambda val, test: test.gather(0, val.argmax(0, keepdim=True))[0]),
    "cut_off": Wrong(lambda val, test: _score(val[:4], test[:4])),
    "in_place": Wrong(lambda val, test: _score(val, test.mul_(1.0).add_(1.0)) - 1),
}


def by_gather(val, test):
    return test.gather(0, val.argmax(dim=0, keepdim=True)).mean()


def by_columns(val, test):
    """Zip over columns, with plain Python numbers."""
    chosen = [t[v.index(max(v))] for v, t in zip(val.T.tolist(), test.T.tolist(), strict=True)]
    return torch.tensor(sum(chosen) / len(chosen), dtype=val.dtype)


def plain_number(val, test):
    """A Python number has no dtype of its own."""
    return by_gather(val, test).item()


RIGHT = [by_gather, by_columns, plain_number, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        val, test = rand(7, 5).sigmoid(), rand(7, 5).sigmoid()
        (score,) = match((val, test), "seven settings, five runs")
        match((rand(2, 30), rand(2, 30)), "scores below 0")
        match((val.float(), test.float()), "float32")
        doubled = (torch.cat([val, val]), torch.cat([test, 1 - test]))
        (again,) = run(fn, reference, RETURNS, doubled, "each setting twice")
        what = "tuned_score: a second copy of each setting, listed later, changes nothing"
        check.compare(what, again, score)
    match((val[:, :1], test[:, :1]), "one run")
    match((val[:1], test[:1]), "one setting")
