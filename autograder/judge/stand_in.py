"""What the judge's process holds in place of the student's objects, graphs and errors."""

import builtins
import re
import sys

import torch
from torch.autograd.function import once_differentiable

# Classes of which a stand-in may claim to be an instance. Not tensors: their numbers come as data.
LIBRARY = ("torch.nn.", "torch.optim.", "torch.distributions.", "torch.utils.data.")
# These would end a loop of the test quietly, and with it the test.
QUIET = (StopIteration, StopAsyncIteration)
ERRORS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, QUIET)
}


class StudentError(Exception):
    """The student's code raised this; a built-in kind is also of that kind."""


def known_error(name, text):
    """Return the error that the student's process tells of, as a StudentError of that name."""
    bases = (StudentError, ERRORS[name]) if name in ERRORS else (StudentError,)
    name = re.sub(r"\W", "", name)[:60] or "Error"
    try:
        return type(name, bases, {})(text)
    except TypeError:  # a kind that needs more than a text
        return type(name, (StudentError,), {})(text)


class Reference:
    """The key of an object of the student's process."""

    def __init__(self, key):
        self.key = key


class StandIn:
    """An object of the student's process. What is asked of it is asked there.

    Equality and order are not: an object that calls itself equal to everything gains nothing.
    """

    def __init__(self, judge, key, kinds, name):
        own = object.__getattribute__(self, "__dict__")
        own.update(_judge=judge, _key=key, _kinds=kinds, _released=judge.released)
        if re.fullmatch(r"\w{1,60}", name):
            own["__name__"] = name

    @property
    def __class__(self):
        for module, name in self._kinds:
            kind = getattr(sys.modules.get(module), name, None)
            known = f"{module}.".startswith(LIBRARY) and isinstance(kind, type)
            if known and not issubclass(kind, torch.Tensor):
                return kind
        return StandIn

    def __call__(self, *args, **kwargs):
        return self._judge.request("call", self, args, tuple(kwargs.items()))

    def __getattr__(self, name):
        if name.startswith("_"):  # what libraries look for, such as __array__
            raise AttributeError(name)
        return self._judge.request("getattr", self, name)

    def __setattr__(self, name, value):
        self._judge.request("setattr", self, name, value)

    def __next__(self):
        try:
            return self._judge.request("next", self)
        except StudentError as error:
            if type(error).__name__ == "StopIteration":
                raise StopIteration from None
            raise

    def __deepcopy__(self, memo):
        return self  # the student's own objects are not copied

    def __eq__(self, other):
        return type(other) is StandIn and other._key == self._key

    def __hash__(self):
        return hash(self._key)

    def __del__(self):
        self._released.append(self._key)


def _operator(name, swapped=False):
    def method(self, *others):
        operands = (*others, self) if swapped else (self, *others)
        return self._judge.request("operator", name, *operands)

    return method


def _builtin(name, kind=None):
    def method(self):
        value = self._judge.request("builtin", name, self)
        if kind and type(value) is not kind:
            raise TypeError(f"{name}() of the student's object is no {kind.__name__}")
        return value

    return method


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(StandIn, f"__{_name}__", _operator(_name))
    setattr(StandIn, f"__r{_name}__", _operator(_name, swapped=True))
for _name in ("neg", "getitem", "setitem", "contains"):
    setattr(StandIn, f"__{_name}__", _operator(_name))
for _name, _kind in {"len": int, "bool": bool, "float": float, "int": int, "repr": str}.items():
    setattr(StandIn, f"__{_name}__", _builtin(_name, _kind))
StandIn.__iter__, StandIn.__abs__ = _builtin("iter"), _builtin("abs")


class Bridge(torch.autograd.Function):
    """A graph of the student's process as one node of ours: gradients are computed there."""

    @staticmethod
    def forward(ctx, judge, outputs, leaves, values, *inputs):
        ctx.judge, ctx.outputs, ctx.leaves = judge, outputs, leaves
        ctx.set_materialize_grads(False)
        return tuple(values)

    @staticmethod
    @once_differentiable
    def backward(ctx, *gradients):
        used = [i for i, gradient in enumerate(gradients) if gradient is not None]
        outputs = tuple(ctx.outputs[i] for i in used)
        gradients = tuple(gradients[i] for i in used)
        back = ctx.judge.request("backward", outputs, gradients, ctx.leaves)
        if type(back) is not tuple or len(back) != len(ctx.leaves):
            raise RuntimeError("the student's process gave no gradients")
        return None, None, None, None, *back
