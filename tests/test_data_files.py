"""Data sets in files: the offline default, downloads, and what is refused."""

import contextlib
import hashlib
import http.server
import os
import shutil
import ssl
import tarfile
import tempfile
import threading
import urllib.error
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from chainrule import data
from chainrule.data import fetch, sets

WITH_FILES = ("mnist", "fashion-mnist", "cifar10", "flower_photos", "tinyshakespeare", "spa-eng")


@pytest.fixture
def server(monkeypatch):
    """A web server on this computer; `pages` is {path: (status, promised length, body)}."""
    pages = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, length, body = pages[self.path]
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield SimpleNamespace(pages=pages, url=f"http://127.0.0.1:{web.server_port}")
        web.shutdown()


@pytest.fixture
def shakespeare(server, monkeypatch):
    """tinyshakespeare with a small text, two addresses on the test server, and its true hash."""
    body = b"First line\n" * 200
    digest = hashlib.sha256(body).hexdigest()
    addresses = (f"{server.url}/a", f"{server.url}/b")
    file = fetch.File("tinyshakespeare/input.txt", digest, addresses)
    monkeypatch.setattr(sets, "SHAKESPEARE", file)
    server.pages.update({"/a": (200, len(body), body), "/b": (200, len(body), body)})
    return SimpleNamespace(body=body, digest=digest, pages=server.pages)


def one_line(capsys):
    """What was printed, without its line breaks."""
    return " ".join(capsys.readouterr().out.split())


def files_below(path):
    return sorted(str(p.relative_to(path)) for p in path.rglob("*") if p.is_file())


@pytest.mark.parametrize("name", WITH_FILES)
def test_without_files_and_network_a_sentence_and_the_default(name, folder, offline, capsys):
    default = {"tinyshakespeare": "python_reference", "spa-eng": "grammar"}
    default |= {"mnist": "digits", "fashion-mnist": "digits"}
    expected = default.get(name, "shapes")
    loaded = data.load(name)
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 79  # wider output scrolls on the page
    assert " ".join(said.split()) == (
        f"{name} cannot be had now: it is not in the data folder, and there is no network. "
        f"In its place you get {expected}: {data.NAMES[expected]}."
    )
    assert getattr(loaded, "name", expected) == expected
    assert len(loaded) > 100 if not isinstance(loaded, data.Labelled) else len(loaded.y) > 100
    assert not folder.exists()


def test_without_torchvision_a_sentence_and_the_default(folder, offline, monkeypatch, capsys):
    monkeypatch.setattr(sets, "find_spec", lambda name: None)
    assert data.load("mnist").name == "digits"
    assert "torchvision is not installed (pip install torchvision)." in one_line(capsys)


def test_a_server_that_refuses_is_quoted(folder, shakespeare, capsys):
    shakespeare.pages.update({"/a": (404, 0, b""), "/b": (503, 0, b"")})
    assert data.load("tinyshakespeare") == data.load("python_reference")
    assert "and the server answered 503 Service Unavailable." in one_line(capsys)


def test_a_connection_that_is_not_secure_is_no_missing_network():
    error = urllib.error.URLError(ssl.SSLError(1, "certificate verify failed"))
    assert "the connection is not secure (" in fetch._why(error)


def test_a_download_is_whole_checked_and_named_last(folder, shakespeare, capsys):
    assert data.load("tinyshakespeare", "all") == shakespeare.body.decode()
    out, err = capsys.readouterr()
    assert "input.txt: 100%" in out  # the progress bar
    assert err == ""  # where nbgrader would take the points away
    assert files_below(folder) == ["tinyshakespeare/input.txt"]
    shakespeare.pages.clear()
    assert data.load("tinyshakespeare", "all") == shakespeare.body.decode()  # from the folder


def test_a_damaged_download_is_not_kept(folder, shakespeare):
    bad = b"<html>Please log in</html>"
    shakespeare.pages.update({"/a": (200, len(bad), bad), "/b": (200, len(bad), bad)})
    with pytest.raises(data.DataError, match=r"input\.txt arrived damaged from") as caught:
        data.load("tinyshakespeare")
    assert shakespeare.digest in str(caught.value)
    assert hashlib.sha256(bad).hexdigest() in str(caught.value)
    assert "Nothing was kept. Try again" in str(caught.value)
    assert files_below(folder) == []


def test_the_second_address_serves_where_the_first_fails(folder, shakespeare):
    shakespeare.pages["/a"] = (200, 3, b"bad")
    assert data.load("tinyshakespeare", "all") == shakespeare.body.decode()
    assert files_below(folder) == ["tinyshakespeare/input.txt"]


