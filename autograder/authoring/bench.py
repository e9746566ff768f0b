"""What make speed runs: commands for stock nbgrader and for ours, courses, and the floor."""

import contextlib
import copy
import io
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from autograder.authoring import cluster
from autograder.course import ROOT, environment
from autograder.grading import attempts, demo, pool
from autograder.grading.converters import assign
from autograder.grading.kernel import Kernel
from autograder.grading.plan import Judged, rules
from autograder.kernels.server import modules

AT = "import sys, pathlib; from autograder import course; course.ROOT = pathlib.Path(sys.argv[1]); "
GRADE = AT + "from autograder.grading.verbs import grade; grade(sys.argv[3] or None, sys.argv[2], "
GRADE += "regrade=sys.argv[5], workers=sys.argv[4])"
SUBMIT = AT + "from autograder.grading.verbs import submit; submit(sys.argv[2])"
FLOOR = "import sys; from autograder.authoring import bench; print(bench.cells_of(sys.argv[1]))"
TASKS = "import sys; from autograder.authoring import bench; bench.tasks(int(sys.argv[1]))"
STEP = """
import torch
model = torch.nn.Linear(3, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model(torch.randn(4, 3)).sum().backward()
optimizer.step()
"""
# An assignment that needs numpy alone.
SETUP = "import numpy as np"
SOLUTION = """def softmax(x):
    ### BEGIN SOLUTION
    e = np.exp(x - x.max())
    return e / e.sum()
    ### END SOLUTION"""
ANSWER = "def softmax(x):\n    e = np.exp(x)\n    return e / e.sum()\n# student"
TEST = """### BEGIN HIDDEN TESTS
assert np.allclose(softmax(np.zeros(4)), 0.25)
### END HIDDEN TESTS"""


def stock(slug):
    return [sys.executable, "-m", "nbgrader", "autograde", slug]


def round_of(root, slug, inbox, workers, again):
    return [sys.executable, "-c", GRADE, root, slug, "" if again else inbox, workers, again]


def tasks_of(many):
    return [sys.executable, "-c", TASKS, many]


def tasks(many):
    """Send so many tasks of a notebook's size through a cluster; the work itself takes no time."""
    text = "x" * 50_000
    with cluster.running() as (address, _):
        list(pool.finished(str.upper, ((i, (text,)) for i in range(many)), scheduler=address))


def submit(root, path):
    return [sys.executable, "-c", SUBMIT, root, path]


def chapter(chosen, root, many):
    """Make a course of a chapter's assignment, as stock nbgrader wants it, and an inbox."""
    assign(root, chosen)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    maker = demo.Maker(chosen)
    (root / "inbox").mkdir()
    for i in range(many):  # two of five are right, the others make one or two catalogued mistakes
        made = maker.write() if i % 5 < 2 else maker.mistaken(i % 4, [i, i][: i % 5 - 2])
        made.cells.append(new_code_cell(f"# student {i}"))
        nbformat.write(made, root / "inbox" / f"s{i:03}.ipynb")
        attempts.stage(root, chosen.slug, f"s{i:03}", made)


def numpy_course(root):
    """Make a course of an assignment that needs numpy alone, and one submission."""
    cells = [marked("setup", SETUP, locked=True), marked("softmax", SOLUTION, solution=True)]
    cells.append(marked("test", TEST, grade=True, locked=True, points=1))
    source, release = (root / name / "np" / "np.ipynb" for name in ("source", "release"))
    for path in (source, release):
        path.parent.mkdir(parents=True)
        nbformat.write(new_notebook(cells=cells), path)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    answers = new_notebook(cells=copy.deepcopy(cells))
    answers.cells[1].source = ANSWER
    nbformat.write(answers, root / "Bo.ipynb")


def marked(name, text, **given):
    cell = new_code_cell(text)
    plain = {"grade": False, "locked": False, "solution": False, "task": False}
    cell.metadata.nbgrader = plain | {"grade_id": name, "schema_version": 3} | given
    return cell


def floor(course):
    """CPU-seconds of the graded cells of a course's submissions, with everything imported."""
    command = [sys.executable, "-c", FLOOR, str(course)]
    env = environment(OMP_NUM_THREADS="1", MPLBACKEND="agg")
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def cells_of(course):
    """What floor() has a process of its own do."""
    import matplotlib.pyplot  # noqa: F401
    import torch._dynamo

    torch.set_num_threads(1)
    [source] = nbformat_of(f"{course}/source")
    judged, seconds = Judged(source), 0.0
    for notebook in nbformat_of(f"{course}/submitted"):
        space = {}
        for cell in notebook.cells:
            if cell.cell_type == "code" and rules(cell):
                original = judged.cells[rules(cell)["grade_id"]]
                text = cell.source if rules(cell)["solution"] else original.source
                began = time.process_time()
                with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
                    exec(text.replace("%matplotlib inline", ""), space)
                seconds += time.process_time() - began
    return seconds


def nbformat_of(folder):
    for path in sorted(Path(folder).rglob("*.ipynb")):
        yield nbformat.read(path, as_version=4)


def start(provisioner, rounds=5):
    """Seconds from the start of a kernel to the end of its first optimizer step."""
    times = []
    for _ in range(rounds + 1):
        ends = socket.socketpair()
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            end, needed = ends[0].fileno(), modules(STEP)
            kernel = Kernel(provisioner, folder, {}, False, end, needed)
            kernel.reply(kernel.ask(STEP), 120)
        times.append(round(time.monotonic() - began, 3))
        kernel.end()
        for end in ends:
            end.close()
    return times[1:]  # the first starts the fork server
