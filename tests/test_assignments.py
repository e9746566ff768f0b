"""The instructor's notebooks: their solutions pass, and their parts are what a chapter needs."""

import re

import pytest
from test_exercises import ASSIGNMENTS, CHOICES, MODULES, SEEDS, notebook_cells

from autograder.authoring import cases
from autograder.exercises import unseen
from chainrule import stored

CHAPTERS = [c for c in ASSIGNMENTS.values() if c.package.startswith("ch")]


@pytest.mark.parametrize("package", ASSIGNMENTS)
def test_instructors_solution_passes_seen_and_unseen(package, monkeypatch, capsys):
    import matplotlib as mpl

    mpl.use("Agg")
    space, calls = {}, []
    for cell in notebook_cells(ASSIGNMENTS[package]):
        if cell["cell_type"] == "code" and "demo" not in cell["metadata"].get("tags", []):
            exec(compile(cell["source"], cell["id"], "exec"), space)
            calls += re.findall(r'unseen\("([\w.]+)", (\w+)\)', cell["source"])
    for seed in SEEDS:
        monkeypatch.setenv("CHAINRULE_SEED", str(seed))
        for name, variable in calls:
            assert unseen(name, space[variable]) is None
    assert {name for name, _ in calls} == {n for n in MODULES if n.startswith(f"{package}.")}
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.package)
def test_parts_of_a_chapter(chapter):
    """5 to 7 graded parts; one is marked by a person, with a rubric and three marked samples."""
    parts = []  # the graded cells below each heading, such as "## 04.1 The perceptron rule"
    for cell in notebook_cells(chapter):
        if re.match(rf"## {chapter.slug[:2]}\.\d ", cell["source"]):
            parts.append([])
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            parts[-1].append(cell)
    by_hand = [c for part in parts for c in part if c["metadata"]["nbgrader"]["solution"]]
    assert 5 <= len(parts) <= 7
    assert all(parts)
    assert len(by_hand) == 1
    assert "**Rubric**" in by_hand[0]["source"]
    assert len(re.findall(r"\*\*Sample \w+, \d+ of \d+\.\*\*", by_hand[0]["source"])) == 3
    assert any(name.startswith(f"{chapter.package}.") for name in CHOICES)


def test_generated_cases_are_up_to_date():
    """A stale file, or one that nothing generates any more: run make fmt."""
    files = cases.generated()
    for path, text in files.items():
        assert path.exists(), path
        assert path.read_text(encoding="utf-8") == text, path
    assert set(stored.CASES.glob("*/*.json")) == set(files)
