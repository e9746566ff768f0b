"""center: subtract each column's mean."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, talkative
from chainrule import check

EXAMPLES = {
    "a person can check it": [torch.tensor([[1.0, 10.0], [3.0, 20.0], [8.0, 60.0]])],
    "one row": [torch.tensor([[4.0, -2.0, 7.0]])],
}
AXES = ("N d",)
RETURNS = ("centered",)


def reference(x):
    """The oracle, a slow loop: no line of it is the solution's."""
    rows, columns = x.shape
    out = torch.empty_like(x)
    for j in range(columns):
        total = 0.0
        for i in range(rows):
            total = total + x[i, j]
        for i in range(rows):
            out[i, j] = x[i, j] - total / rows
    return out


def scaled(x):
    return (x - x.mean(0)) / (x.std(0, correction=0) + 1e-12)


WRONG = {
    "row means": Wrong(
        lambda x: x - x.mean(1, keepdim=True),
        "the mean is taken along the columns (axis 1), so each row is centred",
        "average over the rows: axis 0, one mean per column",
    ),
    "one mean for all": Wrong(
        lambda x: x - x.mean(),
        "one mean of all numbers is subtracted",
        "keep one mean per column: name the axis",
    ),
    "the sum": Wrong(
        lambda x: x - x.sum(0),
        "the column sums are subtracted, not the means",
        "divide the sum by the number of rows",
    ),
    "added": Wrong(
        lambda x: x + x.mean(0),
        "the mean is added",
        "subtract it, and see that the new column means are 0",
    ),
    "the means alone": Wrong(
        lambda x: x.mean(0).expand_as(x),
        "the means themselves are returned",
        "subtract them from x",
    ),
    "standardized": Wrong(scaled),
    "the median": Wrong(lambda x: x - x.median(0).values),
    "in place": Wrong(lambda x: x.sub_(x.mean(0))),
    "hard-coded": Wrong(lambda x: reference(EXAMPLES["a person can check it"][0])),
}


def by_loop(x):
    return torch.stack([column - column.mean() for column in x.unbind(1)], dim=1)


def by_matrix(x):
    n = len(x)
    return (torch.eye(n, dtype=x.dtype) - torch.ones(n, n, dtype=x.dtype) / n) @ x


@talkative
def by_mean(x):
    return x - torch.einsum("nd->d", x) / x.shape[0]


RIGHT = [by_loop, by_matrix, by_mean]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        x = 3 * rand(5, 4) + 1
        (centered,) = match((x,), "random columns")
        (shifted,) = match((x + rand(4),), "every column shifted")
        what = "center: shifting a column changes nothing"
        check.compare(what, shifted, centered, reveal=False)
        match((rand(2, 7),), "more columns than rows")
        match((rand(6, 3).float(),), "float32")
    match((torch.full((4, 2), 2.0**60),), "large equal numbers")
    _gradients_flow_through_the_mean(fn, normal(seed)(3, 2))


def _gradients_flow_through_the_mean(fn, x):
    x.requires_grad_()
    (slope,) = torch.autograd.grad(check.call(fn, x, reveal=False)[0, 0], x)
    right = x.new_tensor([[2 / 3, 0], [-1 / 3, 0], [-1 / 3, 0]])
    check.compare("center: the slope of its first number", slope, right, reveal=False)
