"""The student's side: answers the judge's requests about the names of a notebook.

This text is sent into the student's process and runs among the student's code, which may change
all of it. The judge therefore takes an answer for what it is: something that the student said.
"""

import operator
import pickle
import socket

import numpy as np
import torch

from autograder.judge.mirrors import Mirrors
from autograder.judge.wire import receive, send

OPERATIONS = {
    "ping": lambda: None,
    "call": lambda fn, args, kwargs: fn(*args, **dict(kwargs)),
    "getattr": getattr,
    "setattr": setattr,
    "next": next,
    "operator": lambda name, *args: getattr(operator, name)(*args),
    "builtin": lambda name, x: {"len": len, "iter": iter, "bool": bool, "float": float,
                                "int": int, "repr": repr, "abs": abs}[name](x),
}  # fmt: skip


class Student(Mirrors):
    """One end of the line; `names` is the notebook's namespace."""

    def __init__(self, fd, names):
        super().__init__()
        self.sock, self.names = socket.socket(fileno=fd), names
        self.forget()

    def forget(self):
        self.objects = {}  # key: what the judge has a stand-in of
        self.tokens = {}  # id of a leaf: the judge's token for its own tensor
        self.mirrors = {}  # key: [leaf, numbers, gradient], the latter two as the judge knows them
        self.given, self.graphs = [], []

    def hold(self, value):
        self.objects[id(value)] = value
        return id(value)

    def serve(self, until="end"):
        """Answer requests until the judge says `until`; return the rest of that message."""
        while True:
            (operation, *rest), blobs = receive(self.sock)
            if operation == until:
                return rest, blobs
            outer, self.given, self.graphs = (self.given, self.graphs), [], []
            try:
                answer = self.answer(operation, rest, blobs)
            except BaseException as error:  # also an exit or an interrupt: the judge shall hear
                self.take_blobs()
                answer = ["error", type(error).__name__, str(error)[:2000]]
            self.given, self.graphs = outer
            send(self.sock, answer, self.take_blobs())

    def answer(self, operation, rest, blobs):
        with_gradients, news, released, arguments = rest
        for key in released:
            self.objects.pop(key, None)
        for key, numbers, gradient in news:
            self.update(key, self.unpack(numbers, blobs), self.unpack(gradient, blobs))
        with torch.set_grad_enabled(with_gradients):
            arguments = self.unpack(arguments, blobs)
            if operation == "get":
                value = self.names[arguments[0]]
            elif operation == "backward":
                value = self.backward(*arguments)
            else:
                value = OPERATIONS[operation](*arguments)
        tree = self.pack(value)
        leaves = [[self.hold(leaf), self.tensor(leaf)] for leaf in leaves_of(self.graphs)]
        graphs = [[self.hold(g), self.export_tensor(g)] for g in self.graphs]
        return ["value", self.news(), leaves, graphs, self.changes(), tree]

    def backward(self, outputs, gradients, leaves):
        return torch.autograd.grad(outputs, leaves, gradients, retain_graph=True, allow_unused=True)

    # From here on: what values look like for the judge

    def tensor(self, value):
        if not value.requires_grad:
            return self.export_tensor(value)
        if not value.is_leaf:
            self.graphs.append(value)
            return ["graph", len(self.graphs) - 1]
        if id(value) in self.tokens:
            return ["token", self.tokens[id(value)]]
        self.mirrors.setdefault(id(value), [value, None, None])
        return ["mirror", self.hold(value)]

    def export(self, value):
        for kind in (dict, tuple, list, set, bool, int, float, str):  # a subclass goes as its base
            if isinstance(value, kind) and type(value) is not kind:
                return self.pack(kind(value))
        if isinstance(value, (np.ndarray, np.generic)):  # of text or objects
            return self.pack(value.tolist())
        kinds = [[c.__module__, c.__qualname__] for c in type(value).__mro__]
        return ["object", self.hold(value), kinds, getattr(value, "__name__", "")]

    def resolve(self, name, *rest):
        return getattr(self, f"take_{name}")(*rest)

    def take_mine(self, key):
        return self.objects[key]

    def take_given(self, at, tree, token, is_leaf):
        value = self._unpack(tree)
        if token is not None:
            leaf = value.requires_grad_()
            self.tokens[self.hold(leaf)] = token
            value = leaf if is_leaf else leaf.clone()
        return self.lend(at, value)

    def take_mutable(self, at, tree):
        return self.lend(at, self._unpack(tree))

    def take_generator(self, at, tree):
        generator = torch.Generator()
        generator.set_state(self._unpack(tree))
        return self.lend(at, generator)

    def take_pickle(self, blob):
        return pickle.loads(self.now[blob])

    def take_module(self, at, blob, tokens):
        module = self.take_pickle(blob)
        for parameter, token in zip(module.parameters(), tokens, strict=True):
            self.tokens[self.hold(parameter)] = token
        return self.lend(at, module)

    def take_callback(self, key):
        def callback(*args, **kwargs):
            tree = ["callback", key, self.pack(args), self.pack(tuple(kwargs.items()))]
            send(self.sock, tree, self.take_blobs())
            (kind, value), blobs = self.serve("return")
            if kind == "error":
                raise RuntimeError(f"the function that the test passed in stopped with {value}")
            return self.unpack(value, blobs)

        return callback

    # What the student's code changed: its arguments, and leaves that the judge has copies of

    def lend(self, at, value):
        self.given.append((at, value, print_of(value)))
        return value

    def changes(self):
        return [
            [at, self.pack(content_of(value))]
            for at, value, before in self.given
            if print_of(value) != before
        ]

    def news(self):
        """The changed leaves, each with the word whether it is a Parameter."""
        is_parameter = lambda key: isinstance(self.mirrors[key][0], torch.nn.Parameter)
        return [[*one, is_parameter(one[0])] for one in self.changed()]


def print_of(value):
    """Something that is another after the value was changed in place."""
    if isinstance(value, torch.Tensor):
        plain = value.detach().contiguous()
        return plain.shape, plain.reshape(-1).view(torch.uint8).numpy().tobytes()
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    if isinstance(value, dict):
        return [(k, id(v)) for k, v in value.items()]
    if isinstance(value, list):
        return [id(v) for v in value]
    if isinstance(value, torch.Generator):
        return value.get_state().numpy().tobytes()
    if isinstance(value, torch.nn.Module):
        return [print_of(t) for t in tensors_of(value)]
    return bytes(value) if isinstance(value, bytearray) else set(value)


def tensors_of(module):
    grads = [p.grad for p in module.parameters() if p.grad is not None]
    return [*module.state_dict().values(), *grads]


def content_of(value):
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, torch.Generator):
        return value.get_state()
    if isinstance(value, torch.nn.Module):
        state = {name: t.detach() for name, t in value.state_dict().items()}
        return state, [p.grad for p in value.parameters()]
    return value


def leaves_of(outputs):
    """The leaves of the graphs behind these tensors, each once."""
    leaves, seen, nodes = {}, set(), [t.grad_fn for t in outputs]
    while nodes:
        node = nodes.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None:
            leaves[id(leaf)] = leaf
        nodes += [step for step, _ in node.next_functions]
    return list(leaves.values())
