"""Quizzes: their data, their HTML and their text."""

import json

import pytest

from autograder.course import chapters, contents
from chainrule import quiz

CHOICE = {
    "id": "99-q1",
    "question": "Is `a < b` with $a = 1$ & $b = 2$?",
    "type": "multiple_choice",
    "answers": [
        {"answer": "yes", "correct": True, "feedback": "One is less than two."},
        {"answer": "no", "correct": False, "feedback": "Compare the two numbers again."},
        {"answer": "<b>both</b>", "correct": False, "feedback": "A comparison has one value."},
    ],
}
MANY = CHOICE | {"id": "99-q2", "type": "many_choice"}
NUMBER = {
    "id": "99-q3",
    "question": "How much is a third, to two decimals?",
    "type": "numeric",
    "answers": [
        {"type": "value", "value": 0.33, "correct": True, "feedback": "It goes on for ever."},
        {"type": "value", "value": 3, "correct": False, "feedback": "That is its inverse instead."},
    ],
}


def broken(item, **changes):
    """A copy of the question with some fields of the question or of its first answer changed."""
    item = json.loads(json.dumps(item))
    for name, value in changes.items():
        (item if name in item else item["answers"][0])[name] = value
    return item


def test_right_answers_that_stand_at_one_place_are_named():
    (said,) = quiz.problems([CHOICE | {"id": f"04-q{i}"} for i in range(1, 5)])
    assert "in 4 of 4 questions: mix them" in said


def test_good_questions_have_no_problems():
    assert quiz.problems([CHOICE, MANY, NUMBER]) == []


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([CHOICE, CHOICE], "id must be new"),
        ([broken(CHOICE, id="first")], "look like 04-q1"),
        ([broken(CHOICE, type="essay")], "type must be one of"),
        ([{k: v for k, v in CHOICE.items() if k != "answers"}], "lacks answers"),
        ([broken(CHOICE, correct=False)], "0 answers are right instead of one"),
        ([broken(CHOICE, correct="yes")], "true or false"),
        ([broken(CHOICE, feedback="")], "answer 1 is not explained"),
        ([broken(CHOICE, answer="no")], "two answers are the same"),
        ([broken(CHOICE, answers=CHOICE["answers"][:2])], "at least three answers"),
        ([broken(CHOICE, answers=NUMBER["answers"])], "has the fields"),
        ([broken(MANY, correct=False)], "some answers must be right"),
        ([broken(NUMBER, value="0.33")], "needs type value and a number"),
    ],
)
def test_a_faulty_question_is_named(items, said):
    assert any(said in sentence for sentence in quiz.problems(items))


FINISHED = [c for c in chapters() if f"notebooks/{c.slug}" in contents()]  # others are drafts


@pytest.mark.parametrize("chapter", FINISHED, ids=lambda chapter: chapter.slug)
def test_quiz_of_each_chapter(chapter):
    items = json.loads(chapter.quiz.read_text(encoding="utf-8"))
    assert quiz.problems(items) == []
    assert len(items) >= 6
    assert all(item["id"].startswith(f"{chapter.slug.partition('_')[0]}-q") for item in items)
    shown = quiz.show(chapter.slug)._repr_mimebundle_()
    assert shown["text/html"].count("<form") == len(items)
    assert all(answer["feedback"] in shown["text/plain"] for i in items for answer in i["answers"])


def test_html_names_every_control_and_escapes_text():
    page = quiz.to_html("99_test", [CHOICE, MANY, NUMBER])
    assert page.count("<fieldset>") == page.count("<legend>") == page.count('role="status"') == 3
    assert (page.count('type="radio"'), page.count('type="checkbox"')) == (3, 3)
    assert page.count("<label>") == page.count("<input ") == 7
    assert "<code>a &lt; b</code>" in page
    assert r'<span class="math">\(a = 1\)</span> &amp; ' in page
    assert "<b>both" not in page
    assert page == quiz.to_html("99_test", [CHOICE, MANY, NUMBER])


def test_a_number_is_met_to_its_last_digit():
    page = quiz.to_html("99_test", [NUMBER])
    assert 'data-value="0.33" data-within="0.005"' in page
    assert 'data-value="3" data-within="1e-09"' in page


def test_text_gives_the_answers_last():
    lines = quiz.to_text([CHOICE, NUMBER]).splitlines()
    assert lines.index("   a) yes") < lines.index("Answers")
    assert "1. no (wrong): Compare the two numbers again." in lines[lines.index("Answers") :]


def test_an_unknown_quiz_is_a_sentence():
    with pytest.raises(FileNotFoundError, match="no case '77_none/quiz'"):
        quiz.show("77_none")
