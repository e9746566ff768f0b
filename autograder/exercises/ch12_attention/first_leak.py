"""Exercise `first_leak`: does an output depend on inputs that come later?"""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from chainrule import check

Y = torch.tensor(
    [
        [[1.0, 2], [3, 4], [5, 6], [7, 8], [9, 0]],
        [[1.0, 1], [2, 2], [3, 3], [4, 4], [5, 5]],
        [[0.0, 0], [1, 0], [0, 1], [1, 1], [2, 2]],
    ]
)  # (B, T, d) = (3, 5, 2)


def _changed(*entries):
    """Return Y with the entries (sequence, position, feature, amount) added."""
    changed = Y.clone()
    changed[1, 4] += 5.0  # behind t = 3 the outputs may change as they like
    for sequence, position, feature, amount in entries:
        changed[sequence, position, feature] += amount
    return changed


SEVERAL = _changed(
    (1, 2, 0, 1.0), (1, 2, 1, -2.0), (2, 0, 0, 0.5), (2, 0, 1, -0.25), (2, 3, 0, 1.0)
)
FALLS = _changed((0, 1, 0, -1.0), (0, 2, 0, 1.0), (0, 3, 1, 1.0))
GROWS = _changed((0, 1, 0, 1.0), (0, 2, 0, -1.0), (0, 3, 1, 1.0))
SUM = _changed((0, 1, 0, -1.0), (0, 1, 1, 1.0), (0, 2, 1, 1.0), (0, 3, 0, 3.0))
MEAN = _changed((0, 1, 0, 1.0), (1, 1, 0, -1.0), (0, 2, 0, 1.0), (0, 3, 0, 2.0))
SMALL = _changed((0, 1, 0, 1e-3), (0, 2, 0, 1.0), (0, 3, 0, 1.0))
TINY = 100 + _changed((0, 1, 0, 5e-4), (0, 2, 0, 5e-3), (0, 3, 0, 1.0))
EXAMPLES = {  # outputs, outputs after every input behind t was replaced, t
    "no leak": (Y, _changed(), 3),
    "leaks in two sequences": (Y, SEVERAL, 3),
    "rounding is no leak": (Y, _changed((0, 2, 0, 4e-6), (1, 3, 1, -5e-6)), 3),
    "an output that falls": (Y, FALLS, 3),
    "an output that grows": (Y, GROWS, 3),
    "changes that cancel in a sum": (Y, SUM, 3),
    "changes that cancel in a mean": (Y, MEAN, 3),
    "a leak at t itself": (Y, _changed((0, 3, 0, 0.25), (0, 3, 1, -0.5)), 3),
    "a small leak": (Y, SMALL, 3),
    "a small leak in large outputs": (100 + Y, TINY, 3),
}
AXES = ("B T d", "B T d")
RETURNS = ("position",)


def reference(y, y_changed, t):
    """Number by number, over positions 0 to t."""
    for position in range(t + 1):
        for a, b in zip(y[:, position].flatten(), y_changed[:, position].flatten(), strict=True):
            if abs(float(a) - float(b)) > 1e-5:
                return torch.tensor(position)
    return torch.tensor(-1)


def first(moved):
    """Position of the first True of moved (T,), or -1."""
    return int(moved.int().argmax()) if moved.any() else -1


