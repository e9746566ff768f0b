"""Exercise `two_plus_three`: a checkpoint from which a run goes on, bit for bit."""

import copy
import io
import itertools
import pickle

import torch
from torch import nn
from torch.nn import functional as F

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch07_training_with_pytorch import linear
from chainrule import check

EXAMPLES = {  # w (K, d), x (N, d), y (N,), stop, total
    "2 + 3 epochs": (
        torch.tensor([[0.5, 0, -1, 0], [0, 1, 0, 0.5], [0, 0, 0.5, -0.5]]).double(),
        torch.tensor(
            [[1.0, 0, 2, 1], [0, 1, 1, 0], [2, 1, 0, 1], [1, 1, 1, 2], [0, 2, 0, 1]]
        ).double(),
        torch.tensor([0, 1, 2, 0, 1]),
        2,
        5,
    ),
}
AXES = ("K d", "N d", "N")
RETURNS = ("epochs done", "weight")
PARTS = ("model", "optimizer", "schedule", "shuffler", "chance")
HELD = {
    "optimizer": "the optimizer",
    "schedule": "the schedule",
    "shuffler": "the shuffler's generator",
    "chance": "torch's own random state",
}


def start(w, total):
    model = nn.Sequential(nn.Dropout(0.5), linear(w))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=total)
    return model, optimizer, schedule, torch.Generator().manual_seed(5)


def train(parts, x, y, first, last):
    model, optimizer, schedule, shuffler = parts
    for _ in range(first, last):
        for rows in torch.randperm(len(x), generator=shuffler).split(2):
            loss = F.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    return model[1].weight.detach()


def bench(checkpoint, resume):
    """Return what the notebook's locked cell does with the student's two functions."""

    def two_plus_three(w, x, y, stop, total):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            parts = start(w, total)
            train(parts, x, y, 0, stop)
            file = io.BytesIO()
            torch.save(checkpoint(*parts, stop), file)
            file.seek(0)  # from here on: another process
            torch.manual_seed(1)
            parts = start(torch.zeros_like(w), total)
            try:
                state = torch.load(file, weights_only=True)
            except pickle.UnpicklingError:
                raise TypeError("the dict holds more than tensors and plain values") from None
            done = resume(state, *parts)
            if done is None:
                raise TypeError("resume returned None, not the epochs done")
            return torch.as_tensor(done), train(parts, x, y, done, total)

    return two_plus_three


