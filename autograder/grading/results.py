"""What a round leaves: tables, the instructor's page, and a page of feedback for everybody."""

import hashlib
import json

import nbformat

from autograder.grading import feedback, gradebook, marks, overview, report
from autograder.grading.converters import settings


def write(root, slug, record, rules):
    """Write tables, pages and feedback; return how many submissions wait to be read."""
    url, scores = settings(root).CourseDirectory.db_url, root / "gradebook" / "scores"
    marked, blank = marks.read(url, slug), marks.blank(url, slug)
    for student in marked:  # nbgrader may have been used by hand as well
        record["submissions"].setdefault(student, {"file": "", "reason": ""})
    for student, about in record["submissions"].items():
        every = {attempt["key"]: attempt["time"] for attempt in about.get("attempts", ())}
        when = rules.times.get(student, every.get(about.get("counts")))
        about["days"] = rules.days_late(student, when)
        about["percent"] = rules.penalty(student, when)
    give_feedback(root, slug, record["submissions"], marked, blank)
    rows = report.rows(record["submissions"], marked, blank)
    scores.mkdir()
    report.write_table(scores / f"{slug}.csv", rows, blank.marks)
    report.write_canvas(scores / f"{slug}_canvas.csv", rows, slug, blank)
    report.write_json(scores / f"{slug}.json", rows, slug)
    overview.write(scores / f"{slug}.html", rows, slug, blank)
    return sum(row.marked.pending > 0 for row in rows)


def give_feedback(root, slug, submissions, marked, blank):
    """Write the pages that are new, also of those whose file could not be graded."""
    places = root / "gradebook", gradebook.folder()
    for student, about in submissions.items():
        mine = marked.get(student, blank)
        new, old = (path_of(place, "autograded", student, slug) for place in places)
        about["page"], before = shown(mine, about), about.get("page")
        if about["page"] == before and not new.exists():
            continue
        path = new if new.exists() else old
        cells = nbformat.read(path, as_version=4).cells if path.exists() else []
        page = feedback.page(slug, student, mine, about, cells)
        feedback.write(path_of(places[0], "feedback", student, slug, "html"), page)


def path_of(place, step, student, slug, kind="ipynb"):
    return place / step / student / slug / f"{slug}.{kind}"


def shown(mine, about):
    """A hash of all that a page shows, but the notebook."""
    known = {key: value for key, value in about.items() if key not in ("page", "attempts")}
    text = repr(mine) + json.dumps(known, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def tell(slug, record, waiting):
    """Print what became of the submissions, and where the results lie."""
    submissions = record["submissions"]
    notes = {name: about["reason"] for name, about in submissions.items() if about["reason"]}
    print(f"{slug}: {len(submissions)} submissions, {len(notes)} with a note")
    for student, reason in sorted(notes.items()):
        print(f"  {student}: {reason}")
    print(f"Report    gradebook/scores/{slug}.html")
    print(f"Scores    gradebook/scores/{slug}.csv, {slug}_canvas.csv, {slug}.json")
    print(f"Feedback  gradebook/feedback/STUDENT/{slug}/{slug}.html")
    if waiting:
        print(
            f"{waiting} with answers in words to be read: make lab, menu Nbgrader > Formgrader, "
            f"then make grade N={slug.partition('_')[0]} without SUBMISSIONS."
        )
