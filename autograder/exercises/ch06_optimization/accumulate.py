"""Exercise `accumulate`: the gradient of a large batch from micro-batches, also uneven ones."""

from functools import partial

import torch
from torch.nn.functional import cross_entropy

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

W = torch.tensor([[0.0, 1], [1, 0], [0, 0]])  # (K, d) = (3, 2)
X = torch.tensor([[0.0, 0], [1, 1], [2, -1], [-2, 1], [3, 0]])  # (N, d) = (5, 2)
Y = torch.tensor([0, 2, 1, 1, 0])
EXAMPLES = {
    "one piece of 5": (W, X, Y, 5),
    "2 + 2 + 1": (W, X, Y, 2),
    "4 + 1": (W, X, Y, 4),
}
AXES = ("K d", "N d", "N")
RETURNS = ("gradient", "losses")
ORDER = [1, 0]


def gradient(w, x, y, reduction="mean"):
    """Gradient of the cross-entropy of the logits x @ w.T, by automatic differentiation."""
    w = w.detach().clone().requires_grad_()
    return torch.autograd.grad(cross_entropy(x @ w.T, y, reduction=reduction), w)[0]


def losses_of(w, x, y, size):
    each = cross_entropy(x @ w.T, y, reduction="none").detach()
    return torch.stack([part.mean() for part in each.split(size)])


def reference(w, x, y, size):
    """The whole batch at once: what accumulation must equal, whatever `size` is."""
    return gradient(w, x, y), losses_of(w, x, y, size)


def _pieces(weight=lambda part, x, size: len(part) / len(x), use=slice(None)):
    """Return a learner's loop that weighs the gradient of each piece (a mean over the piece)."""

    def accumulate(w, x, y, size):
        parts = list(zip(x.split(size), y.split(size), strict=True))
        rows = [weight(part[0], x, size) * gradient(w, *part) for part in parts]
        return torch.stack(rows[use]).sum(0), losses_of(w, x, y, size)

    return accumulate


