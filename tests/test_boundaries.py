"""The house keeps its shape: who imports whom, one slug everywhere, small files, no paths."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from autograder.authoring import notebooks, rules
from autograder.authoring.notebooks import is_draft, program
from autograder.course import ROOT, assignments, chapters, contents
from chainrule import data

FILE_LINES, FUNCTION_LINES = 250, 40
# What lessons and assignments may import beside chainrule: its own dependencies and Python itself.
DECLARED = {"torch", "numpy", "matplotlib", "ipywidgets", "sklearn", "tqdm", "torchvision"}
HIDDEN = re.compile(r"BEGIN (HIDDEN TESTS|SOLUTION|MARK SCHEME).*?END \1", re.DOTALL)
MARKS = re.compile("BEGIN " + "(SOLUTION|HIDDEN TESTS|MARK SCHEME)")
# A path of one machine, or the address of a package index.
MACHINE = re.compile(
    r"/(work|root|farm|Users)/|" + "|".join(("pypi" + r"\.org", "python" + "hosted"))
)


def tracked(*patterns):
    """The files of the repository, new ones included, ignored ones not."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


def name(path):
    return path.relative_to(ROOT).as_posix()


def imported(source):
    """The top-level names of the packages that Python source imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def notebook_imports(path):
    cells = [c for c in notebooks.read(path).cells if c.cell_type == "code"]
    return set().union(*(imported(program(c)) for c in cells))


@pytest.mark.parametrize("path", tracked("src/*.py"), ids=name)
def test_chainrule_imports_nothing_of_ours(path):
    assert "autograder" not in imported(path.read_text("utf-8"))


@pytest.mark.parametrize("path", tracked("notebooks/*.ipynb", "release/*.ipynb"), ids=name)
def test_students_notebooks_import_chainrule_and_declared_packages(path):
    assert notebook_imports(path) <= {"chainrule"} | DECLARED | sys.stdlib_module_names


def test_declared_packages_are_dependencies():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    wanted = DECLARED - {"sklearn"} | {"scikit-learn"}
    assert {p for p in wanted if f'"{p}' not in text} == set()


@pytest.mark.parametrize("path", tracked("source/*.ipynb"), ids=name)
def test_source_names_autograder_in_hidden_regions_only(path):
    for cell in notebooks.read(path).cells:
        assert "autograder" not in HIDDEN.sub("", cell.source), f"cell {cell.id}"


@pytest.mark.parametrize("path", tracked("release/*", "notebooks/*", "book/*", "src/*"), ids=name)
def test_students_see_no_solution_and_no_hidden_text(path):
    if path.suffix not in (".png", ".jpg", ".gz", ".zip"):
        assert not MARKS.search(path.read_text("utf-8"))


@pytest.mark.parametrize("chapter", chapters(), ids=lambda c: c.slug)
def test_a_chapters_slug_names_all_its_parts(chapter):
    parts = (chapter.source, chapter.release, chapter.exercises / "__init__.py", chapter.quiz,
             chapter.coverage, chapter.cases / "quiz.json")  # fmt: skip
    assert [name(part) for part in parts if not part.exists()] == []


@pytest.mark.parametrize("chapter", assignments(), ids=lambda c: c.slug)
def test_an_assignments_slug_names_all_its_parts(chapter):
    parts = (chapter.release, chapter.exercises / "__init__.py")
    assert [name(part) for part in parts if not part.exists()] == []


def test_nothing_belongs_to_no_assignment():
    """Exercises, cases, releases and quizzes of a slug that no source notebook has."""
    slugs = {c.slug for c in assignments()}
    packages = {c.package for c in assignments()}
    found = {p.parent for p in tracked("release/*.ipynb", "src/chainrule/cases/*")}
    left = {name(p) for p in found if p.name not in slugs}
    left |= {name(p) for p in tracked("book/quizzes/*.json") if p.stem not in slugs}
    inits = tracked("autograder/exercises/*/__init__.py")
    left |= {name(p.parent) for p in inits if p.parent.name not in packages}
    assert left == set()


def test_the_contents_list_every_finished_chapter():
    listed = contents()
    wanted = [page for c in chapters() if not is_draft(notebooks.read(c.lesson))
              for page in (f"notebooks/{c.slug}", f"release/{c.slug}/{c.slug}")]  # fmt: skip
    assert [page for page in wanted if page not in listed] == []
    assert [p for p in listed if p.startswith("notebooks/")] == sorted(
        p for p in listed if p.startswith("notebooks/")
    )


def test_the_contents_list_no_draft_and_nothing_that_is_not_there():
    listed = contents()
    drafts = [c.slug for c in chapters() if is_draft(notebooks.read(c.lesson))]
    assert [slug for slug in drafts if f"notebooks/{slug}" in listed] == [], (
        "_toc.yml would publish a draft: finish it and take the mark off, or take its lines out"
    )
    endings = (".ipynb", ".md")
    assert [p for p in listed if not any((ROOT / (p + e)).exists() for e in endings)] == []


def test_environment_for_conda_is_the_courses():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    python, pip, inner = environment["dependencies"]
    assert python == "python=3.11"
    assert pip == "pip"
    assert inner == {"pip": ["-c constraints.txt", "-e .", "-e ./autograder"]}


@pytest.mark.parametrize("path", tracked("*.py", "*.js", "*.css"), ids=name)
def test_files_and_functions_are_small(path):
    text = path.read_text("utf-8")
    assert text.count("\n") <= FILE_LINES
    if path.suffix == ".py":
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, functions)]
        assert {n.name: n.end_lineno - n.lineno + 1 for n in nodes
                if n.end_lineno - n.lineno + 1 > FUNCTION_LINES} == {}  # fmt: skip


def test_no_file_names_a_machines_path_or_a_package_index():
    found = set()
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found |= {f"{name(path)}: {match[0]}" for match in MACHINE.finditer(text)}
    assert found == set()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_of_the_first_pages_lead_somewhere(page):
    assert list(rules.link_problems((ROOT / page).read_text("utf-8"), ROOT)) == []


def test_every_published_assignment_has_its_version_in_the_changelog():
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    published = [Path(page).name for page in contents() if page.startswith("release/")]
    assert [slug for slug in published if f"`{slug}`" not in changes] == []


def test_every_data_set_has_its_licence_named():
    page = (ROOT / "book" / "data_licences.md").read_text("utf-8")
    assert [name for name in data.NAMES if f"`{name}`" not in page] == []
