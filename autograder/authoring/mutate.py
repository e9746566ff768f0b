"""make mutate N=04: break a lesson's from-scratch code and see its own asserts fail.

In cells tagged `build` one operator, sign, axis, constant or comparison is changed at a time. The
lesson then runs as a plain script. A mutation counts as caught only by an AssertionError: a crash
shows that code is brittle, not that the lesson checks its numbers, so the next one is tried.
"""

import ast
import concurrent.futures
import copy
import json
import random
import subprocess
import sys
from typing import NamedTuple

from tqdm import tqdm

from autograder.authoring import notebooks
from autograder.authoring.notebooks import program, tags
from autograder.course import Stop, environment, find

WANTED, TRIED, AT_ONCE, SECONDS = 5, 15, 2, 300
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
COMPARISONS = {
    ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}  # fmt: skip
AXES = ("axis", "dim")
# Not changed: the checks themselves, texts, seeds, counts, and settings (`lr = 0.5`, defaults,
# 1e-12), whose double is often as right as they are.
SPARED = (ast.Assert, ast.JoinedStr, ast.Subscript, ast.arguments)
SPARED_CALLS = ("print", "range", "seed", "manual_seed", "default_rng", "linspace", "arange")
TINY = 1e-3


class Mutation(NamedTuple):
    cell: str
    line: int
    before: str
    after: str
    source: str  # of the whole cell

    def __str__(self):
        return f"{self.cell}, line {self.line}: `{self.before}` became `{self.after}`"


def mutate(n):
    """Print which cell catches which mutation; stop if one survives or there are too few."""
    chapter = find(n)
    cells = [[c.id, program(c)] for c in notebooks.code_cells(notebooks.read(chapter.lesson))]
    chosen = choose(notebooks.read(chapter.lesson), chapter.slug)
    whole = run(cells)
    if whole["error"]:
        raise Stop(
            f"The lesson fails before anything is changed: {whole['cell']}: {whole['error']}"
        )
    verdicts = judge(cells, chosen)
    survived = [m for m, verdict in verdicts if verdict == "survived"]
    for mutation, verdict in verdicts:
        mark = {"survived": "✗"}.get(verdict, "-" if verdict.startswith("crashed") else "✓")
        print(f"{mark} {mutation}: {verdict}")
    caught = sum(verdict.startswith("caught") for _, verdict in verdicts)
    if survived:
        raise Stop(f"{len(survived)} mutation(s) survived: add an assert that would notice.")
    if caught < WANTED:
        raise Stop(f"Only {caught} of {WANTED}: tag more from-scratch cells `build`.")
    print(f"✓ {caught} of {caught} mutations caught")


def judge(cells, mutations):
    """Run mutations, two at a time, until five have a verdict that counts; crashes do not."""
    verdicts, waiting, counted = [], list(mutations), 0
    with (
        tqdm(total=WANTED, desc="Mutations", disable=None) as bar,
        concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        while waiting and counted < WANTED:
            size = min(WANTED - counted, AT_ONCE)
            batch, waiting = waiting[:size], waiting[size:]
            changed = [[[i, m.source if i == m.cell else s] for i, s in cells] for m in batch]
            for mutation, ended in zip(batch, pool.map(run, changed), strict=True):
                verdicts.append((mutation, said(ended)))
                counts = not verdicts[-1][1].startswith("crashed")
                counted += counts
                bar.update(counts)
    return verdicts


def said(ended):
    if not ended["error"]:
        return "survived"
    return f"{'caught' if ended['assertion'] else 'crashed'} in {ended['cell']} ({ended['error']})"


def run(cells):
    """Run [(id, source)] in a process of its own; return where and how it ended."""
    command = [sys.executable, "-m", "autograder.authoring.script"]
    variables = environment(FAST="1", MPLBACKEND="agg", OMP_NUM_THREADS="1", TQDM_DISABLE="1")
    try:
        done = subprocess.run(
            command, input=json.dumps(cells), env=variables, capture_output=True, text=True,
            timeout=SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"cell": "?", "error": f"no end after {SECONDS} s", "assertion": False}
    if done.returncode:
        raise Stop(f"The lesson's script stopped: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def choose(notebook, seed):
    """Return up to 15 mutations in the order of trial, drawn by `seed`, cell after cell."""
    draw = random.Random(seed)
    cells = [c for c in notebooks.code_cells(notebook) if "build" in tags(c)]
    piles = [mutations(cell.id, program(cell)) for cell in cells]
    for pile in piles:
        draw.shuffle(pile)
    draw.shuffle(piles)
    rounds = max(map(len, piles), default=0)
    return [pile[i] for i in range(rounds) for pile in piles if i < len(pile)][:TRIED]


def mutations(cell, source):
    """Every mutation of a cell's source, in the order of its text."""
    found = []
    for k, _ in enumerate(targets(ast.parse(source))):
        tree = ast.parse(source)
        node = targets(tree)[k]
        before = ast.unparse(node)
        change(node)
        after = ast.unparse(node)
        found.append(Mutation(cell, node.lineno, before, after, ast.unparse(tree)))
    return found


def targets(tree):
    """The nodes of a tree that `change` can change, without what is spared."""
    found = []

    def walk(node):
        if isinstance(node, SPARED) or is_spared_call(node) or is_setting(node):
            return
        if changes(node):
            found.append(node)
        for child in () if is_axis(node) else ast.iter_child_nodes(node):
            walk(child)

    walk(tree)
    return found


def is_spared_call(node):
    return isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in SPARED_CALLS


def is_setting(node):
    return (
        isinstance(node, (ast.Assign, ast.keyword)) and is_number(node.value) and not is_axis(node)
    )


def is_axis(node):
    return isinstance(node, ast.keyword) and node.arg in AXES


def is_number(node):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def changes(node):
    """True if `change` makes another program of this node."""
    trial = copy.deepcopy(node)
    change(trial)
    return ast.dump(trial) != ast.dump(node)


def change(node):
    """Flip a sign, an axis, a constant or a comparison in place; leave other nodes alone."""
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATORS:
        node.op = OPERATORS[type(node.op)]()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node.op = ast.UAdd()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Invert, ast.Not)):
        node.operand = ast.UnaryOp(node.op, node.operand)
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        node.ops[0] = COMPARISONS[type(node.ops[0])]()
    elif is_axis(node):
        node.value = ast.Constant(1 if ast.unparse(node.value) == "0" else 0)
    elif is_number(node) and not 0 < abs(node.value) < TINY:
        node.value = node.value * 2 or 1
