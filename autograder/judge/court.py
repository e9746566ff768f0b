"""The judge's side: a test calls stand-ins of the student's objects, and its end is the verdict.

Nothing here runs or unpickles what the student's process sends: wire.py makes plain data of it.
"""

import functools
import pickle
import socket
import types
import weakref

import numpy as np
import torch

from autograder.judge.mirrors import Mirrors
from autograder.judge.stand_in import Bridge, Reference, StandIn, known_error
from autograder.judge.wire import Refused, natural, receive, send

FUNCTIONS = (
    types.FunctionType, types.BuiltinFunctionType, types.MethodType, functools.partial
)  # fmt: skip
MUTABLE = (list, dict, set, bytearray, np.ndarray)


class Judge(Mirrors):
    """One end of the line to the student's process."""

    def __init__(self, fd):
        super().__init__()
        self.sock = socket.socket(fileno=fd)
        self.forget()

    def forget(self):
        self.tokens = {}  # token: a tensor of ours that was sent and needs a gradient
        self.mirrors = {}  # key: [our copy of a leaf of theirs, its numbers, its gradient]
        self.keys = {}  # id of such a copy: key
        self.callbacks, self.given, self.released, self.outputs = {}, [], [], []
        self.stand_ins = weakref.WeakValueDictionary()

    def end(self):
        """Let the student's process go on with its notebook."""
        send(self.sock, ["end"])
        self.forget()

    def request(self, operation, *arguments):
        """Have the student's process do something; return what it says came out."""
        outer, self.given = self.given, []
        try:
            released, self.released[:] = self.released[:], []
            packed = self.pack(arguments)
            tree = [operation, torch.is_grad_enabled(), self.changed(), released, packed]
            send(self.sock, tree, self.take_blobs())
            while True:
                (kind, *rest), blobs = self.hear()
                if kind != "callback":
                    break
                self.call_back(rest, blobs)
            if kind == "error":
                raise known_error(*rest)
            return self.accept(kind, rest, blobs)
        finally:
            self.take_blobs()
            self.given = outer

    def hear(self):
        tree, blobs = receive(self.sock)
        form = {"value": 6, "error": 3, "callback": 4}
        if type(tree) is not list or not tree or form.get(str(tree[0])) != len(tree):
            raise Refused("an answer is not of the agreed form")
        if tree[0] == "error" and not all(type(text) is str for text in tree):
            raise Refused("an error without a text")
        return tree, blobs

    def call_back(self, rest, blobs):
        key, args, kwargs = rest
        fn = self.callbacks.get(key if type(key) is int else None)
        args, kwargs = self.unpack(args, blobs), dict(self.unpack(kwargs, blobs))
        if fn is None or type(args) is not tuple:
            raise Refused("a call of a function that was not passed in")
        try:
            answer = ["return", "value", self.pack(fn(*args, **kwargs))]
        except Exception as error:
            self.take_blobs()
            answer = ["return", "error", type(error).__name__]
        send(self.sock, answer, self.take_blobs())

    def accept(self, kind, rest, blobs):
        try:
            news, leaves, graphs, changes, tree = rest
            for one in news:
                self.copy_leaf(*one, blobs)
            self.outputs = self.join_graphs(leaves, graphs, blobs)
            for at, content in changes:
                put_back(self.given[natural(at)], self.unpack(content, blobs))
            return self.unpack(tree, blobs)
        except (ValueError, TypeError, KeyError, IndexError, RuntimeError, AttributeError) as error:
            raise Refused(f"an answer is not of the agreed form ({type(error).__name__})") from None
        finally:
            self.outputs = []

    def join_graphs(self, leaves, graphs, blobs):
        """Return the graphs' outputs as tensors of ours that depend on the leaves."""
        if not graphs:
            return []
        values = [self.unpack(tree, blobs) for _, tree in graphs]
        if not all(type(value) is torch.Tensor for value in values):
            raise Refused("a graph of something else than tensors")
        inputs = [self.unpack(tree, blobs) for _, tree in leaves]
        keys = [tuple(Reference(natural(key)) for key, _ in pairs) for pairs in (graphs, leaves)]
        return Bridge.apply(self, *keys, values, *inputs)

    # Values: ours on the way there

    def pack(self, value):
        if type(value) in MUTABLE:
            return ["mutable", self.lend(value), super().pack(value)]
        return super().pack(value)

    def tensor(self, value):
        if (key := self.keys.get(id(value))) is not None:
            return ["mine", key]
        token = id(value) if value.requires_grad else None
        if token is not None:
            self.tokens[token] = value
        return ["given", self.lend(value), self.export_tensor(value), token, value.is_leaf]

    def export(self, value):
        if type(value) in (StandIn, Reference):
            return ["mine", value.key if type(value) is Reference else vars(value)["_key"]]
        if type(value) is torch.Generator:
            return ["generator", self.lend(value), self.export_tensor(value.get_state())]
        if isinstance(value, FUNCTIONS):
            self.callbacks[id(value)] = value
            return ["callback", id(value)]
        blob = self.blob(pickle.dumps(value))
        if not isinstance(value, torch.nn.Module):
            return ["pickle", blob]
        parameters = list(value.parameters())
        self.tokens |= {id(p): p for p in parameters}
        return ["module", self.lend(value), blob, [id(p) for p in parameters]]

    def lend(self, value):
        self.given.append(value)
        return len(self.given) - 1

    # Values: theirs on the way here

    def resolve(self, name, *rest):
        if name == "token":
            return self.tokens[natural(*rest)]
        if name == "mirror":
            return self.mirrors[natural(*rest)][0]
        if name == "graph":
            return self.outputs[natural(*rest)]
        if name == "object":
            return self.stand_in(*rest)
        raise Refused("a value of an unknown kind")

    def stand_in(self, key, kinds, name):
        key, kinds = natural(key), [(str(m), str(n)) for m, n in kinds]
        while key in self.released:  # it is in use again
            self.released.remove(key)
        made = self.stand_ins.get(key) or StandIn(self, key, kinds, str(name))
        self.stand_ins[key] = made
        return made

    # Leaves of theirs, of which both sides keep a copy, so that optimizers work here

    def copy_leaf(self, key, numbers, gradient, is_parameter, blobs):
        numbers, gradient = self.unpack(numbers, blobs), self.unpack(gradient, blobs)
        kinds = {type(numbers), type(gradient)}
        if type(numbers) is not torch.Tensor or not kinds <= {torch.Tensor, type(None)}:
            raise Refused("a leaf that is no tensor")
        if natural(key) not in self.mirrors:
            leaf = torch.nn.Parameter(numbers) if is_parameter else numbers.requires_grad_()
            self.mirrors[key], self.keys[id(leaf)] = [leaf, None, None], key
        self.update(key, numbers, gradient)


def put_back(ours, content):
    """Let an object of ours be what the student's code made of its copy."""
    if isinstance(ours, torch.nn.Module):
        state, gradients = content
        ours.load_state_dict(state)
        for parameter, gradient in zip(ours.parameters(), gradients, strict=True):
            parameter.grad = gradient
    elif isinstance(ours, torch.Generator):
        ours.set_state(content)
    elif isinstance(ours, torch.Tensor) and type(content) is torch.Tensor:
        same = ours.shape == content.shape and ours.dtype == content.dtype
        ours.data = ours.data.copy_(content) if same else content
    elif type(content) is not type(ours):
        raise Refused("an argument became something else")
    elif isinstance(ours, (list, bytearray, np.ndarray)):
        ours[... if isinstance(ours, np.ndarray) else slice(None)] = content
    else:
        ours.clear()
        ours.update(content)
