"""Exercise `gradient_check`: central differences, and a relative error."""

from functools import partial

import torch

from autograder.exercises import Wrong, normal, run, talkative
from chainrule import check

W = torch.tensor([[0.5, -1.0], [0.0, 1.0], [1.0, 0.5]]).double()  # (d, h) = (3, 2)
X = torch.tensor([[1.0, 0, 2], [0, 1, -1], [2, 1, 0], [1, 1, 1]]).double()  # (N, d) = (4, 3)
Y = torch.tensor([[3.0, 0], [0, -3], [1.5, 0], [0, 3]]).double()  # (N, h)


def loss(w, x, y):
    """The loss that the exercise gives: mean squared error of tanh(x @ w)."""
    return ((torch.tanh(x @ w) - y) ** 2).mean()


def exact(w, x, y):
    """The gradient of `loss`, by torch."""
    w = w.detach().clone().requires_grad_()
    return torch.autograd.grad(loss(w, x, y), w)[0]


EXAMPLES = {  # w, x, y, grad, h
    "a right gradient, a large step": (W, X, Y, exact(W, X, Y), 0.5),
    "a gradient that is 8 times too large": (W, X, Y, 8 * exact(W, X, Y), 1e-5),
}
AXES = ("d h", "N d", "N h", "d h")
RETURNS = ("numeric", "error")


def reference(w, x, y, grad, h):
    """All nudged copies at once, along a leading axis."""
    nudges = h * torch.eye(w.numel(), dtype=w.dtype).view(-1, *w.shape)
    ends = [((torch.tanh(x @ (w + s * nudges)) - y) ** 2).mean((1, 2)) for s in (1, -1)]
    numeric = ((ends[0] - ends[1]) / (2 * h)).view(w.shape)
    size = grad.norm() + numeric.norm()
    return numeric, (grad - numeric).norm() / size if size > 0 else size


def _check(
    w, x, y, grad, h, *,
    slope=lambda f, w, d, h: (f(w + d) - f(w - d)) / (2 * h),
    error=lambda g, n: (g - n).norm() / (g.norm() + n.norm()).clamp(min=1e-300),
):  # fmt: skip
    """The right answer, entry by entry; the wrong ones replace one of its steps."""
    numeric = torch.zeros_like(w)
    for i in range(w.numel()):
        d = torch.zeros_like(w)
        d.view(-1)[i] = h
        numeric.view(-1)[i] = slope(lambda w: loss(w, x, y), w, d, h)
    return numeric, error(grad, numeric)


def _with(**steps):
    return partial(_check, **steps)


def _nudges_stay(w, x, y, grad, h):
    """Every nudge is left in w, so that the entries are not nudged one at a time."""
    w, numeric = w.clone(), torch.zeros_like(w)
    for i in range(w.numel()):
        w.view(-1)[i] += h
        above = loss(w, x, y)
        w.view(-1)[i] -= 2 * h
        numeric.view(-1)[i] = (above - loss(w, x, y)) / (2 * h)
    return numeric, (grad - numeric).norm() / (grad.norm() + numeric.norm())


def _all_at_once(w, x, y, grad, h):
    slope = (loss(w + h, x, y) - loss(w - h, x, y)) / (2 * h)
    numeric = slope * torch.ones_like(w)
    return numeric, (grad - numeric).norm() / (grad.norm() + numeric.norm())


def _ratio_of_sizes(g, n):
    """The right quotient of the wrong norms: absolute values in place of squares."""
    return (g - n).abs().sum() / (g.abs().sum() + n.abs().sum()).clamp(min=1e-300)


def _flat(w, x, y, grad, h):
    numeric, error = _check(w, x, y, grad, h)
    return numeric.flatten(), error


def _single_precision(w, x, y, grad, h):
    numeric, error = _check(*(t.float() for t in (w, x, y, grad)), h)
    return numeric, error


def _autograd(w, x, y, grad, h):
    return exact(w, x, y), (grad - exact(w, x, y)).norm() / (2 * grad.norm()).clamp(min=1e-300)


def _in_place(w, x, y, grad, h):
    numeric = torch.zeros_like(w)
    for i in range(w.numel()):
        w.view(-1)[i] += h
        above = loss(w, x, y)
        w.view(-1)[i] -= 2 * h
        numeric.view(-1)[i] = (above - loss(w, x, y)) / (2 * h)
        w.view(-1)[i] += h + 1e-9
    return numeric, (grad - numeric).norm() / (grad.norm() + numeric.norm())


def _nan_for_zero(w, x, y, grad, h):
    return _check(w, x, y, grad, h, error=lambda g, n: (g - n).norm() / (g.norm() + n.norm()))


