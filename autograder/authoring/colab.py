"""A second environment with Colab's IPython and ipywidgets, to run the notebooks in.

It holds those few packages alone; all others it finds in the course environment, behind its own on
the path, so that torch is not installed twice.
"""

import os
import shutil
import subprocess
import sys
import sysconfig

from autograder.course import ROOT, Stop

PLACE = ROOT / ".cache" / "colab-env"
PINS = ROOT / "tests" / "colab" / "requirements.txt"
PYTHON = PLACE / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def prepare():
    """Make the environment unless it is there and fits these pins and this course environment."""
    stamp, wanted = PLACE / "made-from", f"{PLACE}\n{sys.executable}\n{PINS.read_text('utf-8')}"
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return
    shutil.rmtree(PLACE, ignore_errors=True)
    run("-m", "venv", "--without-pip", str(PLACE))
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "-r", str(PINS)]
    run("-m", "pip", "--python", str(PYTHON), "install", *options)
    behind = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    own = sysconfig.get_path("purelib", "venv", {"base": str(PLACE)})
    with open(f"{own}/zz_course.pth", "w", encoding="utf-8") as file:
        file.write(behind)
    stamp.write_text(wanted, encoding="utf-8")


def run(*arguments):
    """Run this Python; stop with pip's last line if it fails."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Stop(
            f"The environment with Colab's versions was not made ({reason}). "
            "It is made once and needs the network: connect and run make test again."
        )
