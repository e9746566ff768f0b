"""Exercise `batch_norm`: repair a layer that mixes its two modes up."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

X = torch.tensor([[0.0, 10], [4, 10], [0, 40], [4, 60]])  # (N, d) = (4, 2)
GAIN, BIAS = torch.tensor([1.0, 2]), torch.tensor([0.0, 5])
MEAN, VAR = torch.tensor([1.0, 20]), torch.tensor([2.0, 100])
EXAMPLES = {
    "training": (X, GAIN, BIAS, MEAN, VAR, True, 0.25),
    "evaluation": (X, GAIN, BIAS, MEAN, VAR, False, 0.25),
}
AXES = ("N d", "d", "d", "d", "d")
RETURNS = ("y", "mean", "var")
ORDER = [1, 2, 0]
EPS = 1e-5


def reference(x, gain, bias, mean, var, training, momentum=0.1):
    """torch's own kernel, on copies of the running statistics."""
    mean, var = mean.clone(), var.clone()
    y = torch.nn.functional.batch_norm(x, mean, var, gain, bias, training, momentum, EPS)
    return y, mean, var


def _layer(*, two_modes=True, forgets=True, biased=True, unbiased=True, axis=0, used=None):
    """Return the broken code with the named faults repaired."""

    def batch_norm(x, gain, bias, mean, var, training, momentum=0.1):
        batch = x.mean(axis), x.var(axis, correction=0 if biased else 1)
        new = batch[0], x.var(axis, correction=1 if unbiased else 0)
        share = momentum if forgets else 1 - momentum
        m, v = batch if training or not two_modes else (mean, var)
        if training:
            mean = (1 - share) * mean + share * new[0]
            var = (1 - share) * var + share * new[1]
        if used == "running":
            m, v = mean, var
        return gain * (x - m) / (v + EPS).sqrt() + bias, mean, var

    return batch_norm


def _always_updates(x, gain, bias, mean, var, training, momentum=0.1):
    y, *_ = reference(x, gain, bias, mean, var, training, momentum)
    return y, *reference(x, gain, bias, mean, var, True, momentum)[1:]


def _never_updates(x, gain, bias, mean, var, training, momentum=0.1):
    return reference(x, gain, bias, mean, var, training, momentum)[0], mean, var


def _no_root(x, gain, bias, mean, var, training, momentum=0.1):
    y, m, v = reference(x, gain, bias, mean, var, training, momentum)
    used = x.var(0, correction=0) if training else var
    return (y - bias) / (used + EPS).sqrt() + bias, m, v


def _in_place(x, gain, bias, mean, var, training, momentum=0.1):
    y = torch.nn.functional.batch_norm(x, mean, var, gain, bias, training, momentum, EPS)
    return y, mean, var


def _one_number(x, gain, bias, mean, var, training, momentum=0.1):
    _, m, v = reference(x, gain, bias, mean, var, training, momentum)
    a, b = (x.mean(), x.var(correction=0)) if training else (mean, var)
    return gain * (x - a) / (b + EPS).sqrt() + bias, m, v


