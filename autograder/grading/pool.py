"""Many submissions at a time: threads on this machine, or a dask.distributed cluster.

A submission's code runs in processes of its own anyway, so that threads are enough to watch them.
"""

import concurrent.futures
import contextlib
import os

from autograder.course import Stop
from autograder.grading.pair import Pair


def finished(function, jobs, workers=None, scheduler=None):
    """Run function(*arguments) for each (name, arguments) of `jobs`; yield (name, call) at its end.

    call() returns what the function did or raises. `jobs` is drawn from as workers become free, in
    the thread of the caller. `scheduler` is the address of a dask scheduler.
    """
    with cluster(scheduler) if scheduler else threads(workers or cores()) as (submit, wait, ahead):
        running = {}
        for name, arguments in jobs:
            running[submit(function, *arguments)] = name
            while len(running) >= ahead():
                yield from ended(running, wait)
        while running:
            yield from ended(running, wait)


def ended(running, wait):
    for future in wait(list(running), return_when="FIRST_COMPLETED").done:
        yield running.pop(future), future.result


def cores():
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


@contextlib.contextmanager
def threads(workers):
    pool = concurrent.futures.ThreadPoolExecutor(workers)
    try:
        yield pool.submit, concurrent.futures.wait, lambda: 2 * workers
    finally:
        Pair.stopping.set()  # after Ctrl-C some may still run
        pool.shutdown(cancel_futures=True)
        Pair.stopping.clear()


@contextlib.contextmanager
def cluster(address):
    try:
        import distributed
    except ModuleNotFoundError:
        raise Stop("SCHEDULER= needs dask: pip install -c constraints.txt distributed.") from None
    try:
        client = distributed.Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise Stop(f"There is no dask scheduler at {address} ({error}).") from None
    with client:

        def submit(function, *arguments):
            return client.submit(function, *arguments, pure=False)

        yield submit, distributed.wait, lambda: 100 + 4 * sum(client.nthreads().values())
