"""Exercise `largest_stable_lr`: where momentum on a quadratic starts to diverge."""

import torch

from autograder.exercises import Wrong, normal, talkative
from autograder.exercises.ch06_optimization import number
from chainrule import check

# (hessian, beta); the third one has the curvatures 1, 2 and 8, but 5 is its largest entry
EXAMPLES = {
    "one curvature": (torch.tensor([[4.0]]), 0.0),
    "a valley": (torch.tensor([[0.5, 0], [0, 8]]), 0.6),
    "turned axes": (torch.tensor([[5.0, 3, 0], [3, 5, 0], [0, 0, 1]]), 0.9),
}
AXES = ("d d",)
RETURNS = ("largest learning rate",)
ATOL = 1e-3


def contracts(lr, curvature, beta):
    """True if v = beta v + c x, x = x - lr v shrinks: both eigenvalues lie inside the circle."""
    step = [[beta, curvature], [-lr * beta, 1 - lr * curvature]]  # maps (v, x) to the next (v, x)
    return bool(torch.linalg.eigvals(torch.tensor(step, dtype=torch.float64)).abs().max() < 1)


def reference(hessian, beta):
    """Bisection on the eigenvalues of the update itself: no formula is used."""
    curvatures = torch.linalg.eigvalsh(hessian.double()).tolist()
    low, high = 0.0, 1e3
    for _ in range(50):
        middle = (low + high) / 2
        if all(contracts(middle, c, beta) for c in curvatures):
            low = middle
        else:
            high = middle
    return low


def top(hessian):
    return torch.linalg.eigvalsh(hessian)[-1].item()


def _with(factor=lambda beta: 2 * (1 + beta), curvature=top):
    """Return a learner's function: right, but for its factor or its curvature."""
    return lambda hessian, beta: factor(beta) / curvature(hessian)


def _times_the_curvature(hessian, beta):
    return 2 * (1 + beta) * top(hessian)


def _one_for_each(hessian, beta):
    return 2 * (1 + beta) / torch.linalg.eigvalsh(hessian)


def _from_a_list(hessian, beta):
    """Tries a list of rates; right to two digits at best."""
    rates = [k / 100 for k in range(1, 200)]
    return max(lr for lr in rates if contracts(lr, top(hessian), beta))


WRONG = {
    "without_momentum": Wrong(
        _with(lambda beta: 2),
        "this is the bound without momentum",
        "momentum widens it: put the eigenvalue -1 into the characteristic polynomial",
    ),
    "half": Wrong(
        _with(lambda beta: 1 + beta),
        "this is half the bound",
        "at the bound an eigenvalue is -1, not 0: check beta = 0, where x must flip its sign",
    ),
    "shrinks_with_beta": Wrong(
        _with(lambda beta: 2 * (1 - beta)),
        "the bound shrinks with beta; in truth it grows",
        "mind the sign of the middle term of the polynomial, minus the trace",
    ),
    "average_form": Wrong(
        _with(lambda beta: 2 * (1 + beta) / (1 - beta)),
        "this is the bound for a velocity that averages",
        "here v = beta * v + g is a sum, as in torch",
    ),
    "nesterov": Wrong(
        _with(lambda beta: 2 * (1 + beta) / (1 + 2 * beta)),
        "this is the bound of Nesterov's form",
        "the question is about plain momentum, x - lr * v",
    ),
    "smallest": Wrong(
        _with(curvature=lambda h: torch.linalg.eigvalsh(h)[0].item()),
        "the flattest direction decides here",
        "the steepest one diverges first: the last of the sorted eigenvalues",
    ),
    "trace": Wrong(
        _with(curvature=lambda h: h.trace().item()),
        "all curvatures are added",
        "take the largest eigenvalue alone",
    ),
    "diagonal": Wrong(
        _with(curvature=lambda h: h.diagonal().max().item()),
        "the largest diagonal entry is read as the curvature, but the axes are turned",
        "torch.linalg.eigvalsh gives the curvatures",
    ),
    "frobenius": Wrong(
        _with(curvature=lambda h: h.norm().item()),
        "the root of the sum of squares mixes all curvatures",
        "take the largest eigenvalue alone",
    ),
    "times_the_curvature": Wrong(
        _times_the_curvature,
        "the curvature multiplies here: steeper would mean longer steps",
        "divide by it",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "one_for_each": Wrong(_one_for_each),
    "from_a_list": Wrong(_from_a_list),
}


def singular_values(hessian, beta):
    return 2 * (1 + beta) / torch.linalg.svdvals(hessian)[0]


def power_iteration(hessian, beta):
    x = torch.ones(len(hessian), dtype=hessian.dtype) + 0.1 * torch.arange(len(hessian))
    for _ in range(300):
        x = hessian @ x
        x = x / x.norm()
    return 2 * (1 + beta) / float(x @ hessian @ x)


def spectral_norm(hessian, beta):
    return (2 + 2 * beta) * torch.linalg.matrix_norm(torch.linalg.inv(hessian), -2)


RIGHT = [singular_values, power_iteration, spectral_norm, talkative(reference)]


def hidden(fn, seed):
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for size in (1, 2, 5):
            turn = torch.linalg.qr(rand(size, size))[0]
            curvatures = 0.2 + 4 * torch.rand(size, generator=torch.Generator().manual_seed(draw))
            hessian = turn @ torch.diag(curvatures.double()) @ turn.T
            hessian = (hessian + hessian.T) / 2
            for beta in (0.0, 0.3, 0.95):
                idea = f"directions: {size}, beta {beta}"
                _is_the_edge(number(fn, hessian, beta), curvatures.max().item(), beta, idea)
        half, whole = number(fn, 2 * hessian, 0.5), number(fn, hessian, 0.5)
        check.compare("largest_stable_lr: twice the curvature, half the rate", 2 * half, whole)
    _is_the_edge(number(fn, hessian.float(), 0.5), curvatures.max().item(), 0.5, "float32")
    lr = number(fn, torch.diag(torch.tensor([1e-3, 1e4])), 0.9)
    _is_the_edge(lr, 1e4, 0.9, "curvatures from 0.001 to 10000")


def _is_the_edge(lr, steepest, beta, idea):
    below, above = (contracts(c * lr, steepest, beta) for c in (0.999, 1.001))
    check.that(below, f"largest_stable_lr: below your bound it still diverges ({idea})")
    check.that(not above, f"largest_stable_lr: above your bound it still converges ({idea})")
