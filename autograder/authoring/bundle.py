"""make bundle N=04: the zip that a class gets, the same bytes on every machine."""

import re
import zipfile

from autograder.authoring import notebooks, prose
from autograder.course import ROOT, Stop, find

EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date that a zip can hold
HOW_TO = """Chainrule: {slug}

You need Python 3.11 or newer. In this folder:

    python -m venv .venv
    .venv/bin/pip install . jupyterlab        (Windows: .venv\\Scripts\\pip)
    .venv/bin/jupyter lab                     (Windows: .venv\\Scripts\\jupyter)

The lesson is {lesson}.
The assignment is {release}.
Hand in the assignment's notebook under its own name.

Code is under the MIT licence, text under CC BY 4.0: see LICENSE.
The data sets' licences are in DATA_LICENCES.md.
"""


def bundle(n):
    """Write dist/<slug>.zip and say how large it is."""
    chapter = find(n)
    for path in (chapter.lesson, chapter.release):
        if not path.exists():
            raise Stop(f"{path.relative_to(ROOT)} is missing: run make release N={n} first.")
    target = ROOT / "dist" / f"{chapter.slug}.zip"
    target.parent.mkdir(exist_ok=True)
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(contents(chapter).items()):
            entry = zipfile.ZipInfo(f"{chapter.slug}/{name}", EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            entry.create_system = 3  # as on Unix, wherever it is made
            archive.writestr(entry, content)
    part.replace(target)
    print(f"✓ {target.relative_to(ROOT)}: {target.stat().st_size / 1e3:.0f} kB")


def contents(chapter):
    """Return {name in the zip: bytes}; the folders are the course's, so that links hold."""
    paths = {chapter.lesson, ROOT / "LICENSE", ROOT / "pyproject.toml"}
    paths |= {p for p in chapter.release.parent.rglob("*") if p.is_file() and notebooks.visible(p)}
    paths |= linked(chapter.lesson) | linked(chapter.release) | package(chapter)
    files = {p.relative_to(ROOT).as_posix(): p.read_bytes() for p in paths}
    names = {"lesson": chapter.lesson, "release": chapter.release}
    names = {key: path.relative_to(ROOT).as_posix() for key, path in names.items()}
    return files | {
        "HOW_TO.txt": HOW_TO.format(slug=chapter.slug, **names).encode(),
        "DATA_LICENCES.md": (ROOT / "book" / "data_licences.md").read_bytes(),
    }


def package(chapter):
    """The files of chainrule, with this chapter's stored cases alone."""
    source, cases = ROOT / "src" / "chainrule", chapter.cases.parent
    files = {p for p in source.rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    return {p for p in files if cases not in p.parents or chapter.cases in p.parents}


def linked(path):
    """The pages and pictures that a notebook links to."""
    markdown = notebooks.prose(notebooks.read(path))
    found = [*prose.LINK.findall(markdown), *prose.IMAGE.findall(markdown)]
    names = {target.partition("#")[0] for _, target in found if not re.match(r"\w+:", target)}
    targets = {(path.parent / name).resolve() for name in names if name}
    return {t for t in targets if t.is_file() and ROOT in t.parents}
