"""make test: everything that a commit must pass, with the network blocked."""

import shutil
import subprocess
import sys
import time

from autograder.authoring import colab, fmt
from autograder.course import ROOT, Stop, assignments, chapters, environment

INSTALL = "on Debian and Ubuntu: apt-get install chromium bubblewrap"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
# pytest-socket would not reach kernels and browsers; a network namespace holds them all, and
# loopback stays.
NETLESS = ["bwrap", "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent"]
WORKERS = "2"


def test():
    """Run all phases in turn; the exit code is that of the first one that fails."""
    preflight()
    phases = {"style": style, "second environment": colab.prepare, "site": site, "tests": tests}
    times = []
    for name, phase in phases.items():
        print(f"== {name}", flush=True)
        began = time.perf_counter()
        failed = phase()
        times.append(f"{name} {time.perf_counter() - began:.0f} s")
        if failed:
            raise Stop(f"make test failed: {failed} ({', '.join(times)})")
    print(f"✓ make test passed: {', '.join(times)}")


def preflight():
    """Stop, with the remedy, where something is missing that pip cannot bring."""
    if not sys.platform.startswith("linux"):
        raise Stop("make test blocks the network by Linux's namespaces: run it on Linux or WSL 2.")
    if not any(map(shutil.which, CHROMIUM)):
        raise Stop(f"Chromium is missing, in which the tests open the site; {INSTALL}.")
    if not shutil.which("bwrap"):
        raise Stop(f"bubblewrap (bwrap) is missing, which blocks the tests' network; {INSTALL}.")
    probe = subprocess.run([*NETLESS, "true"], capture_output=True, text=True)
    if probe.returncode:
        reason = (probe.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Stop(
            f"bubblewrap cannot block the network here ({reason}): in a container, allow user "
            "namespaces (docker run --privileged, say), or run make test on the machine itself."
        )


def style():
    if fmt.ruff("check", ".") or fmt.ruff("format", "--check", "."):
        return "style; make fmt mends what can be mended"


def site():
    """Build the site, which runs every lesson at full length; nothing if it is up to date."""
    if netless("autograder", "book", "SERVE=0"):
        return "the site was not built"


def tests():
    """Run pytest over tests/, and nbval over every lesson and instructor's notebook."""
    notebooks = [c.lesson for c in chapters()] + [c.source for c in assignments()]
    nbval = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=300"]
    options = ["-n", WORKERS, "--dist", "loadscope", "-m", "not alone", *nbval]
    if netless("pytest", *options, "tests", *map(str, notebooks), FAST="1"):
        return "see the failed tests above"
    if netless("pytest", "-m", "alone", "tests/test_site.py", FAST="1"):
        return "see the failed time above: it was measured with nothing beside it"


def netless(module, *arguments, **variables):
    """Run a module of this Python with the network blocked; return its exit code."""
    command = [*NETLESS, sys.executable, "-m", module, *arguments]
    variables = environment(CHAINRULE_NETLESS="1", OMP_NUM_THREADS="1", **variables)
    return subprocess.run(command, cwd=ROOT, env=variables).returncode
