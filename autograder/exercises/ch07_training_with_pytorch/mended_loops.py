"""Exercise `mended_loops`: four training loops, each with a fault that raises no error."""

import copy
import math
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch07_training_with_pytorch import linear
from chainrule import check

EXAMPLES = {  # w (K, d), x (T, B, d), y (T, B), lr
    "six batches of 3": (  # in loop D the lowest, the highest and the last loss are three steps
        torch.tensor([[1.0, -1, 0, 0.5, 0], [0, 2, 1, 0, -1]]).double(),
        torch.tensor(
            [
                [[0.0, -1, 2, 1, 1], [2, -1, 0, 2, 1], [0, -1, 2, 0, 0]],
                [[0, 0, 2, -1, -1], [-1, 0, 1, 0, -1], [1, 2, 0, 0, -1]],
                [[1, 2, 2, -1, 0], [1, 0, 1, -1, 2], [1, 2, -1, 0, 2]],
                [[-1, -1, -1, 1, 2], [1, 0, 0, -1, 2], [0, -1, -1, -1, 0]],
                [[-1, 2, 0, 1, -1], [0, 2, 2, 2, 0], [1, 2, 0, 0, 0]],
                [[2, 1, 2, 0, 1], [1, 0, 1, 1, 0], [2, 0, 2, 0, 1]],
            ]
        ).double(),
        torch.tensor([[0, 0, 1], [0, 1, 1], [0, 0, 1], [0, 0, 1], [0, 1, 1], [1, 0, 0]]),
        0.5,
    ),
}
AXES = ("K d", "T B d", "T B")
RETURNS = ("loop A", "loop B", "loop C", "loop D")


def bench(loop_a, loop_b, loop_c, loop_d):
    """Return what the notebook's locked cell does with the student's four functions."""

    def mended_loops(w, x, y, lr):
        batches, found = list(zip(x, y, strict=True)), []
        for loop in (loop_a, loop_b):
            model = linear(w)
            loop(model, torch.optim.SGD(model.parameters(), lr), batches)
            found.append(model.weight)
        model = nn.Sequential(linear(w), nn.Tanh(), nn.Linear(len(w), 9, dtype=w.dtype))
        loop_c(model, linear(w[:, : len(w)]), batches, lr)
        found.append(torch.cat([model[0].weight.flatten(), model[2].weight.flatten()]))
        model = linear(w)
        rule = torch.optim.SGD(model.parameters(), 4 * lr)
        loop_d(model, rule, batches[:-1], batches[-1])
        return tuple(f.detach() for f in (*found, model.weight))

    return mended_loops


def slopes(z, y):
    return (z.softmax(1) - F.one_hot(y, z.shape[1])) / len(y)


def reference(w, x, y, lr):
    """Gradients by hand; weights are never changed in place."""
    plain, head, body = w, w[:, : len(w)], w
    for part, labels in zip(x, y, strict=True):
        plain = plain - lr * slopes(part @ plain.T, labels).T @ part
        a = torch.tanh(part @ body.T)
        dz = slopes(a @ head.T, labels)
        da = dz @ head * (1 - a**2)
        head, body = head - lr * dz.T @ a, body - lr * da.T @ part
    now, best, lowest = w, w, math.inf
    for part, labels in zip(x[:-1], y[:-1], strict=True):
        now = now - 4 * lr * slopes(part @ now.T, labels).T @ part
        loss = F.cross_entropy(x[-1] @ now.T, y[-1]).item()
        best, lowest = (now, loss) if loss < lowest else (best, lowest)
    return plain, plain, torch.cat([body.flatten(), head.flatten()]), best


def step(model, optimizer, x, y, loss_of=F.cross_entropy, zero=True):
    loss = loss_of(model(x), y)
    if zero:
        optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def plain(model, optimizer, batches, **faults):
    for x, y in batches:
        step(model, optimizer, x, y, **faults)


def new_head(model, head, batches, lr, late=False, only_head=False):
    parts = model if not only_head else head
    if not late:
        model[-1] = head
    optimizer = torch.optim.SGD(parts.parameters(), lr)
    model[-1] = head
    plain(model, optimizer, batches)


def keep_best(model, optimizer, batches, val, keep=copy.deepcopy, better=lambda a, b: a < b,
              start=math.inf, load=True, judge=None):  # fmt: skip
    best, lowest = keep(model.state_dict()), start
    for x, y in batches:
        step(model, optimizer, x, y)
        with torch.no_grad():
            x, y = (x, y) if judge == "train" else val
            loss = F.cross_entropy(model(x), y).item()
        if better(loss, lowest):
            best, lowest = keep(model.state_dict()), loss
    if load:
        model.load_state_dict(best)


