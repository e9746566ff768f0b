"""make lab: JupyterLab on the course, with nbgrader's formgrader."""

import os
import sys

from autograder.course import ROOT, environment

# The root is nbgrader's course folder, so Formgrader and Assignment List find the course there.
COMMAND = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}"]


def lab():
    """Hand this process over to JupyterLab; Ctrl+C ends it."""
    os.chdir(ROOT)
    (ROOT / "gradebook").mkdir(exist_ok=True)  # else Formgrader cannot open its database
    print("In the menu: Nbgrader > Formgrader opens the assignments.", flush=True)
    os.execve(sys.executable, COMMAND, environment())
