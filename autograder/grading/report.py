"""What a round leaves for the instructor: tables for people and for an LMS, data, and a page."""

import csv
import json
import re
from dataclasses import dataclass

from autograder.grading.feedback import number
from autograder.grading.marks import Marked
from autograder.grading.verdict import Outcome

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
    "days late",
    "percent off",
]
CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<id>\d+)")  # a student's id made from a Canvas export


@dataclass(frozen=True)
class Row:
    """One submission; `flags` are sentences for the instructor."""

    student: str
    file: str
    reason: str
    days: int
    percent: float
    marked: Marked
    outcome: Outcome
    flags: tuple = ()

    @property
    def total(self):
        """The points given so far, less what lateness takes off."""
        return self.marked.sum("score") * (1 - self.percent / 100)

    @property
    def of(self):
        return self.marked.sum("points")


def rows(submissions, marked, blank):
    """Return the Row of every submission of the record; without marks it has `blank`'s."""
    return [
        Row(
            student,
            about.get("file", ""),
            about.get("reason", ""),
            about.get("days", 0),
            about.get("percent", 0),
            marked.get(student, blank),
            Outcome.from_json(about["outcome"]) if about.get("outcome") else Outcome(),
            tuple(about.get("flags", ())),
        )
        for student, about in sorted(submissions.items())
    ]


def write_table(path, rows, names):
    """Write the table for people: one row per submission, one column per graded part."""
    body = [[r.student, r.file, *numbers(r), *scores(r), r.reason] for r in rows]
    write_csv(path, [[*HEAD, *names, "note"], *body])


def write_canvas(path, rows, slug, blank):
    """Write the table that Canvas imports: the total, and the points that make it apart.

    A total that waits for a reader is left empty, so that nothing unfinished is imported.
    """
    apart = [blank.sum("points", kind) for kind in (None, True, False)]
    head = ["Student", "ID", "SIS Login ID", "Section", slug]
    head += [f"{slug} automatic", f"{slug} by hand", f"{slug} waits to be read"]
    body = [["    Points Possible", "", "", "", *map(number, (*apart, apart[2]))]]
    for row in rows:
        known = CANVAS.fullmatch(row.student)
        who = [known["name"], known["id"]] if known else [row.student, ""]
        scores = [row.marked.sum("score", kind) for kind in (True, False)]
        total = "" if row.marked.pending else number(row.total)
        body.append([*who, "", "", total, *map(number, (*scores, row.marked.pending))])
    write_csv(path, [head, *body])


def write_json(path, rows, slug):
    """Write all of it as data."""
    every = [
        {
            "student": row.student,
            "file": row.file,
            "note": row.reason,
            "total": row.total,
            "of": row.of,
            "automatic": row.marked.sum("score", automatic=True),
            "by_hand": row.marked.sum("score", automatic=False),
            "pending": row.marked.pending,
            "days_late": row.days,
            "percent_off": row.percent,
            "parts": {
                name: {"points": m.score, "of": m.points, "by_hand": not m.automatic}
                | ({"pending": True} if m.pending else {})
                for name, m in row.marked.marks.items()
            },
            "comments": row.marked.comments,
            "flags": row.flags,
            "outcome": row.outcome.to_json(),
        }
        for row in rows
    ]
    text = json.dumps({"assignment": slug, "submissions": every}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def numbers(row):
    marked = row.marked
    sums = [marked.sum(f, kind) for kind in (True, False) for f in ("score", "points")]
    return [number(n) for n in (row.total, row.of, *sums, marked.pending, row.days, row.percent)]


def scores(row):
    """The points of each part; empty where an answer waits to be read."""
    return ["" if mark.pending else number(mark.score) for mark in row.marked.marks.values()]


def write_csv(path, lines):
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, quoting=csv.QUOTE_ALL)
        table.writerows([safe(cell) for cell in line] for line in lines)


def safe(cell):
    """A spreadsheet would run a cell that begins like a formula: an apostrophe makes it text."""
    starts = cell.lstrip().startswith(("=", "+", "-", "@")) or cell.startswith(("\t", "\r", "\n"))
    return f"'{cell}" if starts else cell
