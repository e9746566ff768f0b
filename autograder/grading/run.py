"""make grade: take submissions in, prove the tests on two canaries, grade, write the results.

All work happens in gradebook/.grading, a course folder of its own; the results move into gradebook/
at the end. Whatever stops a run leaves the results of the last one.
"""

import shutil
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateFeedback
from tqdm import tqdm

from autograder.course import Stop, assignments, find
from autograder.grading import feedback, gradebook, intake, marks, report
from autograder.grading.converters import assign, convert, settings
from autograder.grading.engine import execute
from autograder.grading.source import inspect

CANARIES = ("canary instructor", "canary untouched")  # a student's id has no space
EARLIER = "; the points are those of an earlier submission"


def grade(submissions=None, n=None, unsafe=None):
    """Grade the folder or zip `submissions` for assignment `n`.

    With unsafe="1" the students' code is not isolated: only where it cannot be.

    Without `submissions`: write table and feedback anew, after marks were given in formgrader.
    """
    chapter = find(n) if n else only_assignment()
    try:
        with gradebook.workplace() as work:
            record, waiting = grade_in(work, chapter, submissions, unsafe == "1")
    except KeyboardInterrupt:
        raise Stop("Stopped by you. The results of the last run are as they were.") from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise Stop(f"{error.strerror}{where}. Mend that, and run this again.") from None
    tell(chapter.slug, record, waiting)


def only_assignment():
    known = assignments()
    if len(known) != 1:
        raise Stop("Which assignment? Name it with N=, for example N=04.")
    return known[0]


def grade_in(work, chapter, submissions, unsafe=False):
    """Do the round in the folder `work` and publish it.

    Return the record and how many submissions have answers that wait to be read.
    """
    slug, root = chapter.slug, work / "class"
    book = root / "gradebook"
    before, record = gradebook.digest(), gradebook.record(slug)
    gradebook.copy_database(gradebook.folder(), book)
    if submissions:
        entries = collect(submissions)
        inspect(chapter)
        assign(root, chapter)
        prove(root, work / "canaries", chapter, record["seed"], unsafe)
        record["submissions"] |= run(root, slug, entries, record["seed"], unsafe)
    elif not record["submissions"]:
        raise Stop(f"Nothing of {slug} was graded yet: name the folder with SUBMISSIONS=.")
    else:
        for path in (gradebook.folder() / "autograded").glob(f"*/{slug}"):
            shutil.copytree(path, book / "autograded" / path.parent.name / slug)
    url = settings(root).CourseDirectory.db_url
    marked = marks.read(url, slug)
    for student in marked:  # nbgrader may have been used by hand as well
        record["submissions"].setdefault(student, {"file": "", "reason": ""})
    give_feedback(root, slug, record["submissions"])
    report.write(book / "scores.csv", record["submissions"], marked, marks.blank(url, slug))
    gradebook.publish(book, slug, record, before)
    return record, sum(each.pending > 0 for each in marked.values())


def collect(submissions):
    path = Path(submissions).expanduser().resolve()
    if gradebook.folder() in (path, *path.parents):
        raise Stop("Keep the submissions outside gradebook/, which nbgrader writes into.")
    return intake.collect(path)


def prove(root, copy, chapter, seed, unsafe=False):
    """Raise Stop unless the instructor's notebook gets all automatic points and the release 0."""
    slug = chapter.slug
    shutil.copytree(root, copy)
    release = copy / "release" / slug / f"{slug}.ipynb"
    for name, path in zip(CANARIES, (chapter.source, release), strict=True):
        stage(copy, slug, name, path.read_bytes())
    outcomes = execute(copy, slug, CANARIES, seed, unsafe)
    for name, outcome in tqdm(outcomes, "Proving the tests", 2):
        if outcome.reason:
            raise Stop(
                f"The {name}'s notebook of {slug} stopped: {outcome.reason}. Nothing was graded."
            )
    results = marks.read(settings(copy).CourseDirectory.db_url, slug)
    teacher, nobody = (results[name].marks for name in CANARIES)
    lost = [name for name, mark in teacher.items() if mark.automatic and mark.score < mark.points]
    given = [name for name, mark in nobody.items() if mark.automatic and mark.score > 0]
    if lost:
        ran = copy / "gradebook" / "autograded" / CANARIES[0] / slug / f"{slug}.ipynb"
        raise Stop(
            f"The instructor's own notebook loses points in {', '.join(lost)}, so the tests cannot "
            f"be trusted. Nothing was graded. {feedback.message_in(ran, lost[0])}"
        )
    if given:
        raise Stop(
            f"The untouched release gets points in {', '.join(given)}, so the tests cannot be "
            "trusted. Nothing was graded."
        )


def run(root, slug, entries, seed, unsafe=False):
    """Grade what can be graded; return {student: {"file", "reason"}}."""
    earlier = marks.read(settings(root).CourseDirectory.db_url, slug)
    record, ready = {}, []
    for student, files in entries.items():
        record[student] = {"file": "/".join(files[0].parts), "reason": ""}
        try:
            file = intake.choose(files, slug)
            record[student]["file"] = "/".join(file.parts)
            stage(root, slug, student, file.read())
            ready.append(student)
        except intake.Refused as reason:
            record[student]["reason"] = str(reason)
    outcomes = execute(root, slug, ready, seed, unsafe)
    for student, outcome in tqdm(outcomes, "Grading", len(ready)):
        problem = record[student]["reason"] = outcome.reason
        if problem and student not in earlier:
            marks.remove(settings(root).CourseDirectory.db_url, slug, student)
    for student, about in record.items():
        if about["reason"] and student in earlier:
            about["reason"] += EARLIER
    return record


def stage(root, slug, student, data):
    """Put a clean copy of a notebook where nbgrader looks for this student's submission."""
    release = nbformat.read(root / "release" / slug / f"{slug}.ipynb", as_version=4)
    path = root / "gradebook" / "submitted" / student / slug / f"{slug}.ipynb"
    notebook = intake.notebook(data, release)
    if path.exists():  # where the file system takes Anna and anna for one
        raise intake.Refused(f"two submissions would have the same name: {student}")
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def give_feedback(root, slug, submissions):
    for path in sorted((root / "gradebook" / "autograded").glob(f"*/{slug}")):
        student = path.parent.name
        problem = convert(GenerateFeedback, settings(root), slug, student)
        about = submissions[student]
        if problem and not about["reason"]:
            about["reason"] = f"no feedback page could be made ({problem})"


def tell(slug, record, waiting):
    """Print what became of the submissions, and where the results lie."""
    submissions = record["submissions"]
    notes = {name: about["reason"] for name, about in submissions.items() if about["reason"]}
    print(f"{slug}: {len(submissions)} submissions, {len(notes)} with a note")
    for student, reason in sorted(notes.items()):
        print(f"  {student}: {reason}")
    print(f"Scores    gradebook/scores/{slug}.csv")
    print(f"Feedback  gradebook/feedback/STUDENT/{slug}/{slug}.html")
    if waiting:
        print(
            f"{waiting} with answers in words to be read: make lab, menu Nbgrader > Formgrader, "
            f"then make grade N={slug.partition('_')[0]} without SUBMISSIONS."
        )