WRONG = {
    "one_sided": Wrong(
        _with(slope=lambda f, w, d, h: (f(w + d) - f(w)) / h),
        "only one side is nudged, so the error is of order h instead of h squared",
        "(loss above - loss below) / (2 * h)",
    ),
    "divided_by_h": Wrong(
        _with(slope=lambda f, w, d, h: (f(w + d) - f(w - d)) / h),
        "the two ends are 2h apart, and the difference is divided by h: twice too large",
        "divide by 2 * h",
    ),
    "sign": Wrong(
        _with(slope=lambda f, w, d, h: (f(w - d) - f(w + d)) / (2 * h)),
        "below minus above: the sign is wrong",
        "(loss above - loss below) / (2 * h)",
    ),
    "nudges_stay": Wrong(
        _nudges_stay,
        "an entry that was nudged is not put back before the next one is",
        "nudge a fresh copy of w for each entry",
    ),
    "all_at_once": Wrong(
        _all_at_once,
        "all entries are nudged together, which gives one slope along (1, 1, ..., 1)",
        "nudge one entry at a time",
    ),
    "flat": Wrong(
        _flat,
        "numeric is flat, and w is not",
        "a gradient has the shape of what it belongs to",
    ),
    "absolute_error": Wrong(
        _with(error=lambda g, n: (g - n).norm()),
        "the error is absolute; whether 1e-4 is much depends on the size of the gradient",
        "divide by |grad| + |numeric|",
    ),
    "largest_gap": Wrong(
        _with(error=lambda g, n: (g - n).abs().max()),
        "the error is the largest gap of one entry",
        "take the norm of the difference over the sum of both norms",
    ),
    "sums_of_sizes": Wrong(
        _with(error=_ratio_of_sizes),
        "the sizes are sums of absolute values; |.| is the root of the sum of squares here",
        ".norm() of each",
    ),
    "over_one_norm": Wrong(
        _with(error=lambda g, n: (g - n).norm() / n.norm().clamp(min=1e-300)),
        "the error is divided by one norm, so it is not the same when both change places",
        "divide by |grad| + |numeric|",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "single_precision": Wrong(_single_precision),
    "autograd": Wrong(_autograd),
    "in_place": Wrong(_in_place),
    "nan_for_zero": Wrong(_nan_for_zero),
}


def entry_by_entry(w, x, y, grad, h):
    return _check(w, x, y, grad, h)


def directional(w, x, y, grad, h):
    """Two lists of losses first, then one difference."""
    copies = {1: [], -1: []}
    for sign, ends in copies.items():
        for index in torch.cartesian_prod(*[torch.arange(n) for n in w.shape]):
            nudged = w.clone()
            nudged[tuple(index)] += sign * h
            ends.append(loss(nudged, x, y))
    numeric = (torch.stack(copies[1]) - torch.stack(copies[-1])).reshape(w.shape) / (2 * h)
    total = float(grad.norm() + numeric.norm())
    return numeric, float((grad - numeric).norm()) / total if total else 0.0


def per_column(w, x, y, grad, h):
    """A column of w touches a column of the output alone."""
    numeric = torch.empty_like(w)
    for j in range(w.shape[1]):
        out = lambda v, j=j: ((torch.tanh(x @ v) - y[:, j]) ** 2).sum() / y.numel()
        for i in range(w.shape[0]):
            d = torch.nn.functional.one_hot(torch.tensor(i), w.shape[0]).to(w.dtype) * h
            numeric[i, j] = (out(w[:, j] + d) - out(w[:, j] - d)) / (2 * h)
    gap, size = (grad - numeric).norm(), grad.norm() + numeric.norm()
    return numeric, torch.where(size > 0, gap / size.clamp(min=1e-300), torch.zeros_like(size))


RIGHT = [entry_by_entry, directional, per_column, talkative(reference)]


def hidden(fn, seed):
    match = partial(_match, fn)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        w, x, y = rand(4, 3), rand(6, 4), rand(6, 3)
        right = exact(w, x, y)
        match((w, x, y, right, 0.3), "a large step")
        match((w, x, y, right + 0.1 * rand(4, 3), 1e-5), "a wrong gradient")
        match((rand(1, 2), rand(5, 1), rand(5, 2), rand(1, 2), 1e-3), "one input")
        _right_is_near_zero(fn, w, x, y, right)
    zeros = torch.zeros(2, 3).double()
    match((zeros, zeros[:, :2], zeros, zeros, 1e-3), "a loss without slope")


def _match(fn, args, idea):
    """Both values, and the dtype of the first: the second may be any kind of number."""
    right = reference(*args)
    numeric, error = run(fn, reference, RETURNS, args, idea)
    check.compare(f"gradient_check: numeric ({idea})", numeric, right[0], atol=1e-6)
    check.dtype(f"gradient_check: numeric ({idea})", numeric, right[0])
    check.compare(f"gradient_check: error ({idea})", error, right[1], atol=1e-6)


def _right_is_near_zero(fn, w, x, y, grad):
    """The check must tell the right gradient from one that is a per mille off."""
    for factor, low, high in ((1.0, 0.0, 1e-7), (1.001, 4e-4, 6e-4)):
        args = (w, x, y, factor * grad, 1e-5)
        error = run(fn, reference, RETURNS, args, "a right gradient")[1].item()
        what = f"gradient_check: error for {factor:g} times the right gradient"
        check.that(low <= error <= high, what)
