"""Answers that only want the points get none, and learn nothing of the hidden data."""

import pytest
import torch
from test_exercises import FUNCTIONS, LEAK, hidden_message, message, named

from autograder.exercises import as_parts, case_name, copies, unseen
from chainrule import check


class Agreeable:
    """Equal to everything, of every shape."""

    shape, ndim, dtype = (), 0, torch.float64
    __eq__ = __lt__ = __gt__ = __bool__ = lambda *_: True
    __hash__ = None


class AgreeableTensor(torch.Tensor):
    """A tensor that answers every question about it with True."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True


def leaks(*args):
    raise ValueError(f"the inputs are {args}")


def leaves(*args):
    raise SystemExit(0)


def nan(part):
    return torch.full_like(part, torch.nan) if torch.is_tensor(part) else float("nan")


# What a function that knows the seen examples by heart does on other inputs.
CHEATS = {
    "the first example": lambda module, args: parts_of(
        module, next(iter(module.EXAMPLES.values()))
    ),
    "an agreeable object": lambda module, args: Agreeable(),
    "agreeable objects": lambda module, args: (Agreeable(),) * len(module.RETURNS),
    "agreeable tensors": lambda module, args: (AgreeableTensor([1.0]),) * len(module.RETURNS),
    "inputs in an error": lambda module, args: leaks(*args),
    "inputs as text": lambda module, args: (repr(args),) * len(module.RETURNS),
    "the process ends": lambda module, args: leaves(),
    "nothing": lambda module, args: None,
    "not a number": lambda module, args: tuple(nan(p) for p in parts_of(module, args)),
    "a zero": lambda module, args: 0,
}


def parts_of(module, args):
    return as_parts(module.reference(*copies(args)))


def by_heart(name, otherwise):
    """A function that is right on the seen examples and does something else otherwise."""
    module = FUNCTIONS[name]

    def learned(*args):
        if any(repr(list(args)) == repr(list(seen)) for seen in module.EXAMPLES.values()):
            return module.reference(*args)
        return otherwise(module, args)

    return named(learned, name)


@pytest.mark.parametrize("cheat", CHEATS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_cheats_get_nothing_and_see_nothing(name, cheat):
    cheater = by_heart(name, CHEATS[cheat])
    check.case(cheater, case_name(name))
    text = message(unseen, name, cheater)
    assert not LEAK.search(text), text


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_wrong_answer_that_patches_the_checks_gets_nothing(name, monkeypatch):
    wrong = named(next(iter(FUNCTIONS[name].WRONG.values())).fn, name)
    for where, what in ((torch, "allclose"), (check, "compare")):
        with monkeypatch.context() as patch:
            patch.setattr(where, what, lambda *a, **k: True)
            message(unseen, name, wrong)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_untouched_stub_is_told_so(name):
    def stub(*args):
        raise NotImplementedError()

    assert "is not written yet" in message(check.case, named(stub, name), case_name(name))
    hidden_message(name, named(stub, name), 0)
