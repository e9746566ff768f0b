"""Exercise `clip_by_global_norm`: repair code that should scale all gradients by one factor."""

import math

import torch

from autograder.exercises import Wrong, normal, talkative
from chainrule import check

GRADS = [torch.tensor([3.0, 0, 4, 0]), torch.tensor([[0.0, 6, 0], [4, 0, 2]])]  # norm 9
EXAMPLES = {
    "too long": (GRADS, 1.8),
    "short enough": (GRADS, 18.0),
    "just fits": (GRADS, 9.0),
}
AXES = ("a", "b c")
RETURNS = ("gradients", "norm")
ORDER = [1, 0]


def reference(grads, max_norm):
    """torch.nn.utils.clip_grad_norm_ itself, on parameters that carry these gradients."""
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in grads]
    for parameter, g in zip(parameters, grads, strict=True):
        parameter.grad = g.clone()
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    return [p.grad for p in parameters], norm


def norm_of(grads):
    return math.sqrt(sum(float((g * g).sum()) for g in grads))


def _repaired(*, root=True, together=True, short=True):
    """Return the broken code with the named faults repaired."""

    def clip_by_global_norm(grads, max_norm):
        clipped = []
        for g in grads:
            norm = norm_of(grads if together else [g])
            norm = norm if root else norm**2
            factor = max_norm / norm
            clipped.append(g * (min(1.0, factor) if short else factor))
        return clipped, norm

    return clip_by_global_norm


def _scaled(factor, after=False):
    """Return a learner's function with a factor of its own, from (norm, max_norm)."""

    def clip_by_global_norm(grads, max_norm):
        norm = norm_of(grads)
        clipped = [g * factor(norm, max_norm) for g in grads]
        return clipped, norm_of(clipped) if after else norm

    return clip_by_global_norm


def _by_value(grads, max_norm):
    return [g.clamp(-max_norm, max_norm) for g in grads], norm_of(grads)


def _sum_of_norms(grads, max_norm):
    norm = sum(norm_of([g]) for g in grads)
    return [g * min(1.0, max_norm / norm) for g in grads], norm


def _running(grads, max_norm):
    """Adds the squares up in the loop that clips already."""
    clipped, total = [], 0.0
    for g in grads:
        total += float((g * g).sum())
        clipped.append(g * min(1.0, max_norm / math.sqrt(total)))
    return clipped, math.sqrt(total)


def _largest_entry(grads, max_norm):
    norm = max(float(g.abs().max()) for g in grads)
    return [g * min(1.0, max_norm / norm) for g in grads], norm


def _in_place(grads, max_norm):
    norm = norm_of(grads)
    return [g.mul_(min(1.0, max_norm / norm)) for g in grads], norm


def _zero_over_zero(grads, max_norm):
    norm = torch.stack([g.norm() for g in grads]).norm()
    return [g / norm * torch.clamp(norm, max=max_norm) for g in grads], norm


def _single_precision(grads, max_norm):
    return _repaired()([g.float() for g in grads], max_norm)


def _stacked(grads, max_norm):
    kept, norm = _repaired()(grads, max_norm)
    return torch.cat([g.flatten() for g in kept]), norm


