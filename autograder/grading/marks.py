"""What nbgrader's gradebook holds of an assignment, as plain data."""

from dataclasses import dataclass

from nbgrader.api import Gradebook


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
        return {s.student.id: marked(s) for s in book.assignment_submissions(slug) if s.notebooks}


def blank(db_url, slug):
    """Return the Marked of a submission that could not be graded: no points at all."""
    with Gradebook(db_url) as book:
        notebook = book.find_notebook(slug, slug)
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        marks = {n: Mark(points[n], 0, automatic, False) for n, automatic in cells_of(notebook)}
    return Marked(marks, {})


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


def marked(submission):
    """Return the Marked of one of nbgrader's submissions: an assignment is one notebook."""
    notebook = submission.notebooks[0]
    grades = {grade.name: grade for grade in notebook.grades}
    marks = {}
    for name, automatic in cells_of(notebook.notebook):
        grade = grades[name]
        pending = grade.auto_score is None and grade.manual_score is None
        marks[name] = Mark(grade.max_score, grade.score, automatic, pending)
    comments = {comment.name: comment.comment for comment in notebook.comments if comment.comment}
    return Marked(marks, comments)
