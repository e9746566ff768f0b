"""Exercise `attention`: scaled dot-product attention (Vaswani et al. 2017, equation 1)."""

import math
from functools import partial

import torch
from torch.nn.functional import scaled_dot_product_attention

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch12_attention import LN2, may_look, same_gradient
from chainrule import check

# Scores over sqrt(4): ln 2 times (1, 0, 2) and (2, 0, 3), so the weights are (2, 1, 4) / 7 and
# (4, 1, 8) / 13; with the mask (2, 0, 4) / 6 and (0, 1, 8) / 9.
Q = torch.tensor([[1.0, 0, 2, 1], [0, -1, 2, 1]])
K = LN2 * torch.tensor([[-1.0, -1, 1, 1], [-1, 1, 1, -1], [-1, -1, 2, 1]])
V = torch.tensor([[7.0, 0, 0, 1, 2], [0, 7, 0, 1, 0], [0, 0, 7, 1, -1]])
MASK = torch.tensor([[True, False, True], [False, True, True]])  # True: may look
EXAMPLES = {"no mask": (Q, K, V, None), "masked": (Q, K, V, MASK)}
AXES = ("L d", "S d", "S v", "L S")
RETURNS = ("output", "weights")
ORDER = [1, 0]


def reference(q, k, v, mask=None):
    """torch's own kernel; its weights come from giving it the identity as values."""
    eye = torch.eye(k.shape[-2], dtype=v.dtype).expand(*k.shape[:-1], k.shape[-2])
    return (
        scaled_dot_product_attention(q, k, v, attn_mask=mask),
        scaled_dot_product_attention(q, k, eye, attn_mask=mask),
    )


