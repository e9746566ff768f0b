"""Bad input: one sentence with the remedy, an exit code that is not 0, nothing half written."""

import errno
import os
import shutil
import socket
import subprocess
import sys

import pytest

from autograder import __main__ as verbs
from autograder.authoring import colab
from autograder.authoring import test as runner
from autograder.course import ROOT, Stop

SET_UP = ("Makefile", "pyproject.toml", "constraints.txt", "autograder/pyproject.toml")


@pytest.fixture
def clone(tmp_path):
    """What `make setup` reads, in a folder with a space in its name."""
    folder = tmp_path / "a b"
    for name in SET_UP:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def make(folder, *arguments, **variables):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "MAKE"))}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder, env=kept | variables, capture_output=True, text=True,
    )  # fmt: skip


def program(folder, name, text):
    """Write an executable script; return its path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return path


def test_make_with_a_python_that_is_too_old(clone):
    code = "import sys; sys.version_info = (3, 9, 18); exec(sys.argv[1])"
    old = f"[ $1 = --version ] && echo Python 3.9.18 || exec {sys.executable} -c '{code}' \"$2\""
    done = make(clone, "test", f"PYTHON={program(clone, 'python3.9', old)}")
    assert done.returncode
    assert "✗ Chainrule needs Python 3.11 or newer" in done.stderr
    assert "is Python 3.9.18: install it, or name it with make PYTHON=" in done.stderr
    assert not (clone / ".venv").exists()


def test_the_verbs_with_a_python_that_is_too_old():
    code = (
        f"import sys, runpy; sys.version_info = (3, 9, 18); sys.argv[1:] = ['check']; "
        f"runpy.run_path({str(ROOT / 'autograder' / '__main__.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "✗ Chainrule needs Python 3.11 or newer, and this is 3.9: install it.\n"


def test_make_without_a_network(clone):
    done = make(
        clone, "setup", f"PYTHON={sys.executable}", PIP_CONFIG_FILE=os.devnull, PIP_RETRIES="0",
        HTTPS_PROXY="http://127.0.0.1:9", PIP_NO_CACHE_DIR="1",
    )  # fmt: skip
    assert done.returncode
    assert "✗ pip could not install the course environment" in done.stderr
    assert "connect and run make again" in done.stderr
    assert not (clone / ".venv" / "ready").exists()


def test_make_names_its_verbs(clone):
    shutil.copyfile(ROOT / "autograder" / "__main__.py", clone / "autograder" / "__main__.py")
    shutil.copyfile(ROOT / "autograder" / "course.py", clone / "autograder" / "course.py")
    (clone / "autograder" / "__init__.py").touch()
    done = make(clone, PYTHON=sys.executable)
    assert done.returncode == 0, done.stderr
    assert all(verb in done.stdout for verb in verbs.VERBS)
    unknown = make(clone, "tset")
    assert unknown.returncode
    assert "✗ There is no verb 'tset'. The verbs are: book test" in unknown.stderr


def test_make_hands_over_what_was_typed_and_nothing_else(clone):
    program(clone, "python", 'printf "%s|" "$@"')
    typed = ["check", "N=04", "NAME=it's a name", "PY=./python", "-o", ".venv/ready"]
    done = make(clone, *typed, N="99", SERVE="0")
    given = done.stdout.split("|")
    assert given[:3] == ["-m", "autograder", "check"]
    assert sorted(given[3:-1]) == ["N=04", "NAME=it's a name"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chekc"], "There is no verb 'chekc'"),
        (["check"], "check needs N=, for example: make check N=04"),
        (["mutate"], "mutate needs N=, for example: make mutate N=04"),
        (["bundle"], "bundle needs N=, for example: make bundle N=04"),
        (["new", "N=23"], "new needs NAME=, for example: make new N=23 NAME=optimization"),
        (["check", "M=04"], "check does not know 'M=04'; it takes N=."),
        (["check", "04"], "check does not know '04'; it takes N=."),
        (["test", "N=04"], "test does not know 'N=04'; it takes no options."),
        (["check", "N=77"], "There is no chapter '77'. Name one with N=; there are: "),
    ],
)
def test_verbs_and_options(arguments, said):
    with pytest.raises(Stop, match="✗ ") as stopped:
        verbs.main(arguments)
    assert said in str(stopped.value)


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(verbs.VERBS, "lab", ("no_such_package.lab", (), ""))
    with pytest.raises(Stop, match=r"'no_such_package' is not installed .* run make setup"):
        verbs.main(["lab"])


def test_no_verb_prints_the_usage(capsys):
    verbs.main([])
    assert "make VERB [NAME=value ...]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ([], "Chromium is missing"),
        (["chromium"], "bubblewrap (bwrap) is missing"),
        (["chromium", "bwrap"], "bubblewrap cannot block the network here (no namespaces)"),
    ],
)
def test_what_pip_cannot_bring(tmp_path, monkeypatch, there, said):
    for name in there:
        program(tmp_path, name, "echo no namespaces >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Stop) as stopped:
        runner.preflight()
    assert said in str(stopped.value)
    assert "apt-get install" in str(stopped.value) or "--privileged" in str(stopped.value)


def test_tests_on_another_system_name_where_they_run(monkeypatch):
    monkeypatch.setattr(runner.sys, "platform", "darwin")
    with pytest.raises(Stop, match="run it on Linux or WSL 2"):
        runner.preflight()


def test_the_second_environment_without_a_network(tmp_path, monkeypatch):
    monkeypatch.setattr(colab, "PLACE", tmp_path / "env")
    monkeypatch.setattr(colab, "PYTHON", tmp_path / "env" / "bin" / "python")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    offline = {"CONFIG_FILE": os.devnull, "RETRIES": "0", "NO_CACHE_DIR": "1"}
    for name, value in offline.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(Stop, match="connect and run make test again"):
        colab.prepare()
    assert not (tmp_path / "env" / "made-from").exists()


@pytest.mark.skipif("CHAINRULE_NETLESS" not in os.environ, reason="make test blocks the network")
def test_the_network_is_blocked_and_loopback_is_not():
    """A kernel, a browser or a download of a test is refused at once, not after a time-out."""
    for address in ("192.0.2.1", "2001:db8::1"):  # set aside for documents: nobody's
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as outside:
            outside.settimeout(5)
            with pytest.raises(OSError, match=r"nreachable|not available") as refused:
                outside.connect((address, 80))
            assert refused.value.errno in (errno.ENETUNREACH, errno.EADDRNOTAVAIL)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("example.org", 80)
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
