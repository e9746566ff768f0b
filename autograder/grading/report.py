"""The table of scores, one row per submission, for people and for an LMS."""

import csv

from autograder.grading.feedback import number

HEAD = [
    "student",
    "submission",
    "total",
    "of",
    "automatic",
    "of automatic",
    "by hand",
    "of by hand",
    "waits to be read",
]


def write(path, submissions, marked, blank):
    """Write the table of `submissions`, {student: {"file", "reason"}}.

    `marked` is {student: Marked}; who is not in it gets `blank`, and the reason in the last column.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, quoting=csv.QUOTE_ALL)
        table.writerow([*HEAD, *blank.marks, "note"])
        for student, about in sorted(submissions.items()):
            numbers = row_of(marked.get(student, blank))
            table.writerow(map(safe, [student, about["file"], *numbers, about["reason"]]))


def row_of(marked):
    """The numbers of a row; an empty cell where an answer waits to be read."""
    sums = [marked.sum(f, kind) for kind in (None, True, False) for f in ("score", "points")]
    scores = ["" if mark.pending else number(mark.score) for mark in marked.marks.values()]
    return [number(n) for n in (*sums, marked.pending)] + scores


def safe(cell):
    """A spreadsheet would run a cell that begins like a formula: an apostrophe makes it text."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
