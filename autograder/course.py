"""Where everything of the course lies, and the errors that its verbs end with."""

import json
import os
import sysconfig
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Stop(SystemExit):
    """Ends a verb with one sentence for people (what happened, what to do) and exit code 1."""

    def __init__(self, sentence):
        super().__init__(f"✗ {sentence}")


@dataclass(frozen=True)
class Chapter:
    """One slug names the lesson, the assignment, the exercise package, the cases and the quiz."""

    slug: str

    @property
    def lesson(self):
        return ROOT / "notebooks" / f"{self.slug}.ipynb"

    @property
    def source(self):
        return ROOT / "source" / self.slug / f"{self.slug}.ipynb"

    @property
    def release(self):
        return ROOT / "release" / self.slug / f"{self.slug}.ipynb"

    @property
    def package(self):
        """Name of the exercise package below autograder.exercises, such as "ch12_attention"."""
        return self.slug if self.slug.startswith(("p", "w", "capstone")) else f"ch{self.slug}"

    @property
    def exercises(self):
        return ROOT / "autograder" / "exercises" / self.package

    @property
    def cases(self):
        return ROOT / "src" / "chainrule" / "cases" / self.slug

    @property
    def quiz(self):
        return ROOT / "book" / "quizzes" / f"{self.slug}.json"

    @property
    def coverage(self):
        return ROOT / "book" / "coverage" / f"{self.slug[:2]}.yml"

    def exercise_names(self):
        """Module names of the function exercises, such as ["masks", "attention"]."""
        return sorted(p.stem for p in self.exercises.glob("*.py") if p.stem != "__init__")


def assignments():
    """All assignments, chapters and projects alike, in the order of their slugs."""
    return [Chapter(p.parent.name) for p in sorted((ROOT / "source").glob("*/*.ipynb"))]


def chapters():
    """The chapters that have a lesson, in the order of their numbers."""
    return [Chapter(p.stem) for p in sorted((ROOT / "notebooks").glob("*.ipynb"))]


def find(number):
    """Return the assignment or lesson whose slug begins with `number`, such as "04" or "p01"."""
    wanted = str(number).zfill(2)
    known = sorted({c.slug for c in [*chapters(), *assignments()]})
    hits = [slug for slug in known if slug == wanted or slug.startswith(f"{wanted}_")]
    if len(hits) != 1:
        names = ", ".join(known) or "none yet"
        raise Stop(f"There is no chapter {number!r}. Name one with N=; there are: {names}.")
    return Chapter(hits[0])


def config():
    """The book's settings, _config.yml."""
    return read_yaml(ROOT / "_config.yml")


def contents(entry=None):
    """The pages that _toc.yml lists, such as "notebooks/04_first_neural_network", in order.

    entry   one of its parts or chapters; None for the whole book
    """
    entry = entry or read_yaml(ROOT / "_toc.yml")
    own = [entry[key] for key in ("root", "file") if key in entry]
    below = [e for key in ("parts", "chapters", "sections") for e in entry.get(key, [])]
    return own + [name for e in below for name in contents(e)]


def read_yaml(path):
    """Return a YAML file as data."""
    import yaml  # here, so that the verbs can be listed before anything is installed

    return yaml.safe_load(Path(path).read_text(encoding="utf-8"))


def repository():
    """Address of the course's repository, or "" while nobody has set it in _config.yml."""
    return (config().get("repository") or {}).get("url") or ""


def read_json(path):
    """Return a JSON file as data; a file that is missing or no JSON raises Stop."""
    name = Path(path).relative_to(ROOT)
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Stop(f"{name} is missing: restore it, or write it as CONTRIBUTING.md says.") from None
    except ValueError as error:
        raise Stop(f"{name} is not JSON ({error}): mend it there.") from None


def read_notebook(path):
    """Return a notebook's JSON as data."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def environment(**extra):
    """Environment variables for a child process: its own programs, passive threads, `extra`."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    return os.environ | {"OMP_WAIT_POLICY": "PASSIVE", "PYTHONUTF8": "1", "PATH": path} | extra
