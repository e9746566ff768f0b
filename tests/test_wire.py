"""The line between student and judge: values cross it as they are, and garbage is refused."""

import json
import random
import struct

import numpy as np
import pytest
import torch

from autograder.judge import wire

VALUES = [
    None, True, 3, -2.5, float("inf"), "é\U0001f600", b"\x00", 1 + 2j, [1, [2]], (1, "a"), {3, 4},
    {"a": [1]}, slice(1, None), range(3), ..., torch.Size([2]), torch.float16,
    torch.arange(6).reshape(2, 3), torch.tensor([True, False]), torch.zeros(0, 2),
    torch.tensor(1.5, dtype=torch.bfloat16), np.arange(4.0).reshape(2, 2), np.float32(2),
    np.bool_(1),
]  # fmt: skip
ALLOWED = {type(v) for v in VALUES} | {frozenset, bytearray, torch.device, np.int64, torch.dtype}


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_values_cross_the_line_as_they_are(value):
    packer = wire.Packer()
    tree = json.loads(json.dumps(packer.pack(value)))
    back = packer.unpack(tree, [bytearray(b) for b in packer.take_blobs()])
    assert type(back) is type(value)
    same = np.array_equal if isinstance(value, np.ndarray) else torch.equal
    assert same(back, value) if hasattr(value, "shape") and value.shape else back == value


def mutated(tree, rng):
    """The tree with one random change somewhere."""
    if type(tree) is not list or not tree or rng.random() < 0.2:
        kinds = ["tensor", "array", "dict", "object", "mirror", "graph", "token", "size", "set"]
        return rng.choice(
            [None, -1, 2**70, 1e308, "\ud800", [], [[]], {}, True, *kinds, [rng.choice(kinds), 0]]
        )
    at = rng.randrange(len(tree))
    return [*tree[:at], mutated(tree[at], rng), *tree[at + 1 :]]


def plain(value):
    inner = value.items() if isinstance(value, dict) else value
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        return type(value) in ALLOWED and all(map(plain, inner))
    return type(value) in ALLOWED or isinstance(value, np.generic)


def test_garbage_on_the_line_is_refused_and_nothing_else():
    rng, packer, kept = random.Random(0), wire.Packer(), 0
    for _ in range(5000):
        tree = packer.pack(rng.choice(VALUES))
        blobs = [bytearray(b) for b in packer.take_blobs()]
        for _ in range(rng.randrange(1, 4)):
            tree = mutated(tree, rng)
        if blobs and rng.random() < 0.3:
            blobs[0] = blobs[0][: rng.randrange(len(blobs[0]) + 1)]
        try:
            value = packer.unpack(tree, blobs)
        except wire.Refused:
            continue
        kept += 1
        assert plain(value), value
    assert 50 < kept < 4900


class Pipe:
    def __init__(self, data):
        self.data = data

    def recv_into(self, view):
        part, self.data = self.data[: len(view)], self.data[len(view) :]
        view[: len(part)] = part
        return len(part)


def message(head, claimed=None):
    return struct.pack("!Q", len(head) if claimed is None else claimed) + head


@pytest.mark.parametrize(
    "data",
    [
        message(b"", 2**62),
        message(b"not json"),
        message(b"[" * 100_000),
        message(b"[1, [1e9]]"),
        message(b"[1, [-1]]"),
        message(b"[1, [999999999999]]"),
        message(b"[1]"),
        message(b'{"a": 1}'),
        message(b"[1, [" + b"0," * 200_000 + b"0]]"),
        message(b"9" * 5000),
        message(b"\xff\xfe"),
    ],
    ids=range(11),
)
def test_a_message_that_is_none(data):
    with pytest.raises(wire.Refused):
        wire.receive(Pipe(data))
    for cut in (0, 5, len(data) - 1):
        with pytest.raises((wire.Refused, wire.Ended)):
            wire.receive(Pipe(data[:cut]))


def test_bytes_that_are_no_bool_become_one():
    tensor = wire.tensor_of(bytearray([0, 2, 255]), torch.bool, [3])
    assert tensor.view(torch.uint8).tolist() == [0, 1, 1]
