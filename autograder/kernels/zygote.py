"""The fork server: imports the heavy modules once, then forks a ready kernel for each request.

Runs inside bubblewrap, as a file of its own: `python zygote.py FOLDER MODULE ...`. Each kernel gets
namespaces of its own (user, mount, pid, net, ipc), empty folders in memory, limits, no privilege.
"""

import ctypes
import gc
import io
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import traceback
import zipfile

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_MOUNT, NEW_IPC, NEW_USER, NEW_PID, NEW_NET = (
    0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
)  # fmt: skip
READ_ONLY, NO_SUID, NO_DEV, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
DROP_BOUND, NO_NEW_PRIVILEGES = 24, 38  # of prctl
HOME = "/home/student"
# What every kernel imports before its first cell, and what the judge's ends of the line do.
MODULES = (
    "numpy", "torch", "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger",
    "IPython.core.completer", "IPython.core.completerlib", "IPython.core.magics",
    "IPython.core.magics.ast_mod", "IPython.core.magics.execution", "IPython.core.magics.pylab",
    "IPython.core.oinspect", "IPython.core.debugger", "IPython.core.logger", "sqlite3",
    "IPython.extensions.storemagic", "faulthandler", "tornado.gen", "tornado.platform.asyncio",
    "chainrule.check",
)  # fmt: skip


def must(result, what):
    if result:
        raise OSError(ctypes.get_errno(), what)


def mount(source, target, kind=None, flags=0, options=None):
    texts = [t and t.encode() for t in (source, target, kind)]
    must(LIBC.mount(*texts, flags, options and options.encode()), f"mount {target}")


def read(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def isolate():
    """Leave all namespaces; user and group stay those of the grader's bubblewrap."""
    user, group = os.getuid(), os.getgid()
    must(LIBC.unshare(NEW_USER | NEW_MOUNT | NEW_IPC | NEW_PID | NEW_NET), "unshare")
    for name, text in (
        ("setgroups", "deny"), ("gid_map", f"{group} {group} 1"), ("uid_map", f"{user} {user} 1")
    ):  # fmt: skip
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def lock_down(request, folder, files):
    """In the kernel's process, the first of its namespace: folders, limits, then no privilege."""
    mount("none", "/", flags=RECURSIVE | PRIVATE)
    mount(f"{folder}/{request['id']}", folder, flags=BIND)  # hides the other kernels' sockets
    if request["keep_tmp"]:  # Python itself lies there
        mount("none", "/tmp", flags=BIND | REMOUNT | READ_ONLY | NO_SUID | NO_DEV)
    for path in (HOME, "/dev/shm", "/var/tmp", *([] if request["keep_tmp"] else ["/tmp"])):
        mount("tmpfs", path, "tmpfs", NO_SUID | NO_DEV, f"size={request['disk_mb']}m,mode=700")
    if not request["grading"]:
        mount("tmpfs", request["exercises"], "tmpfs", NO_SUID | NO_DEV, "size=4k,mode=555")
    try:
        mount("proc", "/proc", "proc", NO_SUID | NO_DEV)
    except OSError:  # then no process is in sight at all
        mount("tmpfs", "/proc", "tmpfs", NO_SUID | NO_DEV, "size=4k")
    if os.path.exists("/proc/sys/user/max_user_namespaces"):
        with open("/proc/sys/user/max_user_namespaces", "w") as file:
            file.write("0")
    os.mkdir(f"{HOME}/work")
    os.chdir(f"{HOME}/work")
    with zipfile.ZipFile(io.BytesIO(files)) as archive:
        archive.extractall(".")
    for name, value in request["rlimits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
    for capability in range(64):
        LIBC.prctl(DROP_BOUND, capability, 0, 0, 0)
    must(LIBC.capset(struct.pack("Ii", 0x20080522, 0), bytes(24)), "capset")
    must(LIBC.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no_new_privs")


def run_kernel(request):
    os.environ.update(request["environment"])
    os.setsid()
    with open(f"{HOME}/connection.json", "w") as file:
        json.dump(request["connection"], file)
    sys.argv = ["ipykernel_launcher", "-f", f"{HOME}/connection.json", *request["arguments"]]
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize(sys.argv[1:])
    app.start()


def serve(connection, folder):
    """Keep one kernel: it ends with its connection, and its end is told there."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, fds, _, _ = socket.recv_fds(connection, 8, 4)
    sizes = struct.unpack("II", head)
    request, files = json.loads(read(connection, sizes[0])), read(connection, sizes[1])
    isolate()
    child = os.fork()
    if child == 0:
        try:
            connection.close()
            for fd, number in zip(fds, request["fds"], strict=True):
                os.dup2(fd, number)
            lock_down(request, folder, files)
            run_kernel(request)
        finally:
            traceback.print_exc()
            os._exit(70)
    for fd in fds:
        os.close(fd)
    ended = os.pidfd_open(child)
    connection.sendall(b"started\n")
    while ended not in select.select([connection, ended], [], [])[0]:
        word = connection.recv(1)
        os.kill(child, signal.SIGINT if word == b"I" else signal.SIGKILL)
        if word != b"I":
            break
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    connection.sendall(f"{status}\n".encode())


def main(folder, *modules):
    sys.path.insert(0, "")  # as in any kernel: its working folder
    sys.modules["debugpy"] = None  # half of a kernel's start; nobody debugs here
    for name in (*MODULES, *modules):
        __import__(name)
    sys.modules["torch"].set_num_threads(1)
    threads = len(os.listdir("/proc/self/task"))
    assert threads == 1, f"{threads} threads: a process with threads cannot be forked safely"
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"{folder}/zygote")
    server.listen(64)
    print("ready", flush=True)
    while True:
        connection, _ = server.accept()
        if os.fork() == 0:
            server.close()
            try:
                serve(connection, folder)
            finally:
                os._exit(0)
        connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
