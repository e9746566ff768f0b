"""What nbgrader's gradebook holds of an assignment, as plain data."""

from collections import defaultdict
from dataclasses import dataclass

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)


@dataclass(frozen=True)
class Mark:
    """The points of one graded cell. `pending`: nobody has read the answer yet."""

    points: float
    score: float
    automatic: bool
    pending: bool


@dataclass(frozen=True)
class Marked:
    """One student's submission: {cell: Mark} in the notebook's order, and {cell: comment}."""

    marks: dict
    comments: dict

    def sum(self, field, automatic=None):
        """Sum `field` over the automatic marks, the others, or (None) all of them."""
        chosen = [m for m in self.marks.values() if automatic in (None, m.automatic)]
        return sum(getattr(mark, field) for mark in chosen)

    def agrees(self, outcome):
        """Does the gradebook hold the points of the tests as this Outcome has them?"""
        points = {v.grade_id: v.points for v in outcome.verdicts}
        return points == {n: mark.score for n, mark in self.marks.items() if mark.automatic}

    @property
    def pending(self):
        """Points that wait to be given by a person."""
        return sum(mark.points for mark in self.marks.values() if mark.pending)


def read(db_url, slug):
    """Return {student: Marked} of every submission of an assignment that was graded."""
    with Gradebook(db_url) as book:
        try:
            notebook = book.find_notebook(slug, slug)
        except MissingEntry:
            return {}
        points, cells = points_of(notebook), dict(cells_of(notebook))
        grades = rows(book, slug, Grade, Grade.auto_score, Grade.manual_score, Grade.score)
        given = defaultdict(dict)
        for student, name, automatic, manual, score in grades:
            given[student][name] = score, automatic is None and manual is None
        comments = defaultdict(dict)
        for student, name, text in rows(book, slug, Comment, Comment.comment):
            comments[student] |= {name: text} if text else {}
    return {
        student: Marked(
            {n: Mark(points[n], marks[n][0], cells[n], marks[n][1]) for n in cells},
            comments[student],
        )
        for student, marks in given.items()
    }


def rows(book, slug, table, *columns):
    """Yield (student, cell, *columns) of a table of an assignment's submissions: one query."""
    query = book.db.query(SubmittedAssignment.student_id, BaseCell.name, *columns)
    query = query.select_from(table).join(table.cell).join(table.notebook)
    query = query.join(SubmittedNotebook.assignment).join(SubmittedAssignment.assignment)
    return query.filter(Assignment.name == slug).order_by(SubmittedAssignment.student_id)


def blank(db_url, slug):
    """Return the Marked of a submission that could not be graded: no points at all."""
    with Gradebook(db_url) as book:
        notebook = book.find_notebook(slug, slug)
        points = points_of(notebook)
        marks = {n: Mark(points[n], 0, automatic, False) for n, automatic in cells_of(notebook)}
    return Marked(marks, {})


def points_of(notebook):
    return {cell.name: cell.max_score for cell in notebook.grade_cells}


def remove(db_url, slug, student):
    """Take out a submission that was begun and could not be graded."""
    with Gradebook(db_url) as book:
        if any(s.student.id == student for s in book.assignment_submissions(slug)):
            book.remove_submission(slug, student)


def cells_of(notebook):
    """Yield (name, is it graded automatically) of the graded cells, in the notebook's order."""
    graded = {cell.name for cell in notebook.grade_cells}
    by_hand = {cell.name for cell in notebook.solution_cells}
    for cell in notebook.source_cells:
        if cell.name in graded:
            yield cell.name, cell.name not in by_hand
