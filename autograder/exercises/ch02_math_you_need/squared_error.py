"""Exercise `squared_error`: loss, gradient, and the gradient by small differences."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

EXAMPLES = {
    "three rows": (
        torch.tensor([1.0, -2]).double(),
        torch.tensor([[1.0, 0], [2, 1], [3, -1]]).double(),
        torch.tensor([3.0, -1, 2]).double(),
        0.5,
    ),
    "one row": (torch.tensor([2.0, 1, 0]).double(), torch.tensor([[1.0, -3, 4]]).double(),
                torch.tensor([-3.0]).double(), 0.1),
}  # fmt: skip
AXES = ("d", "N d", "N")
RETURNS = ("loss", "gradient", "numeric")


def reference(w, x, y, h):
    """torch's own loss and automatic differentiation; the difference quotients one by one."""
    mse = torch.nn.functional.mse_loss
    leaf = w.detach().clone().requires_grad_()
    loss = mse(x @ leaf, y)
    (gradient,) = torch.autograd.grad(loss, leaf)
    numeric = torch.zeros_like(w)
    for j in range(len(w)):
        up, down = w.clone(), w.clone()
        up[j] += h
        down[j] -= h
        numeric[j] = (mse(x @ up, y) - mse(x @ down, y)) / (2 * h)
    return loss.detach(), gradient, numeric


