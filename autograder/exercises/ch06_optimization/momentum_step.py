"""Exercise `momentum_step`: one step of gradient descent with momentum, plain or Nesterov."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

X = torch.tensor([[1.0, -2, 0.5], [4, 0, -1]])
G = torch.tensor([[0.5, 1, -1], [2, -0.5, 0]])
V = torch.tensor([[2.0, 0, 1], [-1, 4, 0.5]])
EXAMPLES = {
    "plain": (X, G, V, 0.1, 0.5, False),
    "Nesterov": (X, G, V, 0.1, 0.5, True),
}
AXES = ("a b", "a b", "a b")
RETURNS = ("x", "v")
ORDER = [1, 0]


def reference(x, g, v, lr, beta=0.9, nesterov=False):
    """torch.optim.SGD itself, with its momentum buffer set to v."""
    parameter = torch.nn.Parameter(x.clone())
    # Its Nesterov refuses a momentum of 0, where both forms are the same.
    optimizer = torch.optim.SGD([parameter], lr=lr, momentum=beta, nesterov=nesterov and beta > 0)
    optimizer.state[parameter]["momentum_buffer"] = v.clone()
    parameter.grad = g.clone()
    optimizer.step()
    buffer = optimizer.state[parameter]["momentum_buffer"] if beta else g.clone()
    return parameter.detach(), buffer


def _step(
    x, g, v, lr, beta=0.9, nesterov=False, *,
    velocity=lambda g, v, lr, beta: beta * v + g,
    move=lambda x, step, lr: x - lr * step,
    plain=lambda g, new, old, beta: new,
    ahead=lambda g, new, old, beta: g + beta * new,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its lines."""
    new = velocity(g, v, lr, beta)
    return move(x, (ahead if nesterov else plain)(g, new, v, beta), lr), new


def _with(**lines):
    return partial(_step, **lines)


def _lr_in_velocity(x, g, v, lr, beta=0.9, nesterov=False):
    v = beta * v + lr * g
    return x - (lr * g + beta * v if nesterov else v), v


def _step_is_the_velocity(x, g, v, lr, beta=0.9, nesterov=False):
    v = beta * v - lr * g
    return x + (beta * v - lr * g if nesterov else v), v


def _look_ahead_returned(x, g, v, lr, beta=0.9, nesterov=False):
    x, v = reference(x, g, v, lr, beta, nesterov)
    return x, g + beta * v if nesterov else v


def _both_steps(x, g, v, lr, beta=0.9, nesterov=False):
    x, v = reference(x, g, v, lr, beta)
    return x - lr * (g + beta * v) if nesterov else x, v


def _swapped(x, g, v, lr, beta=0.9, nesterov=False):
    x, v = reference(x, g, v, lr, beta, nesterov)
    return v, x


def _rows_only(x, g, v, lr, beta=0.9, nesterov=False):
    rows = [_step(x[i], g[i], v[i], lr, beta, nesterov) for i in range(len(x))]
    return tuple(torch.stack(part) for part in zip(*rows, strict=True))


def _in_place(x, g, v, lr, beta=0.9, nesterov=False):
    v *= beta
    v += g
    return x - lr * (g + beta * v if nesterov else v), v


def _single_precision(x, g, v, lr, beta=0.9, nesterov=False):
    return _step(x.float(), g.float(), v.float(), lr, beta, nesterov)


