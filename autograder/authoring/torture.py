"""make torture: all attacks on the grader and all odd honest work, and a table of what came out."""

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from autograder.course import ROOT, Stop, environment

# what is tried: the tests that try it
ROWS = {
    "forging attacks, by code": ["tests/torture/test_forging.py"],
    "forging attacks, by the notebook file": ["tests/torture/test_notebooks.py"],
    "clumsy or malformed honest work": [
        "tests/test_clumsy.py", "tests/torture/test_clumsy_round.py",
    ],
    "what student code reaches, caps": ["tests/test_sandbox.py"],
    "greed, floods, time, as an ordinary user": ["tests/torture/test_as_user.py"],
    "live scripts in reports, in Chromium": ["tests/test_report_pages.py"],
    "messages of a hostile process": ["tests/test_wire.py"],
    "equal to stock's; 20 rounds; workers": ["tests/torture/test_same_grades.py"],
    "killed at 50 random moments": ["tests/torture/test_kill.py"],
}  # fmt: skip


def torture():
    """Run every suite, also after one has failed, and print the table; Stop if any test failed."""
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, files in ROWS.items():
            print(f"== {name}", flush=True)
            report = Path(folder) / "report.xml"
            report.unlink(missing_ok=True)
            command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *files]
            subprocess.run(command, cwd=ROOT, env=environment(OMP_NUM_THREADS="1"), check=False)
            results[name] = counts(report)
    print(table(results))
    if bad := [name for name, (_, failed, _) in results.items() if failed]:
        raise Stop(f"Not all held: {'; '.join(bad)}. The tests' own words stand above.")


def counts(report):
    """Return (tests run, failed, seconds) of pytest's report; without one, a failure."""
    if not report.exists():
        return 0, 1, 0.0
    suite = ElementTree.parse(report).getroot().find("testsuite")
    number = {key: int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")}
    failed = number["failures"] + number["errors"]
    return number["tests"] - number["skipped"], failed, float(suite.get("time"))


def table(results):
    """The table as text: what was tried, how often, how often the grader did not hold."""
    lines = [f"{'tried':42}{'tests':>7}{'failed':>8}{'seconds':>9}"]
    lines += [f"{name:42}{n:7}{bad:8}{s:9.0f}" for name, (n, bad, s) in results.items()]
    return "\n".join(lines)
