"""Kernels inside bubblewrap: no network, no file but what Python needs, limits on everything.

`sandbox` is an entry point of jupyter_client: JUPYTER_DEFAULT_PROVISIONER_NAME=sandbox makes any
program that starts kernels use it.
"""

import os
import shutil
import tempfile

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool, HasTraits, Integer, List, Unicode

from autograder.kernels.bubble import WORK, bubble, handed_in, problem


class Capped(HasTraits):
    """What both provisioners can be told. The caps hold for each kernel."""

    memory_mb = Integer(4096, help="address space of each process")
    cpu_s = Integer(3600, help="CPU-seconds of each process")
    processes = Integer(128, help="processes and threads of the user, where the user is not root")
    file_mb = Integer(256, help="size of a file")
    disk_mb = Integer(256, help="size of each of its folders, which are in memory")
    files = Integer(512, help="open files of each process")
    needed = List(Unicode(), help="modules that are to be ready, where a fork server has them")
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
