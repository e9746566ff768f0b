"""Exercise `multi_head_attention`: project, split into heads, attend, merge, project."""

import math
from functools import partial

import torch

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch12_attention import LN2, may_look, same_gradient
from chainrule import check

# Two heads of width 2: scores over sqrt(2) are ln 2 times whole numbers, the weights fractions.
X = torch.tensor(
    [[[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]], [[0.0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 2, 0]]]
)
W_Q = torch.tensor([[1.0, 0, 0, 1], [0, 1, 0, 0], [0, 1, 1, 0], [1, 0, 0, -1]])
W_K = math.sqrt(2) * LN2 * torch.tensor([[0.0, 1, 0, 1], [1, 0, 1, 1], [0, 1, 1, -1], [1, 2, 0, 0]])
W_V = torch.tensor([[1.0, 0, 0, 2], [0, 2, 0, 0], [0, 0, 3, 0], [0, 0, 1, 4]])
W_O = torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 2]])
CAUSAL = torch.ones(3, 3, dtype=torch.bool).tril()
MASK = torch.stack([CAUSAL, torch.tensor([True, True, False]).expand(3, 3)])  # B = 2, as heads
EXAMPLES = {
    "one head": (X, W_Q, W_K, W_V, W_O, 1, None),
    "two heads": (X, W_Q, W_K, W_V, W_O, 2, None),
    "two heads, masked": (X, W_Q, W_K, W_V, W_O, 2, MASK),
}
AXES = ("B T d", "d d", "d d", "d d", "d d", "B T T")
RETURNS = ("output",)


def reference(x, w_q, w_k, w_v, w_o, heads, mask=None):
    """torch.nn.MultiheadAttention with these weights; its mask is True where looking is barred."""
    d = x.shape[-1]
    layer = torch.nn.MultiheadAttention(d, heads, bias=False, batch_first=True, dtype=x.dtype)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.cat([w_q, w_k, w_v]))
        layer.out_proj.weight.copy_(w_o)
    if mask is not None:  # (B, T, T) to (B * heads, T, T)
        mask = ~mask.repeat_interleave(heads, 0)
    return layer(x, x, x, attn_mask=mask, need_weights=False)[0]