def reference(w, x, y, stop, total):
    """The run that nothing stops."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return torch.tensor(stop), train(start(w, total), x, y, 0, total)


def collect(model, optimizer, schedule, shuffler, epoch):
    states = (model, optimizer, schedule)
    state = {name: part.state_dict() for name, part in zip(PARTS, states, strict=False)}
    return state | {
        "shuffler": shuffler.get_state(), "chance": torch.get_rng_state(), "epoch": epoch
    }  # fmt: skip


def put_back(state, model, optimizer, schedule, shuffler):
    for name, part in zip(PARTS, (model, optimizer, schedule), strict=False):
        if name in state:
            part.load_state_dict(state[name])
    if "shuffler" in state:
        shuffler.set_state(state["shuffler"])
    if "chance" in state:
        torch.set_rng_state(state["chance"])
    return state["epoch"]


def _without(*names, epoch=lambda e: e, before=lambda: None):
    """Return a bench whose checkpoint lacks some parts."""

    def checkpoint(*parts):
        whole = collect(*parts)
        return {k: v for k, v in whole.items() if k not in names} | {"epoch": epoch(parts[-1])}

    def resume(state, *parts):
        before()
        return put_back(state, *parts)

    return bench(checkpoint, resume)


def _chance_from_the_start(state, model, optimizer, schedule, shuffler):
    done = put_back({k: v for k, v in state.items() if k != "chance"}, model, optimizer, schedule,
                    shuffler)  # fmt: skip
    torch.manual_seed(0)
    return done


def _both_from_the_start(state, *parts):
    return _chance_from_the_start({k: v for k, v in state.items() if k != "shuffler"}, *parts)


WRONG = {
    "no_optimizer": Wrong(
        _without("optimizer"),
        "the optimizer begins anew: its averages and its step count are lost",
        "optimizer.state_dict(), and load_state_dict in resume",
    ),
    "no_schedule": Wrong(
        _without("schedule"),
        "the schedule begins anew, so the learning rate does not follow its curve",
        "schedule.state_dict(), and load_state_dict in resume",
    ),
    "no_shuffler": Wrong(
        _without("shuffler"),
        "the generator begins anew, so epoch 3 has the order of epoch 1",
        "generator.get_state(), and set_state in resume",
    ),
    "no_chance": Wrong(
        _without("chance"),
        "dropout draws other numbers: torch's own random state is not in the checkpoint",
        "torch.get_rng_state(), and torch.set_rng_state in resume",
    ),
    "seeded_again": Wrong(
        bench(collect, _chance_from_the_start),
        "torch is seeded anew, so dropout repeats the numbers of the first epochs",
        "keep torch.get_rng_state() instead of a seed",
    ),
    "both_seeded_again": Wrong(
        bench(collect, _both_from_the_start),
        "both generators are seeded anew, so they repeat the numbers of the first epochs",
        "keep get_state() and torch.get_rng_state() instead of seeds",
    ),
    "no_weights": Wrong(
        _without("model"),
        "the model begins with the weights of the new process",
        "model.state_dict(), and load_state_dict in resume",
    ),
    "from_epoch_0": Wrong(
        _without(epoch=lambda e: 0),
        "the run begins at epoch 0 again",
        "store the epoch, and return it from resume",
    ),
    "one_too_many": Wrong(
        _without(epoch=lambda e: e + 1),
        "one epoch is skipped: the number stored is not that of the epochs done",
        "epoch counts finished epochs, and range(epoch, total) goes on from there",
    ),
    "no_epoch": Wrong(bench(collect, lambda *a: put_back(*a) and None)),
    "whole_objects": Wrong(bench(lambda *parts: {"all": parts}, lambda state, *parts: 2)),
    "nothing": Wrong(bench(lambda *parts: {}, lambda state, *parts: 2)),
}
for n in (2, 3, 4):  # what else learners forget comes in sets
    for lost in itertools.combinations(PARTS[1:], n):
        WRONG["no_" + "_".join(lost)] = Wrong(
            _without(*lost),
            f"{n} states of 5 do not come back: {', '.join(HELD[part] for part in lost)}",
            "write each of them into the dict, and bring each back in resume",
        )


def a_list(w, x, y, stop, total):
    """Values in a list, deep copies."""
    order = ("epoch", *PARTS)
    pack = lambda *parts: [copy.deepcopy(collect(*parts)[name]) for name in order]
    unpack = lambda state, *parts: put_back(dict(zip(order, state, strict=True)), *parts)
    return bench(pack, unpack)(w, x, y, stop, total)


def own_names(w, x, y, stop, total):
    """Weights one by one; resume in another order."""

    def checkpoint(model, optimizer, schedule, shuffler, epoch):
        weights = [p.detach().clone() for p in model.parameters()]
        return {
            "t": epoch, "w": weights, "o": optimizer.state_dict(), "s": schedule.state_dict(),
            "g": (shuffler.get_state(), torch.default_generator.get_state()),
        }  # fmt: skip

    def resume(state, model, optimizer, schedule, shuffler):
        shuffler.set_state(state["g"][0])
        schedule.load_state_dict(state["s"])
        optimizer.load_state_dict(state["o"])
        for p, kept in zip(model.parameters(), state["w"], strict=True):
            p.data.copy_(kept)
        torch.default_generator.set_state(state["g"][1])
        return state["t"]

    return bench(checkpoint, resume)(w, x, y, stop, total)


def epoch_from_the_schedule(w, x, y, stop, total):
    """The schedule counts the epochs already."""

    def resume(state, model, optimizer, schedule, shuffler):
        put_back(state, model, optimizer, schedule, shuffler)
        return schedule.last_epoch

    return bench(collect, resume)(w, x, y, stop, total)


RIGHT = [a_list, own_names, epoch_from_the_schedule, talkative(bench(collect, put_back))]


def hidden(fn, seed):
    rand, g = normal(seed), torch.Generator().manual_seed(seed)
    w, x, y = rand(3, 4), rand(7, 4), torch.randint(0, 3, (7,), generator=g)
    for stop, total in ((1, 2), (2, 5), (4, 6), (3, 3)):
        idea = f"{stop} of {total} epochs, then the rest"
        agree(fn, reference, RETURNS, (w, x, y, stop, total), idea)
        got = run(fn, reference, RETURNS, (w, x, y, stop, total), idea)[1]
        equal = torch.equal(got, reference(w, x, y, stop, total)[1])
        check.that(equal, f"two_plus_three: the weights are close, but not the same bits ({idea})")
    agree(fn, reference, RETURNS, (w.float(), x.float(), y, 2, 4), "float32")