WRONG = {
    "root_and_together_left": Wrong(
        _repaired(root=False, together=False),
        "the norm is the sum of squares of the last tensor alone, without a root",
        "one sum over all tensors before the loop, then its root",
    ),
    "together_left": Wrong(
        _repaired(together=False),
        "each tensor has its own norm and factor, which turns the step into another direction",
        "take one norm over all tensors, and one factor for all",
    ),
    "root_left": Wrong(
        _repaired(root=False),
        "the sum of squares is called the norm: its root is missing",
        "the norm of (3, 4) is 5: take the root of the whole sum",
    ),
    "short_left": Wrong(
        _repaired(short=False),
        "short gradients are stretched to max_norm",
        "the factor is never above 1: min(1, max_norm / norm)",
    ),
    "unit": Wrong(
        _scaled(lambda norm, bound: 1 / norm if norm > bound else 1.0),
        "what is clipped gets the norm 1, not max_norm",
        "multiply by max_norm / norm",
    ),
    "norm_after": Wrong(
        _scaled(lambda norm, bound: min(1.0, bound / norm), after=True),
        "the returned norm is the one after clipping",
        "return the norm before clipping: that is the one to log",
    ),
    "sum_of_norms": Wrong(
        _sum_of_norms,
        "the norms of the tensors are added",
        "add the squares of all entries, then take one root",
    ),
    "by_value": Wrong(
        _by_value, "single entries are cut off", "scale whole gradients by one factor"
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "nothing_repaired": Wrong(_repaired(root=False, together=False, short=False)),
    "root_and_short_left": Wrong(_repaired(root=False, short=False)),
    "together_and_short_left": Wrong(_repaired(together=False, short=False)),
    "larger_for_smaller": Wrong(_scaled(lambda norm, bound: max(1.0, bound / norm))),
    "running": Wrong(_running),
    "largest_entry": Wrong(_largest_entry),
    "in_place": Wrong(_in_place),
    "zero_over_zero": Wrong(_zero_over_zero),
    "single_precision": Wrong(_single_precision),
    "stacked": Wrong(_stacked),
}


def one_long_vector(grads, max_norm):
    norm = torch.cat([g.reshape(-1) for g in grads]).norm()
    factor = torch.clamp(max_norm / (norm + 1e-12), max=1.0)
    return [factor * g for g in grads], norm


def with_a_branch(grads, max_norm):
    norm = sum((g**2).sum() for g in grads) ** 0.5
    if norm <= max_norm:
        return [g.clone() for g in grads], norm.item()
    return tuple(g / (norm / max_norm) for g in grads), norm.item()


def norm_of_norms(grads, max_norm):
    norm = torch.stack([torch.linalg.vector_norm(g) for g in grads]).norm()
    return [g * max_norm / torch.maximum(norm, norm.new_tensor(max_norm)) for g in grads], norm


RIGHT = [one_long_vector, with_a_branch, norm_of_norms, talkative(reference)]


def hidden(fn, seed):
    for draw in (seed, seed + 1):
        rand = normal(draw)
        grads = [rand(4, 3), rand(4), rand(2, 4), rand()]
        norm = norm_of(grads)
        for share, idea in [(0.3, "too long"), (0.99, "hardly too long"), (2.0, "short enough")]:
            kept = _match(fn, grads, share * norm, f"four tensors, {idea}")
            fits = norm_of(kept) <= share * norm * (1 + 1e-5)
            check.that(fits, f"clip_by_global_norm: still longer than max_norm ({idea})")
        _match(fn, [g.float() for g in grads], 0.5, "float32")
        kept = _match(fn, [1e3 * g for g in grads], 1.0, "a thousand times as long")
        what = "clip_by_global_norm: the direction must stay as it was"
        check.compare(what, [norm * g for g in kept], grads)
        _match(fn, grads[:1], 0.1, "a single tensor")
    zeros = [torch.zeros(3).double(), torch.zeros(2, 2).double()]
    _match(fn, zeros, 1.0, "all zero")


def _match(fn, grads, max_norm, idea):
    """Compare with the reference, dtype included; return the clipped gradients."""
    result = check.call(fn, grads, max_norm)
    kept, norm = check.values("clip_by_global_norm", result, RETURNS)
    right, length = reference(grads, max_norm)
    rtol = 1e-5 if grads[0].dtype == torch.float64 else 1e-4
    check.compare(f"clip_by_global_norm: norm ({idea})", norm, length, atol=rtol)
    what = f"clip_by_global_norm: gradients ({idea})"
    check.compare(what, kept, right, atol=rtol)
    same = all(a.dtype == b.dtype for a, b in zip(kept, grads, strict=True))
    check.that(same, f"{what}: the dtype is not that of the input")
    return kept
