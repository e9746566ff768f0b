"""The rules of an instructor's notebook, checked before nbgrader releases or grades it."""

import ast
from fractions import Fraction

from IPython.core.inputtransformer2 import TransformerManager

from autograder.course import Stop, read_notebook

REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")


def where(chapter):
    return f"source/{chapter.slug}/{chapter.slug}.ipynb"


def inspect(chapter):
    """Raise Stop, naming the cell, where a source notebook breaks the rules of its metadata."""
    try:
        cells = read_notebook(chapter.source)["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Stop(f"{where(chapter)} is not a notebook: {error}") from None
    seen = set()
    for cell in cells:
        fault = fault_of(cell, seen)
        if fault:
            raise Stop(f"{where(chapter)}, cell {cell.get('id', '?')!r}: {fault}.")
    if not seen:
        raise Stop(f"{where(chapter)} has no cell that nbgrader knows: mark its exercises.")


def fault_of(cell, seen):
    """Say what is wrong with a source cell, or return None. `seen` collects the grade_ids."""
    rules, text = cell["metadata"].get("nbgrader") or {}, "".join(cell["source"])
    for region in REGIONS:
        if text.count(f"BEGIN {region}") != text.count(f"END {region}"):
            return f"a {region} region has no BEGIN or no END"
    if "BEGIN SOLUTION" in text and not rules.get("solution"):
        return "it has a solution region but is not marked as a solution cell"
    if "BEGIN HIDDEN TESTS" in text and not rules.get("grade"):
        return "it has hidden tests but is not graded"
    if not rules:
        return None
    name = rules.get("grade_id")
    if not name or name in seen:
        return f"its grade_id {name!r} is used twice" if name else "it has no grade_id"
    seen.add(name)
    if rules.get("grade") and not isinstance(rules.get("points"), (int, float)):
        return "it is graded but has no points"
    if rules.get("grade") and not rules.get("solution") and cell["cell_type"] == "code":
        return fault_of_test(text, rules["points"])
    if rules.get("solution") and cell["cell_type"] == "code" and "BEGIN SOLUTION" not in text:
        return "its solution stands outside ### BEGIN SOLUTION and ### END SOLUTION"
    return None


def fault_of_test(text, points):
    """Say what is wrong with a test cell's way to give points, or return None.

    Part of the points is given by check.points(number) alone, where everybody can see how many;
    a cell's last value, which stock nbgrader would take for points, is refused.
    """
    try:
        tree = ast.parse(TransformerManager().transform_cell(text))
    except SyntaxError as error:
        return f"it is no Python (line {error.lineno}: {error.msg})"
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not is_check(last.value):
        return "its last line has a value, which would count as points: use check.points(number)"
    total = Fraction(0)
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("check.points", "points"):
            amount = call.args[0].value if is_amount(call) else None
            if type(amount) not in (int, float) or not amount > 0:
                return "check.points takes one number above 0, written out"
            total += Fraction(str(amount))
    if total > Fraction(str(points)):
        return f"its check.points come to {float(total):g}, and it has {points:g} points"
    return None


def is_amount(call):
    return len(call.args) == 1 and not call.keywords and isinstance(call.args[0], ast.Constant)


def is_check(value):
    """True for calls that return nothing: unseen(...), print(...), check.anything(...)."""
    name = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
    return name in ("unseen", "print", "points") or name.startswith("check.")