WRONG = {
    "average": Wrong(
        _with(velocity=lambda g, v, lr, beta: beta * v + (1 - beta) * g),
        "the gradient enters with the weight 1 - beta, so v is an average and the step too short",
        "torch's velocity is a sum: v = beta * v + g",
    ),
    "gradient_decays": Wrong(
        _with(velocity=lambda g, v, lr, beta: v + beta * g),
        "beta multiplies the gradient; it is the old velocity that fades",
        "v = beta * v + g",
    ),
    "nothing_fades": Wrong(
        _with(velocity=lambda g, v, lr, beta: v + g),
        "the old velocity is kept whole; it should fade by the factor beta",
        "v = beta * v + g",
    ),
    "no_memory": Wrong(
        _with(velocity=lambda g, v, lr, beta: g.clone()),
        "the old velocity is dropped, so this is plain gradient descent",
        "add beta times the old velocity to g",
    ),
    "lr_in_velocity": Wrong(
        _lr_in_velocity,
        "the learning rate sits inside the velocity",
        "keep v free of lr, so that a schedule acts at once: x = x - lr * v",
    ),
    "step_is_the_velocity": Wrong(
        _step_is_the_velocity,
        "v holds the step itself, beta * v - lr * g: a form of other books, not torch's",
        "v sums gradients; lr and the minus sign come with the update of x",
    ),
    "uphill": Wrong(
        _with(move=lambda x, step, lr: x + lr * step),
        "the step goes up the gradient",
        "subtract: x - lr * v",
    ),
    "no_learning_rate": Wrong(
        _with(move=lambda x, step, lr: x - step),
        "x moves by the whole velocity, without the learning rate",
        "x = x - lr * v",
    ),
    "old_velocity": Wrong(
        _with(plain=lambda g, new, old, beta: old),
        "x moves with the old velocity",
        "update v first, then move x with the new v",
    ),
    "always_nesterov": Wrong(
        _with(plain=lambda g, new, old, beta: g + beta * new),
        "this is Nesterov's step, and nesterov is False",
        "branch on the argument",
    ),
    "nesterov_ignored": Wrong(
        _with(ahead=lambda g, new, old, beta: new),
        "with nesterov=True the step is the plain one (g + beta * v with the OLD v is just that)",
        "move along g + beta * v with the new v",
    ),
    "nesterov_adds_to_v": Wrong(
        _with(ahead=lambda g, new, old, beta: new + beta * new),
        "Nesterov's step is v + beta * v here; its first term is the gradient",
        "g + beta * v",
    ),
    "both_steps": Wrong(
        _both_steps,
        "with nesterov=True x moves twice: by the plain step and by Nesterov's",
        "one or the other: use else",
    ),
    "look_ahead_returned": Wrong(
        _look_ahead_returned,
        "the look-ahead g + beta * v is returned as the velocity",
        "it serves this step only: return the plain v",
    ),
    "swapped": Wrong(
        _swapped, "the two values come back in the wrong order", "return x first, then v"
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "rows_only": Wrong(_rows_only),
    "in_place": Wrong(_in_place),
    "single_precision": Wrong(_single_precision),
}


def lerp(x, g, v, lr, beta=0.9, nesterov=False):
    new = torch.lerp(g, v + g, beta)  # g + beta * v
    return torch.sub(x, torch.lerp(g, new + g, beta) if nesterov else new, alpha=lr), new


def element_by_element(x, g, v, lr, beta=0.9, nesterov=False):
    new_x, new_v = torch.empty_like(x), torch.empty_like(v)
    for i in range(x.numel()):
        w = g.reshape(-1)[i] + v.reshape(-1)[i] * beta
        new_v.view(-1)[i] = w
        new_x.view(-1)[i] = x.reshape(-1)[i] - lr * (g.reshape(-1)[i] + beta * w if nesterov else w)
    return new_x, new_v


def on_copies_in_place(x, g, v, lr, beta=0.9, nesterov=False):
    """In-place steps on copies, and a list for a tuple."""
    x, v = x.clone(), v.clone()
    v.mul_(beta).add_(g)
    x.add_(g.add(v, alpha=beta) if nesterov else v, alpha=-lr)
    return [x, v]


RIGHT = [lerp, element_by_element, on_copies_in_place, talkative(reference)]


def hidden(fn, seed):
    call = partial(run, fn, reference, RETURNS)
    match = partial(agree, fn, reference, RETURNS, order=ORDER)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        lr, beta = 0.02 + 0.3 * torch.rand(2, generator=torch.Generator().manual_seed(draw))
        for shape, idea in [((), "one number"), ((7,), "a vector"), ((2, 3, 5), "three axes")]:
            x, g, v = rand(*shape), rand(*shape), rand(*shape)
            for nesterov in (False, True):
                kind = f"{idea}, {'Nesterov' if nesterov else 'plain'}"
                match((x, g, v, lr.item(), beta.item(), nesterov), kind)
                match((x.float(), g.float(), v.float(), 0.1, 0.9, nesterov), f"{kind}, float32")
                match((x, g, v, 0.1, 0.0, nesterov), f"{kind}, beta = 0")
        match((x, g, v, 0.1), "beta and nesterov left at their defaults")
        match((x, 1e6 * g, v, 0.1), "very large gradients")
        _still(call, x, g, v)
        _steady_gradient(call, g)


def _still(call, x, g, v):
    what = "momentum_step: lr = 0 leaves x where it is"
    check.compare(what, call((x, g, v, 0.0, 0.9), "lr = 0")[0], x)


def _steady_gradient(call, g):
    """Under one gradient for ever the steps grow to lr * g / (1 - beta)."""
    x = v = torch.zeros_like(g)
    for _ in range(40):
        before, (x, v) = x, call((x, g, v, 0.1, 0.5), "a steady gradient")
    what = "momentum_step: under a steady gradient the steps end at lr * g / (1 - beta)"
    check.compare(what, before - x, 0.2 * g)
