"""Kernels inside bubblewrap: no network, no file but what Python needs, limits on everything.

`sandbox` is an entry point of jupyter_client: JUPYTER_DEFAULT_PROVISIONER_NAME=sandbox makes any
program that starts kernels use it.
"""

import functools
import os
import shutil
import site
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool, HasTraits, Integer, List, Unicode

HOME = "/home/student"
WORK = f"{HOME}/work"
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "USER": "student", "HOME": HOME, "TMPDIR": HOME,
    "MPLCONFIGDIR": HOME, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE", "JPY_PARENT_PID": "1",
    # Memory that a training step frees is kept for the next one: asking for it anew each time
    # took up to as long as the step.
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
}  # fmt: skip
SYSTEM = ("/etc/ld.so.cache", "/etc/fonts", "/etc/alternatives", "/etc/localtime")
UNTRUSTED = "--unshare-all --unshare-user --uid 1000 --gid 1000 --die-with-parent --new-session"


class Capped(HasTraits):
    """What both provisioners can be told. The caps hold for each kernel."""

    memory_mb = Integer(4096, help="address space of each process")
    cpu_s = Integer(3600, help="CPU-seconds of each process")
    processes = Integer(128, help="processes and threads of the user, where the user is not root")
    file_mb = Integer(256, help="size of a file")
    disk_mb = Integer(256, help="size of each of its folders, which are in memory")
    files = Integer(512, help="open files of each process")
    grading = Bool(True, help="the exercises' hidden checks can be imported")
    variables = List(Unicode(), ["NBGRADER_EXECUTION", "CHAINRULE_SEED"], help="passed through")

    def rlimits(self):
        """Return {rlimit's name: value}."""
        mb = 1 << 20
        return {
            "AS": self.memory_mb * mb, "CPU": self.cpu_s, "NPROC": self.processes,
            "FSIZE": self.file_mb * mb, "NOFILE": self.files, "CORE": 0,
        }  # fmt: skip

    def environment(self, given):
        return {k: v for k, v in (given or {}).items() if k in self.variables}


@functools.cache
def problem():
    """Say in a clause why kernels cannot be isolated here, or return ""."""
    if not sys.platform.startswith("linux"):
        return "it needs Linux (on Windows: WSL 2)"
    if not shutil.which("bwrap"):
        return "the program bubblewrap (bwrap) is not installed"
    probe = subprocess.run([*bubble(), "true"], capture_output=True, text=True)
    if probe.returncode:
        reason = (probe.stderr.strip().splitlines() or ["no reason given"])[-1]
        return f"bubblewrap is not allowed to work here ({reason})"
    return ""


def python_folders():
    """The folders that a Python kernel must see; not all of sys.path, which may hold the course."""
    known = [sys.prefix, sys.base_prefix, *site.getsitepackages()]
    known += [p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages")]
    folders = {os.path.realpath(p) for p in known if os.path.isdir(p)}
    folders |= {os.path.abspath(sys.prefix), os.path.abspath(sys.base_prefix)}
    return sorted(p for p in folders if p != "/usr" and not p.startswith("/usr/"))


def packages(grading):
    """Our own packages, which may be installed in place: exercises only where tests are judged."""
    names = ["chainrule", *(["autograder"] if grading else [])]
    return [os.path.realpath(find_spec(n).submodule_search_locations[0]) for n in names]


def bubble(*more, disk_mb=256, grading=False):
    """The bubblewrap command that all kernels share; `more` options come after the mounts."""
    command = ["bwrap", *UNTRUSTED.split(), "--hostname", "kernel", "--clearenv"]
    command += ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]
    for name in ("bin", "sbin", "lib", "lib64"):
        if os.path.islink(f"/{name}"):
            command += ["--symlink", os.readlink(f"/{name}"), f"/{name}"]
        elif os.path.isdir(f"/{name}"):
            command += ["--ro-bind", f"/{name}", f"/{name}"]
    for path in SYSTEM:
        command += ["--ro-bind-try", path, path]
    for path in ("/tmp", HOME, "/dev/shm"):
        command += ["--size", str(disk_mb << 20), "--tmpfs", path]
    for path in [*python_folders(), *packages(grading)]:
        command += ["--ro-bind", path, path]
    data = Path(os.environ.get("CHAINRULE_DATA") or "~/.cache/chainrule").expanduser()
    command += ["--ro-bind-try", str(data), "/data"]
    for name, value in (ENVIRONMENT | {"CHAINRULE_DATA": "/data"}).items():
        command += ["--setenv", name, value]
    return [*command, *more, "--remount-ro", "/dev", "--remount-ro", "/"]


def handed_in(folder):
    """The files of a working folder that a kernel may read: no notebook, which holds the tests."""
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    return [e for e in entries if not e.name.endswith(".ipynb") and not e.is_symlink()]


class SandboxProvisioner(Capped, LocalProvisioner):
    """One bubblewrap for each kernel."""

    folder = None

    async def pre_launch(self, **kwargs):
        if reason := problem():
            raise RuntimeError(f"Kernels cannot be isolated: {reason}.")
        manager = self.parent
        self.folder = self.folder or tempfile.mkdtemp(prefix="kernel-", dir="/tmp")
        manager.transport, manager.cache_ports = "ipc", False
        manager.ip, manager.connection_file = f"{self.folder}/s", f"{self.folder}/c.json"
        self.kernel_spec.interrupt_mode = "message"  # a signal would end bubblewrap itself
        kwargs = await super().pre_launch(**kwargs)
        cwd = os.path.realpath(kwargs.pop("cwd", None) or os.getcwd())
        more = ["--bind", self.folder, self.folder, "--dir", WORK, "--chdir", WORK]
        for entry in handed_in(cwd):
            more += ["--ro-bind", entry.path, f"{WORK}/{entry.name}"]
        for name, value in self.environment(kwargs.get("env")).items():
            more += ["--setenv", name, value]
        limits = [f"--{name.lower()}={value}" for name, value in self.rlimits().items()]
        command = bubble(*more, disk_mb=self.disk_mb, grading=self.grading)
        kwargs["cmd"] = [*command, "--disable-userns", "--", "prlimit", *limits, *kwargs["cmd"]]
        return kwargs

    async def cleanup(self, restart=False):
        await super().cleanup(restart)
        if self.folder and not restart:
            shutil.rmtree(self.folder, ignore_errors=True)


def held(isolated, limits):
    """Return ((cap, how it is held, or why not), ...) for reports, as Outcome's `caps`."""
    watched = "watched by the grader five times a second, and ended at once beyond"
    caps = [
        ("time", f"{limits.cell_s:g} s a cell or test, {limits.total_s:g} s in all; {watched}"),
        ("memory in all", f"{limits.memory_mb} MiB; {watched}"),
        ("processes in all", f"{limits.processes}; {watched}"),
    ]
    if not isolated:
        return (*caps, ("files, network, other people's processes", "NOT HELD: not isolated"))
    root = "not held by the system, because the grader runs as root"
    by_user = root if os.geteuid() == 0 else f"{Capped().processes}, by the system"
    return (
        *caps,
        ("memory of a process", f"{Capped().memory_mb} MiB of addresses, by the system"),
        ("processes of the user", by_user),
        ("files", f"{Capped().file_mb} MiB each, {Capped().disk_mb} MiB a folder, in memory"),
        ("network", "none"),
        ("output", "no more is kept than 200,000 characters of a submission"),
    )
