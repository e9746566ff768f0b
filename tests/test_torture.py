"""The table of make torture; the suites themselves take long and run apart."""

from autograder.authoring import torture
from autograder.course import ROOT


def test_every_long_suite_has_its_row():
    named = {file for files in torture.ROWS.values() for file in files}
    assert all((ROOT / file).exists() for file in named)
    own = {path.name for path in (ROOT / "tests" / "torture").glob("test_*.py")}
    by_user = {"test_limits.py"}  # test_as_user.py runs it
    assert own == {f.rpartition("/")[2] for f in named if "/torture/" in f} | by_user


def test_a_report_is_counted_and_a_missing_one_is_a_failure(tmp_path):
    report = tmp_path / "report.xml"
    assert torture.counts(report) == (0, 1, 0.0)
    suite = '<testsuite tests="5" failures="1" errors="1" skipped="2" time="3.5"/>'
    report.write_text(f"<testsuites>{suite}</testsuites>")
    assert torture.counts(report) == (3, 2, 3.5)
    row = torture.table({"a row": (3, 2, 3.5)}).splitlines()[1]
    assert row.split() == ["a", "row", "3", "2", "4"]
