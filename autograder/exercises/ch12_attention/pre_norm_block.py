"""Exercise `pre_norm_block`: repair a block: normalise, attend, add; normalise, MLP, add."""

import math
from functools import partial

import torch
from torch.nn.functional import gelu, layer_norm

from autograder.exercises import Wrong, agree, normal, run, talkative
from autograder.exercises.ch12_attention import same_gradient
from chainrule import check

X = torch.tensor([[[3.0, 1, 3, 1], [0, 4, 4, 0]]])  # normalised: (1, -1, 1, -1), (-1, 1, 1, -1)
P = {  # (1, T, d) = (1, 2, 4), and 3 hidden units in the MLP
    "gain1": torch.tensor([1.0, 1, 2, 1]),
    "q": torch.tensor([[1.0, 0, 0, 1], [0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]]),
    "k": torch.tensor([[0.0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 1]]),
    "v": torch.eye(4),
    "o": torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 2]]),
    "gain2": torch.tensor([2.0, 1, 1, 1]),
    "up": torch.tensor([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1]]),
    "down": torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, -1, 0]]),
}
# All scores are 0, so attention takes the mean, (0, 0, 2, -1), and adds 2 to every number of x.
EVEN = P | {"q": torch.zeros(4, 4), "o": torch.tensor([1.0, 1, 1, 0]).repeat(4, 1)}
CAUSAL = torch.tensor([[[True, False], [True, True]]])
EXAMPLES = {
    "even weights": (X, EVEN, None),
    "all visible": (X, P, None),
    "causal": (X, P, CAUSAL),
}
AXES = ("1 T d", "1 T T")
RETURNS = ("output",)


def reference(x, p, mask=None):
    """torch.nn.TransformerEncoderLayer with norm_first=True and these weights."""
    d, wide = x.shape[-1], p["up"].shape[0]
    layer = torch.nn.TransformerEncoderLayer(
        d, 1, wide, dropout=0.0, activation=gelu, batch_first=True, norm_first=True, bias=False
    )
    layer.to(x.dtype).load_state_dict(
        {
            "self_attn.in_proj_weight": torch.cat([p["q"], p["k"], p["v"]]),
            "self_attn.out_proj.weight": p["o"],
            "linear1.weight": p["up"],
            "linear2.weight": p["down"],
            "norm1.weight": p["gain1"],
            "norm2.weight": p["gain2"],
        }
    )
    return layer(x, src_mask=None if mask is None else ~mask.expand(len(x), -1, -1))


def norm(x, gain):
    return layer_norm(x, x.shape[-1:], gain)


def attend(h, p, mask=None):
    q, k, v = h @ p["q"].T, h @ p["k"].T, h @ p["v"].T
    scores = q @ k.mT / math.sqrt(h.shape[-1])
    scores = scores if mask is None else scores.masked_fill(~mask, -math.inf)
    return scores.softmax(-1) @ v @ p["o"].T


def mlp(h, p):
    return gelu(h @ p["up"].T) @ p["down"].T


# The halves of a block, right (pre) and wrong.
PRE1 = lambda x, p, mask: x + attend(norm(x, p["gain1"]), p, mask)
PRE2 = lambda x, p: x + mlp(norm(x, p["gain2"]), p)
POST1 = lambda x, p, mask: norm(x + attend(x, p, mask), p["gain1"])
POST2 = lambda x, p: norm(x + mlp(x, p), p["gain2"])
BEHIND1 = lambda x, p, mask: x + norm(attend(x, p, mask), p["gain1"])
BEHIND2 = lambda x, p: x + norm(mlp(x, p), p["gain2"])
GAIN2 = lambda x, p: x + mlp(norm(x, p["gain1"]), p)
LOST1 = lambda x, p, mask: attend(norm(x, p["gain1"]), p, mask)
LOST2 = lambda x, p: mlp(norm(x, p["gain2"]), p)
COPY1 = lambda x, p, mask: norm(x, p["gain1"]) + LOST1(x, p, mask)
COPY2 = lambda x, p: norm(x, p["gain2"]) + LOST2(x, p)
GAIN_AND_LOST2 = lambda x, p: mlp(norm(x, p["gain1"]), p)


def _block(first=PRE1, second=PRE2):
    return lambda x, p, mask=None: second(first(x, p, mask), p)


def _normalised_copy_added(x, p, mask=None):
    h = norm(x, p["gain1"])
    h = norm(h + attend(h, p, mask), p["gain2"])
    return h + mlp(h, p)


def _side_by_side(x, p, mask=None):
    return PRE1(x, p, mask) + LOST2(x, p)


def _adds_the_start(x, p, mask=None):
    return x + LOST2(PRE1(x, p, mask), p)


def _in_place(x, p, mask=None):
    x += LOST1(x, p, mask)
    return PRE2(x, p)


def _detached_stream(x, p, mask=None):
    return PRE2(x.detach() + LOST1(x, p, mask), p)


