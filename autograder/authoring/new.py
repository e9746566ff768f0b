"""make new N=23 NAME=something: the skeleton of a chapter, which runs and passes make check."""

import importlib
import re
import shutil

from autograder.authoring import fmt, release
from autograder.authoring.notebooks import SKELETON
from autograder.course import ROOT, Chapter, Stop, assignments, chapters

SLUG = "00_skeleton"  # what the skeleton calls itself
TOC = ROOT / "_toc.yml"
ENTRY = re.compile(r"(?P<indent>\s*)- file: notebooks/(?P<slug>\d\d_\w+)")


def new(n, name):
    """Write lesson, assignment, exercises, quiz, coverage, contents line, release and cases.

    Nothing that exists is overwritten; where a step fails, what was written is taken away again.
    """
    chapter = new_chapter(n, name)
    contents = TOC.read_text(encoding="utf-8")
    files = skeleton_files(chapter)
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        TOC.write_text(with_entry(contents, chapter.slug), encoding="utf-8")
        fmt.ruff("format", "--quiet", *(str(p) for p in files if p.suffix in (".py", ".ipynb")))
        importlib.invalidate_caches()  # the exercises are imported by this very process
        release.release(chapter.slug)
    except BaseException:
        TOC.write_text(contents, encoding="utf-8")
        for path in places(chapter):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        raise
    print(*(f"wrote {path.relative_to(ROOT)}" for path in files), sep="\n")
    print(f"and its lines in _toc.yml. Next: make check N={n}, then make lab (CONTRIBUTING.md).")


def places(chapter):
    """Every file and folder that belongs to one chapter alone."""
    folders = (chapter.source.parent, chapter.exercises, chapter.release.parent, chapter.cases)
    return (chapter.lesson, chapter.quiz, chapter.coverage, *folders)


def new_chapter(n, name):
    """Return the chapter of a new number and name; Stop where one of them will not do."""
    if not re.fullmatch(r"\d\d?", n) or int(n) == 0:
        raise Stop(f"N={n} is no chapter's number: give 1 to 99, for example N=23.")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise Stop(f"NAME={name} will not do: small letters, digits and _, for example graph_nets.")
    slug = f"{n.zfill(2)}_{name}"
    for known in {c.slug for c in [*chapters(), *assignments()]}:
        if known.startswith(f"{n.zfill(2)}_"):
            raise Stop(f"Chapter {n} exists: {known}. Nothing was written; take another number.")
    chapter = Chapter(slug)
    for path in places(chapter):
        if path.exists():
            raise Stop(f"{path.relative_to(ROOT)} exists. Nothing was written; move it first.")
    return chapter


def skeleton_files(chapter):
    """Return {path: text} of what an author then edits."""
    targets = {
        "lesson.ipynb": chapter.lesson,
        "assignment.ipynb": chapter.source,
        "quiz.json": chapter.quiz,
        "coverage.yml": chapter.coverage,
        "__init__.py": chapter.exercises / "__init__.py",
        "center.py": chapter.exercises / "center.py",
    }
    title = chapter.slug[3:].replace("_", " ").capitalize()
    texts = {path: (SKELETON / name).read_text("utf-8") for name, path in targets.items()}
    for old, fresh in (
        (SLUG, chapter.slug),
        ("Skeleton", title),
        ("00-", f"{chapter.slug[:2]}-"),
        ("# 0. ", f"# {int(chapter.slug[:2])}. "),
    ):
        texts = {path: text.replace(old, fresh) for path, text in texts.items()}
    return texts


def with_entry(contents, slug):
    """Return _toc.yml's text with a chapter's lines after those of the chapter before it."""
    lines = contents.splitlines()
    found = [(i, m) for i, line in enumerate(lines) if (m := ENTRY.match(line))]
    if not found:
        raise Stop("_toc.yml lists no lesson, so there is no place for a new one: add one by hand.")
    before = [i for i, m in found if m["slug"] < slug]
    pad = found[0][1]["indent"]
    at = before[-1] + 1 if before else found[0][0]
    while before and at < len(lines) and lines[at].startswith(pad + " "):
        at += 1  # the sections of the chapter before
    entry = [
        f"{pad}- file: notebooks/{slug}",
        f"{pad}  sections:",
        f"{pad}    - file: release/{slug}/{slug}",
    ]
    return "\n".join([*lines[:at], *entry, *lines[at:]]) + "\n"
