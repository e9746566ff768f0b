"""What a failed check says: a Mistake of at most five lines, in plain words."""

import contextlib

_concealed = False  # see concealed()


class Mistake(AssertionError):
    """A failed check. Its text is all that the student sees: no traceback, no test source."""

    def _render_traceback_(self):  # IPython calls this instead of printing the stack
        return [str(self)]


def mistake(what, *, expected=None, got=None, likely=None, try_=None):
    """Return a Mistake of at most five lines; `what` names the function and the property."""
    rows = [("expected", expected), ("got", got), ("likely", likely), ("try", try_)]
    lines = [f"✗ {_one_line(what)}"]
    lines += [f"  {name:9s}{_one_line(x)}" for name, x in rows if x is not None and x != ""]
    return Mistake("\n".join(lines))


def that(condition, what, *, likely=None, try_=None):
    """Raise a Mistake that says `what` unless the condition holds."""
    if not condition:
        raise mistake(what, likely=likely, try_=try_)


@contextlib.contextmanager
def concealed():
    """Inside, no message shows values, inputs or a student's error text: the data are hidden."""
    global _concealed
    before, _concealed = _concealed, True
    try:
        yield
    finally:
        _concealed = before


def is_concealed():
    """True inside concealed(): what a message would quote is hidden data."""
    return _concealed


def shown(value, reveal):
    """A student's value as text, or, where it could quote hidden inputs, its type alone."""
    try:
        return repr(value)[:60] if reveal else type(value).__name__
    except Exception:  # a class of the student's own, whose repr stops
        return type(value).__name__


def _one_line(text):
    return " ".join(str(text).split())