WRONG = {
    "modes_left": Wrong(
        _layer(two_modes=False),
        "at evaluation the batch's own statistics are used",
        "with training=False normalize with the running mean and var that came in",
    ),
    "memory_left": Wrong(
        _layer(forgets=False),
        "momentum is the weight of the old statistics here",
        "in torch, new = (1 - momentum) * old + momentum * batch",
    ),
    "variance_left": Wrong(
        _layer(biased=False),
        "in training y is normalized with the variance that divides by N - 1",
        "y takes the variance that divides by N; the running one divides by N - 1",
    ),
    "modes_and_memory_left": Wrong(
        _layer(two_modes=False, forgets=False),
        "two faults are left: the modes, and the roles of the old and the new statistics",
        "look at the running mean first: how much of the old one should stay?",
    ),
    "running_biased": Wrong(
        _layer(unbiased=False),
        "the running variance gets the one that divides by N",
        "for the running statistic torch divides by N - 1: it estimates that of new data",
    ),
    "normalized_with_running": Wrong(
        _layer(used="running"),
        "in training y is normalized with the running statistics",
        "in training the batch's own mean and variance normalize it",
    ),
    "always_updates": Wrong(
        _always_updates,
        "the running statistics move at evaluation as well",
        "with training=False they come back as they went in",
    ),
    "never_updates": Wrong(
        _never_updates,
        "the running statistics never move",
        "return the updated mean and var in training",
    ),
    "no_root": Wrong(
        _no_root,
        "y is divided by the variance, not by its root",
        "divide by sqrt(var + eps)",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "nothing_repaired": Wrong(_layer(two_modes=False, forgets=False, biased=False)),
    "modes_and_variance_left": Wrong(_layer(two_modes=False, biased=False)),
    "memory_and_variance_left": Wrong(_layer(forgets=False, biased=False)),
    "in_place": Wrong(_in_place),
    "one_number": Wrong(_one_number),
}


def by_columns(x, gain, bias, mean, var, training, momentum=0.1):
    columns, means, variances = [], [], []
    for j in range(x.shape[1]):
        m, v = mean[j], var[j]
        if training:
            n, m = len(x), x[:, j].sum() / len(x)
            v = ((x[:, j] - m) ** 2).sum() / n
            means.append(mean[j] + momentum * (m - mean[j]))
            variances.append(var[j] + momentum * (v * n / (n - 1) - var[j]))
        columns.append(gain[j] * (x[:, j] - m) / torch.sqrt(v + 1e-5) + bias[j])
    y = torch.stack(columns, 1)
    return (y, torch.stack(means), torch.stack(variances)) if training else (y, mean, var)


def with_lerp(x, gain, bias, mean, var, training, momentum=0.1):
    m, v = (x.mean(0), x.var(0, correction=0)) if training else (mean, var)
    if training:
        mean, var = mean.lerp(m, momentum), var.lerp(x.var(0), momentum)
    return [torch.addcmul(bias, gain, (x - m) * torch.rsqrt(v + 1e-5)), mean, var]


def with_the_module(x, gain, bias, mean, var, training, momentum=0.1):
    layer = torch.nn.BatchNorm1d(x.shape[1], momentum=momentum, dtype=x.dtype).train(training)
    layer.running_mean, layer.running_var = mean.clone(), var.clone()
    layer.weight, layer.bias = torch.nn.Parameter(gain), torch.nn.Parameter(bias)
    return layer(x).detach(), layer.running_mean, layer.running_var


RIGHT = [by_columns, with_lerp, with_the_module, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS, order=ORDER)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for n, d in ((2, 3), (5, 4), (16, 7)):
            x, idea = 2 * rand(n, d) + rand(d), f"{n} rows of {d}"
            state = (rand(d), rand(d), rand(d), rand(d).abs() + 0.5)
            for training in (True, False):
                mode = "training" if training else "evaluation"
                match((x, *state, training, 0.3), f"{idea}, {mode}")
                match((x, *state, training), f"{idea}, {mode}, default momentum")
            single = [t.float() for t in (x, *state)]
            match((*single, True, 0.3), f"{idea}, float32")
        match((x, *state, True, 1.0), "momentum 1 forgets the past")
        match((x[:1], *state, False, 0.3), "evaluation of a single row")
        _alone(fn, x, state)


def _alone(fn, x, state):
    """At evaluation a row's result does not depend on the other rows."""
    call = partial(run, fn, reference, RETURNS)
    together = call((x, *state, False), "evaluation")[0][:1]
    alone = call((x[:1], *state, False), "evaluation of a single row")[0]
    what = "batch_norm: at evaluation a row gives the same alone and among others"
    check.compare(what, alone, together)
