"""The order in which a submission runs: cells as they stand, tests once their answers are there.

The instructor's notebook says what is locked, what is a test and what a test is worth; of the
submission's cells only the texts count, and where they stand.
"""

import ast
import re
from dataclasses import dataclass
from functools import cached_property

from IPython.core.inputtransformer2 import TransformerManager

SEEN = re.compile(r"check\.(case|choices)\([\w\", /]+\)")


def rules(cell):
    return cell.metadata.get("nbgrader", {})


def is_test(cell):
    return bool(rules(cell).get("grade")) and not rules(cell).get("solution")


class Judged:
    """An instructor's notebook as the judge needs it."""

    def __init__(self, source):
        self.code = [cell for cell in source.cells if cell.cell_type == "code"]
        self.cells = {rules(cell)["grade_id"]: cell for cell in self.code if rules(cell)}

    @cached_property
    def tests(self):
        """{grade_id: the solution cells that stand before the test}, in order."""
        tests, before = {}, set()
        for name, cell in self.cells.items():
            if is_test(cell):
                tests[name] = frozenset(before)
            elif rules(cell).get("solution"):
                before.add(name)
        return tests

    @cached_property
    def locked(self):
        """{grade_id: text} of the instructor's own cells, which run on the student's side."""
        return {
            name: cell.source
            for name, cell in self.cells.items()
            if rules(cell).get("locked") and not rules(cell).get("grade")
        }

    @property
    def shared(self):
        """Texts of the locked cells that need no answer: they run on the judge's side too."""
        return [text for text in self.locked.values() if not names_in(text) & self.answers]

    @property
    def theirs(self):
        return sorted(self.answers)

    @cached_property
    def answers(self):
        """The names that in a test are always the student's.

        The solution cells define them, or locked cells that use what solution cells define.
        """
        solutions = [c for c in self.cells.values() if rules(c).get("solution")]
        names = set().union(*(names_made(c.source) for c in solutions))
        for text in self.locked.values():
            names |= names_made(text) if names_in(text) & names else set()
        return names

    @cached_property
    def demos(self):
        """Texts of cells that only show something: nothing graded depends on them.

        The checks that students see are among them: the hidden ones begin with the same examples.
        """
        is_demo = lambda cell: "demo" in cell.metadata.get("tags", [])
        return {c.source for c in self.code if is_demo(c) or SEEN.fullmatch(c.source.strip())}

    def points(self, name):
        return float(rules(self.cells[name])["points"])


def parsed(text):
    """The statements of a cell; none where it is no Python."""
    try:
        return ast.parse(TransformerManager().transform_cell(text))
    except SyntaxError:
        return ast.Module([], [])


def names_in(text):
    """The names that a cell uses, wherever in it."""
    names = (n for n in ast.walk(parsed(text)) if isinstance(n, ast.Name))
    return {n.id for n in names if isinstance(n.ctx, ast.Load)}


def names_made(text):
    """The names that a cell defines at its top level."""
    made = set()
    for node in parsed(text).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            made.add(node.name)
        else:
            names = (n for n in ast.walk(node) if isinstance(n, ast.Name))
            made |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
    return made


@dataclass(frozen=True)
class Step:
    """A test (`name` is its grade_id), or a cell of text; `at` is its place in the submission."""

    name: str = ""
    text: str = ""
    at: int = -1


def steps(notebook, judged):
    """Return the steps of a submission.

    A test runs at its place, but not before the answers that the source has above it; one whose
    cell is gone runs at the end. Locked cells that are gone run first.
    """
    names = [rules(cell).get("grade_id") for cell in notebook.cells]
    gone = (text for name, text in judged.locked.items() if name not in names)
    order = [Step(text=text) for text in gone if text not in judged.demos]
    left, seen = dict(judged.tests), set()
    expected = set(names)
    for at, (name, cell) in enumerate(zip(names, notebook.cells, strict=True)):
        text = judged.locked.get(name, cell.source)
        is_code = cell.cell_type == "code" or name in judged.cells
        if is_code and name not in judged.tests and text not in judged.demos:
            order.append(Step(text=text, at=at))
        seen.add(name)
        for test, needs in list(left.items()):
            if test in seen and needs & expected <= seen:
                order.append(Step(name=test))
                del left[test]
    return order + [Step(name=test) for test in left]