def _find(
    y, y_changed, t, *,
    moved=lambda a, b: ((a - b).abs() > 1e-5).any(-1).any(0), cut=lambda t: t + 1, pick=first,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    return pick(moved(y, y_changed)[: cut(t)])


def _with(**steps):
    return partial(_find, **steps)


def _first_axis(y, y_changed, t):
    return first(((y - y_changed).abs() > 1e-5).any(-1).any(-1)[: t + 1])


def _in_the_order_of_the_batch(y, y_changed, t):
    at = ((y - y_changed).abs() > 1e-5)[:, : t + 1].nonzero()
    return int(at[0, 1]) if len(at) else -1


def _relative(y, y_changed, t):
    return first((~torch.isclose(y, y_changed, atol=1e-5)).any(-1).any(0)[: t + 1])


def _gives_up_at_once(y, y_changed, t):
    """The -1 stands in the loop's else branch."""
    return 0 if _find(y, y_changed, t) == 0 else -1


def _yes_or_no(y, y_changed, t):
    return _find(y, y_changed, t) >= 0


def _nothing_for_none(y, y_changed, t):
    at = _find(y, y_changed, t)
    return None if at < 0 else at


def _in_place(y, y_changed, t):
    return first((y.sub_(y_changed).abs() > 1e-5).any(-1).any(0)[: t + 1])


WRONG = {
    "all_positions": Wrong(
        _with(cut=lambda t: None),
        "positions behind t are examined too; their inputs were changed, so they may differ",
        "look at positions 0 to t only: [:, : t + 1]",
    ),
    "t_left_out": Wrong(
        _with(cut=lambda t: t),
        "position t itself is left out",
        "a slice ends before its end: [: t + 1]",
    ),
    "zero_for_none": Wrong(
        _with(pick=lambda moved: int(moved.int().argmax())),
        "without any leak the answer is 0, as if position 0 leaked",
        "argmax of all False is 0: ask any() first and return -1",
    ),
    "exact": Wrong(
        _with(moved=lambda a, b: (a != b).any(-1).any(0)),
        "differences of rounding size count as leaks",
        "count only differences above 1e-5",
    ),
    "grown_only": Wrong(
        _with(moved=lambda a, b: (b - a > 1e-5).any(-1).any(0)),
        "only outputs that grew are counted",
        "take the absolute value of the difference",
    ),
    "fallen_only": Wrong(
        _with(moved=lambda a, b: (a - b > 1e-5).any(-1).any(0)),
        "only outputs that fell are counted",
        "take the absolute value of the difference",
    ),
    "first_axis": Wrong(
        _first_axis,
        "the first axis is taken for the places, but it counts the sequences",
        "y is (B, T, d): place i is y[:, i]",
    ),
    "summed": Wrong(
        _with(moved=lambda a, b: ((a.sum(-1) - b.sum(-1)).abs() > 1e-5).any(0)),
        "the features are added before they are compared, so changes cancel",
        "compare number by number, then ask whether any differs",
    ),
    "averaged": Wrong(
        _with(moved=lambda a, b: ((a.mean(0) - b.mean(0)).abs() > 1e-5).any(-1)),
        "the sequences are averaged before they are compared, so changes cancel",
        "compare number by number, then ask whether any differs",
    ),
    "first_sequence": Wrong(
        _with(moved=lambda a, b: ((a[0] - b[0]).abs() > 1e-5).any(-1)),
        "only the first sequence is examined",
        "use any() over the batch as well",
    ),
    "in_the_order_of_the_batch": Wrong(
        _in_the_order_of_the_batch,
        "this is the first leak of the first sequence that has one",
        "another sequence may leak earlier: reduce over the batch before you look for the first",
    ),
    "last_leak": Wrong(
        _with(pick=lambda moved: int(moved.nonzero()[-1]) if moved.any() else -1),
        "this is the last position that moved",
        "return the first one",
    ),
    "loose": Wrong(
        _with(moved=lambda a, b: ((a - b).abs() > 1e-2).any(-1).any(0)),
        "the tolerance is too large for this leak",
        "count every difference above 1e-5",
    ),
    "relative": Wrong(
        _relative,
        "the tolerance grows with the outputs, as the default rtol of isclose and allclose does",
        "compare the plain difference with 1e-5",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "gives_up_at_once": Wrong(_gives_up_at_once),
    "yes_or_no": Wrong(_yes_or_no),
    "nothing_for_none": Wrong(_nothing_for_none),
    "in_place": Wrong(_in_place),
}


def smallest_position(y, y_changed, t):
    far = torch.isclose(y[:, : t + 1], y_changed[:, : t + 1], rtol=0, atol=1e-5).logical_not()
    at = far.nonzero()[:, 1]
    return at.min() if len(at) else torch.tensor(-1)


def a_loop(y, y_changed, t):
    for i in range(t + 1):
        if (y[:, i] - y_changed[:, i]).abs().max() > 1e-5:
            return i
    return -1


RIGHT = [smallest_position, a_loop, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for batch, length, d in [(1, 5, 3), (4, 9, 2)]:
            y, t = 1000 * rand(batch, length, d), length - 2
            for leak in (-1, 0, t - 1, t):
                case = (y, _leaky(rand, y, t, leak), t)
                idea = f"batch of {batch}, {'no leak' if leak < 0 else 'a leak'}"
                match(case, idea)
                _same_both_ways(fn, case, idea)
        match((y.float(), y.float(), t), "float32, nothing changed")
        match((y, y + 1, 0), "t = 0")
    match((rand(1, 1, 1), rand(1, 1, 1), 0), "a single number")


def _leaky(rand, y, t, leak):
    """Return y with changes behind t, rounding before it, and leaks from position `leak` on.

    In a batch the last two sequences leak there, by opposite amounts, and the first one at t.
    """
    changed = y + 1e-7 * rand(*y.shape).clamp(-3, 3)
    changed[:, t + 1 :] += 1 + rand(*y[:, t + 1 :].shape).abs()
    if leak >= 0:
        second = -1e-3 if leak == 0 else 1e-3  # both features fall, or their sum stays
        amount = torch.tensor([-1e-3, second], dtype=y.dtype)
        changed[-1, leak, :2] += amount
        if len(y) > 1:
            changed[-2, leak, :2] -= amount
            changed[0, t, 0] += 1.0
        changed[-1, leak + 1 : t + 1, 0] -= 0.5
    return changed


def _same_both_ways(fn, case, idea):
    y, changed, t = case
    there, back = (run(fn, reference, RETURNS, args, idea) for args in (case, (changed, y, t)))
    what = "first_leak: the answer stays when y and y_changed are exchanged"
    check.compare(what, back[0], there[0])
