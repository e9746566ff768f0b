"""make check N=04: one chapter, quickly (FAST=1, one seed, at most 60 CPU-seconds)."""

import csv
import re
import subprocess
import sys
import time

import psutil

from autograder.authoring import cases, fmt, notebooks, prose, rules
from autograder.authoring.release import student_files
from autograder.course import (
    ROOT,
    Stop,
    assignments,
    chapters,
    environment,
    find,
    read_json,
    read_yaml,
)
from chainrule import quiz

LESSON_SECONDS = 15  # CPU, with FAST=1
POINTS = ROOT.parent / "shared" / "COVERAGE.csv"  # the authors' list; not part of the course


def check(n):
    """Print a report of one chapter; stop with exit code 1 if it breaks a rule."""
    chapter, before, began = find(n), cpu_seconds(), time.perf_counter()
    steps = {
        "exercise sheet": sheet,
        "generated files": drift,
        "assignment runs": run_source,
        "exercise tests": exercise_tests,
    }
    if chapter.lesson.exists():
        own = {"lesson": lesson, "quiz": questions, "coverage": coverage, "lesson runs": run_lesson}
        steps = own | {"repeated sentences": repeated} | steps
    print(chapter.slug)
    if absent := [path for path in parts(chapter) if not path.exists()]:
        names = ", ".join(str(path.relative_to(ROOT)) for path in absent)
        raise Stop(f"{chapter.slug} is not whole: {names} missing. Write it, or restore it.")
    if chapter.lesson.exists():
        record(chapter)
    found = sum(report(name, step(chapter)) for name, step in steps.items())
    if chapter.lesson.exists() and notebooks.is_draft(notebooks.read(chapter.lesson)):
        report("a draft; still missing", unfinished(chapter), mark="-")
    used, wall = cpu_seconds() - before, time.perf_counter() - began
    print(f"{used:.0f} CPU-seconds, {wall:.0f} s")
    if found:
        raise Stop(f"{found} finding(s) in {chapter.slug}.")


def parts(chapter):
    """The written files of a chapter, or of an assignment that has no lesson."""
    written = [chapter.source, chapter.exercises / "__init__.py"]
    return [*written, chapter.quiz, chapter.coverage] if chapter.lesson.exists() else written


def report(name, findings, mark="✗"):
    """Print one step and its findings; return their number."""
    findings = list(findings)
    print(f"{mark if findings else '✓'} {name}", *findings, sep="\n    ", flush=True)
    return len(findings)


def cpu_seconds():
    """CPU-seconds of this process and of its finished children."""
    return sum(psutil.Process().cpu_times()[:4])


def lesson(chapter):
    """What breaks a rule in the lesson; sizes too, once it is no draft."""
    notebook = notebooks.read(chapter.lesson)
    yield from rules.lesson_problems(notebook, chapter.lesson, chapter.slug)
    if not notebooks.is_draft(notebook):
        yield from unfinished(chapter)


def unfinished(chapter):
    """What the lesson still lacks: sizes, and points of the authors' list."""
    notebook, items = notebooks.read(chapter.lesson), read_json(chapter.quiz)
    yield from rules.opening_missing(rules.opening(notebook))
    yield from rules.missing(rules.sizes(notebook, items))
    taught = {point["id"] for point in points(chapter)}
    for point in wanted(chapter.slug):
        if point not in taught:
            yield f"{point} is not in book/coverage/{chapter.coverage.name}"


def points(chapter):
    return read_yaml(chapter.coverage)["points"] or []


def wanted(slug):
    """The ids of the points that the authors' list gives to a chapter; [] where it is not there."""
    if not POINTS.exists():
        return []
    with POINTS.open(encoding="utf-8", newline="") as file:
        return [row["id"] for row in csv.DictReader(file) if row["target"] == slug]


def coverage(chapter):
    return rules.coverage_problems(points(chapter), notebooks.read(chapter.lesson))


def questions(chapter):
    return quiz.problems(read_json(chapter.quiz))


