"""Kernels from a fork server inside bubblewrap: isolated like `sandbox`, and ready at once."""

import asyncio
import contextlib
import io
import json
import os
import shutil
import socket
import struct
import uuid
import zipfile
from pathlib import Path

from jupyter_client.provisioning import KernelProvisionerBase

from autograder.kernels.bubble import handed_in, packages, python_folders
from autograder.kernels.sandbox import Capped
from autograder.kernels.server import INSIDE, Zygote

PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
LARGEST = 64 << 20  # bytes of the files that come with a submission


def packed(folder):
    """The files of a working folder as a zip archive, without links."""
    tops = [Path(entry.path) for entry in handed_in(folder)]
    paths = sorted(p for top in tops for p in (top, *top.rglob("*")) if not p.is_symlink())
    paths = [path for path in paths if path.is_file() or path.is_dir()]
    if sum(path.stat().st_size for path in paths) > LARGEST:
        raise RuntimeError(f"The files of {folder} are larger than {LARGEST >> 20} MiB.")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", strict_timestamps=False) as archive:
        for path in paths:
            archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


class WarmProvisioner(Capped, KernelProvisionerBase):
    """A fork of the fork server for each kernel."""

    line = status = pid = None

    @property
    def has_process(self):
        return self.line is not None

    async def pre_launch(self, **kwargs):
        manager = self.parent
        needed, loop = frozenset(self.needed), asyncio.get_running_loop()
        self.zygote = await loop.run_in_executor(None, Zygote.get, needed)
        self.id = uuid.uuid4().hex[:12]
        self.folder = f"{self.zygote.folder}/{self.id}"
        os.mkdir(self.folder, 0o700)
        manager.transport, manager.cache_ports = "ipc", False
        manager.ip, manager.connection_file = f"{self.folder}/s", f"{self.folder}/c.json"
        for number, port in enumerate(PORTS, 1):
            setattr(manager, port, number)
        self.kernel_spec.interrupt_mode = "signal"
        command = manager.format_kernel_cmd(extra_arguments=kwargs.pop("extra_arguments", []))
        return await super().pre_launch(cmd=command, **kwargs)

    async def launch_kernel(self, cmd, **kwargs):
        information = self.parent.get_connection_info()
        inside = {"key": information["key"].decode(), "ip": f"{INSIDE}/s"}
        fds = list(kwargs.get("pass_fds", ()))
        file = cmd.index("-f") + 2 if "-f" in cmd else len(cmd)  # behind the connection file
        needed = [p for p in [*python_folders(), *packages(True)] if p.startswith("/tmp/")]
        request = {
            "keep_tmp": bool(needed),
            "id": self.id, "connection": information | inside, "arguments": cmd[file:], "fds": fds,
            "environment": self.environment(kwargs.get("env")), "rlimits": self.rlimits(),
            "disk_mb": self.disk_mb, "grading": self.grading, "exercises": packages(True)[1],
        }  # fmt: skip
        texts = json.dumps(request).encode(), packed(kwargs.get("cwd") or os.getcwd())
        self.line = socket.socket(socket.AF_UNIX)
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.line.connect(f"{self.zygote.folder}/zygote")
        socket.send_fds(self.line, [struct.pack("II", *map(len, texts))], fds)
        self.line.sendall(b"".join(texts))
        answer, more, _, _ = self.line.recvmsg(8, socket.CMSG_SPACE(12))
        if answer != b"started\n":
            raise RuntimeError("The fork server could not start a kernel.")
        self.pid = struct.unpack("3i", more[0][2][:12])[0]  # as the system sees it from here
        self.line.setblocking(False)
        while await self.poll() is None and not os.path.exists(f"{self.folder}/s-{len(PORTS)}"):
            await asyncio.sleep(0.005)  # who connects to a socket too early waits longer
        return information

    async def poll(self):
        if self.line is None:
            return 0
        if self.status is None:
            try:
                self.status = int(self.line.recv(64) or -9)
            except BlockingIOError:
                return None
            except OSError:
                self.status = -9
        return self.status

    async def wait(self):
        while await self.poll() is None:
            await asyncio.sleep(0.005)
        status = await self.poll()
        if self.line:
            self.line.close()
        self.line = None
        return status

    async def send_signal(self, signum):
        word = {2: b"I", 9: b"K", 15: b"K"}.get(signum)
        if self.line and word:
            with contextlib.suppress(OSError):  # it has ended
                self.line.send(word)
            if word == b"K" and self.status is None:
                self.status = -9  # the system takes a tenth of a second: nobody waits for it

    async def kill(self, restart=False):
        await self.send_signal(9)

    async def terminate(self, restart=False):
        await self.send_signal(15)

    async def cleanup(self, restart=False):
        if not restart:
            shutil.rmtree(self.folder, ignore_errors=True)
