"""Run a command as an ordinary user, also where everything belongs to root."""

import os
import subprocess
import sys
from pathlib import Path

from autograder.course import ROOT

USER = "chainrule-tester"


def run(*arguments, timeout=600):
    """Run `python arguments` in the repository as an ordinary user; return what it says."""
    command = [sys.executable, *arguments]
    if os.geteuid() == 0:
        subprocess.run(["useradd", "--create-home", USER], capture_output=True)
        # The interpreter may lie in root's home, which nobody else may enter.
        bubble = ["bwrap", "--dev-bind", "/", "/"]
        home, base = Path.home(), Path(sys.base_prefix)
        if home in base.parents:
            bubble += ["--tmpfs", str(home), "--ro-bind", str(base), str(base)]
            between = [p for p in base.parents if p == home or home in p.parents]
            bubble += [word for p in between for word in ("--chmod", "0755", str(p))]
        drop = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        command = [*bubble, "--cap-add", "ALL", "--", *drop, "env", f"HOME=/home/{USER}", *command]
    quiet = {"capture_output": True, "text": True, "timeout": timeout}
    return subprocess.run(command, cwd=ROOT, **quiet)
