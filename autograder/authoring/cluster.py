"""A dask cluster of separate processes on this computer, to measure and to test with."""

import contextlib
import re
import subprocess
import sys

SCHEDULER = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
WORKER = ["worker", "--nthreads", "1", "--no-nanny", "--no-dashboard"]


@contextlib.contextmanager
def running(workers=2):
    """Yield (address of the scheduler, processes of the workers)."""
    with contextlib.ExitStack() as stack:
        scheduler = stack.enter_context(started(*SCHEDULER))
        address = until(scheduler, r"Scheduler at: +(tcp://\S+)")
        found = [stack.enter_context(started(*WORKER, address)) for _ in range(workers)]
        for worker in found:
            until(worker, r"Registered to")
        yield address, found


@contextlib.contextmanager
def started(*arguments):
    command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def until(process, pattern):
    """Read what a process says until it says this; return the part in brackets."""
    for line in process.stderr:
        if found := re.search(pattern, line):
            return found[found.lastindex or 0]
    raise RuntimeError("dask did not start")
