"""Two kernels for a submission: the student's cells run in one, the tests in the other.

Whatever a pair cannot go on with ends both; the next pair runs the student's cells once more,
without the one that ended it, so that a single bad cell or function costs its own points alone.
"""

import ast
import functools
import json
import marshal
import os
import socket
import threading
import time
from importlib.resources import files

from autograder.grading.kernel import Kernel, Stopped
from autograder.kernels.server import modules

POLL = 0.2  # seconds between two looks at what the kernels use
MODULES = ("wire", "mirrors", "student")
STUDENT = """
def _():
    import marshal, os, sys, types
    sys.path.append(os.getcwd())  # at the end: a file handed in hides no module
    get_ipython().ask_exit = lambda *_: None  # exit() in a cell ends the cell's work, not all
    codes = marshal.loads({codes!r})
    for name, code in codes.items():
        module = sys.modules["autograder.judge." + name] = types.ModuleType(name)
        exec(code, vars(module))
    for name in codes:
        del sys.modules["autograder.judge." + name]
    sys.modules["_line"] = module.Student({fd}, get_ipython().user_ns)
_()
del _
"""
SERVE = """
try:
    __import__("sys").modules["_line"].serve()
finally:
    __import__("sys").modules["_line"].forget()
"""
JUDGE = """
from autograder.judge.court import Judge as _Judge
from autograder.judge.trial import trial as _trial
_judge = _Judge({fd})
_theirs = {theirs!r}
"""
RULE = "_trial(_judge, globals(), _theirs, get_ipython().transform_cell({source!r}), {of!r})"


@functools.cache
def codes():
    """What the student's process gets of the judge, compiled."""
    texts = {name: (files("autograder.judge") / f"{name}.py").read_text() for name in MODULES}
    return marshal.dumps({n: compile(t, f"{n}.py", "exec") for n, t in texts.items()})


class Pair:
    """The kernels of one submission, one after the other where one is lost."""

    stopping = threading.Event()  # set where the whole round is given up

    def __init__(self, folder, judged, task):
        self.folder, self.judged, self.task, self.limits = folder, judged, task, task.limits
        self.kernels = ()
        self.used, self.asleep, self.peaks = 0.0, 0.0, (0, 0)
        self.idle = 0  # looks since the student's kernel stopped serving

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def open(self):
        """Start two kernels and join them by a line; Stopped if they do not start."""
        self.close()
        ends = socket.socketpair()
        fds = [end.fileno() for end in ends]
        plain = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "PATH": os.environ["PATH"]}
        secret = plain | {"CHAINRULE_SEED": str(self.task.seed), "NBGRADER_EXECUTION": "autograde"}
        try:
            start = functools.partial(
                Kernel, self.task.provisioner, self.folder, needed=modules(self.task.source)
            )
            self.student = start(plain, False, fds[0])
            self.kernels = (self.student,)
            self.judge = start(secret, True, fds[1])
            self.kernels = (self.student, self.judge)
        finally:
            for end in ends:
                end.close()
        before = self.past = self.used
        self.asleep, self.looked = 0.0, time.monotonic()
        asked = self.student.ask(STUDENT.format(codes=codes(), fd=fds[0]))
        start = JUDGE.format(fd=fds[1], theirs=self.judged.theirs)
        for request in [self.judge.ask(start), *map(self.judge.ask, self.judged.shared)]:
            self.wait(self.judge, request)
        self.wait(self.student, asked)
        self.past -= self.used - before  # the start is not the student's

    def close(self):
        for kernel in self.kernels:
            kernel.kill()
        for kernel in self.kernels:
            kernel.end()
        self.kernels = ()

    def run_cell(self, text):
        """Run one of the student's cells, whatever comes of it; return its outputs."""
        request = self.student.ask_cell(text)
        try:
            self.wait(self.student, request)
        except Stopped as stopped:
            if stopped.status != "timed out" or self.spent() > self.limits.total_s:
                raise
            self.student.interrupt()  # what the cell has defined so far stays
            if self.student.reply(request, 1) is None:
                raise
        return self.student.outputs(request)

    def run_test(self, source, of):
        """Return the judge's verdict data on one test; what it says was earned stays earned."""
        serving, self.idle = self.student.ask(SERVE), 0
        rule = self.judge.ask("", verdict=RULE.format(source=source, of=of))
        stopped = None
        try:
            content = self.wait(self.judge, rule, serving)
        except Stopped as reason:
            stopped = reason
            self.student.end()  # the test in the judge's kernel then ends with an error
            content = self.judge.reply(rule, 2) or {}
        verdict = content.get("user_expressions", {}).get("verdict", {})
        if content.get("status") != "ok" or verdict.get("status") != "ok":
            raise stopped or Stopped("killed", "the judge could not go on")
        data = json.loads(ast.literal_eval(verdict["data"]["text/plain"]))
        if stopped:
            return data | {"status": stopped.status, "message": sentence(stopped), "lost": True}
        data["lost"] |= not self.idle and self.student.reply(serving, 2) is None
        return data

    def wait(self, kernel, request, meanwhile=None):
        """Return the reply's content; Stopped where a limit is passed or a process ended.

        `meanwhile` is what the student's kernel must be busy with until then.
        """
        began = None
        while (content := kernel.reply(request, POLL)) is None:
            if self.stopping.is_set():
                raise KeyboardInterrupt
            if began is None:  # most have ended before this first look
                began = self.spent()
            if reason := self.breach(began):
                raise Stopped(*reason)
            if meanwhile and (self.idle or self.student.reply(meanwhile, 0.001)):
                self.idle += 1  # the judge has let it go and its word will come; or it went itself
                if self.idle > 5:
                    raise Stopped("killed", "its process no longer answered")
        return content

    def breach(self, began):
        """Return (status, why) where a limit is passed or a process ended, else None."""
        used = self.spent()
        if used - began > self.limits.cell_s or used > self.limits.total_s:
            return "timed out", "it took too long"
        if not all(one.alive() for one in self.kernels):
            return "killed", "its Python process ended"
        if self.peaks[0] > self.limits.memory_mb:
            return "killed", "it took more memory than is allowed"
        if self.peaks[1] > self.limits.processes:
            return "killed", "it started more processes than are allowed"
        if any(one.litter() for one in self.kernels):
            return "killed", "it wrote where nothing is to be written"
        return None

    def spent(self):
        """Seconds so far: CPU of all processes, and time in which none of them did anything."""
        usages = [kernel.usage() for kernel in self.kernels]
        now = time.monotonic()
        if not any(at_work for _, at_work, _, _ in usages):
            self.asleep += now - self.looked
        self.looked = now
        if usages:
            self.peaks = usages[0][2:]
            self.used = self.past + sum(usage[0] for usage in usages) + self.asleep
        return self.used


def sentence(stopped):
    """What the student reads of a test that was stopped."""
    if stopped.status == "timed out":
        return "✗ The check took too long. Is there a loop that never ends?"
    return f"✗ Your code was stopped while this was checked: {stopped}."
