"""Exercise `evaluate_all`: mean loss and accuracy over a loader, and a model left as it was."""

from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch07_training_with_pytorch import linear
from chainrule import check

EXAMPLES = {  # w (K, d), x (N, d), y (N,), batch size
    "batches of 4 and 1": (
        torch.tensor([[2.0, 0], [0, 3], [1, 1]]).double(),
        torch.tensor([[1.0, 0], [0, 1], [2, 1], [0, 0], [3, 0]]).double(),
        torch.tensor([0, 1, 1, 2, 1]),
        4,
    ),
    "three batches": (
        torch.tensor([[1.0, 0, 0], [0, 2, 0]]).double(),
        torch.tensor([[1.0, 0, 1], [0, 1, 0], [2, 1, 0], [0, 3, 1], [1, 1, 2]]).double(),
        torch.tensor([0, 1, 1, 0, 0]),
        2,
    ),
}
AXES = ("K d", "N d", "N")
RETURNS = ("loss", "accuracy", "modes", "graphs", "gradients")


def bench(evaluate):
    """Return what the notebook's locked cell does with the student's function."""

    def evaluate_all(w, x, y, batch_size):
        # In train mode this dropout drops everything, so that a wrong mode shows.
        model = nn.Sequential(nn.Dropout(1.0), linear(w))
        graphs, results, modes = [], [], []
        model.register_forward_hook(lambda m, x, z: graphs.append(z.requires_grad))
        batches = list(zip(x.split(batch_size), y.split(batch_size), strict=True))
        for mode in (True, False):  # as a loop calls it, and as a report does
            model.train(mode)
            results.append(evaluate(model, iter(batches)))
            modes.append(model.training)
        parts = [torch.as_tensor(v).detach().to(w) for v in results[0]]
        left = model[1].weight.grad is not None
        return *parts, *map(torch.tensor, (modes, sum(graphs), left))

    return evaluate_all


def reference(w, x, y, batch_size):
    """All examples at once: the batches must not matter."""
    z = x @ w.T
    loss = z.logsumexp(1).mean() - z[torch.arange(len(y)), y].mean()
    accuracy = (z.argmax(1) == y).to(w).mean()
    return loss, accuracy, torch.tensor([True, False]), torch.tensor(0), torch.tensor(False)


def _evaluate(
    mode=False, put_back=lambda model, before: model.train(before), graph=False,
    batch_loss=lambda z, y: F.cross_entropy(z, y).item() * len(y),
    batch_right=lambda z, y: (z.argmax(1) == y).sum().item(),
    count=len, loss_by=lambda n, batches: n, right_by=lambda n, batches: n,
):  # fmt: skip
    """Return a bench with the right evaluation; the wrong ones replace a part of it."""

    def evaluate(model, loader):
        before, total, right, n, batches = model.training, 0.0, 0.0, 0, 0
        model.train(mode)
        with torch.set_grad_enabled(graph):
            for x, y in loader:
                z = model(x)
                total, right = total + batch_loss(z, y), right + batch_right(z, y)
                n, batches = n + count(y), batches + 1
        put_back(model, before)
        return total / loss_by(n, batches), right / right_by(n, batches)

    return bench(evaluate)


def _mean(z, y):
    return F.cross_entropy(z, y).item()


def _share(z, y):
    return (z.argmax(1) == y).double().mean().item()


def _last_batch(model, loader):
    before = model.training
    model.eval()
    with torch.no_grad():
        for x, y in loader:
            z = model(x)
            result = _mean(z, y), _share(z, y)
    model.train(before)
    return result


def _trains_on(model, loader):
    before = model.training
    model.eval()
    total, right, n = 0.0, 0, 0
    for x, y in loader:
        z = model(x)
        loss = F.cross_entropy(z, y)
        loss.backward()
        total, right, n = total + loss.item() * len(y), right + (z.argmax(1) == y).sum(), n + len(y)
    model.train(before)
    return total / n, right.item() / n


