"""The bubblewrap around students' code: no network, no file but what Python needs.

Only the standard library is imported here, so that a fork server can be started before all else.
"""

import functools
import os
import shutil
import site
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

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
