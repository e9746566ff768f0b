"""Exercise `early_stopping`: which epoch to keep, and after which one to stop."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, run, talkative
from chainrule import check

WAVES = torch.tensor([9.0, 7.0, 8.0, 7.5, 6.0, 6.5, 6.4, 6.6, 6.7, 6.8, 1.0])
SMALL = torch.tensor([5.0, 4.0, 3.9, 3.85, 3.8, 3.7, 2.9, 0.5])
FALLS = torch.tensor([4.0, 3.0, 2.0, 1.0, 0.5])
TIES = torch.tensor([3.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.5])
EXAMPLES = {
    "a wave, then a rise": (WAVES, 3, 0.0),
    "gains that are too small": (SMALL, 3, 0.3),
    "it never gets stale": (FALLS, 2, 0.0),
    "ties": (TIES, 3, 0.0),
}
AXES = ("E",)
RETURNS = ("best", "stop")


def reference(losses, patience, min_delta=0.0):
    """Says for every prefix whether it ends in `patience` stale epochs; takes the first."""
    marks = [0]  # the epochs that improved on all before
    for epoch in range(1, len(losses)):
        if float(losses[epoch]) < float(losses[marks[-1]]) - min_delta:
            marks.append(epoch)
    for epoch in range(len(losses)):
        best = max(m for m in marks if m <= epoch)
        if epoch - best == patience:
            return torch.tensor(best), torch.tensor(epoch)
    return torch.tensor(marks[-1]), torch.tensor(len(losses) - 1)


def _stop(
    losses, patience, min_delta=0.0, *,
    better=lambda loss, low, last, delta: loss < low - delta,
    enough=lambda stale, patience: stale >= patience,
    reset=lambda stale: 0,
    answer=lambda best, epoch: (best, epoch),
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    low, last, best, stale = float("inf"), float("inf"), 0, 0
    for epoch, loss in enumerate(losses.tolist()):
        if better(loss, low, last, min_delta):
            low, best, stale = loss, epoch, reset(stale)
        else:
            stale += 1
        last = loss
        if enough(stale, patience):
            break
    return answer(best, epoch)


def _with(**steps):
    return partial(_stop, **steps)


def _lowest_of_all(losses, patience, min_delta=0.0):
    return int(losses.argmin()), _stop(losses, patience, min_delta)[1]


def _lowest_so_far(losses, patience, min_delta=0.0):
    """Restores the lowest loss seen, however small the gain was."""
    stop = _stop(losses, patience, min_delta)[1]
    return int(losses[: stop + 1].argmin()), stop


def _never_stops(losses, patience, min_delta=0.0):
    return int(losses.argmin()), len(losses) - 1


def _last_tie(losses, patience, min_delta=0.0):
    best, stop = _stop(losses, patience, min_delta)
    return max(i for i in range(stop + 1) if losses[i] == losses[best]), stop


def _creeping(losses, patience, min_delta=0.0):
    """A gain that is too small still moves the mark."""
    low, best, stale = float("inf"), 0, 0
    for epoch, loss in enumerate(losses.tolist()):
        stale = 0 if loss < low - min_delta else stale + 1
        if stale == 0:
            best = epoch
        low = min(low, loss)
        if stale >= patience:
            break
    return best, epoch


def _one_for_nan(losses, patience, min_delta=0.0):
    """A NaN compares as not worse, and then nothing is ever lower."""
    return _stop(losses, patience, min_delta, better=lambda a, low, last, d: not a >= low - d)


WRONG = {
    "first_rise": Wrong(
        _with(enough=lambda stale, patience: stale >= 1),
        "training ends at the first epoch without a gain; patience is not used",
        "count the stale epochs, and stop when the count reaches patience",
    ),
    "one_too_late": Wrong(
        _with(enough=lambda stale, patience: stale > patience),
        "training goes on for one epoch more than patience allows",
        "stop as soon as the count equals patience",
    ),
    "never_reset": Wrong(
        _with(reset=lambda stale: stale),
        "stale epochs are counted over the whole run",
        "a gain sets the count back to 0: they must be stale in a row",
    ),
    "against_the_last": Wrong(
        _with(better=lambda loss, low, last, delta: loss < last - delta),
        "each loss is compared with the one before it",
        "compare with the lowest loss so far",
    ),
    "no_delta": Wrong(
        _with(better=lambda loss, low, last, delta: loss < low),
        "a gain of any size counts; min_delta is not used",
        "a gain counts if the loss is below the lowest one minus min_delta",
    ),
    "ties_are_gains": Wrong(
        _with(better=lambda loss, low, last, delta: loss <= low - delta),
        "an equal loss counts as a gain",
        "without min_delta a gain must be lower than the lowest one: < and not <=",
    ),
    "last_for_best": Wrong(
        _with(answer=lambda best, epoch: (epoch, epoch)),
        "the epoch where training stopped is returned as the best",
        "remember the epoch of the last gain: its weights are the ones to restore",
    ),
    "counts_from_one": Wrong(
        _with(answer=lambda best, epoch: (best + 1, epoch + 1)),
        "epochs are counted from 1",
        "the first loss belongs to epoch 0",
    ),
    "lowest_of_all": Wrong(
        _lowest_of_all,
        "the best epoch lies behind the stop: those epochs were never run",
        "look only at epochs up to the stop",
    ),
    "never_stops": Wrong(
        _never_stops,
        "all epochs are used: nothing stops the run",
        "leave the loop when the count of stale epochs reaches patience",
    ),
    "swapped": Wrong(
        _with(answer=lambda best, epoch: (epoch, best)),
        "the two numbers are exchanged",
        "return best, stop in this order",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "lowest_so_far": Wrong(_lowest_so_far),
    "creeping": Wrong(_creeping),
    "last_tie": Wrong(_last_tie),
    "nan_counts": Wrong(_one_for_nan),
}


def with_a_while(losses, patience, min_delta=0.0):
    best, epoch = 0, 0
    while epoch + 1 < len(losses) and epoch - best < patience:
        epoch += 1
        if losses[epoch] < losses[best] - min_delta:
            best = epoch
    return best, epoch


def as_tensors(losses, patience, min_delta=0.0):
    return tuple(torch.tensor(n) for n in with_a_while(losses, patience, min_delta))


def as_a_list(losses, patience, min_delta=0.0):
    history, best = [], 0
    for loss in losses:
        history.append(loss.item())
        if history[-1] < history[best] - min_delta:
            best = len(history) - 1
        if len(history) - 1 - best == patience:
            break
    return [best, len(history) - 1]


RIGHT = [with_a_while, as_tensors, as_a_list, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        g = torch.Generator().manual_seed(draw)
        for length in (1, 2, 12, 40):
            fall = 5 / (1 + torch.arange(length)) ** 0.5
            losses = fall + 0.4 * torch.randn(length, generator=g)
            for patience in (1, 3, 8):
                for delta in (0.0, 0.3):
                    match((losses, patience, delta), f"{length} epochs, patience {patience}")
        match((losses, 4), "min_delta left at its default")
        ties = torch.randint(0, 4, (30,), generator=g).double()
        match((ties, 6, 0.0), "many ties")
        losses[5:] = torch.nan
        match((losses, 3, 0.0), "NaN from epoch 5 on")
        _shifted(fn, losses[:5] + 0.0, g)


def _shifted(fn, losses, g):
    """The answer depends on differences alone."""
    losses = torch.cat([losses, torch.randn(20, generator=g)])
    call = partial(run, fn, reference, RETURNS)
    once, again = (call((x, 4, 0.1), "a run") for x in (losses.double(), losses.double() - 100))
    for name, a, b in zip(RETURNS, again, once, strict=True):
        check.compare(f"early_stopping: {name} stays when all losses are shifted", a, b)
