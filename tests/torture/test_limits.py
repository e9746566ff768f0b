"""Submissions that take more than they may: they are ended, the grader and the others are not."""

import os
import subprocess
import sys
import time

import psutil
import pytest
from judging import SETUP, graded, judge, solution

from autograder.grading.kernel import Limits

pytestmark = pytest.mark.skipif(os.geteuid() == 0, reason="destructive: as an ordinary user only")
SMALL = Limits(cell_s=4, total_s=40, memory_mb=1500, processes=60)
TEST = "assert f(1) == 2"
RIGHT = "\ndef f(x):\n    return x + 1\n"
HONEST = "def honest(x):\n    return x"
# What the function does -> what its test is called then
FILL = "for i in range(9):\n    open(f'{}/{{i}}', 'wb').write(b'x' * (60 << 20))"
GREEDY = {
    "memory of one process": ("x = bytearray(6 << 30)", "failed"),
    "memory of children": (
        "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        y = b'x' * (400 << 20)\n        time.sleep(30)\ntime.sleep(30)",
        "killed",
    ),
    "memory of tensors": ("y = [torch.ones(10**8) for _ in range(40)]", None),
    "processes": (
        "import os, time\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n"
        "        time.sleep(0.01)",
        None,
    ),
    "threads": (
        "import threading, time\nfor _ in range(10000):\n"
        "    threading.Thread(target=time.sleep, args=(60,)).start()",
        None,
    ),
    "CPU": ("while True:\n    pass", "timed out"),
    "sleep": ("import time\ntime.sleep(10**6)", "timed out"),
    "sleep in short naps": ("import time\nwhile True:\n    time.sleep(0.001)", "timed out"),
    "CPU of children": (
        "import os, time\nif os.fork() == 0:\n    while True:\n        pass\ntime.sleep(100)",
        "timed out",
    ),
    "a large file": ("open('x', 'wb').write(b'x' * (300 << 20))", "failed"),
    "many files": (FILL.format("."), "failed"),
    "shared memory": (FILL.format("/dev/shm"), "failed"),
    "open files": ("files = [open('/dev/null') for _ in range(5000)]", "failed"),
    "all it can signal": ("import os\nos.kill(-1, 9)", None),
    "remove everything": (
        "import subprocess\nsubprocess.run('rm -rf /* ~ . 2>/dev/null', shell=True)\n1 / 0",
        "failed",
    ),
    "a child that outlives it": (
        "import os, subprocess\nsubprocess.Popen(['sleep', '4321'], start_new_session=True)\n"
        "os._exit(1)",
        "killed",
    ),
}


def function(body):
    return "def f(x):\n" + "".join(f"    {line}\n" for line in body.splitlines())


@pytest.mark.parametrize("provisioner", ["warm", "sandbox"])
@pytest.mark.parametrize("name", GREEDY)
def test_greed_costs_its_own_test_alone(name, provisioner):
    body, status = GREEDY[name]
    source = [SETUP, solution("f", RIGHT), graded("tf", TEST), solution("h", HONEST)]
    source.append(graded("th", "assert honest(3) == 3"))
    cells = [source[0], solution("f", function(body)), *source[2:]]
    began = time.monotonic()
    outcome, _ = judge(source, cells, SMALL, provisioner)
    greedy, honest = outcome.verdicts
    assert greedy.points == 0
    assert status is None or greedy.status == status, greedy
    assert honest.points == 1, outcome
    assert time.monotonic() - began < 60
    assert not [p for p in psutil.process_iter(["cmdline"]) if "4321" in (p.info["cmdline"] or [])]


@pytest.mark.parametrize("body", ["while True:\n    pass", "import time\ntime.sleep(10**6)"])
@pytest.mark.parametrize("where", ["cell", "test"])
def test_the_limit_is_overrun_by_two_seconds_at_most(body, where):
    """Seconds as limits count them: those that a busy computer gives to others are not."""
    source = [SETUP, solution("f", RIGHT), graded("tf", TEST)]
    usual, _ = judge(source)
    text = RIGHT + body if where == "cell" else function(body)
    cells = [SETUP, solution("f", text), source[2]]
    outcome, _ = judge(source, cells, Limits(cell_s=4, total_s=40))
    print(f"{outcome.seconds - usual.seconds:.2f} s of 4 s")
    assert 3 < outcome.seconds - usual.seconds < 4 + 2


FLOOD = """
import os, resource, sys, tempfile
sys.path.insert(0, "tests")
from judging import SETUP, graded, judge, solution
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
outcome, notebook = judge([SETUP, solution("f", {cell!r}), graded("tf", "assert f(1) == 2")])
assert outcome.points == 1, outcome
assert len(str(notebook)) < 1_000_000
print(before // 1024, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
FLOODS = {
    "lines": "for i in range(2_000_000):\n    print('x' * 99)",
    "one line": "print('x' * 200_000_000)",
    "stderr": "import sys\nfor i in range(2000):\n    print('x' * 99_999, file=sys.stderr)",
    "pictures": "from IPython.display import display, HTML\nfor i in range(200):\n"
    "    display(HTML('x' * 1_000_000))",
    "a value": "'x' * 200_000_000",
    "past Python": "import os\nfor i in range(2000):\n    os.write(1, b'x' * 100_000)",
    "in the function": "def f(x):\n    print('x' * 200_000_000)\n    return x + 1",
}


@pytest.mark.parametrize("name", FLOODS)
def test_200_megabytes_of_printing_leave_the_grader_small(name):
    code = FLOOD.format(cell=RIGHT + FLOODS[name])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) < 250
    print(name, done.stdout)


def test_nothing_is_left_behind():
    mine = {p.pid for p in psutil.Process().children(recursive=True)}
    judge([SETUP, solution("f", RIGHT), graded("tf", TEST)], provisioner="sandbox")
    assert {p.pid for p in psutil.Process().children(recursive=True)} <= mine
    code = "import sys\nsys.path.insert(0, 'tests')\nfrom judging import *\n"
    code += f"judge([SETUP, solution('f', {RIGHT!r}), graded('tf', {TEST!r})])"
    code += "\nfrom autograder.kernels.server import Zygote as Z"
    code += "\nprint(Z.started[0].folder, Z.started[0].process.pid)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    folder, pid = done.stdout.split()
    assert not os.path.exists(folder)
    assert not psutil.pid_exists(int(pid))
