"""The authoring verbs, in a copy of the course whose path has a space in it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import types
import urllib.error
import urllib.request
import zipfile

import nbformat
import pytest
from test_boundaries import tracked

from autograder.authoring import check, fmt, mutate, new, notebooks
from autograder.course import ROOT, Stop, environment

LESSON = notebooks.SKELETON / "lesson.ipynb"


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A copy of the course with chapter 98, made by `make new`."""
    folder = tmp_path_factory.mktemp("a b") / "the course"
    for path in tracked():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    made = verb(folder, "new", "N=98", "NAME=graph_nets")
    assert made.returncode == 0, made.stderr
    return folder


def verb(folder, *arguments, start=subprocess.run, **variables):
    """Run `python -m autograder ...` in a copy of the course, as its Makefile does."""
    path = os.pathsep.join([str(folder), str(folder / "src")])
    command = [sys.executable, "-m", "autograder", *arguments]
    variables = environment(PYTHONPATH=path, OMP_NUM_THREADS="1", **variables)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return start(command, cwd=folder, env=variables, **streams)


def files(folder):
    """Every file's bytes, but those of caches."""
    found = (p for p in folder.rglob("*") if p.is_file())
    return {p: p.read_bytes() for p in found if not {"__pycache__", ".ruff_cache"} & {*p.parts}}


def sentence(done):
    """The one sentence that a verb stopped with."""
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert lines[-1].startswith("✗ "), done.stderr
    assert "Traceback" not in done.stderr
    return lines[-1]


def test_a_new_chapter_passes_its_check_at_once(clone):
    done = verb(clone, "check", "N=98")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a draft; still missing" in done.stdout
    assert "✗" not in done.stdout
    assert float(done.stdout.splitlines()[-1].split()[0]) <= 60


def test_check_records_a_golden_output_that_is_missing(tmp_path, capsys):
    lesson, path = notebooks.read(LESSON), tmp_path / "lesson.ipynb"
    lesson.cells = lesson.cells[:8]
    notebooks.write(path, lesson)
    whole = fmt.normal(path)
    for cell in notebooks.code_cells(lesson):
        cell.outputs, cell.execution_count = [], None
    notebooks.write(path, lesson)
    check.record(types.SimpleNamespace(lesson=path))
    assert "recorded the output of build-center" in capsys.readouterr().out
    assert path.read_text("utf-8") == whole


def test_a_new_chapter_stands_in_the_contents_after_the_one_before(clone):
    lines = (clone / "_toc.yml").read_text("utf-8").splitlines()
    at = lines.index("      - file: notebooks/98_graph_nets")
    assert lines[at + 2].strip() == "- file: release/98_graph_nets/98_graph_nets"
    assert lines[at - 1].startswith("          - file: ")  # a section of the chapter before


def test_new_overwrites_nothing(clone):
    before = files(clone)
    assert "Chapter 98 exists: 98_graph_nets" in sentence(verb(clone, "new", "N=98", "NAME=other"))
    assert files(clone) == before


@pytest.mark.parametrize(
    ("n", "name", "said"),
    [
        ("0", "other", "no chapter's number"),
        ("x", "other", "no chapter's number"),
        ("99", "Graph nets", "small letters"),
        ("99", "../x", "small letters"),
    ],
)
def test_new_refuses_numbers_and_names_that_will_not_do(n, name, said):
    with pytest.raises(Stop, match=said):
        new.new_chapter(n, name)


def test_a_new_that_fails_leaves_nothing_behind(clone):
    skeleton = clone / "autograder" / "authoring" / "skeleton" / "assignment.ipynb"
    kept = skeleton.read_bytes()
    skeleton.write_bytes(kept.replace(b"### END SOLUTION", b"### END"))
    before = files(clone)
    try:
        assert "has no BEGIN or no END" in sentence(verb(clone, "new", "N=24", "NAME=other"))
        assert files(clone) == before
    finally:
        skeleton.write_bytes(kept)


def test_mutations_are_caught_and_a_lesson_without_asserts_lets_them_live(clone):
    done = verb(clone, "mutate", "N=98")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ 5 of 5 mutations caught" in done.stdout
    lesson = notebooks.read(LESSON)
    for cell in notebooks.code_cells(lesson):
        kept = [line for line in cell.source.splitlines() if not line.startswith("assert")]
        cell.source = "\n".join(kept)
    cells = [[c.id, c.source] for c in notebooks.code_cells(lesson) if c.id != "quiz"]
    one = next(m for m in mutate.choose(lesson, "any") if m.before == "x - mean")
    assert mutate.judge(cells, [one]) == [(one, "survived")]


