"""Write src/chainrule/cases/: numbers that the seen checks compare with, and the quizzes."""

import json

from autograder.course import assignments, chapters, read_json
from autograder.exercises import as_parts, copies, load
from chainrule.check import Mistake, compare
from chainrule.stored import encode


def differs(answer, right, atol):
    """True if the wrong answer shows in this example: it is not the right one."""
    try:
        for part, expected in zip(as_parts(answer), as_parts(right), strict=True):
            compare("", part, expected, atol=atol)
    except (Mistake, ValueError):
        return True
    return False


def build(name):
    """Return the case of exercise `name` as JSON data."""
    exercise = load(name)
    if hasattr(exercise, "QUESTIONS"):
        return build_choices(name.partition(".")[2], exercise)
    atol, returns = getattr(exercise, "ATOL", 1e-4), exercise.RETURNS
    examples = []
    for idea, args in exercise.EXAMPLES.items():
        right = exercise.reference(*copies(args))
        wrong = []
        for mistake in exercise.WRONG.values():
            if not mistake.likely:
                continue
            answer = mistake.fn(*copies(args))
            if differs(answer, right, 10 * atol):
                answers = [encode(a) for a in as_parts(answer)]
                wrong.append({"answers": answers, "likely": mistake.likely, "try": mistake.try_})
        expected = [encode(part) for part in as_parts(right)]
        row = {"idea": idea, "args": [encode(a) for a in args], "expected": expected}
        examples.append(row | {"wrong": wrong})
    order = getattr(exercise, "ORDER", list(range(len(returns))))
    function = name.partition(".")[2]
    head = {"function": function, "returns": list(returns), "order": order, "atol": atol}
    return head | {"examples": examples}


def build_choices(function, exercise):
    """Return the case of a "read and predict" exercise: a reason for each wrong letter.

    The right letter, whose reason is empty, is the one whose value the reference computes.
    """
    truth = exercise.reference()
    choices = {
        question: {
            letter: "" if choice.value == truth[question] else choice.reason
            for letter, choice in letters.items()
        }
        for question, letters in exercise.QUESTIONS.items()
    }
    return {"function": function, "choices": choices, "try": exercise.TRY}


def text(data):
    return json.dumps(data, ensure_ascii=False, indent=None, separators=(",", ":")) + "\n"


def generated():
    """Return {path: text} of every generated file below src/chainrule/cases/."""
    files = {}
    for chapter in assignments():
        for module in chapter.exercise_names():
            name = f"{chapter.package}.{module}"
            if hasattr(load(name), "EXAMPLES") or hasattr(load(name), "QUESTIONS"):
                files[chapter.cases / f"{module}.json"] = text(build(name))
    for chapter in chapters():
        files[chapter.cases / "quiz.json"] = text(read_json(chapter.quiz))
    return files


def write():
    """Bring src/chainrule/cases/ up to date; files that nothing generates any more are removed."""
    files = generated()
    folder = files and next(iter(files)).parents[1]
    for path in folder.glob("*/*.json") if folder else ():
        if path not in files:
            path.unlink()
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
