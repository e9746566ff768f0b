"""make book: run the lessons, build the site into _build/html, serve it on this machine."""

import functools
import http.server
import re
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from autograder.course import ROOT, Stop, environment
from autograder.site import run

BUILD = ROOT / "_build"
SITE = BUILD / "html"
INPUTS = (
    "book", "notebooks", "release", "src/chainrule", "autograder/site", "autograder/course.py",
    "_config.yml", "_toc.yml", "constraints.txt",
)  # fmt: skip


def book(serve="1"):
    """The verb: bring the site up to date and, unless serve is "0", serve it until Ctrl+C."""
    site = build()
    print(f"The site is in {site.relative_to(ROOT)}: open {site / 'index.html'} or serve it.")
    if serve != "0":
        serve_site(site)


def build():
    """Bring _build/html up to date and return its path. Nothing is done if no input changed.

    A failed build raises Stop and leaves the site of the last good one in place.
    """
    BUILD.mkdir(exist_ok=True)
    with FileLock(BUILD / "site.lock"):
        stamp, now = BUILD / "site.stamp", run.digest(*(ROOT / name for name in INPUTS))
        if stamp.exists() and stamp.read_text() == now and (SITE / "index.html").exists():
            return SITE
        stamp.unlink(missing_ok=True)
        run.lessons()
        print("Building the pages ...", flush=True)
        pages = _sphinx()
        prune(pages)
        shutil.rmtree(SITE, ignore_errors=True)
        pages.rename(SITE)
        shutil.rmtree(BUILD / "pages")
        stamp.write_text(now)
    return SITE


def _sphinx():
    """Build all pages from nothing, warnings being errors; return their folder."""
    out, log = BUILD / "pages", BUILD / "site.log"
    shutil.rmtree(out, ignore_errors=True)
    command = jupyter_book(ROOT, "--path-output", str(out), "--all", "--keep-going")
    with log.open("w", encoding="utf-8") as file:
        done = subprocess.run(command, stdout=file, stderr=file, env=environment(), check=False)
    if done.returncode:
        raise Stop(f"The site was not built: {_cause(log)}. The whole log is in {log}.")
    return out / "_build" / "html"


def jupyter_book(folder, *options):
    """The command that builds a book; of this environment, warnings being errors."""
    program = shutil.which("jupyter-book", path=str(Path(sys.executable).parent))
    return [program, "build", str(folder), "--warningiserror", "--quiet", *options]


def _cause(log):
    """The first line of a Sphinx log that says what is wrong."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in log.read_text("utf-8").splitlines()]
    said = [line for line in lines if re.search(r"WARNING|ERROR|Error|Exception", line)]
    return (said or lines or ["Sphinx gave no reason"])[0].strip().rstrip(".")


def prune(site):
    """Remove from the built site what no page loads, such as MathJax's other input formats.

    A file below _static stays if a page, style sheet or script that stays names it; source maps,
    which only a debugger reads, go. MathJax puts the names of its parts together at run time, so
    its fonts and TeX extensions stay as a whole.
    """
    static = site / "_static"
    files = {path for path in static.rglob("*") if path.is_file()}
    mathjax = static / "mathjax"
    kept = {*mathjax.glob("output/chtml/fonts/**/*.woff"), *mathjax.glob("input/tex/extensions/*")}
    text = "".join(page.read_text("utf-8") for page in site.rglob("*.html"))
    while text:
        found = {p for p in files - kept if p.suffix != ".map" and _is_named(p, text, mathjax)}
        kept |= found
        text = "".join(p.read_text("utf-8") for p in found if p.suffix in (".css", ".js"))
    for path in files - kept:
        path.unlink()
    for folder in sorted((p for p in static.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def _is_named(path, text, mathjax):
    """True if the text names the file, by its folder too where the folder is not _static itself."""
    name = path.name if path.parent.name == "_static" else f"{path.parent.name}/{path.name}"
    # MathJax's scripts name each other by bare words, so there only a page's own link counts.
    if mathjax in path.parents:
        return path.parent == mathjax and name in text
    return name in text


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site without a line per request."""

    def log_message(self, *args):
        pass


def server(site):
    """Return a server of the folder on a free port of 127.0.0.1; `.url` is its address."""
    handler = functools.partial(Handler, directory=str(site))
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    made.url = f"http://127.0.0.1:{made.server_port}/"
    return made


def serve_site(site):
    with server(site) as running:
        print(f"The course is at {running.url} (Ctrl+C ends it).", flush=True)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            print("\nStopped.")
