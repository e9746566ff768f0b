"""Exercise `three_steps`: one training step, called three times by a bench."""

from functools import partial

import torch
from torch.nn import functional as F

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch07_training_with_pytorch import linear
from chainrule import check

EXAMPLES = {  # w (K, d), b (K,), x (3, B, d), y (3, B), lr
    "batches of 4": (
        torch.tensor([[1.0, -1], [0, 2], [0.5, 0], [-1, 1], [2, 0]]).double(),
        torch.tensor([0.0, 0.5, -0.5, 1, 0]).double(),
        torch.tensor(
            [
                [[1.0, 0], [0, 1], [2, 1], [1, 1]],
                [[0, 2], [1, -1], [0, 0], [3, 1]],
                [[1, 2], [2, 0], [-1, 1], [1, 0]],
            ]
        ).double(),
        torch.tensor([[0, 1, 4, 2], [3, 0, 1, 4], [2, 4, 3, 0]]),
        0.5,
    ),
}
AXES = ("K d", "K", "3 B d", "3 B")
RETURNS = ("losses", "weight", "bias", "train mode", "plain numbers")


def bench(train_step):
    """Return what the notebook's locked cell does with the student's function."""

    def three_steps(w, b, x, y, lr):
        model = linear(w, b)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.5)
        for p in model.parameters():
            p.grad = torch.ones_like(p)  # left behind by somebody else
        model.eval()  # as an evaluation may leave it
        losses = [train_step(model, optimizer, *batch) for batch in zip(x, y, strict=True)]
        if None in losses:
            raise TypeError("train_step returned None, not a number")
        plain = all(isinstance(loss, float) for loss in losses)
        losses = torch.stack([torch.as_tensor(loss).detach().to(w) for loss in losses])
        numbers = [p.detach() for p in model.parameters()]
        return losses, *numbers, torch.tensor(model.training), torch.tensor(plain)

    return three_steps


def reference(w, b, x, y, lr):
    """The gradients of lesson 4 by hand, and momentum by hand."""
    losses, v_w, v_b = [], torch.zeros_like(w), torch.zeros_like(b)
    for part, labels in zip(x, y, strict=True):
        z = part @ w.T + b
        losses.append(z.logsumexp(1).mean() - z[torch.arange(len(z)), labels].mean())
        error = (z.softmax(1) - F.one_hot(labels, len(b))) / len(z)
        v_w, v_b = 0.5 * v_w + error.T @ part, 0.5 * v_b + error.sum(0)
        w, b = w - lr * v_w, b - lr * v_b
    return torch.stack(losses), w, b, torch.tensor(True), torch.tensor(True)


def _step(
    order=("zero", "backward", "step"), loss_of=F.cross_entropy, train=True, give=lambda loss: loss,
    after=False,
):  # fmt: skip
    """Return a bench with the right step; the wrong ones replace a part of it."""

    def train_step(model, optimizer, x, y):
        model.train(train)
        loss = loss_of(model(x), y)
        actions = {
            "zero": optimizer.zero_grad,
            "backward": loss.backward,
            "step": optimizer.step,
        }
        for name in order:
            actions[name]()
        if after:
            loss = loss_of(model(x), y)
        return give(loss.item())

    return bench(train_step)


def _tensor(model, optimizer, x, y):
    model.train()
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


WRONG = {
    "no_zero": Wrong(
        _step(order=("backward", "step")),
        "the gradients of earlier steps are still in .grad and add up",
        "optimizer.zero_grad() before backward",
    ),
    "zero_after": Wrong(
        _step(order=("backward", "step", "zero")),
        "old gradients stood in .grad before the first step, and nothing cleared them",
        "do not rely on the caller: optimizer.zero_grad() before backward",
    ),
    "zero_too_late": Wrong(
        _step(order=("backward", "zero", "step")),
        "the weights never move: backward or step is missing, or .grad is cleared between them",
        "zero_grad, backward, step, in this order",
    ),
    "step_first": Wrong(
        _step(order=("step", "zero", "backward")),
        "the update comes before backward, so it uses gradients of an earlier batch",
        "zero_grad, backward, step",
    ),
    "two_steps": Wrong(
        _step(order=("zero", "backward", "step", "step")),
        "optimizer.step() runs twice on one gradient",
        "one update per batch",
    ),
    "softmax": Wrong(
        _step(loss_of=lambda z, y: F.cross_entropy(z.softmax(1), y)),
        "the loss was given probabilities and takes the softmax of them again",
        "hand the logits to F.cross_entropy",
    ),
    "nll_of_logits": Wrong(
        _step(loss_of=F.nll_loss),
        "F.nll_loss got logits; it expects logarithms of probabilities",
        "F.cross_entropy on the logits does both",
    ),
    "sum": Wrong(
        _step(loss_of=partial(F.cross_entropy, reduction="sum")),
        "the loss is a sum over the batch, so steps grow with the batch size",
        "leave reduction at its default, the mean",
    ),
    "loss_after": Wrong(
        _step(after=True),
        "the loss is measured after the update; the contract says before",
        "keep the loss that you called backward on",
    ),
    "eval_mode": Wrong(
        _step(train=False),
        "the model is in eval mode after the step, so dropout is off in training",
        "model.train() at the start of the step, and no eval() in it",
    ),
    "tensor": Wrong(
        bench(_tensor),
        "the loss is returned as a tensor, and whoever keeps it keeps its graph",
        "return loss.item()",
    ),
    "nothing_returned": Wrong(_step(give=lambda loss: None)),
    "rounded": Wrong(_step(give=lambda loss: round(loss, 2))),
    "hard_coded_lr": Wrong(lambda w, b, x, y, lr: _step()(w, b, x, y, 0.5)),
}


def by_autograd_grad(model, optimizer, x, y):
    model.train()
    parameters = list(model.parameters())
    loss = F.cross_entropy(model(x), y)
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        p.grad = g
    optimizer.step()
    return float(loss.detach())


def zero_after_the_step(model, optimizer, x, y):
    """Whatever was there is cleared first; then zeroing follows the update."""
    for p in model.parameters():
        p.grad = None
    loss = F.nll_loss(model.train()(x).log_softmax(1), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    return loss.item()


def through_a_closure(model, optimizer, x, y):
    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        return loss

    model.train()
    return optimizer.step(closure).item()


def _named(fn):
    whole = bench(fn)
    whole.__name__ = fn.__name__
    return whole


RIGHT = [*map(_named, (by_autograd_grad, zero_after_the_step, through_a_closure))]
RIGHT.append(talkative(reference))


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand, g = normal(draw), torch.Generator().manual_seed(draw)
        w, b = rand(4, 3), rand(4)
        for size in (1, 2, 6):
            x, y = rand(3, size, 3), torch.randint(0, 4, (3, size), generator=g)
            match((w, b, x, y, 0.2), f"batches of {size}")
        match((w, b, x, y, 0.0), "learning rate 0")
        match((w, b, 100 * x, y, 0.01), "large inputs")
        match((w.float(), b.float(), x.float(), y, 0.3), "float32")
        order = torch.randperm(6, generator=g)
        a = run(fn, reference, RETURNS, (w, b, x, y, 0.3), "a batch")
        c = run(fn, reference, RETURNS, (w, b, x[:, order], y[:, order], 0.3), "a batch")
        check.compare("three_steps: the order inside a batch does not matter", c[1], a[1])
