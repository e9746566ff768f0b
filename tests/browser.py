"""The built site, and Chromium for its tests: it asks no other host and hides no error."""

import contextlib
import functools
import gzip
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import sync_playwright

from autograder.course import ROOT
from autograder.site.build import SITE, server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
COMPRESSED = ("text/", "javascript", "json", "svg")  # what a web server sends with gzip


@functools.cache
def built():
    """Build the site as a user does, unless it is up to date; return its folder."""
    command = [sys.executable, "-m", "autograder", "book", "SERVE=0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(done.stderr[-2000:], pytrace=False)
    return SITE


def pages(site):
    """Addresses of all pages, relative to the site, less the one that only forwards."""
    found = (p.relative_to(site).as_posix() for p in sorted(site.rglob("*.html")))
    return [page for page in found if page != "index.html"]


@contextlib.contextmanager
def served(site):
    """Serve the folder; yield its address."""
    with server(site) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running.url
        running.shutdown()
        thread.join()


def find(bundled, names=NAMES):
    """Return the path of this machine's Chromium, or of Playwright's; fail without one."""
    path = next(filter(None, map(shutil.which, names)), bundled)
    if not Path(path).exists():
        pytest.fail(
            "The site's tests need Chromium, and none was found: install your system's "
            "chromium package, or run `python -m playwright install chromium`.",
            pytrace=False,
        )
    return path


@contextlib.contextmanager
def chromium():
    """Start Chromium without a window."""
    with sync_playwright() as playwright:
        path = find(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """One page in a fresh browser context, with all that it asked for and complained of.

    before    JavaScript that runs before any page's own
    options   of Playwright's browser context
    """

    def __init__(self, browser, url, before="", **options):
        self.outside, self.errors, self.answers = [], [], []
        self.context = browser.new_context(reduced_motion="reduce", **options)
        self.context.add_init_script(before)
        self.context.route("**/*", self._allow)
        self.page = self.context.new_page()
        self.page.on("console", lambda m: m.type == "error" and self.errors.append(m.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._note)
        self.open(url)

    def open(self, url):
        """Go to a page and wait until it is finished: formulas are set after the load event."""
        self.page.goto(url, wait_until="load")
        self.page.evaluate("() => window.MathJax?.startup?.promise?.then(() => null)")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def _allow(self, route):
        if route.request.url.startswith(("http://127.0.0.1:", "file://", "data:")):
            return route.continue_()
        self.outside.append(route.request.url)
        return route.abort()

    def _failed(self, request):
        """Note what could not be had; leaving a page cancels its icon, which comes after load."""
        if request.failure != "net::ERR_ABORTED":
            self.errors.append(f"not loaded: {request.url} ({request.failure})")

    def _note(self, response):
        self.answers.append(response)
        if response.status >= 400:
            self.errors.append(f"{response.status}: {response.url}")

    def weights(self):
        """Return {address: bytes} of all that was loaded, text as gzip sends it."""
        return {r.url: _weight(r) for r in self.answers if r.url.startswith("http")}

    def look(self, theme, width):
        """Show the page in the light or dark theme, in a window so many pixels wide."""
        self.page.emulate_media(color_scheme=theme)
        self.page.wait_for_selector(f"html[data-theme={theme}]")
        if self.page.viewport_size["width"] != width:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.wait_for_timeout(400)  # the theme looks again which code blocks scroll

    def unfold(self):
        """Show all that is folded: answers, hints, the explanations of a quiz."""
        self.page.evaluate(
            "() => { document.querySelectorAll('details').forEach(d => d.open = true);"
            "document.querySelectorAll('.quiz-why').forEach(p => p.hidden = false); }"
        )

    def thin(self):
        """Take away what axe would look at a thousand times: it needs half a minute for a lesson.

        One token of each kind of code stays, and one inline formula; the others, in which axe
        sees no text anyway, stay as empty elements.
        """
        self.page.evaluate(
            """() => {
            const seen = new Set();
            document.querySelectorAll(".highlight pre span").forEach(span => {
              if (seen.has(span.className)) span.replaceWith(...span.childNodes);
              seen.add(span.className);
            });
            const formulas = [...document.querySelectorAll("mjx-container:not([display])")];
            formulas.slice(1).forEach(formula => formula.replaceChildren());
            }"""
        )

    def axe(self):
        """Return axe-core's violations: [(rule, impact, elements)]."""
        if self.page.evaluate("() => !window.axe"):
            self.page.add_script_tag(path=str(AXE))
        # preload would make axe itself ask for style sheets, at wrong addresses.
        options = "{preload: false, resultTypes: ['violations']}"
        found = self.page.evaluate(f"() => axe.run({options})")["violations"]
        return [(v["id"], v["impact"], [n["html"][:120] for n in v["nodes"]]) for v in found]

    def loose_tables(self):
        """How many tables leave the window without a box of their own that scrolls."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll(".bd-article table")].filter(table => {
            if (table.getBoundingClientRect().right <= innerWidth) return false;
            for (let e = table.parentElement; e; e = e.parentElement)
              if (["auto", "scroll"].includes(getComputedStyle(e).overflowX)) return false;
            return true;
            }).length"""
        )

    def overflow(self):
        """By how many pixels the page is wider than the window."""
        return self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )


def _weight(response):
    body, kind = response.body(), response.headers.get("content-type", "")
    return len(gzip.compress(body)) if any(name in kind for name in COMPRESSED) else len(body)
