"""Partial credit: a test says which part of its points has been earned so far."""

import contextlib
import math
from fractions import Fraction

_calls = []


def points(amount):
    """Award `amount` of the test's points; they stay earned if a later line of it fails.

    A test that calls this gets the sum of its calls, and no other test gets part of its points.
    Raises ValueError unless the amount is a positive number. In a notebook it changes nothing.
    """
    if isinstance(amount, bool) or not isinstance(amount, (int, float)):
        raise ValueError(f"points takes a number, not {amount!r}")
    if not math.isfinite(amount) or amount <= 0:
        raise ValueError(f"points takes a positive number, not {amount}")
    _calls.append(Fraction(str(amount)))  # as written: 0.1 three times is 0.3


@contextlib.contextmanager
def counted():
    """Give the list of what is awarded inside the block."""
    before = _calls[:]
    _calls.clear()
    try:
        yield _calls
    finally:
        _calls[:] = before