WRONG = {
    "train_mode": Wrong(
        _evaluate(mode=True),
        "the model is evaluated in train mode, with dropout on",
        "model.eval() before the first batch",
    ),
    "stays_in_eval": Wrong(
        _evaluate(put_back=lambda model, before: model.eval()),
        "the model is left in eval mode, so training goes on without dropout",
        "remember model.training first, and put it back",
    ),
    "always_train": Wrong(
        _evaluate(put_back=lambda model, before: model.train()),
        "the model is left in train mode, also where it came in eval mode",
        "remember model.training first, and put it back",
    ),
    "mean_of_means": Wrong(
        _evaluate(batch_loss=_mean, batch_right=_share, loss_by=lambda n, batches: batches,
                  right_by=lambda n, batches: batches),
        "the means of the batches are averaged, and a short batch counts too much",
        "weigh each batch's mean by len(y), and divide by the number of all examples",
    ),
    "loss_by_batches": Wrong(_evaluate(batch_loss=_mean, loss_by=lambda n, batches: batches)),
    "sum_of_losses": Wrong(
        _evaluate(batch_loss=_mean, loss_by=lambda n, batches: 1),
        "the batches' losses are summed and not divided",
        "sum over the examples, then divide by their number",
    ),
    "means_by_examples": Wrong(
        _evaluate(batch_loss=_mean),
        "the batches' mean losses are summed, but divided by the number of examples",
        "loss.item() * len(y) is the sum over a batch",
    ),
    "count": Wrong(
        _evaluate(right_by=lambda n, batches: 1),
        "the accuracy is a count, not a share",
        "divide by the number of examples",
    ),
    "sums": Wrong(
        _evaluate(loss_by=lambda n, batches: 1, right_by=lambda n, batches: 1),
        "the loss is a sum over the examples, not a mean",
        "divide both sums by the number of examples",
    ),
    "per_cent": Wrong(
        _evaluate(right_by=lambda n, batches: n / 100),
        "the accuracy is in per cent",
        "return a share between 0 and 1",
    ),
    "swapped": Wrong(
        lambda *args: (lambda loss, accuracy, *rest: (accuracy, loss, *rest))(*_evaluate()(*args)),
        "the accuracy stands where the loss belongs",
        "return loss, accuracy, in this order",
    ),
    "last_batch": Wrong(
        bench(_last_batch),
        "only the last batch is in the result",
        "add up inside the loop, divide after it",
    ),
    "records": Wrong(
        _evaluate(graph=True),
        "autograd records every forward pass; eval() does not stop that",
        "with torch.no_grad(): around the loop, or as a decorator",
    ),
    "trains_on": Wrong(bench(_trains_on)),
    "softmax": Wrong(
        _evaluate(batch_loss=lambda z, y: _mean(z.softmax(1), y) * len(y)),
        "the loss was given probabilities and takes the softmax of them again",
        "hand the logits to F.cross_entropy",
    ),
    "least_logit": Wrong(_evaluate(batch_right=lambda z, y: (z.argmin(1) == y).sum().item())),
}  # fmt: skip


def gathered(model, loader):
    """All logits first, one loss at the end."""
    before = model.training
    model.eval()
    with torch.inference_mode():
        pairs = [(model(x), y) for x, y in loader]
        z, y = (torch.cat(part) for part in zip(*pairs, strict=True))
        result = F.cross_entropy(z, y).item(), (z.argmax(1) == y).double().mean().item()
    model.train(before)
    return result


@torch.no_grad()
def summed(model, loader):
    """reduction="sum", and each module's own mode put back."""
    modes = {m: m.training for m in model.modules()}
    model.eval()
    total, right, n = 0.0, 0, 0
    for x, y in loader:
        z = model(x)
        total += F.cross_entropy(z, y, reduction="sum")
        right += torch.eq(z.max(1).indices, y).sum()
        n += y.numel()
    for m, mode in modes.items():
        m.training = mode
    return total / n, right / n


def _named(fn):
    whole = bench(fn)
    whole.__name__ = fn.__name__
    return whole


RIGHT = [_named(gathered), _named(summed), talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand, g = normal(draw), torch.Generator().manual_seed(draw)
        w, x, y = rand(4, 3), rand(11, 3), torch.randint(0, 4, (11,), generator=g)
        for size in (1, 4, 10, 11, 20):
            match((w, x, y, size), f"11 examples in batches of {size}")
        match((w, x[:1], y[:1], 4), "one example")
        match((100 * w, x, y, 3), "large logits")
        a = run(fn, reference, RETURNS, (w, x, y, 3), "batches of 3")
        b = run(fn, reference, RETURNS, (w, x.flip(0), y.flip(0), 3), "batches of 3")
        check.compare("evaluate_all: the order of the examples does not matter", b[0], a[0])
