"""Exercise `warmup_cosine`: the learning rate of one step, linear warm-up then cosine."""

import math
from functools import cache, partial
from itertools import pairwise

import torch

from autograder.exercises import Wrong, talkative
from autograder.exercises.ch06_optimization import number
from chainrule import check

EXAMPLES = {  # (step, lr, warmup, total)
    "first step": (0, 0.8, 4, 20),
    "in the warm-up": (2, 0.8, 4, 20),
    "top": (4, 0.8, 4, 20),
    "a quarter of the way down": (8, 0.8, 4, 20),
    "half-way down": (12, 0.8, 4, 20),
    "end": (20, 0.8, 4, 20),
}
RETURNS = ("learning rate",)
ATOL = 1e-5


@cache
def schedule(lr, warmup, total):
    """All rates from step 0 to total, by torch's LambdaLR (the ramp) and CosineAnnealingLR."""
    optimizer, rates = torch.optim.SGD([torch.zeros(1)], lr=lr), []
    schedulers = torch.optim.lr_scheduler
    for make, steps in (
        (lambda: schedulers.LambdaLR(optimizer, lambda k: (k + 1) / max(1, warmup)), warmup),
        (lambda: schedulers.CosineAnnealingLR(optimizer, total - warmup), total - warmup + 1),
    ):
        optimizer.param_groups[0].update(lr=lr, initial_lr=lr)
        scheduler = make()
        for _ in range(steps):
            rates.append(float(scheduler.get_last_lr()[0]))
            optimizer.step()
            scheduler.step()
    return rates


def reference(step, lr, warmup, total):
    """torch's schedulers."""
    return schedule(lr, warmup, total)[step]


def half_wave(gone):
    return 0.5 * (1 + math.cos(math.pi * gone))


