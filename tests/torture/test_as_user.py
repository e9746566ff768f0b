"""The grader as an ordinary user; what could do harm to a computer is tried in no other way."""

import pytest
from ordinary import run

FILES = ["tests/test_sandbox.py", "tests/torture/test_limits.py"]


@pytest.mark.parametrize("file", FILES)
def test_as_an_ordinary_user(file):
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", file)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout
