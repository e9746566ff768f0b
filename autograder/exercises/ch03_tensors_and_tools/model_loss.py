"""Exercise `model_loss`: repair a loss that broadcasts in silence."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

X = torch.tensor([[1.0, 0, 4], [2, 5, 4], [3, 0, 8], [4, 5, 8], [5, 10, 11]]).double()
EXAMPLES = {  # the columns' means are 3, 4, 7
    "5 rows, 3 columns": (
        X,
        torch.tensor([1.0, 4, 2, 8, 9]).double(),
        torch.tensor([[2.0], [1], [-1]]).double(),
        torch.tensor([5.0]).double(),
    ),
    "4 rows, 2 columns": (
        torch.tensor([[0.0, 6], [2, 0], [4, 2], [10, 0]]),
        torch.tensor([3.0, -1, 0, 7]),
        torch.tensor([[1.0], [0.5]]),
        torch.tensor([-2.0]),
    ),
}
AXES = ("N d", "N", "d 1", "1")
RETURNS = ("z", "y_hat", "loss")


def reference(x, y, w, b):
    """Column by column, and row by row."""
    columns = [(c - c.mean()) / c.var().sqrt() for c in x.unbind(1)]
    z = torch.stack(columns, 1)
    y_hat = torch.stack([row @ w[:, 0] + b[0] for row in z])
    return z, y_hat, torch.nn.functional.mse_loss(y_hat, y)


def by_column(x):
    return (x - x.mean(0)) / x.std(0)


def by_row(x):
    return (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True)


def _build(scale=by_column, shape=lambda y_hat: y_hat[:, 0], loss=lambda e: (e**2).mean(),
           shown=lambda y_hat: y_hat):  # fmt: skip
    """Return the right answer; the wrong ones replace one of its steps."""

    def model_loss(x, y, w, b):
        z = scale(x)
        y_hat = shape(z @ w + b)
        return z, shown(y_hat), loss(y_hat - y)

    return model_loss


def _column(y_hat):
    return y_hat


def _in_place(x, y, w, b):
    x -= x.mean(0)
    x /= x.std(0)
    y_hat = (x @ w + b)[:, 0]
    return x, y_hat, ((y_hat - y) ** 2).mean()


def _nothing_repaired(x, y, w, b):
    x -= x.mean(1, keepdim=True)
    x /= x.std(1, keepdim=True)
    y_hat = x @ w + b
    return x, y_hat, ((y_hat - y) ** 2).mean()


def _right_loss_in_a_column(x, y, w, b):
    z, y_hat, loss = reference(x, y, w, b)
    return z, y_hat[:, None], loss


def _single_precision(*args):
    return tuple(part.float() for part in reference(*args))


def _centred_target(x, y, w, b):
    z, y_hat, _ = reference(x, y, w, b)
    return z, y_hat, ((y_hat - y_hat.mean() - y + y.mean()) ** 2).mean()


WRONG = {
    "axis_left": Wrong(
        _build(scale=by_row),
        "each row is standardized, not each column: a row mixes units",
        "statistics of a column run over the rows: dim=0",
    ),
    "pairs_left": Wrong(
        _build(shape=_column),
        "y_hat is (N, 1) and y is (N,), so their difference pairs every row with every label",
        "drop the last axis of y_hat before you subtract",
    ),
    "pairs_in_the_loss": Wrong(
        _build(shape=_column, shown=lambda y_hat: y_hat[:, 0]),
        "y_hat was squeezed after the loss: the loss still averages N times N differences",
        "drop the axis first, subtract then",
    ),
    "axis_and_pairs_left": Wrong(
        _build(scale=by_row, shape=_column),
        "two faults are left: rows are standardized, and y_hat keeps an axis of size 1",
        "print x.mean(dim=1).shape, and (y_hat - y).shape",
    ),
    "y_hat_in_a_column": Wrong(
        _right_loss_in_a_column,
        "y_hat has shape (N, 1); its contract says (N,)",
        "y_hat[:, 0], or squeeze(-1)",
    ),
    "one_mean_for_all": Wrong(
        _build(scale=lambda x: (x - x.mean()) / x.std()),
        "one mean and one spread are taken over the whole table",
        "each column has its own: give dim",
    ),
    "spread_left_out": Wrong(
        _build(scale=lambda x: x - x.mean(0)),
        "the columns are centred, and not divided by their spread",
        "divide by x.std(dim=0)",
    ),
    "divided_by_variance": Wrong(
        _build(scale=lambda x: (x - x.mean(0)) / x.var(0)),
        "the columns are divided by the variance",
        "the spread is its root, x.std",
    ),
    "divided_by_n": Wrong(
        _build(scale=lambda x: (x - x.mean(0)) / x.std(0, correction=0)),
        "the spread divides by N; the contract says N - 1, which is x.std's default",
        "x.std(dim=0) as it is",
    ),
    "summed": Wrong(
        _build(loss=lambda e: (e**2).sum()),
        "the squares are added up, not averaged",
        "the loss is a mean over the rows",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "nothing_repaired": Wrong(_nothing_repaired),
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(_single_precision),
    "absolute": Wrong(_build(loss=lambda e: e.abs().mean())),
    "centred": Wrong(_centred_target),
}


def with_a_column_of_labels(x, y, w, b):
    """(N, 1) against (N, 1), and squeezed at the end."""
    z = (x - x.mean(dim=0, keepdim=True)) / x.std(dim=0, keepdim=True)
    y_hat = z @ w + b
    return z, y_hat.squeeze(-1), ((y_hat - y[:, None]) ** 2).mean()


def by_einsum(x, y, w, b):
    centred = x - torch.einsum("nd->d", x) / len(x)
    z = centred / (centred.pow(2).sum(0) / (len(x) - 1)).sqrt()
    y_hat = torch.einsum("nd,d->n", z, w.flatten()) + b
    return [z, y_hat, (y_hat - y).square().sum() / len(y)]


def on_a_copy(x, y, w, b):
    """In place, on a copy of the table."""
    z = x.clone()
    z -= z.mean(0)
    z /= z.std(0)
    y_hat = (z * w.T).sum(1) + b.item()
    return z, y_hat, torch.dist(y_hat, y) ** 2 / len(y)


RIGHT = [with_a_column_of_labels, by_einsum, on_a_copy, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for n, d, idea in [
            (7, 3, "a table"),
            (4, 4, "as many rows as columns"),
            (6, 1, "one column"),
            (2, 5, "two rows"),
        ]:
            args = 3 * rand(n, d) + 5 * rand(d), rand(n), rand(d, 1), rand(1)
            match(args, idea)
            match(tuple(a.float() for a in args), f"{idea}, float32")
        _units(call, *args)
        _order(call, *args)


def _units(call, x, y, w, b):
    """Other units of the columns change nothing once they are standardized."""
    scale = 2.0 ** torch.arange(x.shape[1], dtype=x.dtype)
    once, again = call((x, y, w, b), "a table"), call((scale * x + 7, y, w, b), "other units")
    for name, a, c in zip(RETURNS, again, once, strict=True):
        check.compare(f"model_loss: {name} when the columns change their units", a, c)


def _order(call, x, y, w, b):
    """The rows and their labels in another order: the same loss."""
    loss = call((x, y, w, b), "a table")[2]
    flipped = call((x.flip(0), y.flip(0), w, b), "rows in another order")[2]
    check.compare("model_loss: loss when the rows come in another order", flipped, loss)