BEFORE = "the first norm comes after the addition and cuts through the residual stream"
GAIN = "the second norm has gain1"
RESIDUAL = "x is not added to what the MLP gives"
WRONG = {
    "nothing_repaired": Wrong(
        _block(POST1, GAIN_AND_LOST2),
        "all three faults are still there: a norm after the addition, a gain, a lost residual",
        "both halves have the form x + branch(norm(x))",
    ),
    "before_and_gain_left": Wrong(
        _block(POST1, GAIN2),
        f"two faults are left: {BEFORE}; and {GAIN}",
        "attend(norm(x, ...)), then add to x; then compare the two gains with the formula",
    ),
    "before_and_residual_left": Wrong(
        _block(POST1, LOST2),
        f"two faults are left: {BEFORE}; and {RESIDUAL}",
        "each branch has the form x + branch(norm(x))",
    ),
    "gain_and_residual_left": Wrong(
        _block(PRE1, GAIN_AND_LOST2),
        f"two faults are left: {GAIN}; and {RESIDUAL}",
        "compare the second half with the formula, symbol by symbol",
    ),
    "before_left": Wrong(
        _block(POST1, PRE2),
        f"one fault is left: {BEFORE}",
        "normalise what goes into attention; leave x itself as it is",
    ),
    "gain_left": Wrong(
        _block(PRE1, GAIN2), f"one fault is left: {GAIN}", "each norm has its own gain"
    ),
    "residual_left": Wrong(
        _block(PRE1, LOST2), f"one fault is left: {RESIDUAL}", "return x + mlp(...)"
    ),
    "post_norm_twice": Wrong(
        _block(POST1, POST2),
        "both norms stand after the additions: that is the post-norm block of 2017",
        "normalise what goes into a branch, and nothing else",
    ),
    "first_residual_lost": Wrong(
        _block(LOST1, PRE2), "x is not added to what attention gives", "x = x + attend(...)"
    ),
    "normalised_copy_added": Wrong(
        _normalised_copy_added,
        "the normalised copy is added; the residual stream must pass untouched",
        "keep two names: h for the normalised copy, x for the stream",
    ),
    "copy_added_first": Wrong(
        _block(COPY1, PRE2),
        "the first half adds its normalised copy; the stream itself must go on",
        "add what stood there before the norm",
    ),
    "branches_normalised": Wrong(
        _block(BEHIND1, BEHIND2),
        "the norms stand behind the branches; each branch should read a norm of x",
        "attend(norm(x, ...), ...), and the same for the MLP",
    ),
    "copy_added_second": Wrong(
        _block(PRE1, COPY2),
        "the second half adds its normalised copy; the stream itself must go on",
        "add what stood there before the norm",
    ),
    "side_by_side": Wrong(
        _side_by_side,
        "the MLP reads the block's input, side by side with attention",
        "let the MLP read x after attention has been added",
    ),
    "adds_the_start": Wrong(
        _adds_the_start,
        "the MLP's result is added to the block's input, so attention's is lost",
        "assign the first sum to x and go on with it",
    ),
    "mask_lost": Wrong(
        lambda x, p, mask=None: reference(x, p),
        "the mask does not arrive",
        "attend(h, p, mask)",
    ),
    # caught by the hidden checks, or by a message that needs no diagnosis
    "in_place": Wrong(_in_place),
    "detached_stream": Wrong(_detached_stream),
}


def own_norm(x, p, mask=None):
    def scaled(x, gain):
        centred = x - x.mean(-1, keepdim=True)
        return gain * centred * torch.rsqrt(centred.square().mean(-1, keepdim=True) + 1e-5)

    x = x + attend(scaled(x, p["gain1"]), p, mask)
    return x + mlp(scaled(x, p["gain2"]), p)


def two_branches(x, p, mask=None):
    a = attend(norm(x, p["gain1"]), p, mask)
    return x + a + mlp(norm(x + a, p["gain2"]), p)


def one_sequence_at_a_time(x, p, mask=None):
    rows = []
    for sequence in x:
        mask_ = None if mask is None else mask[0]
        y = torch.add(sequence, attend(norm(sequence, p["gain1"]), p, mask_))
        rows.append(torch.add(mlp(norm(y, p["gain2"]), p), y))
    return torch.stack(rows)


RIGHT = [own_norm, two_branches, one_sequence_at_a_time, talkative(reference)]


def draw_case(rand, batch, length, d, wide):
    shapes = dict.fromkeys("qkvo", (d, d)) | {"up": (wide, d), "down": (d, wide)}
    p = {name: rand(*shape) / d**0.5 for name, shape in shapes.items()}
    return rand(batch, length, d), p | {f"gain{i}": 1 + 0.3 * rand(d) for i in (1, 2)}


def hidden(fn, seed):
    call, match = (partial(one, fn, reference, RETURNS) for one in (run, agree))
    for draw in (seed, seed + 1):
        rand = normal(draw)
        for batch, length, d, wide in [(1, 3, 4, 10), (3, 5, 8, 6)]:
            x, p = draw_case(rand, batch, length, d, wide)
            causal = torch.ones(1, length, length, dtype=torch.bool).tril()
            match((x, p, None), f"batch of {batch}, width {d}")
            match((x, p, causal), f"batch of {batch}, width {d}, causal")
        match((x.float(), {k: v.float() for k, v in p.items()}, causal), "float32")
        match((1e4 * x, p), "a long residual stream, mask left at its default")
        silent = p | {"o": 0 * p["o"], "down": 0 * p["down"]}
        what = "pre_norm_block: with o = 0 and down = 0 the input comes out unchanged"
        check.compare(what, call((x, silent), "silent branches")[0], x)
        _size_of_the_stream(call, x, p | {"down": silent["down"]})
        same_gradient(fn, reference, (x, p, causal), 0, "x")


def _size_of_the_stream(call, x, p):
    """The norm takes the size out, but for the 1e-5 under its root."""
    small, large = (call((c * x, p), "a scale")[0] - c * x for c in (10, 1000))
    what = "pre_norm_block: what attention adds does not depend on the size of x"
    check.compare(what, small, large, atol=1e-3)