def by_hand(
    w, x, y, h, *,
    loss=lambda e: (e**2).mean(),
    gradient=lambda e, x: 2 * e @ x / len(x),
    quotient=lambda f, w, step: (f(w + step) - f(w - step)) / (2 * step.sum()),
    steps=lambda w, h: h * torch.eye(len(w), dtype=w.dtype),
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    f = lambda at: loss(x @ at - y)
    numeric = torch.stack([quotient(f, w, step) for step in steps(w, h)])
    return f(w), gradient(x @ w - y, x), numeric


def _with(**step):
    return partial(by_hand, **step)


def _in_place(w, x, y, h):
    f = lambda: ((x @ w - y) ** 2).mean()
    loss, gradient, numeric = f(), 2 * (x @ w - y) @ x / len(x), torch.zeros_like(w)
    for j in range(len(w)):
        w[j] += h
        up = f()
        w[j] -= 2 * h
        numeric[j] = (up - f()) / (2 * h)
    return loss, gradient, numeric


def _one_tensor_moved(w, x, y, h):
    return (*by_hand(w, x, y, h)[:2], torch.zeros_like(w))


def _step_of_its_own(w, x, y, h):
    return by_hand(w, x, y, 1e-5)


def _single_precision(w, x, y, h):
    return by_hand(w.float(), x.float(), y.float(), h)


def _label_as_column(w, x, y, h):
    """(N,) - (N, 1) broadcasts to (N, N)."""
    f = lambda at: ((x @ at - y[:, None]) ** 2).mean()
    numeric = by_hand(w, x, y, h)[2]
    return f(w), 2 * (x @ w - y) @ x / len(x), numeric


WRONG = {
    "no_factor_two": Wrong(
        _with(gradient=lambda e, x: e @ x / len(x)),
        "the factor 2 of the square is missing in the gradient",
        "the derivative of e^2 is 2 e, times the derivative of e",
    ),
    "inner_derivative_missing": Wrong(
        _with(gradient=lambda e, x: 2 * e.mean() * x.new_ones(x.shape[1])),
        "the inner derivative is missing: w x - y changes by x when w changes by 1",
        "each row's 2 (w x - y) is multiplied by that row's x",
    ),
    "sign": Wrong(
        _with(gradient=lambda e, x: -2 * e @ x / len(x)),
        "the gradient has the wrong sign: the error is w x - y, not y - w x",
        "the gradient points uphill; only the update turns it round",
    ),
    "sum_in_gradient": Wrong(
        _with(gradient=lambda e, x: 2 * e @ x),
        "the loss is a mean, the gradient is that of the sum",
        "divide by the number of rows N",
    ),
    "sum_in_loss": Wrong(
        _with(loss=lambda e: (e**2).sum()),
        "the squares are added, and not divided by the number of rows",
        "the loss is the mean over the N rows",
    ),
    "half": Wrong(
        _with(loss=lambda e: (e**2).mean() / 2),
        "there is a factor 1/2 that the formula does not have",
        "many books add it to remove the 2 of the gradient; here the loss is the plain mean",
    ),
    "divided_by_weights": Wrong(
        _with(gradient=lambda e, x: 2 * e @ x / x.numel()),
        "the gradient is divided by N times d",
        "the mean is over the N rows only",
    ),
    "forward_difference": Wrong(
        _with(quotient=lambda f, w, step: (f(w + step) - f(w)) / step.sum()),
        "this is the forward difference, from w to w + h",
        "go h to both sides of w, and divide by 2 h",
    ),
    "divided_by_h": Wrong(
        _with(quotient=lambda f, w, step: (f(w + step) - f(w - step)) / step.sum()),
        "the two points are 2 h apart, and the difference was divided by h",
        "divide by 2 h",
    ),
    "all_at_once": Wrong(
        _with(
            steps=lambda w, h: [h * torch.ones_like(w)] * len(w),
            quotient=lambda f, w, step: (f(w + step) - f(w - step)) / (2 * step[0]),
        ),
        "all weights are moved together, so every entry is the same",
        "a partial derivative moves one weight and leaves the others",
    ),
    "no_mean": Wrong(
        _with(loss=lambda e: e**2, quotient=lambda f, w, step: w.sum()),
        "the loss has a number for each row: the mean over the rows is missing",
        "end the loss in .mean()",
    ),
    "mean_over_weights": Wrong(
        _with(gradient=lambda e, x: (2 * e[:, None] * x).mean(1)),
        "the mean runs over the weights, which leaves one number for each row",
        "average over the rows, dim=0: a gradient has the shape of w",
    ),
    "one_number": Wrong(
        _with(gradient=lambda e, x: (2 * e[:, None] * x).mean()),
        "the mean runs over rows and weights, which leaves one number",
        "average over the rows alone, dim=0: a gradient has the shape of w",
    ),
    "one_tensor_moved": Wrong(
        _one_tensor_moved,
        "`up` and `down` are two names of one tensor, so both losses are equal",
        "`up = w` copies nothing; w.clone() or w + step does",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "in_place": Wrong(_in_place),
    "step_of_its_own": Wrong(_step_of_its_own),
    "single_precision": Wrong(_single_precision),
    "label_as_column": Wrong(_label_as_column),
}


def row_by_row(w, x, y, h):
    """One row and one weight at a time, with plain loops."""

    def loss(at):
        return sum((sum(a * b for a, b in zip(at, row, strict=True)) - t) ** 2
                   for row, t in zip(x, y, strict=True)) / len(y)  # fmt: skip

    gradient, numeric = torch.zeros_like(w), torch.zeros_like(w)
    for j in range(len(w)):
        for row, t in zip(x, y, strict=True):
            gradient[j] += 2 * ((w * row).sum() - t) * row[j] / len(y)
        up = [v + h * (i == j) for i, v in enumerate(w)]
        down = [v - h * (i == j) for i, v in enumerate(w)]
        numeric[j] = (loss(up) - loss(down)) / (2 * h)
    return loss(w), gradient, numeric


def all_steps_as_a_batch(w, x, y, h):
    points = torch.cat([w + h * torch.eye(len(w)).to(w), w - h * torch.eye(len(w)).to(w)])
    up, down = ((points @ x.T - y) ** 2).mean(1).chunk(2)
    error = torch.einsum("nd,d->n", x, w) - y
    return (
        error.square().mean(),
        torch.einsum("n,nd->d", error, x) * 2 / len(y),
        (up - down) / 2 / h,
    )


def normal_equations(w, x, y, h):
    """The loss is a parabola, so its central difference is its slope, whatever h is."""
    gradient = 2 * (x.T @ x @ w - x.T @ y) / len(y)
    return ((y - x @ w) ** 2).sum() / len(y), gradient, gradient.clone()


RIGHT = [row_by_row, all_steps_as_a_batch, normal_equations, talkative(reference)]


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for n, d, idea in [(6, 4, "a table"), (1, 3, "one row"), (5, 1, "one weight")]:
            match((rand(d), rand(n, d), rand(n), 0.25), idea)
        w, x, y = rand(3), rand(7, 3), rand(7)
        _scaled(call, w, x, y)
        _lowest(call, x, y)
        match((w.float(), x.float(), y.float(), 0.25), "float32")


def _scaled(call, w, x, y):
    """Labels and weights ten times as large make errors ten times, squares a hundred times."""
    once, more = (call((k * w, x, k * y, 0.25), "ten times as large") for k in (1, 10))
    check.compare("squared_error: loss of ten times the errors", more[0], 100 * once[0])
    check.compare("squared_error: gradient of ten times the errors", more[1], 10 * once[1])


def _lowest(call, x, y):
    best = torch.linalg.lstsq(x, y[:, None]).solution[:, 0]
    gradient = call((best, x, y, 0.25), "the best weights")[1]
    what = "squared_error: the gradient is 0 at the weights of least squares"
    check.compare(what, gradient, torch.zeros_like(gradient))
