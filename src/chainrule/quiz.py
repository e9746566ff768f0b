"""Quizzes: `quiz.show("04_first_neural_network")` ends a cell with the questions of a chapter.

The same HTML serves the kernel and the site: native form controls, a line of script, no library.
Questions are plain text; `code` becomes <code> and $x$ is set as mathematics.
"""

import html
import re

from chainrule.stored import load

TYPES = ("multiple_choice", "many_choice", "numeric")
INSTRUCTION = {
    "multiple_choice": "Choose one answer.",
    "many_choice": "Choose every answer that is right.",
    "numeric": "Type a number.",
}
LETTERS = "abcdefgh"

JS = """(() => {
const root = document.getElementById("%s");
root.querySelectorAll("form").forEach(form => form.addEventListener("submit", event => {
  event.preventDefault();
  const inputs = [...form.querySelectorAll("input")], verdict = form.querySelector(".quiz-verdict"),
    why = [...form.querySelectorAll(".quiz-why")], right = why.map(p => "correct" in p.dataset);
  let picked = inputs.map(input => input.checked);
  if (inputs[0].type === "number") {
    const number = inputs[0].valueAsNumber;
    picked = why.map(p => Math.abs(number - p.dataset.value) <= +p.dataset.within);
    if (Number.isNaN(number)) { verdict.textContent = "Type a number first."; return; }
  } else if (!picked.includes(true)) {
    verdict.textContent = "Choose an answer first."; return;
  }
  const solved = picked.every((p, i) => p === right[i]);
  const missing = right.filter((r, i) => r && !picked[i]).length;
  const wrong = right.some((r, i) => !r && picked[i]);
  verdict.textContent = solved ? "Right." : inputs[0].type === "number" && !wrong
    ? "Not this number. Work it out on paper, then try again."
    : wrong ? "Not yet." : `Right so far: ${missing} more to find.`;
  form.dataset.state = solved ? "right" : "wrong";
  why.forEach((p, i) => { p.hidden = !solved && !picked[i]; });
}));
// A browser sends a form on Enter by itself, but JupyterLab keeps the key.
root.addEventListener("keydown", event => {
  if (event.key !== "Enter" || event.target.type !== "number") return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
})();"""


class Quiz:
    """The questions of one chapter; as a cell's last value it shows itself."""

    def __init__(self, slug, items):
        self.slug, self.items = slug, items

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": to_html(self.slug, self.items), "text/plain": to_text(self.items)}


def show(slug):
    """Return the quiz of chapter `slug`, such as "04_first_neural_network".

    Raises FileNotFoundError if this version of chainrule holds no such quiz.
    """
    return Quiz(slug, load(f"{slug}/quiz"))


def to_html(slug, items):
    """Return the quiz as one HTML element; its ids follow from `slug` and the questions' ids."""
    forms = "".join(_form(item, f"Question {i} of {len(items)}") for i, item in enumerate(items, 1))
    root = f"quiz-{slug}"
    return f'<div class="quiz" id="{root}">{forms}<script>{JS % root}</script></div>'


def to_text(items):
    """Return the quiz as plain text, the answers after the last question."""
    lines, key = [], ["Answers"]
    for i, item in enumerate(items, 1):
        lines.append(f"{i}. {item['question']} ({INSTRUCTION[item['type']]})")
        for letter, answer in zip(LETTERS, item["answers"], strict=False):
            if item["type"] != "numeric":
                lines.append(f"   {letter}) {said(answer)}")
            mark = "right" if answer["correct"] else "wrong"
            key.append(f"{i}. {said(answer)} ({mark}): {answer['feedback']}")
        lines.append("")
    return "\n".join(lines + key)


def said(answer):
    """The text of an answer, be it a choice or a number."""
    return answer["answer"] if "answer" in answer else str(answer["value"])


def inline(text):
    """Return the text as HTML: everything escaped, `code` as <code>, $x$ for MathJax."""
    parts = re.split(r"(`[^`]+`|\$[^$]+\$)", text)
    return "".join(_part(part) for part in parts)


