"""Every chapter keeps the rules that `make check` reports (autograder/authoring/rules.py)."""

import nbformat
import pytest

from autograder.authoring import check, fmt, notebooks, prose, rules
from autograder.course import ROOT, assignments, chapters

CHAPTERS = pytest.mark.parametrize("chapter", chapters(), ids=lambda c: c.slug)
ASSIGNMENTS = pytest.mark.parametrize("chapter", assignments(), ids=lambda c: c.slug)


@CHAPTERS
@pytest.mark.parametrize("step", ["lesson", "questions", "coverage", "run_lesson"])
def test_lesson(chapter, step):
    """Structure and prose, quiz, coverage, and its CPU-seconds on a clean kernel."""
    assert list(getattr(check, step)(chapter)) == []


@ASSIGNMENTS
@pytest.mark.parametrize("step", ["sheet", "drift"])
def test_assignment(chapter, step):
    """Structure and prose; release and cases are what their sources make."""
    assert list(getattr(check, step)(chapter)) == []


@CHAPTERS
def test_the_authors_list_is_there_to_compare_with(chapter):
    if not check.POINTS.exists():
        pytest.skip("COVERAGE.csv does not lie beside this clone, so only the form was checked")
    assert check.wanted(chapter.slug)


def test_no_sentence_stands_twice():
    assert list(prose.repeated(check.texts())) == []


def test_notebooks_are_in_normal_form():
    assert [str(path.relative_to(ROOT)) for path in fmt.drift()] == []


def test_the_skeleton_keeps_the_rules():
    """`make new` copies it, so that what an author starts from is right but for its sizes."""
    lesson = notebooks.read(notebooks.SKELETON / "lesson.ipynb")
    assert notebooks.is_draft(lesson)
    for cell in notebooks.code_cells(lesson):
        assert list(rules.code_problems(cell)) == []
    assert list(rules.structure_problems(lesson)) == []
    assert list(rules.show_problems(lesson, "00_skeleton")) == []
    assert list(prose.length_problems(notebooks.prose(lesson))) == []


@pytest.mark.parametrize("name", ["lesson.ipynb", "assignment.ipynb"])
def test_two_new_chapters_share_no_long_sentence(name):
    text = notebooks.prose(notebooks.read(notebooks.SKELETON / name))
    assert list(prose.repeated({"one": text, "two": text})) == []


def test_an_opening_without_minutes_or_outcomes_is_named():
    whole = "# 7. A title\n\n*75 minutes.*\n\nAfterwards you can:\n\n- say what;\n"
    assert list(rules.opening_missing(whole)) == []
    said = " ".join(rules.opening_missing("# 7. A title\n\nAfterwards you can nothing."))
    assert "75 minutes" in said
    assert "Afterwards you can:" in said


def cell(source, **metadata):
    return nbformat.v4.new_code_cell(source, id="a-cell", metadata=metadata)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1  # " + "x" * 79, "columns"),
        ("\n".join("x = 1" for _ in range(21)), "has 21 lines"),
        ("def f(:", "is no Python"),
        ("", "is empty"),
        ("explore(f, alt='a picture')\nprint(1)", "explore(...) shows nothing"),
    ],
)
def test_a_cell_that_breaks_a_rule_is_named(source, said):
    (problem,) = rules.code_problems(cell(source))
    assert said in problem


def test_a_class_may_have_thirty_lines():
    body = "\n".join(f"    a{i} = {i}" for i in range(28))
    assert list(rules.code_problems(cell(f"class A:\n{body}"))) == []


@pytest.mark.parametrize(
    ("rule", "text", "said"),
    [
        (prose.word_problems, "You simply add them.", "'simply'"),
        (prose.word_problems, "Obviously, it holds.", "'Obviously'"),
        (prose.myst_problems, "See {ref}`this`.", "MyST"),
        (prose.myst_problems, "```{note}\nx\n```", "MyST"),
        (prose.myst_problems, ":::{note}\nx\n:::", "MyST"),
        (prose.length_problems, "word " * 19 + ".", "19.0 words in the mean"),
        (prose.length_problems, "A b. " * 30 + "Word " * 41 + ".", "1 of 31 sentences"),
        (rules.image_problems, "![a plot](plot.svg)", "alt text"),
        (rules.image_problems, '<img src="plot.svg">', "alt text"),
    ],
)
def test_prose_that_breaks_a_rule_is_named(rule, text, said):
    assert any(said in problem for problem in rule(text))


@pytest.mark.parametrize(
    "text",
    [
        "The adjusted rate is right. Write `f'{a}'` and `{b}` so.",
        "```python\nx = 'just {this}'\n```",
        "| a table | of words |\n|---|---|\n" * 30,
    ],
)
def test_plain_prose_passes(text):
    rules_ = (prose.word_problems, prose.myst_problems, prose.length_problems)
    assert [p for rule in rules_ for p in rule(text)] == []


def test_a_link_that_leads_nowhere_is_named(tmp_path):
    (tmp_path / "words.md").write_text("# Words\n\n### Dead unit (ReLU)\n", "utf-8")
    good = "[a](words.md#dead-unit-relu) and [b](https://example.org/x)"
    assert list(rules.link_problems(good, tmp_path)) == []
    (anchor,) = rules.link_problems("[a](words.md#alive)", tmp_path)
    (missing,) = rules.link_problems("[a](other.md)", tmp_path)
    assert "no heading" in anchor
    assert "nowhere" in missing


def test_a_source_outside_the_bibliography_is_named():
    text = "[A](https://doi.org/10.1/AB) [B](https://arxiv.org/abs/1412.6980)"
    assert list(rules.source_problems(text, "doi = {10.1/ab}, eprint = {1412.6980}")) == []
    assert len(list(rules.source_problems(text, "doi = {10.1/ab}"))) == 1


def test_a_cell_carries_three_points_at_most():
    lesson = notebooks.read(notebooks.SKELETON / "lesson.ipynb")
    points = [{"id": f"P-{i}", "cell": "see"} for i in range(4)] + [{"id": "Q", "cell": "gone"}]
    problems = list(rules.coverage_problems(points, lesson))
    assert any("carries 4 points" in p for p in problems)
    assert any("no cell 'gone'" in p for p in problems)


def test_a_sentence_that_stands_twice_is_named():
    long = "This sentence has rather more words than twelve, so that it is counted here."
    assert list(prose.repeated({"one": long, "two": f"Before. {long}"}))
    assert list(prose.repeated({"one": "A short one.", "two": "A short one."})) == []
