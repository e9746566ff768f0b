"""Exercise `adamw_step`: one step of AdamW (Loshchilov and Hutter 2019, algorithm 2)."""

import math
from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

# beta1 = 0.5 and beta2 = 0.6: at t = 2 the corrections divide by 0.75 and by 0.64 = 0.8 ** 2
X, G = torch.tensor([2.0, -4, 0.5]), torch.tensor([1.0, -4, 2])
M, S = torch.tensor([0.5, 10, -5]), torch.tensor([1.0, 16, 4])  # s = g * g stays so
ZERO = torch.zeros(3)
EXAMPLES = {  # (x, g, m, s, t, lr, beta1, beta2, eps, weight_decay)
    "second step": (X, G, M, S, 2, 0.5, 0.5, 0.6, 1e-8, 0.0),
    "first step": (X, G, ZERO, ZERO, 1, 0.5, 0.5, 0.6, 1e-8, 0.0),
    "second step with decay": (X, G, M, S, 2, 0.5, 0.5, 0.6, 1e-8, 0.5),
}
AXES = ("n", "n", "n", "n")
RETURNS = ("x", "m", "s")
ORDER = [1, 2, 0]


def reference(x, g, m, s, t, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """torch.optim.AdamW itself, with its state set to (m, s, t - 1)."""
    parameter = torch.nn.Parameter(x.clone())
    optimizer = torch.optim.AdamW([parameter], lr, (beta1, beta2), eps, weight_decay)
    state = {"step": torch.tensor(float(t - 1)), "exp_avg": m.clone(), "exp_avg_sq": s.clone()}
    optimizer.state[parameter] = state
    parameter.grad = g.clone()
    optimizer.step()
    return parameter.detach(), state["exp_avg"], state["exp_avg_sq"]


def _step(
    x, g, m, s, t, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01, *,
    average=lambda old, new, beta: beta * old + (1 - beta) * new,
    correct=lambda m, s, b1, b2, t: (m / (1 - b1**t), s / (1 - b2**t)),
    size=lambda s, eps: s.sqrt() + eps,
    shrink=lambda x, lr, decay: (1 - lr * decay) * x,
    sign=1.0, penalty=False,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its lines."""
    g = g + weight_decay * x if penalty else g
    m, s = average(m, g, beta1), average(s, g * g, beta2)
    m_hat, s_hat = correct(m, s, beta1, beta2, t)
    return shrink(x, lr, weight_decay) - sign * lr * m_hat / size(s_hat, eps), m, s


def _with(**lines):
    return partial(_step, **lines)


def _corrected_state(x, g, m, s, t, lr, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01):
    x, m, s = _step(x, g, m, s, t, lr, b1, b2, eps, weight_decay)
    return x, m / (1 - b1**t), s / (1 - b2**t)


def _not_squared(x, g, m, s, t, lr, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01):
    x, m, _ = _step(x, g, m, s, t, lr, b1, b2, eps, weight_decay)  # its root may not exist
    return x, m, b2 * s + (1 - b2) * g


def _betas_exchanged(x, g, m, s, t, lr, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01):
    return _step(x, g, m, s, t, lr, b2, b1, eps, weight_decay)


def _decay_last(x, g, m, s, t, lr, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01):
    x, m, s = _step(x, g, m, s, t, lr, b1, b2, eps, 0.0)
    return (1 - lr * weight_decay) * x, m, s


def _short_form(x, g, m, s, t, lr, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01):
    """One factor for both corrections; eps then has another size."""
    m, s = b1 * m + (1 - b1) * g, b2 * s + (1 - b2) * g * g
    rate = lr * math.sqrt(1 - b2**t) / (1 - b1**t)
    return (1 - lr * weight_decay) * x - rate * m / (s.sqrt() + eps), m, s


def _in_place(x, g, m, s, t, lr, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01):
    x, new_m, new_s = _step(x, g, m, s, t, lr, b1, b2, eps, weight_decay)
    return x, m.copy_(new_m), s.copy_(new_s)


def _single_precision(x, g, m, s, *settings):
    return _step(x.float(), g.float(), m.float(), s.float(), *settings)


WRONG = {
    "sums": Wrong(
        _with(average=lambda old, new, beta: beta * old + new),
        "m and s are sums; here they are averages, so the new term has the weight 1 - beta",
        "m = beta1 * m + (1 - beta1) * g, and s alike",
    ),
    "weights_exchanged": Wrong(
        _with(average=lambda old, new, beta: (1 - beta) * old + beta * new),
        "beta weighs the new gradient; it is the memory, the share of the old average",
        "m = beta1 * m + (1 - beta1) * g, and s alike",
    ),
    "not_squared": Wrong(
        _not_squared, "s averages the gradient itself", "s averages its square, g * g"
    ),
    "betas_exchanged": Wrong(
        _betas_exchanged, "beta1 and beta2 are exchanged", "beta1 belongs to m, beta2 to s"
    ),
    "corrected_state": Wrong(
        _corrected_state,
        "m and s come back corrected, and the next step would correct them again",
        "keep m_hat and s_hat for the update of x; return m and s",
    ),
    "no_correction": Wrong(
        _with(correct=lambda m, s, b1, b2, t: (m, s)),
        "m and s are used without the bias correction, so the first steps have the wrong size",
        "divide m by 1 - beta1**t and s by 1 - beta2**t",
    ),
    "m_alone_corrected": Wrong(
        _with(correct=lambda m, s, b1, b2, t: (m / (1 - b1**t), s)),
        "only m is corrected for its start at zero, s is not",
        "s starts at zero too: divide it by 1 - beta2**t",
    ),
    "corrected_as_in_step_one": Wrong(
        _with(correct=lambda m, s, b1, b2, t: (m / (1 - b1), s / (1 - b2))),
        "the correction does not know t: it stays that of the first step",
        "the power t: 1 - beta1**t",
    ),
    "power_of_the_difference": Wrong(
        _with(correct=lambda m, s, b1, b2, t: (m / (1 - b1) ** t, s / (1 - b2) ** t)),
        "the power is taken of 1 - beta; it belongs to beta alone",
        "1 - beta1**t",
    ),
    "counts_from_zero": Wrong(
        _with(correct=lambda m, s, b1, b2, t: (m / (1 - b1 ** (t + 1)), s / (1 - b2 ** (t + 1)))),
        "the correction uses t + 1; here the first step already has t = 1",
        "use t as it is given",
    ),
    "no_root": Wrong(
        _with(size=lambda s, eps: s + eps),
        "the step is divided by s, not by its square root",
        "s_hat.sqrt() + eps",
    ),
    "uphill": Wrong(_with(sign=-1.0), "the step goes up the gradient", "subtract the step from x"),
    "penalty": Wrong(
        _with(penalty=True, shrink=lambda x, lr, decay: x),
        "the decay is added to the gradient: that is an L2 penalty, which Adam then rescales",
        "keep g as it is, and shrink x itself by the factor 1 - lr * weight_decay",
    ),
    "no_decay": Wrong(
        _with(shrink=lambda x, lr, decay: x),
        "weight_decay is not used",
        "shrink x by the factor 1 - lr * weight_decay",
    ),
    "bare_decay": Wrong(
        _with(shrink=lambda x, lr, decay: (1 - decay) * x),
        "the decay is not scaled by the learning rate",
        "the factor is 1 - lr * weight_decay",
    ),
    "decay_last": Wrong(
        _decay_last,
        "the decay shrinks the step as well, because it comes after it",
        "shrink the old x, then subtract the step",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "t_minus_one": Wrong(_with(correct=lambda m, s, b1, b2, t: (m / (1 - b1 ** (t - 1)), s))),
    "eps_inside": Wrong(_with(size=lambda s, eps: (s + eps).sqrt())),
    "short_form": Wrong(_short_form),
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(_single_precision),
}


def short_form_with_its_own_eps(x, g, m, s, t, lr, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01):
    m, s = torch.lerp(g, m, b1), torch.lerp(g.square(), s, b2)
    root = math.sqrt(1 - b2**t)  # Kingma and Ba (2015), end of section 2
    return x - lr * weight_decay * x - lr * root / (1 - b1**t) * m / (s.sqrt() + eps * root), m, s


def element_by_element(x, g, m, s, t, lr, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01):
    rows = [[], [], []]
    for xi, gi, mi, si in zip(*(a.flatten().tolist() for a in (x, g, m, s)), strict=True):
        mi, si = b1 * mi + (1 - b1) * gi, b2 * si + (1 - b2) * gi**2
        step = mi / (1 - b1**t) / (math.sqrt(si / (1 - b2**t)) + eps)
        for row, value in zip(rows, (xi - lr * (weight_decay * xi + step), mi, si), strict=True):
            row.append(value)
    return [torch.tensor(row, dtype=x.dtype).reshape(x.shape) for row in rows]


def added_differences(x, g, m, s, t, lr, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01):
    m = m + (1 - b1) * (g - m)
    s = torch.addcmul(s * b2, g, g, value=1 - b2)
    m_hat, s_hat = m / (1 - b1**t), s / (1 - b2**t)
    x = x.clone().mul_(1 - lr * weight_decay)
    return x.addcdiv_(m_hat, torch.sqrt(s_hat).add_(eps), value=-lr), m, s


RIGHT = [
    short_form_with_its_own_eps, element_by_element, added_differences, talkative(reference)
]  # fmt: skip


def hidden(fn, seed):
    call = partial(run, fn, reference, RETURNS)
    match = partial(agree, fn, reference, RETURNS, order=ORDER)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for shape, idea in [((), "one number"), ((6,), "a vector"), ((3, 4), "a matrix")]:
            x = rand(*shape)
            m = s = torch.zeros_like(x)
            for t in range(1, 4):
                args = (x, rand(*shape), m, s, t, 0.02, 0.8, 0.95, 1e-8, 0.1)
                match(args, f"step {t} on {idea}")
                x, m, s = reference(*args)
            match([a.float() for a in (x, x, m, s)] + [4, 0.1], f"{idea}, float32, defaults")
        start = (rand(5), rand(5), torch.zeros(5).double(), torch.zeros(5).double())
        match((*start, 1, 0.1, 0.9, 0.999, 0.5, 0.0), "a large eps, added outside the root")
        match((*start, 100_000, 0.1), "a very late step")
        match((start[0], 0 * start[1], *start[2:], 1, 0.1), "a gradient of 0")
        _size_of_the_gradient(call, start)


def _size_of_the_gradient(call, start):
    x, g, m, s = start
    ends = [call((x, c * g, m, s, 1, 0.1, 0.9, 0.999, 0.0, 0.0), "a scale")[0] for c in (1e-3, 1e3)]
    what = "adamw_step: the first step does not depend on the size of the gradient"
    check.compare(what, *ends)
