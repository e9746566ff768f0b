"""The catalogued wrong answers as a student would type them: cells that need no grading side."""

import ast
import importlib
import inspect
import textwrap

import nbformat

from autograder import exercises

OURS = "autograder.exercises"


def wrong_cells(chapter):
    """Return {name of a solution cell: {name of a wrong answer: its Python}}, from WRONG."""
    found = {}
    for cell in nbformat.read(chapter.source, as_version=4).cells:
        rules = cell.metadata.get("nbgrader") or {}
        if rules.get("solution") and cell.cell_type == "code":
            module = module_of(chapter, cell.source)
            found[rules["grade_id"]] = {} if module is None else wrong_in(module)
    return found


def module_of(chapter, code):
    """Return the exercise module of the function that a solution cell defines, or None."""
    defined = {n.name for n in ast.parse(code).body if isinstance(n, ast.FunctionDef)}
    name = next((name for name in chapter.exercise_names() if name in defined), None)
    return exercises.load(f"{chapter.package}.{name}") if name else None


def wrong_in(module):
    """Return {name: Python} of a module's wrong answers."""
    function, cells = module.__name__.rpartition(".")[2], {}
    for key, value in zip(*table(module), strict=True):
        answer = value.args[0]
        lines = [*definitions(module, names_in(answer)), f"return {ast.unparse(answer)}"]
        # Within a function, since two answers of a notebook may have helpers of the same name.
        body = textwrap.indent("\n\n".join(dict.fromkeys(lines)), "    ")
        cells[key.value] = f"def attempt():\n{body}\n\n\n{function} = attempt()"
    return cells


def table(module):
    """The keys and values of WRONG as they stand in the module's source."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WRONG":
            return node.value.keys, node.value.values
    return (), ()


def definitions(module, wanted):
    """Return the Python that defines the `wanted` names and all that they need, in order."""
    body, lines, done = ast.parse(inspect.getsource(module)).body, {}, set()
    while new := set(wanted) - done:
        done |= new
        for i, node in enumerate(body):
            if new & names_of(node):
                lines[i] = imported(node, done)  # an import may serve several rounds
                wanted = set(wanted) | (set() if is_import(node) else names_in(node))
    return [line for i in sorted(lines) for line in lines[i]]


def imported(node, names):
    """The lines of a definition or import; what comes from the grading side is written out."""
    if not (isinstance(node, ast.ImportFrom) and node.module.startswith(OURS)):
        return [ast.unparse(node)]
    own = {alias.name for alias in node.names if (alias.asname or alias.name) in names}
    return definitions(importlib.import_module(node.module), own)


def names_of(node):
    """The names that a statement of a module defines."""
    if is_import(node):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else []
    return {name.id for t in targets for name in ast.walk(t) if isinstance(name, ast.Name)}


def names_in(node):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def is_import(node):
    return isinstance(node, (ast.Import, ast.ImportFrom))