def split(t, heads):
    batch, length, d = t.shape
    return t.view(batch, length, heads, d // heads).transpose(1, 2)


def merge(t):
    return t.transpose(1, 2).flatten(2)


def attend(q, k, v, mask, *, scale=math.sqrt, axis=-1, aim=lambda mask: mask[:, None]):
    scores = q @ k.mT / scale(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~aim(mask), -math.inf)
    return scores.softmax(axis) @ v


def _heads(
    x, w_q, w_k, w_v, w_o, heads, mask=None, *,
    split=split, attend=attend, merge=merge, project=lambda x, w: x @ w.mT,
    out=lambda merged, w: merged @ w.mT,
):  # fmt: skip
    """The right answer; the wrong ones replace one of its steps."""
    q, k, v = (split(project(x, w), heads) for w in (w_q, w_k, w_v))
    return out(merge(attend(q, k, v, mask)), w_o)


def _with(**steps):
    return partial(_heads, **steps)


def _reshaped(t, heads):
    batch, length, d = t.shape
    return t.reshape(batch, heads, length, d // heads)


def _every_second(t, heads):
    batch, length, d = t.shape
    return t.view(batch, length, d // heads, heads).permute(0, 3, 1, 2)


def _not_turned_back(t):
    batch, heads, length, width = t.shape
    return t.reshape(batch, length, heads * width)


def _full_width_scale(q, k, v, mask):
    return attend(q, k, v, mask, scale=lambda width: math.sqrt(width * q.shape[1]))


def _attends_over_heads(x, w_q, w_k, w_v, w_o, heads, mask=None):
    q, k, v = (split(x @ w.mT, heads).transpose(1, 2) for w in (w_q, w_k, w_v))
    return attend(q, k, v, None).flatten(2) @ w_o.mT


def _slices_of_x(x, w_q, w_k, w_v, w_o, heads, mask=None):
    blocks = [torch.block_diag(*blocks_of(w, heads)) for w in (w_q, w_k, w_v)]
    return _heads(x, *blocks, w_o, heads, mask)


def blocks_of(w, heads):
    """The square blocks of w along its diagonal."""
    size = len(w) // heads
    return [w[i : i + size, i : i + size] for i in range(0, len(w), size)]


def _keys_ask(q, k, v, mask):
    return attend(k, q, v, mask)


def _one_head(x, w_q, w_k, w_v, w_o, heads, mask=None):
    return _heads(x, w_q, w_k, w_v, w_o, 1, mask)


def _detached_weights(x, w_q, w_k, w_v, w_o, heads, mask=None):
    inner = lambda q, k, v, mask: attend(q.detach(), k.detach(), v, mask)
    return _heads(x, w_q, w_k, w_v, w_o, heads, mask, attend=inner)


WRONG = {
    "reshaped": Wrong(
        _with(split=_reshaped),
        "the heads are cut with reshape(B, heads, T, width), which mixes positions",
        "view as (B, T, heads, width) first, then transpose the two middle axes",
    ),
    "not_turned_back": Wrong(
        _with(merge=_not_turned_back),
        "the heads are merged without turning the axes back",
        "transpose to (B, T, heads, width), then flatten the last two",
    ),
    "reshaped_both_ways": Wrong(
        _with(split=_reshaped, merge=_not_turned_back),
        "reshape cuts and merges the heads: the shapes fit, but a head sees pieces of positions",
        "view as (B, T, heads, width) and transpose; and back again at the end",
    ),
    "every_second_column": Wrong(
        _with(split=_every_second, merge=lambda t: t.permute(0, 2, 3, 1).flatten(2)),
        "head i takes every heads-th column; it should take a block of neighbours",
        "view as (B, T, heads, width): the heads come before the width",
    ),
    "attends_over_heads": Wrong(
        _attends_over_heads,
        "the axis of the heads is not moved, so each position attends over its own heads",
        "transpose to (B, heads, T, width) before the scores",
    ),
    "slices_of_x": Wrong(
        _slices_of_x,
        "each head projects its own slice of x; it should see the whole row",
        "project first, then cut the result into heads",
    ),
    "one_head": Wrong(_one_head, "all columns form one head", "cut the width into `heads` blocks"),
    "full_width_scale": Wrong(
        _with(attend=_full_width_scale),
        "the divisor is sqrt(d), but a head is only d / heads wide",
        "divide by the root of the width of one head",
    ),
    "no_scale": Wrong(
        _with(attend=partial(attend, scale=lambda width: 1)),
        "the scores are not divided by the root of the width of a head",
        "divide by math.sqrt(d // heads)",
    ),
    "scaled_twice": Wrong(
        _with(attend=partial(attend, scale=lambda width: width)),
        "the scores are divided twice by the root of a head's width",
        "your `attention` divides already",
    ),
    "keys_ask": Wrong(
        _with(attend=_keys_ask),
        "queries and keys are exchanged",
        "q @ k.mT: the rows belong to the queries",
    ),
    "not_transposed": Wrong(
        _with(project=lambda x, w: x @ w, out=lambda merged, w: merged @ w),
        "the matrices are used as x @ w; here, as in nn.Linear, it is x @ w.T",
        "x @ w_q.T, and so on",
    ),
    "last_not_transposed": Wrong(
        _with(out=lambda merged, w: merged @ w), "the last product lacks its .T", "merged @ w_o.T"
    ),
    "no_output_matrix": Wrong(
        _with(out=lambda merged, w: merged), "the merged heads come back without w_o", "use w_o.T"
    ),
    "mask_unused": Wrong(
        _with(attend=lambda q, k, v, mask: attend(q, k, v, None)),
        "the mask changes nothing",
        "mask the scores of every head",
    ),
    "mask_without_head_axis": Wrong(
        _with(attend=partial(attend, aim=lambda mask: mask)),
        "(B, T, T) is broadcast against (B, heads, T, T): head i gets the mask of sequence i",
        "give the mask an axis for the heads: mask[:, None]",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "softmax_over_heads": Wrong(_with(attend=partial(attend, axis=1))),
    "detached_weights": Wrong(_detached_weights),
}


def a_loop_over_heads(x, w_q, w_k, w_v, w_o, heads, mask=None):
    width, merged = x.shape[-1] // heads, []
    for h in range(heads):
        rows = slice(h * width, (h + 1) * width)
        q, k, v = x @ w_q[rows].T, x @ w_k[rows].T, x @ w_v[rows].T
        scores = torch.bmm(q, k.transpose(1, 2)) / width**0.5
        if mask is not None:
            scores = torch.where(mask, scores, torch.tensor(-1e9, dtype=scores.dtype))
        merged.append(torch.bmm(scores.softmax(-1), v))
    return torch.cat(merged, -1) @ w_o.T


def summed_outputs(x, w_q, w_k, w_v, w_o, heads, mask=None):
    width, total = x.shape[-1] // heads, 0
    for h in range(heads):
        part = slice(h * width, (h + 1) * width)
        scores = x @ w_q[part].T @ w_k[part] @ x.mT * width**-0.5
        scores = scores if mask is None else scores.masked_fill(~mask, -torch.inf)
        total = total + scores.softmax(-1) @ x @ (w_o[:, part] @ w_v[part]).T
    return total


RIGHT = [a_loop_over_heads, summed_outputs, talkative(reference)]


def hidden(fn, seed):
    match = partial(agree, fn, reference, RETURNS)
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for batch, length, d, heads in [(2, 5, 6, 3), (3, 4, 8, 2), (2, 3, 6, 2), (1, 7, 4, 4)]:
            x, weights = rand(batch, length, d), [rand(d, d) / d**0.5 for _ in range(4)]
            mask = may_look(rand, batch, length, length)
            idea = f"{batch} sequences, {heads} heads of width {d // heads}"
            match((x, *weights, heads, None), idea)
            match((x, *weights, heads, mask), f"{idea}, masked")
        match((x.float(), *[w.float() for w in weights], heads, mask), "float32")
        match((1e3 * x, *weights, heads), "large inputs, mask left at its default")
        match((x[:, :1], *weights, 1, None), "one position, one head")
        _positions_move_along(fn, x, weights, heads)
        same_gradient(fn, reference, (x, *weights, heads, mask), 0, "x")


def _positions_move_along(fn, x, weights, heads):
    order, call = torch.arange(x.shape[1]).flip(0), partial(run, fn, reference, RETURNS)
    (moved,), (plain,) = (call((t, *weights, heads), "an order") for t in (x[:, order], x))
    what = "multi_head_attention: moving the positions moves the outputs with them"
    check.compare(what, moved, plain[:, order])
