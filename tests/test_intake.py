"""Taking submissions in: names of LMS exports, bad files, bad zips, damaged notebooks."""

import json
import os
import stat
import zipfile

import nbformat
import pytest
import toy_course as toy

from autograder.course import Stop
from autograder.grading import files, intake, repair

RELEASE = nbformat.reads(toy.notebook(toy.answers()), as_version=4)
for each in RELEASE.cells:  # what nbgrader notes in a release
    if "nbgrader" in each.metadata:
        each.metadata.nbgrader.cell_type = each.cell_type
GOOD = toy.notebook(toy.answers())


def put(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def reasons(path):
    """{student: why the submission was refused, or ""}."""
    found = {}
    for student, entries in intake.collect(path).items():
        taken, found[student] = intake.attempts(entries, toy.SLUG, RELEASE)
        assert bool(taken) != bool(found[student])
    return found


LAYOUTS = {
    "a folder each": ("Anna/99_toy.ipynb", "Bo/work.ipynb"),
    "nbgrader": ("Anna/99_toy/99_toy.ipynb", "Bo/99_toy/99_toy.ipynb"),
    "a file each": ("Anna.ipynb", "Bo.ipynb"),
    "within a folder": ("all/Anna/x.ipynb", "all/Bo/x.ipynb"),
}


@pytest.mark.parametrize("names", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_usual_layouts(tmp_path, names, packed):
    files = dict.fromkeys(names, GOOD) | {"__MACOSX/._Anna.ipynb": b"x"}
    path = zipped(tmp_path / "all.zip", files) if packed else put(tmp_path / "in", files)
    assert reasons(path) == {"Anna": "", "Bo": ""}


LMS = {
    "Ng Ana_12345_assignsubmission_file_/my work.ipynb": "Ng_Ana_12345",
    "Ng Ana_12345_assignsubmission_file_my work.ipynb": "Ng_Ana_12345",
    "O'Neil, Zoë_7_assignsubmission_file_/x.ipynb": "O_Neil_Zoë_7",
    '"Bo", {=x}`|_8_assignsubmission_file_/x.ipynb': "Bo_x_8",
    "=HYPERLINK(1)_9_assignsubmission_file_/x.ipynb": "HYPERLINK_1_9",
    "+1_10_assignsubmission_file_/x.ipynb": "1_10",
    "-Ed @x_11_assignsubmission_file_/x.ipynb": "Ed_x_11",
    "@Fay.ipynb": "Fay",
    "Ярослав Ж_13_assignsubmission_file_/x.ipynb": "Ярослав_Ж_13",
    "محمد.ipynb": "محمد",
    "Zoe\u0308.ipynb": "Zoë",
    "Ana.ipynb/x.ipynb": "Ana",
    "ngana_12345_67890_99_toy.ipynb": "ngana_12345",
    "ngana_LATE_12345_67890_99_toy-1.ipynb": "ngana_12345",
    "李小龍/x.ipynb": "李小龍",
    "../Eve.ipynb": "Eve",
}


@pytest.mark.parametrize(("name", "student"), LMS.items())
def test_students_of_lms_exports(tmp_path, name, student):
    assert list(intake.collect(zipped(tmp_path / "x.zip", {name: GOOD}))) == [student]


def test_the_notebook_among_other_files(tmp_path):
    folder = put(
        tmp_path,
        {
            "Ana/99_toy.ipynb": GOOD,
            "Ana/scratch.ipynb": b"{}",
            "Ana/data.csv": b"1",
            "Bo_1_assignsubmission_file_/x.ipynb": GOOD,
            "Bo_1_assignsubmission_onlinetext_/onlinetext.html": b"<p>Hi</p>",
            "Cy/99_toy.json": GOOD,
        },
    )
    assert reasons(folder) == {"Ana": "", "Bo_1": "", "Cy": ""}


BAD = {
    "empty": (b"", "the file is empty"),
    "text": (b"I could not do it.", "the file is not a notebook"),
    "cut": (GOOD[:700], "the notebook is cut short or damaged"),
    "list": (b"[1, 2]", "the file is not a notebook"),
    "json": (b'{"a": 1}', "the file is JSON, but not a notebook"),
    "deep": (b'{"a":' + b"[" * 200_000, "the notebook is cut short or damaged"),
    "binary": (bytes(range(256)) * 9, "the file is not a notebook"),
    "other": (toy.notebook([toy.cell("code", "a", "1")]), "none of the assignment's exercises"),
    "bomb": (b" " * (files.LARGEST + 1), "the file is larger than 50 MB"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_bad_files_get_a_reason_and_stop_nobody(tmp_path, packed):
    files = {f"{name}/x.ipynb": data for name, (data, _) in BAD.items()} | {"Ana/x.ipynb": GOOD}
    path = zipped(tmp_path / "x.zip", files) if packed else put(tmp_path / "in", files)
    found = reasons(path)
    assert found.pop("Ana") == ""
    assert found.keys() == BAD.keys()
    for name, (_, reason) in BAD.items():
        assert reason in found[name]


def test_several_notebooks_are_several_attempts(tmp_path):
    other = toy.notebook(toy.answers(double="def double(x):\n    return 2 * x"))
    put(tmp_path, {"Ana/a.ipynb": GOOD, "Ana/b.ipynb": other, "Ana/c.ipynb": b"{}"})
    put(tmp_path, {"Bo/x.ipynb": GOOD})
    for i, name in enumerate("abc"):
        os.utime(tmp_path / "Ana" / f"{name}.ipynb", (1000 + 99 * i, 1000 + 99 * i))
    found, reason = intake.attempts(intake.collect(tmp_path)["Ana"], toy.SLUG, RELEASE)
    assert [(a.file, a.time) for a in found] == [("Ana/a.ipynb", 1000), ("Ana/b.ipynb", 1099)]
    assert reason == "the file is JSON, but not a notebook"


def test_two_names_that_give_one_id_get_a_row_each(tmp_path):
    names = ("Bo B/x.ipynb", "Bo_B/x.ipynb", "anna/x.ipynb", "Anna/x.ipynb", "Cy/x.ipynb")
    found = reasons(put(tmp_path, dict.fromkeys(names, GOOD)))
    assert set(found.values()) == {""}
    assert len({name.casefold() for name in found}) == 5
    assert sorted(name.partition("-")[0] for name in found) == [
        "Anna",
        "Bo_B",
        "Bo_B",
        "Cy",
        "anna",
    ]


def test_a_zip_made_on_a_mac_keeps_its_names(tmp_path):
    path = zipped(tmp_path / "x.zip", {"Xab/x.ipynb": GOOD})
    path.write_bytes(path.read_bytes().replace(b"Xab/", "Xé/".encode()))  # nothing says UTF-8
    assert list(intake.collect(path)) == ["Xé"]


def test_links_and_empty_folders_are_refused(tmp_path):
    secret = put(tmp_path / "teacher", {"x.ipynb": GOOD})
    folder = put(tmp_path / "in", {"Ana/x.ipynb": GOOD})
    (folder / "Bo").mkdir()
    (folder / "Cy").mkdir()
    (folder / "Cy" / "x.ipynb").symlink_to(secret / "x.ipynb")
    (folder / "Di").symlink_to(secret)
    found = reasons(folder)
    assert found["Bo"] == "the folder is empty"
    assert found["Cy"] == "x.ipynb is a link, not a file"
    assert found["Di"] == "Di is a link, not a file"
    assert found["Ana"] == ""


def test_a_zip_cannot_lead_out_of_its_place(tmp_path):
    path = zipped(
        tmp_path / "x.zip",
        {
            "Ana/x.ipynb": GOOD,
            "../../Bo/x.ipynb": GOOD,
            "/etc/Cy.ipynb": GOOD,
            "C:\\Di.ipynb": GOOD,
        },
    )
    link = zipfile.ZipInfo("Eve/x.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    found = reasons(path)
    assert found.pop("Ana") == ""
    assert found.pop("Eve") == "x.ipynb is a link, not a file"
    assert found.keys() == {"Bo", "etc", "Di"}
    assert all("its path in the zip leads out of it" in reason for reason in found.values())
    assert [p.name for p in tmp_path.iterdir()] == ["x.zip"]


def test_a_damaged_member_of_a_zip_costs_one_row(tmp_path):
    path = zipped(tmp_path / "x.zip", {"Ana/x.ipynb": GOOD, "Bo/x.ipynb": GOOD})
    data = bytearray(path.read_bytes())
    data[100:140] = bytes(40)
    path.write_bytes(data)
    found = reasons(path)
    assert found["Bo"] == ""
    assert found["Ana"].startswith("the file cannot be read")


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("nowhere", None, "There is no folder or zip"),
        ("essay.pdf", b"%PDF", "neither a folder nor a zip"),
        ("half.zip", b"PK\x05\x06" + b"\xff" * 18, "is damaged"),
        ("folder/.DS_Store", b"x", "holds no submission"),
    ],
)
def test_a_round_without_submissions_stops(tmp_path, name, data, sentence):
    if data is not None:
        put(tmp_path, {name: data})
    with pytest.raises(Stop, match=sentence):
        intake.collect(tmp_path / name.partition("/")[0])


def graded(notebook):
    return [
        (c.metadata.nbgrader.grade_id, c.cell_type, c.metadata.nbgrader.points)
        for c in notebook.cells
        if c.metadata.get("nbgrader", {}).get("grade")
    ]


def test_points_types_and_tags_are_the_release_s():
    cells = toy.answers(double="def double(x):\n    return 2 * x")
    cells[3]["metadata"]["nbgrader"] |= {"points": 100, "schema_version": 1, "locked": "no"}
    cells[3]["metadata"]["tags"] = ["skip-execution"]
    cells[5]["cell_type"] = "raw"
    cells.insert(1, json.loads(json.dumps(cells[4])))  # a cell copied with its metadata
    mended = repair.notebook(toy.notebook(cells), RELEASE)
    assert graded(mended) == graded(RELEASE)
    assert all("tags" not in cell.metadata for cell in mended.cells)
    assert mended.cells[1].source == cells[2]["source"]
