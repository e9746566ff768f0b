"""Exercise `attention_mask`: who may look at whom, causal and padding together."""

from functools import partial

import torch

from autograder.exercises import Wrong, agree, run, talkative
from chainrule import check

EXAMPLES = {  # (lengths, size, causal)
    "padding": (torch.tensor([3, 2]), 4, False),
    "padding and causal": (torch.tensor([3, 2]), 4, True),
}
AXES = ("B",)
RETURNS = ("mask",)


def reference(lengths, size, causal):
    """One entry at a time, straight from the two rules."""
    may_look = lambda length, i, j: j < length and (j <= i or not causal)
    rows = range(size)
    return torch.tensor(
        [[[may_look(length, i, j) for j in rows] for i in rows] for length in lengths.tolist()]
    )


def _mask(
    lengths, size, causal, *,
    triangle=torch.tril, use=lambda causal: causal, shift=0,
    aim=lambda real: real[:, None, :], flip=False, expand=True,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    real = aim(torch.arange(size) < lengths[:, None] + shift)
    past = torch.ones(size, size, dtype=torch.bool)
    past = triangle(past) if use(causal) else past
    mask = real & past if expand or use(causal) else real
    mask = mask.expand(len(lengths), size, size) if expand else mask
    return ~mask if flip else mask


def _with(**steps):
    return partial(_mask, **steps)


def _one_rule_enough(lengths, size, causal):
    mask = _mask(lengths, size, False)
    return mask | torch.ones(size, size, dtype=torch.bool).tril() if causal else mask


def _triangle_of_one_row(lengths, size, causal):
    real = (torch.arange(size) < lengths[:, None])[:, None, :]  # (B, 1, size)
    return (real.tril() if causal else real).expand(len(lengths), size, size)


def _padding_ignored(lengths, size, causal):
    return _mask(torch.full_like(lengths, size), size, causal)


def _as_large_as_the_longest(lengths, size, causal):
    return _mask(lengths, int(lengths.max()), causal)


def _one_for_all(lengths, size, causal):
    return _mask(lengths[:1], size, causal)[0]


def _longest_for_all(lengths, size, causal):
    return _mask(lengths.max().expand(len(lengths)), size, causal)


def _added_to_scores(lengths, size, causal):
    mask = _mask(lengths, size, causal)
    return torch.zeros(mask.shape).masked_fill(~mask, float("-inf"))


def _zeros_and_ones(lengths, size, causal):
    return _mask(lengths, size, causal).float()


WRONG = {
    "exchanged": Wrong(
        _with(flip=True),
        "True and False are exchanged (torch.nn.MultiheadAttention has it so)",
        "here True means 'may look': return the opposite, with ~",
    ),
    "queries_blocked": Wrong(
        _with(aim=lambda real: real[:, :, None]),
        "padding blocks the queries, not the keys",
        "the padding runs along the last axis: real[:, None, :]",
    ),
    "both_blocked": Wrong(
        _with(aim=lambda real: real[:, None, :] & real[:, :, None]),
        "padded queries may look nowhere, and a softmax over nothing is NaN",
        "block padded keys only; nobody reads the outputs of padded queries",
    ),
    "one_too_many": Wrong(
        _with(shift=1), "one padded position is still visible", "positions count from 0: use <"
    ),
    "one_too_few": Wrong(
        _with(shift=-1), "the last real word is hidden too", "length 3 means positions 0, 1 and 2"
    ),
    "padding_ignored": Wrong(
        _padding_ignored, "lengths is not used: padding is visible", "key j is real if j < length"
    ),
    "always_causal": Wrong(
        _with(use=lambda causal: True),
        "the triangle is there although causal is False",
        "use it only if causal",
    ),
    "never_causal": Wrong(
        _with(use=lambda causal: False),
        "causal is True and changes nothing",
        "query i may look at keys j <= i: torch.tril",
    ),
    "future": Wrong(
        _with(triangle=torch.triu),
        "the triangle is the upper one: each position looks at the future",
        "query i may look at keys j <= i: torch.tril",
    ),
    "not_inverted": Wrong(
        _with(triangle=lambda t: t.triu(1)),
        "this triangle is the forbidden one: only the future is visible",
        "it lacks a ~; or take torch.tril, which is what may be seen",
    ),
    "not_at_itself": Wrong(
        _with(triangle=lambda t: t.tril(-1)),
        "a position may not look at itself",
        "keep the diagonal: j <= i",
    ),
    "one_ahead": Wrong(
        _with(triangle=lambda t: t.tril(1)),
        "each position may look one place into the future: a leak",
        "the diagonal is the last one allowed: torch.tril without an offset",
    ),
    "one_rule_enough": Wrong(
        _one_rule_enough,
        "one of the two rules is enough here; both must hold",
        "join them with &, not with |",
    ),
    "triangle_of_one_row": Wrong(
        _triangle_of_one_row,
        "tril acts while the axis of the queries has size 1, so key 0 alone is left",
        "expand to (B, size, size) first, or join with a triangle of (size, size)",
    ),
    "not_expanded": Wrong(
        _with(expand=False),
        "the axis of the queries has size 1 when no triangle is joined in",
        "mask.expand(len(lengths), size, size), or join with a mask that is all True",
    ),
    "as_large_as_the_longest": Wrong(
        _as_large_as_the_longest,
        "the mask is only as large as the longest sequence",
        "it is (B, size, size): batches may be padded further than their longest row",
    ),
    "one_for_all": Wrong(
        _one_for_all, "there is one mask for all sequences", "the result is (B, size, size)"
    ),
    "longest_for_all": Wrong(
        _longest_for_all,
        "the longest length is used for every sequence",
        "compare with lengths[:, None], a column",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "added_to_scores": Wrong(_added_to_scores),
    "zeros_and_ones": Wrong(_zeros_and_ones),
}


def a_loop(lengths, size, causal):
    masks = []
    for n in lengths:
        mask = torch.zeros(size, size, dtype=torch.bool)
        mask[:, :n] = True
        masks.append(mask.tril() if causal else mask)
    return torch.stack(masks)


def outer_comparison(lengths, size, causal):
    i, j = torch.arange(size)[None, :, None], torch.arange(size)[None, None, :]
    past = torch.le(j, i) if causal else torch.full((1, size, size), True)
    return torch.logical_and(past, j < lengths[:, None, None])


def nearest_bound(lengths, size, causal):
    """A key is visible below the smaller of two bounds: the length, and the query's place + 1."""
    bound = lengths[:, None].expand(-1, size)
    if causal:
        bound = torch.minimum(bound, 1 + torch.arange(size))
    return torch.arange(size).expand(len(lengths), size, size) < bound[..., None]


RIGHT = [a_loop, outer_comparison, nearest_bound, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        g = torch.Generator().manual_seed(draw)
        for batch, size in [(1, 3), (4, 6), (5, 5), (3, 9)]:
            lengths = torch.randint(1, size + 1, (batch,), generator=g)
            for causal in (True, False):
                kind = "causal" if causal else "not causal"
                (mask,) = match((lengths, size, causal), f"{batch} of size {size}, {kind}")
                is_bool = mask.dtype == torch.bool
                cause = "numbers instead of True and False"
                check.that(is_bool, "attention_mask: the mask is not of bool", likely=cause)
                check.that(mask.any(-1).all(), "attention_mask: a query may look at no key")
        _order_of_sequences(fn, lengths)
    match((torch.tensor([1, 2]), 3, True), "a sequence of one word")
    match((torch.tensor([1]), 1, True), "a single place")
    match((torch.tensor([4, 4]), 4, False), "no padding at all")


def _order_of_sequences(fn, lengths):
    call = partial(run, fn, reference, RETURNS)
    (there,), (back,) = (call((n, 9, True), "a batch") for n in (lengths, lengths.flip(0)))
    what = "attention_mask: the masks change places with their sequences"
    check.compare(what, back.flip(0), there)
