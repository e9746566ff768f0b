"""Fork servers, as the grader's process sees them: started once, with what a notebook needs."""

import atexit
import contextlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from autograder.kernels.bubble import bubble, problem

INSIDE = "/run/kernels"
SCRIPT = Path(__file__).with_name("zygote.py")
# What a word in a notebook will need: imported once, not in each of its kernels.
NEEDED = {
    "torch": ("torch.fx.experimental.symbolic_shapes",),  # the first gradient would import it
    "optim": ("torch._dynamo",),  # the first optimizer would
    "plot": ("chainrule.plots", "matplotlib_inline.backend_inline"),
}


def modules(text):
    """The modules that a fork server imports for a notebook of this text, beside its own."""
    return frozenset(n for word, names in NEEDED.items() if word in text for n in names)


def early(text):
    """Start the fork server for a notebook of this text, while other things are imported."""

    def start():
        with contextlib.suppress(RuntimeError):  # who needs it will hear why
            Zygote.get(modules(text))

    threading.Thread(target=start, daemon=True).start()


class Zygote:
    """A fork server of this process; it is started when the first kernel is."""

    lock, started = threading.Lock(), []

    @classmethod
    def get(cls, needed):
        """Return one that has imported the modules `needed`."""
        with cls.lock:
            for one in cls.started:
                if needed <= one.modules and one.process.poll() is None:
                    return one
            cls.started.append(cls(needed))
            return cls.started[-1]

    def __init__(self, needed):
        if reason := problem():
            raise RuntimeError(f"Kernels cannot be isolated: {reason}.")
        self.modules = frozenset(needed)
        self.folder = tempfile.mkdtemp(prefix="kernels-", dir="/tmp")
        # /proc as it is: only then can each kernel have one of its own.
        mounts = ["--bind", "/proc", "/proc", "--bind", self.folder, INSIDE, "--tmpfs", "/var/tmp"]
        mounts += ["--ro-bind", str(SCRIPT), "/run/zygote.py"]
        python = os.path.abspath(sys.executable)
        command = bubble(*mounts, grading=True)
        command += ["--", python, "/run/zygote.py", INSIDE, *sorted(needed)]
        made = queue.Queue()
        threading.Thread(target=self.keep, args=(command, made), daemon=True).start()
        self.process = made.get()
        atexit.register(self.close)
        if self.process.stdout.readline() != b"ready\n":
            raise RuntimeError("The fork server of the kernels did not start.")

    @staticmethod
    def keep(command, made):
        """bubblewrap ends with the thread that started it: this one lasts."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, start_new_session=True, **pipes) as process:
            made.put(process)
            process.wait()

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
