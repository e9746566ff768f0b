"""What all tests share."""

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from PIL import Image

os.environ.setdefault("MPLBACKEND", "Agg")  # draw into memory, also where there is a screen
os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side


def pytest_ignore_collect(collection_path, config):
    """The long suites of the grader run when they are named: pytest tests/torture."""
    if collection_path.name == "torture" and not any("torture" in a for a in config.args):
        return True


@pytest.fixture
def python():
    """python(code, NAME=value): run code in a new Python; return what it prints."""

    def run(code, **environment):
        command, env = [sys.executable, "-W", "error", "-c", code], os.environ | environment
        done = subprocess.run(command, capture_output=True, text=True, env=env)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty data folder of this test alone."""
    monkeypatch.setenv("CHAINRULE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def offline(monkeypatch):
    """No request gets out: every one fails as it does on a computer without a network."""

    def refuse(request, *args, **kwargs):
        raise urllib.error.URLError(socket.gaierror(-2, "Name or service not known"))

    monkeypatch.setattr(urllib.request, "urlopen", refuse)


@pytest.fixture
def pets(tmp_path):
    """A folder of 24 small images in two classes."""
    for name, colour in (("cat", "red"), ("dog", "blue")):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(12):
            Image.new("RGB", (30 + i, 24), colour).save(tmp_path / "pets" / name / f"{i}.png")
    return tmp_path / "pets"


# The built site in Chromium: these are imported late, since few tests need a browser.


@pytest.fixture(scope="module")
def browser():
    from browser import chromium

    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def site():
    """The folder of the site, built if it is out of date."""
    from browser import built

    return built()


@pytest.fixture(scope="module")
def url(site):
    from browser import served

    with served(site) as address:
        yield address
