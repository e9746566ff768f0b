"""Exercise `train_line`: the five ingredients with a linear model and the mean squared error."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, talkative

PAIRS = (  # the lesson's: each turn halves the distance of w to 2, if b stays 0
    torch.tensor([[1.0], [3.0]]), torch.tensor([2.0, 6.0]), torch.zeros(1), torch.tensor(0.0),
)  # fmt: skip
ROWS = (  # N, d = 4, 3
    torch.tensor([[1.0, 0, 2], [0, 1, -1], [2, 1, 0], [1, 1, 1]]).double(),
    torch.tensor([3.0, 1, 0, 4]).double(),
    torch.tensor([1.0, -1, 0.5]).double(),
    torch.tensor(0.5).double(),
)
EXAMPLES = {"one turn": (*PAIRS, 0.05, 1), "three turns": (*ROWS, 0.1, 3)}
AXES = ("N d", "N", "d", "")
RETURNS = ("w", "b", "losses")
ORDER = [2, 0, 1]  # the losses first: the first of them comes before any step


def reference(x, y, w, b, lr, num_epochs):
    """torch.optim.SGD on automatic gradients."""
    w, b = w.clone().requires_grad_(), b.clone().requires_grad_()
    optimizer, losses = torch.optim.SGD([w, b], lr=lr), x.new_zeros(num_epochs)
    for epoch in range(num_epochs):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(x @ w + b, y)
        loss.backward()
        optimizer.step()
        losses[epoch] = loss.item()
    return w.detach(), b.detach(), losses


def _loop(
    x, y, w, b, lr, num_epochs, *,
    factor=lambda x, lr: lr, loss=lambda e: (e**2).mean(), after=False, skip=0, bias=True,
    weights=True, bias_last=False, once=False,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    losses, first = [], x @ w + b - y
    for _ in range(skip, num_epochs):
        error = first if once else x @ w + b - y  # (N,)
        losses.append(loss(error))
        rate = factor(x, lr)
        if weights:
            w = w - rate * 2 * x.T @ error / len(x)
        if bias_last:
            error = x @ w + b - y
        if bias:
            b = b - rate * 2 * error.mean()
        if after:
            losses[-1] = loss(x @ w + b - y)
    return w, b, torch.stack(losses) if losses else x.new_zeros(0)


def _with(**steps):
    return partial(_loop, **steps)


def _one_slope_for_all(x, y, w, b, lr, num_epochs):
    losses = []
    for _ in range(num_epochs):
        error = x @ w + b - y
        losses.append((error**2).mean())
        w = w - lr * 2 * (x * error[:, None]).mean()
        b = b - lr * 2 * error.mean()
    return w, b, torch.stack(losses) if losses else x.new_zeros(0)


def _row_by_row(x, y, w, b, lr, num_epochs):
    losses = x.new_zeros(num_epochs)
    for epoch in range(num_epochs):
        losses[epoch] = ((x @ w + b - y) ** 2).mean()
        for row, target in zip(x, y, strict=True):
            error = row @ w + b - target
            w, b = w - lr * 2 * error * row, b - lr * 2 * error
    return w, b, losses


def _one_turn(x, y, w, b, lr, num_epochs):
    w, b, first = reference(x, y, w, b, lr, min(num_epochs, 1))
    return w, b, torch.cat([first, x.new_zeros(num_epochs - len(first))])


def _bias_left_out(x, y, w, b, lr, num_epochs):
    losses = x.new_zeros(num_epochs)
    for epoch in range(num_epochs):
        error = x @ w - y
        losses[epoch] = (error**2).mean()
        w, b = w - lr * 2 * x.T @ error / len(x), b - lr * 2 * error.mean()
    return w, b, losses


def _in_place(x, y, w, b, lr, num_epochs):
    new_w, new_b, losses = reference(x, y, w, b, lr, num_epochs)
    return w.copy_(new_w), b.copy_(new_b), losses


WRONG = {
    "uphill": Wrong(
        _with(factor=lambda x, lr: -lr),
        "the weights move up the slope, so the loss rises",
        "w = w - lr * slope",
    ),
    "loss_after_the_update": Wrong(
        _with(after=True),
        "losses[epoch] is measured after the update; the contract says before it",
        "store the loss where y_hat is computed",
    ),
    "no_factor_2": Wrong(
        _with(factor=lambda x, lr: lr / 2),
        "the slope lacks the factor 2 that comes from the square",
        "the slope of e^2 is 2 e, times the slope of e",
    ),
    "slope_of_a_sum": Wrong(
        _with(factor=lambda x, lr: lr * len(x)),
        "the slope is that of the sum over the rows, N times too large",
        "the loss is a mean: divide by the number of rows",
    ),
    "no_learning_rate": Wrong(
        _with(factor=lambda x, lr: 1.0), "the step is the whole slope", "multiply the slope by lr"
    ),
    "bias_stays": Wrong(
        _with(bias=False), "b is never updated", "its slope is the mean of 2 (y_hat - y)"
    ),
    "weights_stay": Wrong(
        _with(weights=False), "w is never updated", "its slope is the mean of 2 (y_hat - y) x"
    ),
    "one_short": Wrong(
        _with(skip=1), "the loop runs num_epochs - 1 times", "range(num_epochs) starts at 0"
    ),
    "model_before_the_loop": Wrong(
        _with(once=True),
        "y_hat is computed once, before the loop, so every turn sees the first errors",
        "predict anew in every turn",
    ),
    "bias_from_the_new_w": Wrong(
        _with(bias_last=True),
        "w was updated before the slope in b was taken",
        "take both slopes at the old w and b, then update both",
    ),
    "summed_loss": Wrong(
        _with(loss=lambda e: (e**2).sum()),
        "losses holds the sum over the rows",
        "the loss is the mean over the rows",
    ),
    "absolute_loss": Wrong(
        _with(loss=lambda e: e.abs().mean()),
        "losses holds the mean absolute error",
        "square the errors before the mean",
    ),
    "bias_left_out": Wrong(_bias_left_out, "the predictions lack b", "y_hat is x @ w + b"),
    "one_slope_for_all": Wrong(
        _one_slope_for_all,
        "all weights get the same slope: the mean runs over rows and inputs",
        "add over the rows only, so that one slope is left for each weight",
    ),
    "row_by_row": Wrong(
        _row_by_row,
        "the weights move after each row; the formula takes one step a turn, over all rows",
        "compute the errors of all rows, then move once",
    ),
    "one_turn": Wrong(
        _one_turn,
        "the loop ends after its first turn, so the later losses stay 0",
        "put the return after the loop, not inside it",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(lambda *a: reference(*[v.float() for v in a[:4]], *a[4:])),
    "no_losses": Wrong(lambda *a: reference(*a)[:2]),
}


def row_by_row_sums(x, y, w, b, lr, num_epochs):
    """Loops over the rows, adds the slopes up, one update a turn."""
    losses = []
    for _ in range(num_epochs):
        slope_w, slope_b, loss = torch.zeros_like(w), torch.zeros_like(b), 0.0
        for row, target in zip(x, y, strict=True):
            error = row @ w + b - target
            slope_w, slope_b, loss = slope_w + 2 * error * row, slope_b + 2 * error, loss + error**2
        w, b = w - lr * slope_w / len(x), b - lr * slope_b / len(x)
        losses.append(loss / len(x))
    return [w, b, torch.stack(losses) if losses else x.new_zeros(0)]


def bias_as_a_weight(x, y, w, b, lr, num_epochs):
    """A column of ones; b is the last weight."""
    ones = torch.cat([x, torch.ones_like(x[:, :1])], dim=1)
    v, losses = torch.cat([w, b.reshape(1)]), x.new_zeros(num_epochs)
    for epoch in range(num_epochs):
        error = ones @ v - y
        losses[epoch] = error @ error / len(x)
        v = v - 2 * lr / len(x) * (error @ ones)
    return v[:-1], v[-1], losses


RIGHT = [row_by_row_sums, bias_as_a_weight, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS, order=ORDER)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        x, w, b = rand(6, 2), rand(2), rand(1)[0]
        match((x, rand(6), w, b, 0.1, 5), "five turns")
        match((x, x @ w + b, w, b, 0.1, 2), "a start that is perfect")
        match((x.float(), rand(6).float(), w.float(), b.float(), 0.2, 2), "float32")
        match((rand(1, 4), rand(1), rand(4), rand(1)[0], 0.05, 3), "one row")
    match((x, rand(6), w, b, 0.1, 0), "no turn at all")