def count(x, size):
    return -(-len(x) // size)


def _rest_dropped(w, x, y, size):
    full = len(x) // size * size
    return gradient(w, x[:full], y[:full]), losses_of(w, x[:full], y[:full], size)


def _weighted_losses(w, x, y, size):
    share = torch.tensor([len(part) / len(x) for part in x.split(size)])
    return gradient(w, x, y), losses_of(w, x, y, size) * share.to(x.dtype)


def _whole_batch(w, x, y, size):
    return gradient(w, x, y), cross_entropy(x @ w.T, y)


def _uphill(w, x, y, size):
    return -gradient(w, x, y), losses_of(w, x, y, size)


def _transposed(w, x, y, size):
    return gradient(w, x, y).T, losses_of(w, x, y, size)


def _own_logarithm(w, x, y, size):
    w = w.detach().clone().requires_grad_()
    losses = []
    for part, labels in zip(x.split(size), y.split(size), strict=True):
        p = (part @ w.T).exp() / (part @ w.T).exp().sum(1, keepdim=True)
        losses.append(-p[torch.arange(len(part)), labels].log().mean())
        (losses[-1] * len(part) / len(x)).backward()
    return w.grad, torch.stack(losses)


def _list_of_losses(w, x, y, size):
    total, losses = reference(w, x, y, size)
    return total, losses.tolist()


def _one_size(w, x, y, size):
    """Reshapes into full pieces, which works only where nothing is left over."""
    parts = x.reshape(-1, size, x.shape[1]), y.reshape(-1, size)
    total = sum(gradient(w, *part) for part in zip(*parts, strict=True))
    return total / len(parts[0]), losses_of(w, x, y, size)


def _single_precision(w, x, y, size):
    return reference(w.float(), x.float(), y, size)


def _in_place(w, x, y, size):
    result = reference(w, x, y, size)
    w -= 0.1 * result[0]
    return result


WRONG = {
    "sum_of_means": Wrong(
        _pieces(weight=lambda part, x, size: 1),
        "the gradients of the pieces are added, each a mean of its own",
        "weigh each piece by its share of the examples",
    ),
    "mean_of_means": Wrong(
        _pieces(weight=lambda part, x, size: 1 / count(x, size)),
        "all pieces count alike, but the last one is smaller",
        "weigh each piece by its share of the examples",
    ),
    "counts_full_pieces": Wrong(
        _pieces(weight=lambda part, x, size: 1 / (len(x) // size)),
        "the sum is divided by len(x) // size, which leaves the last, smaller piece uncounted",
        "weigh each piece by its share of the examples",
    ),
    "size_for_every_piece": Wrong(
        _pieces(weight=lambda part, x, size: size / len(x)),
        "the last piece is weighed as if it were full",
        "its own length counts: len(piece) / len(x)",
    ),
    "sum": Wrong(
        _pieces(weight=lambda part, x, size: len(part)),
        "this is the gradient of a sum over the examples; the loss is their mean",
        "divide by len(x)",
    ),
    "divided_by_size": Wrong(
        _pieces(weight=lambda part, x, size: len(part) / size),
        "the sum over the examples is divided by the size of a piece",
        "divide by len(x)",
    ),
    "last_piece": Wrong(
        _pieces(use=slice(-1, None)),
        "only the last piece is left in the gradient",
        "add to the gradient in the loop; do not overwrite it",
    ),
    "first_piece": Wrong(
        _pieces(use=slice(1)),
        "only the first piece is in the gradient",
        "return after the loop, not inside it",
    ),
    "rest_dropped": Wrong(
        _rest_dropped, "the last, smaller piece is left out", "x.split(size) keeps the rest"
    ),
    "weighted_losses": Wrong(
        _weighted_losses,
        "each loss carries its weight; the mean over the piece itself is asked for",
        "store the loss first, then weigh it for the gradient",
    ),
    "uphill": Wrong(_uphill, "the sign is turned round", "return the gradient, not the step"),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "whole_batch": Wrong(_whole_batch),
    "transposed": Wrong(_transposed),
    "own_logarithm": Wrong(_own_logarithm),
    "one_size": Wrong(_one_size),
    "list_of_losses": Wrong(_list_of_losses),
    "single_precision": Wrong(_single_precision),
    "in_place": Wrong(_in_place),
}


def backward_adds_up(w, x, y, size):
    w, losses = w.detach().clone().requires_grad_(), []
    for part, labels in zip(x.split(size), y.split(size), strict=True):
        loss = cross_entropy(part @ w.T, labels, reduction="sum")
        (loss / len(x)).backward()
        losses.append(loss / len(part))
    return w.grad, torch.stack(losses)


def by_hand(w, x, y, size):
    total, losses = torch.zeros_like(w), []
    for i in range(0, len(x), size):
        part, labels = x[i : i + size], y[i : i + size]
        logits, rows = part @ w.T, torch.arange(len(part))
        losses.append((logits.logsumexp(1) - logits[rows, labels]).mean())
        error = logits.softmax(1)
        error[rows, labels] -= 1
        total += error.T @ part / len(x)
    return total, torch.stack(losses)


def divided_at_the_end(w, x, y, size):
    w = torch.nn.Parameter(w.clone())
    losses = x.new_zeros(count(x, size))
    for i, (part, labels) in enumerate(zip(x.split(size), y.split(size), strict=True)):
        loss = cross_entropy(torch.nn.functional.linear(part, w), labels)
        (loss * len(part)).backward()
        losses[i] = loss.item()
    return [w.grad / len(x), losses]


RIGHT = [backward_adds_up, by_hand, divided_at_the_end, talkative(reference)]


def hidden(fn, seed):
    call = partial(run, fn, reference, RETURNS)
    match = partial(agree, fn, reference, RETURNS, order=ORDER)
    for draw in (seed, seed + 1):
        rand, g = normal(draw), torch.Generator().manual_seed(draw)
        w, x, y = rand(4, 3), rand(11, 3), torch.randint(0, 4, (11,), generator=g)
        for size in (1, 3, 4, 10, 11, 20):
            match((w, x, y, size), f"11 examples in pieces of {size}")
        match((w.float(), x.float(), y, 4), "float32")
        match((w, 1e4 * x, y, 5), "very large logits")
        order = torch.randperm(11, generator=g)
        shuffled = call((w, x[order], y[order], 4), "another order")[0]
        what = "accumulate: the gradient stays when the examples come in another order"
        check.compare(what, shuffled, call((w, x, y, 4), "pieces of 4")[0])
    match((w, x[:1], y[:1], 3), "a single example")
