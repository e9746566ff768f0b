"""The long suites of the grader: pytest tests/torture."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # the modules that the tests share
