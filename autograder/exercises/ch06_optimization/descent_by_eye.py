"""Exercise `descent_by_eye`: read an update rule and predict where it goes."""

import torch

from autograder.exercises import Choice

TRY = "write the first three steps on paper, a line for each: g, v, x"

QUESTIONS = {
    "a": {
        "A": Choice(
            "It falls to 0, slowly",
            "falls",
            "a step multiplies x by 1 - lr * c: put lr = 2 and c = 1 in",
        ),
        "B": Choice(
            "It is 0 after one step",
            "lands",
            "that takes lr * c = 1; here the step is twice as long",
        ),
        "C": Choice(
            "It jumps between 1 and -1 for ever",
            "bounces",
            "multiply 1 by the factor 1 - lr * c, twice",
        ),
        "D": Choice(
            "It grows without end",
            "grows",
            "the factor 1 - lr * c changes the sign of x here, not its size",
        ),
    },
    "b": {
        "A": Choice(
            "It jumps between 1 and -1, as before",
            "bounces",
            "after the first jump v still holds half of the last gradient, which pulls back",
        ),
        "B": Choice(
            "It grows: momentum makes the steps longer",
            "grows",
            "after a jump the old and the new gradient have opposite signs and cancel in part",
        ),
        "C": Choice(
            "It falls to 0, and the sign changes on the way",
            "falls",
            "the first step goes from 1 to -1; compute the second",
        ),
        "D": Choice(
            "It falls to 0 from above, without a change of sign",
            "from above",
            "the first step alone goes from 1 to -1",
        ),
    },
    "c": {
        "A": Choice(
            "The one with c = 1: its steps are the shortest",
            "flat",
            "its factor is 1 - 0.079; compare the size of that with the factor for c = 25",
        ),
        "B": Choice(
            "The one with c = 25: it jumps across 0 and hardly shrinks",
            "steep",
            "compute both factors 1 - lr * c; the size decides, not the sign",
        ),
        "C": Choice(
            "Both are equally far: they share one learning rate",
            "equal",
            "they share lr, but a step multiplies x by 1 - lr * c, and c differs",
        ),
        "D": Choice(
            "The one with c = 25: it has grown beyond 1",
            "grown",
            "lr * c = 1.975 is still below 2, so the size of the factor is below 1",
        ),
    },
    "d": {
        "A": Choice("0.1", 0.1, "that is the first step; v grows with each gradient it adds"),
        "B": Choice("0.9", 0.9, "sum the series 1 + 0.9 + 0.81 + ... first, then multiply by lr"),
        "C": Choice("1", 1.0, "sum the series 1 + 0.9 + 0.81 + ... and multiply by lr"),
        "D": Choice(
            "It grows without end",
            float("inf"),
            "the series 1 + 0.9 + 0.81 + ... has a finite sum, since beta is below 1",
        ),
    },
    "e": {
        "A": Choice(
            "100", 100.0, "the gradient is divided by its own size before lr multiplies it"
        ),
        "B": Choice("0.1", 0.1, "at t = 1 m_hat is g and s_hat is g * g: divide"),
        "C": Choice(
            "0.01", 0.01, "that is lr * (1 - beta1): the bias correction takes this factor out"
        ),
        "D": Choice(
            "0.32",
            0.32,
            "that is the step without bias correction: 0.1 * 0.1 / sqrt(0.001), about 0.32",
        ),
    },
}


def path_of(lr, beta, steps, c=1.0):
    """Return the path of x from 1 with v = beta v + c x, x = x - lr v; steps + 1 numbers."""
    x, v, path = 1.0, 0.0, [1.0]
    for _ in range(steps):
        v = beta * v + c * x
        x = x - lr * v
        path.append(x)
    return path


def kind(path):
    """Name what a path does, in the words of the choices."""
    if path[1] == 0:
        return "lands"
    if abs(path[-1]) > 10:
        return "grows"
    if abs(path[-1]) < 1e-3:
        return "falls" if min(path) < 0 else "from above"
    return "bounces"


def farther(lr, steps):
    flat, steep = (abs(path_of(lr, 0.0, steps, c)[-1]) for c in (1.0, 25.0))
    if steep > 1:
        return "grown"
    return "equal" if flat == steep else "flat" if flat > steep else "steep"


def reference():
    """Run every experiment that is asked for; return what happens in each."""
    velocity = 0.0
    for _ in range(1000):
        velocity = 0.9 * velocity + 1.0
    x = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.Adam([x], lr=0.1)
    x.grad = torch.tensor([1000.0])
    optimizer.step()
    return {
        "a": kind(path_of(2.0, 0.0, 100)),
        "b": kind(path_of(2.0, 0.5, 100)),
        "c": farther(0.079, 100),
        "d": round(0.1 * velocity, 6),
        "e": round(abs(x.item()), 6),
    }
