"""One kernel under watch: what it is asked, what it uses, and its end."""

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from queue import Empty

import psutil
import zmq
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_core.utils import run_sync
from nbformat.v4 import output_from_msg

MESSAGE = 4 << 20  # bytes of one message of a kernel; a longer one ends its connection
KEPT = 200_000  # characters of output kept for a submission


@dataclass(frozen=True)
class Limits:
    """What a submission may use. Seconds count as in a Verdict: busy, or with everything asleep."""

    cell_s: float = 60
    total_s: float = 600
    memory_mb: int = 4096
    processes: int = 128


class Stopped(Exception):
    """The student's process was ended, or ended itself; `status` as in a Verdict."""

    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


class Kernel:
    """A kernel of a provisioner ("sandbox", "warm", or "local-provisioner", which isolates not)."""

    def __init__(self, provisioner, folder, variables, grading, fd, needed=()):
        config = {"grading": grading, "needed": sorted(needed)}
        if provisioner == "local-provisioner":
            config = {}
        python = os.path.abspath(sys.executable)
        argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        argv += ["--HistoryManager.enabled=False"]
        chosen = {"provisioner_name": provisioner, "config": config}
        context = zmq.Context()
        context.setsockopt(zmq.MAXMSGSIZE, MESSAGE)
        context.setsockopt(zmq.RCVHWM, 8)
        self.manager = KernelManager()
        self.manager._kernel_spec = KernelSpec(
            argv=argv, language="python", metadata={"kernel_provisioner": chosen}
        )
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        self.manager.start_kernel(
            cwd=folder, env=variables, pass_fds=(fd,), stderr=subprocess.DEVNULL, **quiet
        )
        self.client = self.manager.blocking_client()
        self.client.context = context
        self.client.start_channels(stdin=False, hb=False)
        self.seen, self.room = 0.0, KEPT

    def ask(self, code, **expressions):
        """Have code run; return the id under which the reply will come."""
        quiet = {"silent": True, "store_history": False}
        return self.client.execute(code, user_expressions=expressions, **quiet)

    def ask_cell(self, code):
        return self.client.execute(code, allow_stdin=False, stop_on_error=False)

    def reply(self, request, patience):
        """Return the reply's content, or None if there is none after `patience` seconds."""
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.client.shell_channel.get_msg(timeout=left)
            except Empty:
                return None
            except Exception:  # what a hostile kernel may write in place of a message
                continue
            if message["parent_header"].get("msg_id") == request:
                return message["content"]
        return None

    def outputs(self, request):
        """What a cell has shown: as much of it as a submission may keep."""
        outputs = []
        for _ in range(1000):
            try:
                message = self.client.iopub_channel.get_msg(timeout=0.05)
                if message["parent_header"].get("msg_id") != request:
                    continue
                if message["content"].get("execution_state") == "idle":
                    break
                output = output_from_msg(message)
            except Empty:
                break
            except Exception:  # a status message, or none of the agreed form
                continue
            self.room -= len(str(output))
            if self.room > 0:
                outputs.append(output)
        return outputs

    def alive(self):
        return self.manager.is_alive()

    def interrupt(self):
        with contextlib.suppress(Exception):
            self.manager.interrupt_kernel()

    def usage(self):
        """Return (CPU-seconds so far, is it at work, MiB in memory, processes)."""
        seconds, busy, memory, count = 0.0, False, 0, 0
        for process in self.tree():
            with contextlib.suppress(psutil.Error), process.oneshot():
                seconds += sum(process.cpu_times()[:4])
                busy |= process.status() == psutil.STATUS_RUNNING
                memory += process.memory_info().rss
                count += 1
        at_work = busy or seconds > self.seen
        self.seen = max(seconds, self.seen)  # a process that has ended takes its seconds along
        return self.seen, at_work, memory >> 20, count

    def tree(self):
        with contextlib.suppress(psutil.Error, AttributeError, TypeError):
            return family(psutil.Process(self.manager.provisioner.pid))
        return []

    def litter(self):
        """True where the folder of the kernel's sockets, on the disk, was used for other things."""
        folder = os.path.dirname(self.manager.connection_file)
        with contextlib.suppress(OSError):
            entries = list(os.scandir(folder))
            sizes = [entry.stat(follow_symlinks=False).st_size for entry in entries]
            return self.manager.transport == "ipc" and (len(entries) > 8 or sum(sizes) > 1 << 20)
        return False

    def kill(self):
        """Begin its end: several kernels can end at a time."""
        with contextlib.suppress(Exception):
            run_sync(self.manager.provisioner.kill)()

    def end(self):
        with contextlib.suppress(Exception):
            self.client.stop_channels()
        with contextlib.suppress(Exception):
            self.manager.shutdown_kernel(now=True)
        self.client.context.destroy(linger=0)


def family(process):
    """A process and all that descend from it."""
    if not os.path.exists(f"/proc/{process.pid}/task/{process.pid}/children"):
        return [process, *process.children(recursive=True)]  # looks at every process there is
    found = [process]
    for one in found:  # which grows
        for task in tasks(one.pid):
            path = f"/proc/{one.pid}/task/{task}/children"
            with contextlib.suppress(OSError, psutil.Error), open(path) as children:
                found += [psutil.Process(int(pid)) for pid in children.read().split()]
    return found


def tasks(pid):
    with contextlib.suppress(OSError):
        return os.listdir(f"/proc/{pid}/task")
    return []
