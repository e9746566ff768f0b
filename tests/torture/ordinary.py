"""Run a command as an ordinary user, also where everything belongs to root."""

import os
import subprocess
import sys

from autograder.course import ROOT

USER = "chainrule-tester"


def run(*arguments, timeout=600):
    """Run `python arguments` in the repository as an ordinary user; return what it says."""
    command = [sys.executable, *arguments]
    if os.geteuid() == 0:
        subprocess.run(["useradd", "--create-home", USER], capture_output=True)
        # The interpreter may lie in root's home, which nobody else may enter.
        home, base = os.path.expanduser("~"), sys.base_prefix
        inside = ["--tmpfs", home, "--ro-bind", base, base] if base.startswith(home + "/") else []
        mode = ["--chmod", "0755", home] if inside else []
        bubble = ["bwrap", "--dev-bind", "/", "/", *inside, *mode, "--cap-add", "ALL", "--"]
        drop = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        command = [*bubble, *drop, "env", f"HOME=/home/{USER}", *command]
    quiet = {"capture_output": True, "text": True, "timeout": timeout}
    return subprocess.run(command, cwd=ROOT, **quiet)
