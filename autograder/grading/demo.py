"""make grade DEMO=1: a class of 30 that is made up, graded as a real one, in _build/demo.

The wrong answers are the catalogued ones of the exercises; the broken files are what people really
hand in; the hostile ones try to forge points or to stop the round, and harm nothing.
"""

import contextlib
import copy
import io
import shutil
import zipfile

import nbformat

from autograder import course
from autograder.grading import flags, learners, run

RULES = """\
attempts: best
late: 10
due:
  {slug}: 2026-10-14 23:59
extensions:
  Okafor_Chidi_{extended}:
    {slug}: 2026-10-21 23:59
"""
WORDS = "Each run agreed with what I had worked out on paper; the last table shows by how much."
LOUD = "<script>alert(1)</script> <img src=x onerror=alert(2)> [so](javascript:alert(3)) " + WORDS
FORGE_EQUAL = """class Yes:
    def __getattr__(self, name): return Yes()
    def __call__(self, *a, **k): return Yes()
    def __eq__(self, other): return True
    def __bool__(self): return True
    def __iter__(self): return iter((Yes(), Yes()))
{name} = Yes()"""
FORGE_CHECK = "from chainrule import check\nfor name in ('case', 'compare', 'that', 'dtype'):\n"
FORGE_CHECK += "    setattr(check, name, lambda *a, **k: None)"
FORGE_SHELL = "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])"
ENDLESS = "def {name}(*args):\n    while True:\n        pass"
EXIT = "import os\ndef {name}(*args):\n    os._exit(0)"
SHOUT = "for _ in range(2000):\n    print('all points, please ' * 40)"


class Maker:
    """Writes notebooks of one assignment; the answers in words are the same for all."""

    def __init__(self, chapter):
        self.release = nbformat.read(chapter.release, as_version=4)
        source = nbformat.read(chapter.source, as_version=4)
        answers = {c.metadata.nbgrader.grade_id: c for c in source.cells if is_answer(c)}
        self.right = {n: c.source for n, c in answers.items() if c.cell_type == "code"}
        self.words = [n for n, c in answers.items() if c.cell_type == "markdown"]
        wrong = learners.wrong_cells(chapter)
        self.wrong = {name: list(cells.values()) for name, cells in wrong.items() if cells}
        self.function = {n: codes[0].rpartition("\n")[2].partition(" ")[0]
                         for n, codes in self.wrong.items()}  # fmt: skip

    def write(self, right=99, words=WORDS, **texts):
        """The first `right` answers right, then those of `texts` ({name: code}), the rest blank."""
        made = copy.deepcopy(self.release)
        given = dict(list(self.right.items())[:right]) | dict.fromkeys(self.words, words) | texts
        for cell in made.cells:
            if is_answer(cell):
                cell.source = given.get(cell.metadata.nbgrader.grade_id) or cell.source
        return made

    def mistaken(self, start, picks, right=99):
        """From the exercise number `start` on, the catalogued mistakes of these numbers."""
        names = list(self.wrong)[start : start + len(picks)]
        wrong = {
            n: self.wrong[n][p % len(self.wrong[n])] for n, p in zip(names, picks, strict=False)
        }
        return self.write(right, **wrong)

    def instead(self, code, which=0, right=99):
        """The function number `which` written as `code`, which holds {name} for its name."""
        names = list(self.wrong)
        name = names[which % len(names)]
        return self.write(right, **{name: code.replace("{name}", self.function[name])})


def is_answer(cell):
    return bool((cell.metadata.get("nbgrader") or {}).get("solution"))


def saved(notebook):
    return nbformat.writes(notebook).encode()


def stripped(notebook):
    for cell in notebook.cells:
        cell.metadata = {}
    return saved(notebook)


def tagged(notebook):
    """The checks marked as not to be run, and worth a hundred points."""
    for cell in notebook.cells:
        cell.metadata.tags = ["skip-execution"]
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.points = 100
    return notebook


def submissions(chapter):
    """Return [(student's name, day of October, {file name: bytes})]: 30 students, 32 hand-ins."""
    maker, name = Maker(chapter), f"{chapter.slug}.ipynb"
    written = {**learners_of(maker, chapter), **hostile(maker)}
    rows = right(maker, name)
    rows += [(who, 13, {name: saved(nb)}) for who, nb in written.items()]
    rows += [
        ("Umar Ali", 14, {name: b""}),
        ("Vega Iker", 14, {"answers.pdf": b"%PDF-1.7 of my work"}),
        ("Weber Uwe", 14, {name: saved(maker.write())[:20_000]}),
        # Handed in again: better and a day late; and better within an extension
        ("García, Lucía", 15, {f"second {name}": saved(maker.write())}),
        ("Okafor Chidi", 20, {f"second {name}": saved(maker.write(4))}),
    ]
    return rows


