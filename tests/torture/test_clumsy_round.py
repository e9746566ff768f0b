"""A whole round of clumsy, damaged and odd honest submissions, through the real engine."""

import clumsy
import toy_course as toy

from autograder.grading import run


def test_all_kinds_in_one_round(tmp_path):
    """The whole table through the real engine: everybody has a row, a page and the points."""
    root, inbox = tmp_path / "course", tmp_path / "inbox"
    toy.build(root)
    names = {f"kind {i}": kind for i, kind in enumerate(clumsy.KINDS)}
    for who, kind in names.items():
        (inbox / who).mkdir(parents=True)
        for name, data in clumsy.KINDS[kind][0].items():
            (inbox / who / name).parent.mkdir(parents=True, exist_ok=True)
            (inbox / who / name).write_bytes(data)
    before = toy.fingerprint(inbox)
    with toy.at(root):
        run.grade(inbox, "99")
    assert toy.fingerprint(inbox) == before
    rows, wrong = toy.rows_of(root, toy.SLUG), {}
    for who, kind in names.items():
        row, outcome = rows[who.replace(" ", "_")], clumsy.KINDS[kind][1]
        page = toy.page_of(root, row["student"], toy.SLUG)
        toy.assert_inert(page)
        expected = ("5", "") if outcome == clumsy.FULL else ("0", row["note"])
        if (row["automatic"], row["note"]) != expected or len(page) > 1_000_000:
            wrong[kind] = row["automatic"], row["note"]
        if outcome != clumsy.FULL and outcome not in row["note"]:
            wrong[kind] = row["note"]
    assert (len(rows), wrong) == (len(names), {})
