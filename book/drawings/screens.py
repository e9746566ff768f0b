"""The pictures of the page on grading: `make grade DEMO=1`, then python book/drawings/screens.py.

Chromium opens the reports of the made-up class, and formgrader in JupyterLab on that class.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import TimeoutError, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "_build" / "demo"
OUT = ROOT / "book" / "screens"
SIZE = {"width": 1000, "height": 640}
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main():
    scores = next((DEMO / "gradebook" / "scores").glob("*.html"), None)
    if scores is None:
        sys.exit("✗ There is no made-up class yet: run make grade DEMO=1 first.")
    with sync_playwright() as playwright, jupyterlab() as address:
        path = next(filter(None, map(shutil.which, NAMES)), playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)
        reports(page, scores)
        formgrader(page, address, scores.stem)
        browser.close()


def reports(page, scores):
    """The instructor's page from its headings on, and a student's feedback."""
    page.goto(scores.as_uri())
    for name, heading in (("scores", "h1"), ("mistakes", "h2 >> nth=2"), ("flags", "h2 >> nth=3")):
        page.locator(heading).evaluate("e => e.scrollIntoView()")
        shoot(page, name)
    slug = scores.stem
    feedback = next((DEMO / "gradebook" / "feedback").glob(f"Haddad*/{slug}/{slug}.html"))
    page.goto(feedback.as_uri())
    shoot(page, "feedback")
    page.locator("pre.message", has_text="likely").first.scroll_into_view_if_needed()
    shoot(page, "message")


def formgrader(page, address, slug):
    """JupyterLab's menu, the answers that wait, and one of them with points and a comment."""
    page.goto(f"{address}/lab?token=secret")
    page.get_by_role("menuitem", name="Nbgrader").wait_for(timeout=120_000)
    with contextlib.suppress(TimeoutError):  # JupyterLab asks once whether it may bring news
        page.get_by_role("button", name="No", exact=True).click(timeout=5_000)
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name="Formgrader").hover()
    shoot(page, "menu")
    page.goto(f"{address}/formgrader/gradebook/{slug}/{slug}?token=secret")
    page.locator("#submissions_table tbody tr, tbody tr").nth(3).wait_for(timeout=60_000)
    shoot(page, "waiting")
    page.locator("tbody tr a", has_text="#").first.click()
    points, box = page.locator("input.score").last, page.locator("textarea.comment").last
    box.wait_for(timeout=60_000)
    page.wait_for_timeout(3_000)  # it fetches what was given before, which would overwrite ours
    points.fill("3")
    box.fill("Clear. Say also which two lines the hidden units draw.")
    box.evaluate("e => e.scrollIntoView({block: 'center'})")
    shoot(page, "by_hand")


def shoot(page, name):
    """Save what the window shows with 64 colours: a few dozen KB."""
    page.wait_for_timeout(500)
    path = OUT / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} KB")


@contextlib.contextmanager
def jupyterlab():
    """Start JupyterLab on the made-up class; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--allow-root"]
    command += ["--ServerApp.token=secret", f"--ServerApp.root_dir={DEMO}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"}
    with subprocess.Popen(command, cwd=DEMO, env=env, **quiet) as server:
        try:
            yield ready(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()


def ready(address):
    """Return the address once the server answers."""
    for _ in range(300):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/api?token=secret", timeout=5).close()
            return address
        time.sleep(0.4)
    sys.exit("✗ JupyterLab did not start within two minutes.")


if __name__ == "__main__":
    main()