def right(maker, name):
    """Right answers, in the forms in which files arrive."""
    good = saved(maker.write())
    upside_down = maker.write()
    upside_down.cells.reverse()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(f"work/{name}", good)
    return [
        ("Adeyemi Tunde", 12, {name: good}),
        ("O'Brien, Zoë", 12, {name: b"\xef\xbb\xbf" + good}),
        ("李 小龍", 13, {name: good.decode().encode("utf-16")}),
        ("Dubois Chloé", 13, {name: stripped(maker.write())}),
        ("=SUM(A1)", 14, {name: saved(upside_down)}),
        ("Fischer Max", 16, {"work.zip": archive.getvalue()}),  # two days late
    ]


def learners_of(maker, chapter):
    """Partly right and wrong, in the catalogued ways."""
    cases = [course.read_json(path) for path in sorted(chapter.cases.glob("*.json"))]
    examples = [case["examples"] for case in cases if "examples" in case]
    shown = sorted(flags.numbers_of([e["expected"] for every in examples for e in every]))[:12]
    copied = f"def {{name}}(*args):\n    return torch.tensor({shown})"
    return {
        "García, Lucía": maker.mistaken(0, [0]),
        "Haddad Omar": maker.mistaken(0, [1, 0]),
        "Ito Haruka": maker.mistaken(1, [0]),
        "Jensen Søren": maker.mistaken(1, [0, 1]),
        "Kowalska Łucja": maker.mistaken(2, [0]),
        "Lee Min-jun": maker.mistaken(2, [0, 2]),
        "Müller Jörg": maker.mistaken(0, [1], right=3),
        "Nguyễn Thị Mai": maker.write(3),
        "Okafor Chidi": maker.mistaken(0, [0] * 5, right=0),
        "Petrova Анна": maker.mistaken(0, [1] * 5, right=0),
        "Quispe Rosa": maker.mistaken(0, [2, 0, 3, 0, 1], right=0),
        "Rossi Giulia": maker.instead(copied, right=2),
        "Smith Ann": maker.write(0, words=""),
    }


def hostile(maker):
    """Tries to forge points, to stop the round, or to put a script into a report."""
    return {
        "Tags Tom": tagged(maker.write(0)),
        "Equal Eve": maker.instead(FORGE_EQUAL, right=0),
        "Patch Pat": maker.instead(FORGE_CHECK, right=0),
        "Shell Sue": maker.instead(FORGE_SHELL, right=0),
        "Loop Lou": maker.instead(ENDLESS, right=3),
        "Exit Ed": maker.instead(EXIT, which=1, right=2),
        "Shout Shay": maker.instead(SHOUT, right=2),
        "Script Sid": maker.write(words=LOUD),
    }


def show(n, unsafe=None):
    """Make the class, grade it and say where its reports are."""
    chapter, root = course.find(n), course.ROOT / "_build" / "demo"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(chapter.source.parent, root / "source" / chapter.slug)
    shutil.copytree(chapter.cases, root / chapter.cases.relative_to(course.ROOT))
    settings = (course.ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (root / "nbgrader_config.py").write_text(settings + "c.Execute.timeout = 6\n", encoding="utf-8")
    rows = submissions(chapter)
    numbers = {who: 1001 + i for i, who in enumerate(dict.fromkeys(who for who, *_ in rows))}
    (root / "gradebook").mkdir()
    rules = RULES.format(slug=chapter.slug, extended=numbers["Okafor Chidi"])
    (root / "gradebook" / "grading.yml").write_text(rules, encoding="utf-8")
    export(root / "class.zip", rows, numbers)
    print(f"A class of {len(numbers)}, made up, as Moodle exports it: _build/demo/class.zip")
    with course_in(root):
        run.grade(root / "class.zip", chapter.slug, unsafe=unsafe)
    print("All of it lies in _build/demo.")


def export(path, rows, numbers):
    """Write the zip: a folder per student, the time of handing in at each file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for who, day, files in rows:
            for name, data in files.items():
                member = f"{who}_{numbers[who]}_assignsubmission_file_/{name}"
                archive.writestr(zipfile.ZipInfo(member, (2026, 10, day, 18, 30, 0)), data)


@contextlib.contextmanager
def course_in(root):
    """Within the block the course is the one in the folder `root`."""
    before, course.ROOT = course.ROOT, root
    try:
        yield
    finally:
        course.ROOT = before