def problems(items):
    """Return what is wrong with the questions of a quiz, a sentence each; [] if nothing is."""
    found, seen = [], set()
    for i, item in enumerate(items, 1):
        missing = {"id", "question", "type", "answers"} - item.keys()
        if missing:
            found.append(f"question {i} lacks {', '.join(sorted(missing))}")
            continue
        if item["id"] in seen or not re.fullmatch(r"\w+-q\d+", item["id"]):
            found.append(f"{item['id']}: the id must be new and look like 04-q1")
        seen.add(item["id"])
        if item["type"] not in TYPES:
            found.append(f"{item['id']}: type must be one of {', '.join(TYPES)}")
            continue
        found += [f"{item['id']}: {sentence}" for sentence in _answer_problems(item)]
    return found or list(_guessable(items))


def _guessable(items):
    """A quiz whose right answers stand at one place can be passed without reading it."""
    single = [i["answers"] for i in items if i["type"] == "multiple_choice"]
    places = [[a["correct"] for a in answers].index(True) for answers in single]
    for place in set(places):
        if len(places) > 3 and places.count(place) > len(places) / 2:
            of = f"{places.count(place)} of {len(places)}"
            yield f"the right answer is number {place + 1} in {of} questions: mix them"


def _answer_problems(item):
    numeric, answers = item["type"] == "numeric", item["answers"]
    for i, answer in enumerate(answers, 1):
        wanted = {"type", "value"} if numeric else {"answer"}
        if answer.keys() != wanted | {"correct", "feedback"}:
            yield f"answer {i} has the fields {', '.join(sorted(answer))}"
            return
        if numeric and (answer["type"] != "value" or not isinstance(answer["value"], (int, float))):
            yield f"answer {i} needs type value and a number"
        if not isinstance(answer["correct"], bool):
            yield f"answer {i}: correct must be true or false"
        if len(answer["feedback"]) < 15:
            yield f"answer {i} is not explained"
    right = sum(answer["correct"] is True for answer in answers)
    if item["type"] == "many_choice" and not 1 <= right < len(answers):
        yield "some answers must be right and some wrong"
    if item["type"] != "many_choice" and right != 1:
        yield f"{right} answers are right instead of one"
    if item["type"] != "numeric" and len(answers) < 3:
        yield "a choice needs at least three answers"
    if len({said(answer) for answer in answers}) < len(answers):
        yield "two answers are the same"
    if len(answers) > len(LETTERS):
        yield f"{len(answers)} answers are more than the {len(LETTERS)} that have a letter"


def _form(item, number):
    name = html.escape(item["id"])
    why = "".join(_why(answer) for answer in item["answers"])
    return (
        f'<form class="quiz-item" id="{name}"><fieldset>'
        f'<legend><span class="quiz-number">{number}</span> {inline(item["question"])}</legend>'
        f'<p class="quiz-how">{INSTRUCTION[item["type"]]}</p>{_controls(item, name)}</fieldset>'
        f'<button type="submit">Check<span class="quiz-hidden"> {number.lower()}</span></button>'
        f'<div role="status"><p class="quiz-verdict"></p>{why}</div></form>'
    )


def _controls(item, name):
    # The attribute keeps JupyterLab from taking the arrow keys.
    keys = 'autocomplete="off" data-lm-suppress-shortcuts="true"'
    if item["type"] == "numeric":
        return f'<label>Your number <input type="number" step="any" name="{name}" {keys}></label>'
    kind = "radio" if item["type"] == "multiple_choice" else "checkbox"
    # The letter names the choice also where the text is a formula only.
    return "".join(
        f'<div class="quiz-choice"><label><input type="{kind}" name="{name}" {keys}> '
        f"{letter}) <span>{inline(answer['answer'])}</span></label></div>"
        for letter, answer in zip(LETTERS, item["answers"], strict=False)
    )


def _why(answer):
    data, mark = (" data-correct", "✓") if answer["correct"] else ("", "✗")
    if "value" in answer:
        data += f' data-value="{answer["value"]}" data-within="{_within(answer["value"])}"'
    head = f"<b>{mark} {inline(said(answer))}</b>"
    return f'<p class="quiz-why"{data} hidden>{head} {inline(answer["feedback"])}</p>'


def _within(value):
    """A whole number is met exactly; a decimal to half a unit of its last digit."""
    digits = len(repr(value).partition(".")[2]) if isinstance(value, float) else 0
    return 0.5 * 10**-digits if digits else 1e-9


def _part(part):
    if part.startswith("`") and len(part) > 1:
        return f"<code>{html.escape(part[1:-1])}</code>"
    if part.startswith("$") and len(part) > 1:
        return f'<span class="math">\\({html.escape(part[1:-1])}\\)</span>'
    return html.escape(part)
