"""What an instructor may want to look at in a submission. A flag never changes a score."""

import json
import re
from importlib.resources import files

from autograder.grading.plan import rules

# Words that hardly any exercise needs and that attacks on a grader do.
UNUSUAL = {
    "looks at the frames of its callers": r"_getframe|\.f_back|\.f_globals|inspect\.stack",
    "searches the memory of the process": r"gc\.get_(objects|referrers)",
    "changes how cells are run": r"ast_transformers|input_transformers|run_cell_async|\.run_cell\b",
    "changes Jupyter's messages": r"kernel\.session|session\.send|execute_reply|user_expressions",
    "changes Python's own functions": r"builtins\.\w+ *=|__builtins__|setattr\(builtins",
    "changes the course's checks": r"\b(check|torch|math)\.\w+ *= |sys\.modules\[",
    "makes objects that agree with everything": r"__torch_function__|__eq__ *=|def __eq__",
    "ends or forks its process": r"os\._exit|os\.kill|os\.fork|os\.abort",
    "looks for the grader": r"CHAINRULE_SEED|NBGRADER_|autograder|gradebook|_line\b",
    "reads or writes foreign places": r"/proc/|/etc/passwd|\.ssh|/dev/shm",
}


def of(notebook, judged):
    """Return sentences about the code cells of a submission that are the student's own."""
    texts = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code"
        and rules(cell).get("grade_id") not in (*judged.locked, *judged.tests)
    ]
    texts = [text for text in texts if text not in judged.demos]
    code = "\n".join(texts)
    found = [f"its code {what}" for what, words in UNUSUAL.items() if re.search(words, code)]
    return (*found, *copied(code, judged))


def copied(code, judged):
    """Name the seen checks whose right answers stand as numbers in the student's code."""
    own = numbers_in(code)
    for text in judged.locked.values():
        for name in re.findall(r"check\.case\(\w+, \"([\w/]+)\"", text):
            expected = set()
            case = json.loads((files("chainrule") / "cases" / f"{name}.json").read_text())
            for example in case["examples"]:
                expected |= numbers_of(example["expected"])
            if len(own & expected) >= 3:
                yield f"numbers of the shown check {name} stand in its code: hard-coded answers?"


def numbers_in(code):
    """The numbers of a text of Python that nobody writes by chance: with four digits or more."""
    return {round(float(n), 4) for n in re.findall(r"\d+\.\d{3,}", code)}


def numbers_of(data):
    """The same of the data of a stored case."""
    if isinstance(data, dict):
        return numbers_of(list(data.values()))
    if isinstance(data, list):
        return set().union(*map(numbers_of, data))
    rare = isinstance(data, float) and len(repr(data).partition(".")[2]) >= 3
    return {round(abs(data), 4)} if rare else set()