def _rate(
    step, lr, warmup, total, *,
    ramp=lambda step, warmup: (step + 1) / warmup,
    in_ramp=lambda step, warmup: step < warmup,
    gone=lambda step, warmup, total: (step - warmup) / (total - warmup),
    descent=half_wave,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its lines."""
    if in_ramp(step, warmup):
        return lr * ramp(step, warmup)
    return lr * descent(gone(step, warmup, total))


def _with(**lines):
    return partial(_rate, **lines)


def _the_smaller_one(step, lr, warmup, total):
    """Divides by warmup even where there is none."""
    gone = max(0, step - warmup) / (total - warmup)
    return lr * min((step + 1) / warmup, half_wave(gone))


def _lr_forgotten(step, lr, warmup, total):
    return _rate(step, 1.0, warmup, total)


def _a_list(step, lr, warmup, total):
    return [_rate(s, lr, warmup, total) for s in range(total + 1)]


WRONG = {
    "starts_at_zero": Wrong(
        _with(ramp=lambda step, warmup: step / warmup),
        "the ramp starts at 0, so the first step changes nothing",
        "count the ramp from 1: (step + 1) / warmup",
    ),
    "ramp_one_longer": Wrong(
        _with(ramp=lambda step, warmup: (step + 1) / (warmup + 1)),
        "the ramp is stretched over warmup + 1 steps and ends below lr",
        "(step + 1) / warmup",
    ),
    "no_warmup": Wrong(
        _with(
            in_ramp=lambda step, warmup: False,
            gone=lambda step, warmup, total: max(0, step - warmup) / (total - warmup),
        ),
        "there is no ramp: the first steps have the full rate",
        "for step < warmup return lr * (step + 1) / warmup",
    ),
    "cosine_from_step_0": Wrong(
        _with(gone=lambda step, warmup, total: step / total),
        "the cosine counts from step 0, so the rate jumps at the end of the warm-up",
        "gone = (step - warmup) / (total - warmup)",
    ),
    "overshoots": Wrong(
        _with(in_ramp=lambda step, warmup: step <= warmup),
        "the ramp goes on for one step too many and rises above lr",
        "step == warmup belongs to the cosine: use <",
    ),
    "not_halved": Wrong(
        _with(descent=lambda gone: 1 + math.cos(math.pi * gone)),
        "1 + cos falls from 2 to 0, so the rate is twice as high as it should be",
        "half of it: lr / 2 * (1 + cos(pi * gone))",
    ),
    "below_zero": Wrong(
        _with(descent=lambda gone: math.cos(math.pi * gone)),
        "the cosine itself falls from 1 to -1, so the rate becomes negative",
        "lift and halve it: (1 + cos(pi * gone)) / 2",
    ),
    "straight": Wrong(
        _with(descent=lambda gone: 1 - gone),
        "the descent is a straight line",
        "use (1 + cos(pi * gone)) / 2",
    ),
    "quarter_wave": Wrong(
        _with(descent=lambda gone: math.cos(math.pi / 2 * gone)),
        "this is a quarter of a wave, which falls fastest at its end",
        "half a wave: (1 + cos(pi * gone)) / 2",
    ),
    "upside_down": Wrong(
        _with(descent=lambda gone: 0.5 * (1 - math.cos(math.pi * gone))),
        "the rate climbs after the warm-up",
        "1 + cos goes down from 2 to 0, 1 - cos goes up",
    ),
    "degrees": Wrong(
        _with(descent=lambda gone: 0.5 * (1 + math.cos(180 * gone))),
        "cos is given degrees",
        "math.cos takes radians: pi, not 180",
    ),
    "stretched_over_total": Wrong(
        _with(gone=lambda step, warmup, total: (step - warmup) / total),
        "the cosine is stretched over `total` steps and never reaches 0",
        "after the warm-up total - warmup steps are left",
    ),
    "one_step_early": Wrong(
        _with(gone=lambda step, warmup, total: (step - warmup) / (total - warmup - 1)),
        "the rate is 0 one step too early",
        "the contract puts 0 at step = total: divide by total - warmup",
    ),
    "whole_numbers": Wrong(
        _with(gone=lambda step, warmup, total: (step - warmup) // (total - warmup)),
        "// rounds the share down, so the rate stays at lr until the last step",
        "divide with /",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "the_smaller_one": Wrong(_the_smaller_one),
    "lr_forgotten": Wrong(_lr_forgotten),
    "a_list": Wrong(_a_list),
}


def squared_cosine(step, lr, warmup, total):
    if warmup and step < warmup:
        return lr / warmup * (step + 1)
    return lr * math.cos(math.pi / 2 * (step - warmup) / (total - warmup)) ** 2


def tensor_without_a_branch(step, lr, warmup, total):
    gone = torch.tensor((step - warmup) / (total - warmup), dtype=torch.float64).clamp(min=0)
    return lr * (1 + torch.cos(torch.pi * gone)) / 2 * min(1.0, (step + 1) / max(1, warmup))


def from_below(step, lr, warmup, total):
    """The rest of the way counts, in turns of a complex number."""
    if step + 1 <= warmup:
        return sum(lr / warmup for _ in range(step + 1))
    left = (total - step) / (total - warmup)
    return lr / 2 - lr / 2 * complex(0, 1).__pow__(2 * left).real


RIGHT = [squared_cosine, tensor_without_a_branch, from_below, talkative(_rate)]


def hidden(fn, seed):
    for draw in (seed, seed + 1):
        g = torch.Generator().manual_seed(draw)
        whole = lambda low, high, g=g: int(torch.randint(low, high, (1,), generator=g))
        warmup, lr = whole(3, 9), 0.01 * whole(1, 300)
        total = warmup + 2 * whole(5, 20)
        rates = [number(fn, s, lr, warmup, total) for s in range(total + 1)]
        for s in (0, warmup - 1, warmup, (warmup + total) // 2, total - 1, total):
            where = "in the warm-up" if s < warmup else "after the warm-up"
            _same(f"a step {where}", rates[s], reference(s, lr, warmup, total))
        rises = all(a < b for a, b in pairwise(rates[:warmup]))
        check.that(rises, "warmup_cosine: the ramp must rise at every step")
        falls = all(a > b for a, b in pairwise(rates[warmup:]))
        check.that(falls, "warmup_cosine: after the warm-up the rate must fall at every step")
        _same("the highest rate is lr", max(rates), lr)
        for s in (0, 1, total, 2 * total):
            _same("no warm-up", number(fn, s, lr, 0, 2 * total), reference(s, lr, 0, 2 * total))
    # A million steps of the schedulers take long: the half wave is a squared cosine.
    share = math.cos(math.pi / 2 * 748 / 998) ** 2
    _same("a very long run", number(fn, 750_000, 3000.0, 2_000, 1_000_000), 3000.0 * share)


def _same(idea, rate, right):
    check.compare(f"warmup_cosine: the rate ({idea})", rate, right, atol=ATOL)
