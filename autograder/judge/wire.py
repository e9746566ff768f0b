"""Values as data: JSON for the structure, raw bytes for the numbers; no pickle, no code.

Both processes use this file. The judge reads with it what a hostile process may have written, so
`unpack` builds only the types below, and raises Refused at anything else.
"""

import json
import math
import struct

import numpy as np
import torch

HEAD, BLOBS, COUNT = 16 << 20, 256 << 20, 100_000  # at most: bytes, bytes, number of blobs
DTYPES = {
    str(d).removeprefix("torch."): d
    for d in (
        torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16,
        torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128,
    )
}  # fmt: skip
ARRAYS = {np.dtype(name).str for name in "?bBhHiIlLefdFD"}
PLAIN = (bool, int, float, str)
SEQUENCES = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "size": torch.Size}


class Broken(BaseException):
    """The line cannot be used any more; no Exception, so that no test takes it for its own."""


class Refused(Broken):
    """The other process sent what no honest one sends."""


class Ended(Broken):
    """There is no other process any more."""


def send(sock, tree, blobs=()):
    """Write one message: a JSON tree and the bytes that it refers to."""
    head = json.dumps([tree, [len(b) for b in blobs]]).encode()
    try:
        sock.sendall(struct.pack("!Q", len(head)) + head)
        for blob in blobs:
            sock.sendall(blob)
    except OSError:
        raise Ended from None


def receive(sock):
    """Read one message: (tree, blobs)."""
    try:
        (size,) = struct.unpack("!Q", read(sock, 8, 8))
        tree, sizes = json.loads(read(sock, size, HEAD))
        if len(sizes) > COUNT or any(type(n) is not int or n < 0 for n in sizes):
            raise Refused("the sizes of a message are no sizes")
        if sum(sizes) > BLOBS:
            raise Refused("a message is too large")
        return tree, [read(sock, n, BLOBS) for n in sizes]
    except (ValueError, TypeError, RecursionError, UnicodeError) as error:
        raise Refused(f"a message is not of the agreed form ({type(error).__name__})") from None


def read(sock, size, most):
    if size > most:
        raise Refused("a message is too large")
    data = bytearray(size)
    rest = memoryview(data)
    while rest:
        try:
            count = sock.recv_into(rest)
        except OSError:
            count = 0
        if not count:
            raise Ended
        rest = rest[count:]
    return data