def test_a_connection_that_breaks_off_leaves_nothing(folder, shakespeare, capsys):
    promised = len(shakespeare.body)
    for page in ("/a", "/b"):
        shakespeare.pages[page] = (200, promised, shakespeare.body[:700])
    assert data.load("tinyshakespeare") == data.load("python_reference")
    assert "and the connection broke off." in one_line(capsys)
    assert files_below(folder) == []


def test_an_interrupted_download_leaves_nothing(folder, shakespeare, monkeypatch):
    def interrupt(answer):
        raise KeyboardInterrupt

    monkeypatch.setattr(fetch, "_read", interrupt)
    with pytest.raises(KeyboardInterrupt):
        data.load("tinyshakespeare")
    assert files_below(folder) == []


@contextlib.contextmanager
def ordinary_user():
    """File permissions do not hold for root: be nobody for a moment."""
    if os.geteuid():
        yield
    else:
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_read_only_data_folder_says_what_to_do(shakespeare, monkeypatch):
    with tempfile.TemporaryDirectory() as parent:
        os.chmod(parent, 0o755)
        locked = Path(parent, "data")
        locked.mkdir(mode=0o555)
        monkeypatch.setenv("CHAINRULE_DATA", str(locked))
        with ordinary_user(), pytest.raises(data.DataError) as caught:
            data.load("tinyshakespeare")
        assert list(locked.iterdir()) == []
    assert str(caught.value) == (
        f"{locked / 'tinyshakespeare'} cannot be used (Permission denied). Set the environment "
        "variable CHAINRULE_DATA to a folder that you can read and write."
    )


def test_a_data_folder_that_is_a_file_says_what_to_do(tmp_path, shakespeare, monkeypatch):
    (tmp_path / "data").write_text("mine")
    monkeypatch.setenv("CHAINRULE_DATA", str(tmp_path / "data"))
    with pytest.raises(data.DataError, match="Set the environment variable CHAINRULE_DATA"):
        data.load("tinyshakespeare")
    assert (tmp_path / "data").read_text() == "mine"


def test_the_data_folder_moves(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAINRULE_DATA", "~/here")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert data.folder() == tmp_path / "here"
    monkeypatch.delenv("CHAINRULE_DATA")
    assert data.folder() == tmp_path / ".cache" / "chainrule"


def test_a_damaged_file_is_refused_and_kept(folder, shakespeare):
    path = folder / "tinyshakespeare" / "input.txt"
    path.parent.mkdir(parents=True)
    path.write_bytes(shakespeare.body[:-1])
    found = hashlib.sha256(shakespeare.body[:-1]).hexdigest()
    with pytest.raises(data.DataError) as caught:
        data.load("tinyshakespeare")
    assert str(caught.value) == (
        f"{path} is damaged. Expected SHA-256 {shakespeare.digest}, found {found}. Delete the "
        "file and run this again to download it anew."
    )
    assert path.read_bytes() == shakespeare.body[:-1]


def test_flower_photos_are_unpacked_once_and_whole(folder, server, monkeypatch, pets):
    archive = shutil.make_archive(str(pets.parent / "flowers"), "gztar", pets.parent, "pets")
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(pets, "flower_photos")
    body = Path(archive).read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    file = fetch.File("flower_photos.tgz", digest, (f"{server.url}/f",))
    monkeypatch.setattr(sets, "FLOWERS", file)
    server.pages["/f"] = (200, len(body), body)
    first = data.load("flower_photos", "all", size=8)
    assert (first.x.shape, first.classes) == ((24, 3, 8, 8), ("cat", "dog"))
    assert [p.name for p in folder.iterdir()] == ["flower_photos"]
    server.pages.clear()
    assert torch.equal(data.load("flower_photos", "all", size=8).x, first.x)


def test_the_page_on_licences_names_every_set_its_file_and_its_stand_in():
    page = (Path(__file__).parents[1] / "book" / "data_licences.md").read_text(encoding="utf-8")
    for name in data.NAMES:
        assert f"\n| `{name}` |" in page
    singles = [sets.CIFAR10, sets.FLOWERS, sets.SHAKESPEARE, sets.SPANISH]
    for file in [sets.MNIST[0], sets.FASHION[0], *singles]:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{file.path}`"))
        assert f"<{file.urls[0]}>" in row
    for file in sets.MNIST + sets.FASHION:
        assert f"{Path(file.path).name}`" in page
    stand_ins = {name: row.default for name, row in data._SETS.items() if row.default}
    for name, default in stand_ins.items():
        assert f"\n| `{name}` | `{default}` |\n" in page
