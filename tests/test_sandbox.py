"""What a kernel can see and do; both provisioners under stock nbgrader; honest refusal."""

import json
import os
import shutil
import socket

import pytest
import toy_course as toy
from jupyter_client.provisioning import KernelProvisionerFactory
from nbgrader.converters import Autograde, GenerateFeedback
from toy_course import SLUG

from autograder.course import ROOT, Chapter, Stop
from autograder.grading import engine, marks
from autograder.grading.converters import assign, convert, settings
from autograder.grading.kernel import Kernel
from autograder.kernels import bubble, sandbox

# Each line is True where student code reaches what it must not reach.
LEAKS = {
    "the course's files": "any((root / d).exists() for d in ('source', 'gradebook', 'tests'))",
    "the hidden checks": "bool(list((root / 'autograder').glob('*')))",
    "the import of hidden checks": "importable('autograder.exercises')",
    "the home folder": "any((home / name).exists() for name in ('.bashrc', '.ssh', '.profile'))",
    "the seed": "'CHAINRULE_SEED' in os.environ",
    "a token of the grader": "'SECRET_TOKEN' in os.environ",
    "a file of the grader": "secret.exists()",
    "other processes": "sum(p.name.isdigit() for p in Path('/proc').glob('*')) > 4",
    "the network": "connects(('127.0.0.1', port))",
    "the system's sockets": "any(Path(p).exists() for p in ('/run/dbus', '/var/run/docker.sock'))",
    "a place to write in Python": "writes(Path(os.__file__).with_name('x.py'))",
    "a place to write in the course": "writes(Path(chainrule.__file__).with_name('x.py'))",
    "a place to write in the system": "any(writes(Path(d) / 'x') for d in system)",
    "a mount": "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0",
    "another user namespace": "libc.unshare(0x10000000) == 0",
    "capabilities": "'CapEff:\\t0000000000000000' not in status",
    "system messages": "works(lambda: Path('/dev/kmsg').read_bytes()[:9])",
}
WORKS = {
    "its files": "Path('data.txt').read_text() == 'here'",
    "no notebook": "not list(Path('.').glob('*.ipynb'))",
    "writing": "writes(Path('own.txt')) and writes(Path('/dev/shm/x')) and writes(home2 / 'x')",
    "torch": "torch.ones(3).sum().item() == 3",
    "pictures": "works(lambda: plt.plot([1, 2]) and plt.savefig('p.png'))",
    "workers": "len(list(DataLoader(range(4), num_workers=2))) == 4",
    "shell": "works(lambda: subprocess.run(['ls'], check=True, capture_output=True))",
    "its own source": "'def writes' in inspect.getsource(writes)",
}
PROBE = """
import ctypes, importlib.util, inspect, json, os, socket, subprocess
from pathlib import Path
import chainrule, torch
import matplotlib.pyplot as plt
from torch.utils.data import DataLoader
root, home, secret, port = Path({root!r}), Path({home!r}), Path({secret!r}), {port}
home2 = Path(os.environ["HOME"])
libc, system = ctypes.CDLL(None), ("/usr", "/etc", "/", "/dev")
status = Path("/proc/self/status").read_text()
def works(action):
    try:
        action()
        return True
    except Exception:
        return False
def writes(path):
    return works(lambda: path.write_text("x"))
def connects(address):
    return works(lambda: socket.create_connection(address, timeout=1))
def importable(name):
    return works(lambda: importlib.import_module(name))
answers = {{name: bool(eval(code)) for name, code in {checks!r}.items()}}
print(json.dumps(answers))
"""


@pytest.fixture(scope="module", params=["sandbox", "warm"])
def seen(request, tmp_path_factory):
    """What the checks say in a student's kernel of the provisioner."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "data.txt").write_text("here")
    (folder / "tests.ipynb").write_text("{}")
    secret = tmp_path_factory.mktemp("secrets") / "token"
    secret.write_text("secret")
    ends = socket.socketpair()
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_TOKEN", "secret")
        about = {"root": str(ROOT), "home": os.path.expanduser("~"), "secret": str(secret)}
        about |= {"port": server.getsockname()[1], "checks": LEAKS | WORKS}
        variables = {"PATH": os.environ["PATH"], "SECRET_TOKEN": "secret"}
        kernel = Kernel(request.param, str(folder), variables, False, ends[0].fileno())
        try:
            asked = kernel.ask_cell(PROBE.format(**about))
            reply = kernel.reply(asked, 120)
            text = "".join(o.get("text", "") for o in kernel.outputs(asked))
        finally:
            kernel.end()
            for end in ends:
                end.close()
    assert reply["status"] == "ok", reply
    return json.loads(text)


@pytest.mark.parametrize("name", LEAKS)
def test_student_code_does_not_reach(seen, name):
    assert seen[name] is False


@pytest.mark.parametrize("name", WORKS)
def test_what_honest_code_needs_works(seen, name):
    assert seen[name] is True


# Stock nbgrader, and where nothing can be isolated


@pytest.fixture
def course(tmp_path):
    """The tiny course with one submission handed in; returns its folder."""
    root = tmp_path / "course"
    toy.build(root)
    with toy.at(root):
        assign_root = tmp_path / "class"
        assign(assign_root, Chapter(SLUG))
    path = assign_root / "gradebook" / "submitted" / "Ana" / SLUG / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True)
    half = toy.answers(double="def double(x):\n    return 2 * x")
    path.write_bytes(toy.notebook(half))
    shutil.copy(ROOT / "nbgrader_config.py", root)
    return assign_root


@pytest.fixture
def provisioners():
    """Jupyter's factory reads the default's name once in a process: a new one here, and after."""
    KernelProvisionerFactory.clear_instance()
    yield
    KernelProvisionerFactory.clear_instance()


@pytest.mark.usefixtures("provisioners")
@pytest.mark.parametrize("provisioner", ["sandbox", "warm"])
def test_stock_autograde_runs_on_these_kernels(course, provisioner):
    variables = {"JUPYTER_DEFAULT_PROVISIONER_NAME": provisioner, "CHAINRULE_SEED": "3"}
    assert convert(Autograde, settings(course), SLUG, "Ana", **variables) == ""
    marked = marks.read(settings(course).CourseDirectory.db_url, SLUG)["Ana"]
    assert [m.score for m in marked.marks.values() if m.automatic] == [2, 0]
    assert convert(GenerateFeedback, settings(course), SLUG, "Ana") == ""
    page = course / "gradebook" / "feedback" / "Ana" / SLUG / f"{SLUG}.html"
    assert "could have changed them" in page.read_text("utf-8")


def test_without_isolation_nothing_is_graded_unless_it_is_called_unsafe(course, monkeypatch):
    monkeypatch.setattr(bubble, "problem", lambda: "there is no such thing")
    with pytest.raises(Stop, match=r"cannot be isolated .* no such thing.* UNSAFE=1"):
        list(engine.execute(course, SLUG, ["Ana"], 3))
    [(student, outcome)] = engine.execute(course, SLUG, ["Ana"], 3, unsafe=True)
    assert (student, outcome.points, outcome.unsafe) == ("Ana", 2, True)
    assert any("NOT HELD" in how for _, how in outcome.caps)
    marked = marks.read(settings(course).CourseDirectory.db_url, SLUG)["Ana"]
    assert [m.score for m in marked.marks.values() if m.automatic] == [2, 0]


def test_the_report_names_caps_and_says_what_root_cannot_hold(monkeypatch):
    limits = engine.Limits()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "runs as root" in dict(sandbox.held(True, limits))["processes of the user"]
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "runs as root" not in str(sandbox.held(True, limits))