def _cleared_late(model, optimizer, batches):
    """zero_grad between backward and step: nothing is learned."""
    for x, y in batches:
        F.cross_entropy(model(x), y).backward()
        optimizer.zero_grad()
        optimizer.step()


def _log_of_it(z, y):
    return F.nll_loss(z.softmax(1), y)


def _with(a=plain, b=plain, c=new_head, d=keep_best):
    return bench(a, b, c, d)


live = partial(keep_best, keep=lambda state: state)
SOFTMAX = partial(plain, loss_of=lambda z, y: F.cross_entropy(z.softmax(1), y))
WRONG = {
    "a_as_it_was": Wrong(
        _with(a=partial(plain, zero=False)),
        "in loop A the gradients of all batches so far add up",
        "clear them inside the loop, before backward",
    ),
    "a_cleared_late": Wrong(
        _with(a=_cleared_late),
        "in loop A the gradients are cleared before the update, which then has nothing to do",
        "clear, backward, step",
    ),
    "b_as_it_was": Wrong(
        _with(b=SOFTMAX),
        "loop B hands probabilities to a loss that expects logits",
        "the model's output goes into F.cross_entropy as it is",
    ),
    "b_without_log": Wrong(
        _with(b=partial(plain, loss_of=_log_of_it)),
        "F.nll_loss expects logarithms of probabilities, and gets probabilities",
        "F.cross_entropy on the logits does both",
    ),
    "c_as_it_was": Wrong(
        _with(c=partial(new_head, late=True)),
        "in loop C the optimizer was made before the new head and does not know it",
        "put the head in first, then make the optimizer",
    ),
    "c_only_head": Wrong(
        _with(c=partial(new_head, only_head=True)),
        "in loop C only the head is trained",
        "the optimizer gets model.parameters(), after the exchange",
    ),
    "d_as_it_was": Wrong(
        _with(d=live),
        "the best weights of loop D are the live ones, so they are always the last",
        "copy.deepcopy(model.state_dict())",
    ),
    "d_highest": Wrong(
        _with(d=partial(keep_best, better=lambda a, b: a > b, start=-math.inf)),
        "loop D keeps the weights with the highest loss",
        "smaller is better",
    ),
    "d_by_training_loss": Wrong(
        _with(d=partial(keep_best, judge="train")),
        "loop D chooses by the training batch",
        "measure on val: F.cross_entropy(model(val[0]), val[1])",
    ),
    "a_and_b": Wrong(_with(a=partial(plain, zero=False), b=SOFTMAX)),
    "c_and_d": Wrong(_with(c=partial(new_head, late=True), d=live)),
    "d_never_loaded": Wrong(_with(d=partial(keep_best, load=False))),
    "d_start": Wrong(
        _with(d=partial(keep_best, start=-math.inf)),
        "loop D ends with the weights that it began with",
        "begin with lowest = math.inf, and compare after each step",
    ),
}  # fmt: skip


def cleared_after_the_step(w, x, y, lr):
    def loop_a(model, optimizer, batches):
        optimizer.zero_grad(set_to_none=False)
        for x, y in batches:
            F.nll_loss(model(x).log_softmax(1), y).backward()
            optimizer.step()
            model.zero_grad()

    return bench(loop_a, loop_a, new_head, keep_best)(w, x, y, lr)


def added_group(w, x, y, lr):
    """The optimizer first, then the new head as a parameter group."""

    def loop_c(model, head, batches, lr):
        optimizer = torch.optim.SGD(model[0].parameters(), lr)
        model[-1] = head
        optimizer.add_param_group({"params": head.parameters()})
        plain(model, optimizer, batches)

    return bench(plain, plain, loop_c, keep_best)(w, x, y, lr)


def cloned_tensors(w, x, y, lr):
    keep = lambda state: {name: t.clone() for name, t in state.items()}
    return bench(plain, plain, new_head, partial(keep_best, keep=keep))(w, x, y, lr)


RIGHT = [cleared_after_the_step, added_group, cloned_tensors, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand, g = normal(draw), torch.Generator().manual_seed(draw)
        for k, t, size in ((2, 8, 5), (3, 8, 1), (4, 12, 6)):
            args = rand(k, 5), rand(t, size, 5), torch.randint(0, k, (t, size), generator=g), 0.3
            match(args, f"{t} batches of {size}, {k} classes")
        match((args[0].float(), args[1].float(), args[2], 0.2), "float32")
        last = run(fn, reference, RETURNS, (*args[:3], 0.0), "learning rate 0")
        check.compare("mended_loops: at learning rate 0 nothing moves", last[0], args[0])
