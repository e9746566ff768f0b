"""The rules of an instructor's notebook, checked before nbgrader releases or grades it."""

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
    if rules.get("solution") and cell["cell_type"] == "code" and "BEGIN SOLUTION" not in text:
        return "its solution stands outside ### BEGIN SOLUTION and ### END SOLUTION"
    return None