def _attend(
    q, k, v, mask=None, *,
    scale=lambda q, k, v: math.sqrt(q.shape[-1]), axis=-1, flip=False, fill=-math.inf,
    after=lambda weights, mask: weights, values=lambda v: v,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    scores = q @ k.mT / scale(q, k, v)
    if mask is not None and fill is not None:
        scores = scores.masked_fill(mask if flip else ~mask, fill)
    weights = scores.softmax(axis)
    if mask is not None:
        weights = after(weights, mask)
    return weights @ v, weights


def _with(**steps):
    return partial(_attend, **steps)


def _scaled_after_softmax(q, k, v, mask=None):
    weights = _attend(q, k, v, mask, scale=lambda q, k, v: 1.0)[1] / math.sqrt(q.shape[-1])
    return weights @ v, weights


def _mask_added(q, k, v, mask=None):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    weights = (scores if mask is None else scores + mask).softmax(-1)
    return weights @ v, weights


def _exchanged(q, k, v, mask=None):
    return _attend(q, k, v, mask)[::-1]


def _scores_returned(q, k, v, mask=None):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    scores = scores if mask is None else scores.masked_fill(~mask, -math.inf)
    return scores.softmax(-1) @ v, scores


def _no_batch(q, k, v, mask=None):
    scores = q @ k.transpose(0, 1) / math.sqrt(q.shape[-1])
    scores = scores if mask is None else scores.masked_fill(~mask, -math.inf)
    return scores.softmax(-1) @ v, scores.softmax(-1)


def _naive_exponential(q, k, v, mask=None):
    e = (q @ k.mT / math.sqrt(q.shape[-1])).exp()
    e = e if mask is None else e * mask
    weights = e / e.sum(-1, keepdim=True)
    return weights @ v, weights


def _no_axis_named(q, k, v, mask=None):
    """F.softmax chooses an axis itself: with three axes the first one, else the second."""
    return _attend(q, k, v, mask, axis=0 if q.ndim == 3 else 1)


def _query_by_query(q, k, v, mask=None):
    rows = [_attend(q[i : i + 1], k, v, mask if mask is None else mask[i]) for i in range(len(q))]
    return tuple(torch.cat(part) for part in zip(*rows, strict=True))


def _in_place(q, k, v, mask=None):
    q /= math.sqrt(q.shape[-1])
    return _attend(q, k, v, mask, scale=lambda q, k, v: 1.0)


def _detached(q, k, v, mask=None):
    return tuple(t.detach() for t in _attend(q, k, v, mask))


def _single_precision(q, k, v, mask=None):
    return _attend(q.float(), k.float(), v.float(), mask)


WRONG = {
    "no_scale": Wrong(
        _with(scale=lambda q, k, v: 1.0),
        "the scores are not divided by sqrt(d_k), so the softmax is too sharp",
        "divide by math.sqrt(q.shape[-1])",
    ),
    "scale_d": Wrong(
        _with(scale=lambda q, k, v: q.shape[-1]),
        "the scores are divided by d_k, not by its square root",
        "the standard deviation of a sum of d_k products grows like sqrt(d_k)",
    ),
    "scale_length": Wrong(
        _with(scale=lambda q, k, v: math.sqrt(k.shape[-2])),
        "the scores are divided by the root of the number of keys",
        "d_k is the width of a query: q.shape[-1]",
    ),
    "scale_d_v": Wrong(
        _with(scale=lambda q, k, v: math.sqrt(v.shape[-1])),
        "the scores are divided by the root of the width of a value",
        "d_k is the width of a query: q.shape[-1]",
    ),
    "multiplied": Wrong(
        _with(scale=lambda q, k, v: 1 / math.sqrt(q.shape[-1])),
        "the scores are multiplied by sqrt(d_k)",
        "divide: the factor is d_k ** -0.5",
    ),
    "scaled_after_softmax": Wrong(
        _scaled_after_softmax,
        "the weights are divided by sqrt(d_k), so the rows no longer sum to 1",
        "divide the scores, then take the softmax",
    ),
    "softmax_over_queries": Wrong(
        _with(axis=-2),
        "the softmax runs over the queries: here each column sums to 1, not each row",
        "softmax over the last axis, the keys",
    ),
    "mask_flipped": Wrong(
        _with(flip=True),
        "the mask is read the other way round; True means 'may look'",
        "fill where ~mask",
    ),
    "mask_unused": Wrong(
        _with(fill=None),
        "the mask changes nothing: it is unused, or masked_fill's result is not kept",
        "scores = scores.masked_fill(...) before the softmax",
    ),
    "mask_with_zero": Wrong(
        _with(fill=0.0),
        "blocked scores become 0 (or 1e-9, for -1e9), but exp(0) = 1 still gets weight",
        "fill with float('-inf'), whose exponential is 0",
    ),
    "mask_added": Wrong(
        _mask_added,
        "the mask is added as 0 and 1: allowed keys get a score larger by 1, none is hidden",
        "only -inf, added or filled in, takes a key's weight to 0",
    ),
    "mask_after_softmax": Wrong(
        _with(fill=None, after=lambda weights, mask: weights * mask),
        "the mask is applied after the softmax, so the rows no longer sum to 1",
        "mask the scores, then take the softmax",
    ),
    "exchanged": Wrong(
        _exchanged, "the two values come back in the wrong order", "return output, weights"
    ),
    "scores_returned": Wrong(
        _scores_returned,
        "the second value holds the scores",
        "return what comes out of the softmax: rows that sum to 1",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "renormalised": Wrong(
        _with(fill=None, after=lambda w, mask: w * mask / (w * mask).sum(-1, keepdim=True))
    ),
    "fill_minus_100": Wrong(_with(fill=-100.0)),
    "no_axis_named": Wrong(_no_axis_named),
    "no_batch": Wrong(_no_batch),
    "query_by_query": Wrong(_query_by_query),
    "naive_exponential": Wrong(_naive_exponential),
    "in_place": Wrong(_in_place),
    "detached": Wrong(_detached),
    "single_precision": Wrong(_single_precision),
}


def einsum_big_negative(q, k, v, mask=None):
    s = torch.einsum("...ld,...sd->...ls", q, k) * q.shape[-1] ** -0.5
    s = s if mask is None else torch.where(mask, s, torch.full_like(s, -1e9))
    w = torch.softmax(s, -1)
    return torch.einsum("...ls,...sv->...lv", w, v), w


def own_softmax(q, k, v, mask=None):
    s = (q / q.shape[-1] ** 0.25) @ (k / k.shape[-1] ** 0.25).mT
    if mask is not None:
        s = s + torch.zeros(mask.shape, dtype=s.dtype).masked_fill(~mask, -torch.inf)
    e = torch.exp(s - s.amax(-1, keepdim=True))
    return (e @ v) / e.sum(-1, keepdim=True), e / e.sum(-1, keepdim=True)


def one_query_at_a_time(q, k, v, mask=None):
    outputs, weights = [], []
    for i in range(q.shape[-2]):
        s = (k * q[..., i : i + 1, :]).sum(-1) / math.sqrt(k.shape[-1])
        if mask is not None:
            s = s.masked_fill(mask[..., i, :].logical_not(), torch.finfo(s.dtype).min)
        weights.append(torch.exp(torch.log_softmax(s, -1)))
        outputs.append((weights[-1].unsqueeze(-1) * v).sum(-2))
    return [torch.stack(outputs, -2), torch.stack(weights, -2)]


RIGHT = [einsum_big_negative, own_softmax, one_query_at_a_time, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS, order=ORDER)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for lead, idea in [((), "one sequence"), ((3,), "a batch"), ((2, 3), "a batch with heads")]:
            q, k, v = rand(*lead, 4, 6), rand(*lead, 5, 6), rand(*lead, 5, 2)
            mask = may_look(rand, *lead, 4, 5)
            match((q, k, v, None), idea)
            match((q, k, v, mask), f"{idea}, masked")
            match((3e3 * q, k, v, mask), f"{idea}, masked, very large scores")
        match((q, k, v, mask[0, 0]), "one mask for a batch with heads")
        match((q, k, v), "mask left at its default")
        match((q.float(), k.float(), v.float(), mask), "float32")
        match((q[0, 0, :1], k[0, 0, :1], v[0, 0, :1], None), "one query and one key")
        _keys_are_a_set(fn, q, k, v, torch.arange(5).flip(0))
        for at in range(3):
            same_gradient(fn, reference, (q, k, v, mask), at, "qkv"[at])


def _keys_are_a_set(fn, q, k, v, order):
    case, turned = (q, k, v), (q, k[..., order, :], v[..., order, :])
    outputs = [run(fn, reference, RETURNS, args, "keys")[0] for args in (turned, case)]
    what = "attention: the output stays when keys and values change places together"
    check.compare(what, *outputs)