def test_mutations_flip_signs_axes_constants_and_masks_and_spare_checks_and_settings():
    source = "lr = 0.5\ny = -x + x.sum(dim=0) * 3\nm = ~(x > y)\nassert y == 1\nprint(1 + 1)"
    found = [(m.line, m.before, m.after) for m in mutate.mutations("cell", source)]
    assert (2, "dim=0", "dim=1") in found
    assert (2, "-x", "+x") in found
    assert (2, "3", "6") in found
    assert (2, "x.sum(dim=0) * 3", "x.sum(dim=0) / 3") in found
    assert (3, "~(x > y)", "~~(x > y)") in found
    assert (3, "x > y", "x <= y") in found
    assert {line for line, _, _ in found} == {2, 3}
    assert mutate.choose(notebooks.read(LESSON), "a") == mutate.choose(notebooks.read(LESSON), "a")


def test_the_bundle_is_the_same_bytes_and_works_where_it_is_unpacked(clone, tmp_path):
    bytes_ = []
    for _ in range(2):
        done = verb(clone, "bundle", "N=98")
        assert done.returncode == 0, done.stderr
        bytes_.append((clone / "dist" / "98_graph_nets.zip").read_bytes())
    assert bytes_[0] == bytes_[1]
    with zipfile.ZipFile(clone / "dist" / "98_graph_nets.zip") as archive:
        archive.extractall(tmp_path)
        names = {n.removeprefix("98_graph_nets/") for n in archive.namelist()}
    assert {"HOW_TO.txt", "DATA_LICENCES.md", "LICENSE", "pyproject.toml"} <= names
    assert not [n for n in names if n.startswith(("source", "autograder"))]
    lesson = tmp_path / "98_graph_nets" / "notebooks" / "98_graph_nets.ipynb"
    package = str(tmp_path / "98_graph_nets" / "src")
    assert notebooks.execute(lesson, PYTHONPATH=package).problem == ""


def answer(url, server):
    """The JSON that a server gives, once it has begun to listen."""
    while True:
        try:
            with urllib.request.urlopen(url, timeout=60) as page:
                return json.load(page)
        except urllib.error.URLError:
            assert server.poll() is None, server.stderr.read()
            time.sleep(0.2)


def test_lab_opens_formgrader_on_the_course(clone, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"open_browser": False, "allow_root": True, "ip": "127.0.0.1", "port": port}
    config = {"ServerApp": settings, "IdentityProvider": {"token": "word"}}
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(config), "utf-8")
    with verb(clone, "lab", start=subprocess.Popen, JUPYTER_CONFIG_DIR=str(tmp_path)) as server:
        try:
            url = f"http://127.0.0.1:{port}/formgrader/api/assignments?token=word"
            names = [row["name"] for row in answer(url, server)]
        finally:
            server.terminate()
            server.communicate(timeout=60)
    assert "98_graph_nets" in names


def test_fmt_brings_a_notebook_into_normal_form(tmp_path, monkeypatch):
    monkeypatch.setattr(fmt, "ROOT", tmp_path)
    messy = notebooks.read(LESSON)
    messy.metadata["colab"] = {"name": "x"}
    for cell in messy.cells:
        cell.metadata["colab_type"] = "code"
        if cell.cell_type == "code":
            cell.execution_count = 7
    figure = next(c for c in messy.cells if c.id == "columns-figure")
    figure.outputs = [nbformat.v4.new_output("stream", text="x")]
    messy.cells[0].source = "%pip install something"
    path = tmp_path / "98_graph_nets.ipynb"
    path.write_text(nbformat.writes(messy, indent=4), "utf-8")
    assert fmt.normal(path) == LESSON.read_text("utf-8")
    path.write_text("no notebook", "utf-8")
    with pytest.raises(Stop, match="is not a notebook"):
        fmt.normal(path)


def test_the_setup_cell_installs_from_the_repository_that_the_settings_name(monkeypatch):
    monkeypatch.setattr(fmt, "repository", lambda: "https://github.com/Some/book")
    text = fmt.setup_text()
    assert "%pip install --quiet git+https://github.com/Some/book@main" in text
    assert "https://some.github.io/book/" in text
    monkeypatch.setattr(fmt, "repository", lambda: "")
    assert "%pip" not in fmt.setup_text()
    assert "Install the course first" in fmt.setup_text()