def sheet(chapter):
    """What breaks a rule in the instructor's notebook."""
    notebook = notebooks.read(chapter.source)
    yield from rules.notebook_problems(notebook, chapter.source)
    code = "\n".join(c.source for c in notebook.cells if c.cell_type == "code")
    tested = set(re.findall(r'unseen\("([\w.]+)"', code))
    known = {f"{chapter.package}.{name}" for name in chapter.exercise_names()}
    yield from (f"no cell calls unseen({name!r}, ...)" for name in sorted(known - tested))
    yield from (f"unseen({name!r}) has no exercise module" for name in sorted(tested - known))


def repeated(chapter):
    """Sentences of 12 words or more that this chapter shares with any page of the book."""
    return [line for line in prose.repeated(texts()) if chapter.slug in line]


def texts():
    """Return {where: Markdown} of the whole book: lessons, assignments and pages."""
    paths = [c.lesson for c in chapters()] + [c.source for c in assignments()]
    found = {str(p.relative_to(ROOT)): notebooks.prose(notebooks.read(p)) for p in paths}
    pages = sorted((ROOT / "book").rglob("*.md"))
    return found | {str(p.relative_to(ROOT)): p.read_text("utf-8") for p in pages}


def drift(chapter):
    """Files that make fmt or make release would change."""
    for path in fmt.drift():
        if chapter.slug in path.parts or chapter.slug == path.stem:
            yield f"{path.relative_to(ROOT)}: run make fmt"
    for path, content in cases.generated().items():
        if chapter.cases in path.parents and not same(path, content.encode()):
            yield f"{path.relative_to(ROOT)}: run make fmt"
    for path, content in student_files(chapter).items():
        if not same(path, content):
            yield f"{path.relative_to(ROOT)}: run make release N={chapter.slug[:2]}"


def same(path, content):
    return path.exists() and path.read_bytes() == content


def run_lesson(chapter):
    run = notebooks.execute(chapter.lesson)
    if not run.problem and run.seconds > LESSON_SECONDS:
        # What runs beside it makes a run dearer by up to a quarter, never cheaper: once more.
        run = min(run, notebooks.execute(chapter.lesson), key=lambda run: run.seconds)
    if run.problem:
        yield run.problem
    elif run.seconds > LESSON_SECONDS:
        yield f"{run.seconds:.1f} CPU-seconds with FAST=1; the bar is {LESSON_SECONDS}"
    else:
        print(f"  {run.seconds:.1f} CPU-seconds with FAST=1, of {LESSON_SECONDS}")


def record(chapter):
    """Give golden cells that have no output yet that of a run; outputs that are there stay."""
    lesson = notebooks.read(chapter.lesson)
    new = [c for c in lesson.cells if "keep_output" in notebooks.tags(c) and not c.outputs]
    if new:
        ran = {c.id: c for c in notebooks.execute(chapter.lesson).notebook.cells}
        for cell in new:
            cell.outputs, cell.execution_count = ran[cell.id].outputs, 1
            print(f"  recorded the output of {cell.id}: read it before you commit it")
        notebooks.write(chapter.lesson, lesson)
        chapter.lesson.write_text(fmt.normal(chapter.lesson), encoding="utf-8")


def run_source(chapter):
    run = notebooks.execute(chapter.source)
    return [run.problem] if run.problem else []


def exercise_tests(chapter):
    """Run the tests of the chapter's exercises: WRONG and cheats caught, RIGHT accepted."""
    command = [sys.executable, "-m", "pytest", "--tb=no", "-p", "no:cacheprovider"]
    tests = [str(ROOT / "tests" / name) for name in ("test_exercises.py", "test_cheats.py")]
    done = subprocess.run(
        [*command, "-k", chapter.package, *tests],
        cwd=ROOT,
        env=environment(FAST="1"),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        lines = done.stdout.strip().splitlines()
        return [line for line in lines if line.startswith(("FAILED", "ERROR"))] or lines[-1:]
    return []