class Packer:
    """Turns values into (tree, blobs) and back.

    What is not plain data goes to `export` and comes back through `resolve(kind, *rest)`.
    """

    def __init__(self):
        self.blobs, self.now = [], []  # those to be sent; those of the message being read

    def take_blobs(self):
        blobs, self.blobs = self.blobs, []
        return blobs

    def blob(self, data):
        self.blobs.append(data)
        return len(self.blobs) - 1

    def export(self, value):
        raise TypeError(f"a {type(value).__name__} cannot be sent")

    def tensor(self, value):
        return self.export_tensor(value)

    def export_tensor(self, value):
        """A tensor's numbers, whatever graph it belongs to."""
        plain = value.detach().cpu().contiguous()
        data = plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b""
        dtype = str(plain.dtype).removeprefix("torch.")
        return ["tensor", self.blob(data), dtype, list(plain.shape)]

    def pack(self, value):
        kind = type(value)
        if value is None or kind in PLAIN:
            return value
        if isinstance(value, torch.Tensor):
            return self.tensor(value)
        for name, sequence in SEQUENCES.items():
            if kind is sequence:
                return [name, [self.pack(v) for v in value]]
        if kind is dict:
            return ["dict", [[self.pack(k), self.pack(v)] for k, v in value.items()]]
        if isinstance(value, (np.ndarray, np.generic)) and value.dtype.str in ARRAYS:
            name = "array" if isinstance(value, np.ndarray) else "scalar"
            data = np.ascontiguousarray(value).tobytes()
            return [name, self.blob(data), value.dtype.str, list(value.shape)]
        if kind in (bytes, bytearray):
            return [kind.__name__, self.blob(bytes(value))]
        if kind is complex:
            return ["complex", value.real, value.imag]
        if kind in (slice, range):
            return [kind.__name__, *map(self.pack, (value.start, value.stop, value.step))]
        if kind is torch.dtype:
            return ["dtype", str(value).removeprefix("torch.")]
        if kind is torch.device:
            return ["device", value.type]
        return ["dots"] if value is ... else self.export(value)

    def unpack(self, tree, blobs):
        """Build the value of a tree; raise Refused where the tree is not one of `pack`'s."""
        self.now = blobs
        try:
            return self._unpack(tree)
        except (ValueError, TypeError, KeyError, IndexError, RuntimeError, AttributeError) as error:
            raise Refused(f"a value is not of the agreed form ({type(error).__name__})") from None
        except (RecursionError, OverflowError) as error:
            raise Refused(f"a value is too deep or too large ({type(error).__name__})") from None

    def _unpack(self, tree):
        if tree is None or type(tree) in (bool, int, float):
            return tree
        if type(tree) is str:  # half of a surrogate pair could not be printed
            return tree.encode("utf-8", "replace").decode()
        name, *rest = tree
        if name in SEQUENCES:
            return SEQUENCES[name]([self._unpack(v) for v in rest[0]])
        if name == "dict":
            return {self._unpack(k): self._unpack(v) for k, v in rest[0]}
        if name == "tensor":
            return tensor_of(self.now[natural(rest[0])], DTYPES[rest[1]], sizes_of(rest[2]))
        if name in ("array", "scalar"):
            array = array_of(self.now[natural(rest[0])], rest[1], sizes_of(rest[2]))
            return array if name == "array" else array.reshape(())[()]
        if name in ("bytes", "bytearray"):
            data = self.now[natural(rest[0])]
            return bytes(data) if name == "bytes" else bytearray(data)
        if name == "complex":
            return complex(*map(number, rest))
        if name in ("slice", "range"):
            ends = [self._unpack(v) for v in rest]
            return slice(*ends) if name == "slice" else range(*map(whole, ends))
        if name == "dtype":
            return DTYPES[rest[0]]
        if name == "device":
            return torch.device("cpu")  # the judge computes there
        return ... if name == "dots" else self.resolve(name, *rest)

    def resolve(self, name, *rest):
        raise Refused("a value of an unknown kind")


def tensor_of(data, dtype, sizes):
    check_size(data, dtype.itemsize, sizes)
    if not data:
        return torch.empty(sizes, dtype=dtype)
    raw = torch.frombuffer(data, dtype=torch.uint8 if dtype is torch.bool else dtype).clone()
    # A bool byte other than 0 and 1 could make comparisons contradict one another.
    return (raw != 0 if dtype is torch.bool else raw).reshape(sizes)


def array_of(data, dtype, sizes):
    if dtype not in ARRAYS:
        raise Refused("an array of an unknown kind")
    dtype = np.dtype(dtype)
    check_size(data, dtype.itemsize, sizes)
    if dtype.kind == "b":
        return (np.frombuffer(data, np.uint8) != 0).reshape(sizes)
    return np.frombuffer(data, dtype).reshape(sizes).copy()


def check_size(data, itemsize, sizes):
    if math.prod(sizes) * itemsize != len(data):
        raise Refused("a tensor's bytes and sizes disagree")


def sizes_of(sizes):
    if type(sizes) is not list or len(sizes) > 64:
        raise Refused("a tensor's sizes are no sizes")
    return [natural(n) for n in sizes]


def natural(n):
    if type(n) is not int or not 0 <= n < 2**63:
        raise Refused("a number is out of range")
    return n


def whole(n):
    if type(n) is not int:
        raise Refused("a range of something else than whole numbers")
    return n


def number(x):
    if type(x) not in (int, float):
        raise Refused("a complex number of something else than numbers")
    return x
