"""Attacks by the notebook file: tags, metadata, outputs and cells that claim to be something."""

import copy
import json

import pytest
import toy_course as toy

from autograder.grading import run

PASSED = {"output_type": "execute_result", "execution_count": 1, "metadata": {}}
PASSED["data"] = {"text/plain": "100"}


def graded_cells(cells):
    return [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade")]


def every(change):
    """An attack that changes each test cell."""

    def attack(cells):
        for cell in graded_cells(cells):
            change(cell)

    return attack


def rules(**changes):
    return every(lambda cell: cell["metadata"]["nbgrader"].update(changes))


def tag(name):
    return every(lambda cell: cell["metadata"].update(tags=[name]))


def text(source):
    return every(lambda cell: cell.update(source=source))


def again(cells):
    for cell in graded_cells(cells):
        cells.append(copy.deepcopy(cell) | {"id": cell["id"] + "-2", "source": "pass"})


def solved_by_metadata(cells):
    for cell in cells:
        cell["metadata"]["nbgrader"] = {"grade": True, "solution": False, "points": 1000}
        cell["metadata"]["nbgrader"] |= {"grade_id": cell["id"], "locked": False, "task": False}


def locked_changed(cells):
    for cell in cells:
        if cell["metadata"].get("nbgrader", {}).get("locked"):
            cell["source"] = "import builtins\nbuiltins.AssertionError = Exception"


# What is done to a submission with wrong answers
ATTACKS = {
    "wrong answers": lambda cells: None,
    "skip-execution": tag("skip-execution"),
    "raises-exception": tag("raises-exception"),
    "demo": tag("demo"),
    "remove-cell": tag("remove-cell"),
    "outputs": every(lambda cell: cell.update(outputs=[PASSED], execution_count=7)),
    "tests emptied": text(""),
    "tests that pass": text("100"),
    "tests that leave": text("raise SystemExit(0)"),
    "more points": rules(points=1000),
    "no test": rules(grade=False),
    "a solution": rules(solution=True, locked=False),
    "a task": rules(task=True),
    "another name": rules(grade_id="double"),
    "the name of none": rules(grade_id="nobody"),
    "other schema": rules(schema_version=1),
    "checksum": rules(checksum="0" * 32),
    "markdown": every(lambda cell: (cell.update(cell_type="markdown"), cell.pop("outputs", 0))),
    "doubled": again,
    "gone": lambda cells: [cells.remove(cell) for cell in graded_cells(cells)],
    "all are tests": solved_by_metadata,
    "locked cells changed": locked_changed,
    "magics": lambda cells: cells.insert(0, toy.cell("code", "m", "%%script true\n%reset -f")),
    "file of points": lambda cells: cells.insert(
        0, toy.cell("code", "m", "open('verdicts.json', 'w').write('[100]')")
    ),
}
HEADS = {
    "kernel of another language": {"kernelspec": {"name": "bash", "display_name": "Bash"}},
    "provisioner": {"kernelspec": {"name": "python3", "display_name": "x", "metadata": {
        "kernel_provisioner": {"provisioner_name": "local-provisioner"}}}},
    "verdicts in the head": {"chainrule": {"verdicts": [{"points": 100}]}, "score": 9},
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    root, inbox = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("inbox")
    toy.build(root)
    right = {"double": "def double(x):\n    return 2 * x", "triple": "triple = lambda x: 3 * x"}
    (inbox / "honest.ipynb").write_bytes(toy.notebook(toy.answers(**right)))
    wrong = {"double": "double = lambda x: 0", "triple": "triple = lambda x: True"}
    for name in [*ATTACKS, *HEADS]:
        cells = toy.answers(**wrong)
        ATTACKS.get(name, lambda cells: None)(cells)
        data = json.loads(toy.notebook(cells))
        data["metadata"] |= HEADS.get(name, {})
        (inbox / f"{name}.ipynb").write_text(json.dumps(data))
    with toy.at(root):
        run.grade(inbox, "99")
    return toy.rows_of(root, toy.SLUG)


@pytest.mark.parametrize("name", [*ATTACKS, *HEADS])
def test_attack_by_the_file(rows, name):
    row = rows[name.replace(" ", "_")]
    assert float(row["automatic"]) == 0
    assert float(row["of automatic"]) == 5


def test_the_honest_one_beside_them_has_its_points(rows):
    assert float(rows["honest"]["automatic"]) == 5
