"""Runs one test in the judge's process and says how it ended."""

import ast
import builtins
import contextlib
import json
import sys

from autograder.judge import UNREADABLE
from autograder.judge.stand_in import StudentError
from autograder.judge.wire import Broken, Ended, Refused
from chainrule import check, credit

LONGEST = 1000  # characters of a message
UNWRITTEN = "✗ This part is not written yet."


def trial(judge, space, theirs, source, of):
    """Run the test `source`, worth `of` points; return the verdict's data as JSON.

    `space` is the tests' namespace. Names in `theirs`, and names that it lacks, are fetched from
    the student's process for this test alone. `lost`: the line to it cannot be used again;
    `unknown`: a name was missing.
    """
    with credit.counted() as awarded:
        ended_well, dead, message, lost, unknown = False, False, "", False, False
        before = dict(space)
        try:
            judge.request("ping")
            tree = ast.parse(source)
            fetch(judge, space, theirs, tree)
            exec(compile(tree, "<test>", "exec"), space)
            ended_well = True
        except BaseException as error:
            message = explain(error)
            dead, lost = isinstance(error, Ended), isinstance(error, Broken)
            unknown = any(isinstance(e, NameError) for e in causes(error))
        for name in space.keys() - before.keys():
            del space[name]
        space.update(before)
        total = min(float(sum(awarded)), of) if awarded else of * ended_well
    with contextlib.suppress(Broken):
        judge.end()  # at once, without another message from the grader
    full = total >= of and (ended_well or awarded)
    status = "passed" if full else "killed" if dead else "partial" if total else "failed"
    if not full and ended_well:
        message = f"{total:g} of {of:g} points."
    verdict = {"status": status, "points": total, "message": "" if full else message[:LONGEST]}
    verdict |= {"diagnosis": diagnose(message), "lost": lost, "unknown": unknown}
    return json.dumps(verdict)


def fetch(judge, space, theirs, tree):
    """Put the student's names that a test uses into its namespace."""
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    for name in sorted(used):
        if name in theirs or not (name in space or hasattr(builtins, name)):
            space.pop(name, None)
            try:
                space[name] = judge.request("get", name)
            except StudentError:
                continue  # a name that the test makes itself; else it stops with a NameError


def causes(error):
    while error is not None:
        yield error
        error = error.__context__


def explain(error):
    """What a student may read of a test's end: no value, no line of the test."""
    if isinstance(error, check.Mistake):
        return str(error)
    if isinstance(error, NotImplementedError):
        return UNWRITTEN
    if isinstance(error, StudentError):
        return f"✗ Your code stopped with {type(error).__name__}."
    if isinstance(error, NameError):
        return f"✗ {error.name} is not there: does the cell that makes it run without an error?"
    if isinstance(error, Refused):
        return f"✗ {UNREADABLE}: {error}."
    if isinstance(error, Ended):
        return "✗ Your code was stopped while this was checked: its Python process ended."
    if isinstance(error, AssertionError):
        return "✗ The check found a wrong answer."
    return f"✗ What your code returned could not be checked ({type(error).__name__})."


def diagnose(message):
    """The known mistake that a message names, such as "ch12_attention.attention:no_scale"."""
    likely = [line[9:].strip() for line in message.splitlines() if line.startswith("  likely")]
    if not likely:
        return ""
    for name, module in list(sys.modules.items()):
        package, _, exercise = name.partition("autograder.exercises.")
        if exercise and not package:
            for mistake, text in known_mistakes(module):
                if text and likely[0].startswith(" ".join(text.split())):
                    return f"{exercise}:{mistake}"
    return ""


def known_mistakes(module):
    """Yield (name, likely cause) of the wrong answers that an exercise knows."""
    for mistake, wrong in getattr(module, "WRONG", {}).items():
        yield mistake, wrong.likely
    for question, choices in getattr(module, "QUESTIONS", {}).items():
        for letter, choice in choices.items():
            yield f"{question}={letter}", choice.reason
