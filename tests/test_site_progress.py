"""Progress is kept in the browser alone, and nothing on the pages needs it."""

import pytest
from browser import Visit, built, served

KEY = "chainrule-progress"
LESSON = "notebooks/06_optimization.html"
INDEX, PATHS = "book/index.html", "book/learning_paths.html"
PANEL = ".progress-panel"
NO_STORAGE = (
    """Object.defineProperty(window, "localStorage", {get() { throw new Error("no"); }});"""
)
REFUSED = """const set = Storage.prototype.setItem;
Storage.prototype.setItem = function (key, text) {
  if (key.startsWith("chainrule")) throw new Error("full");
  set.call(this, key, text);
};"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["http", "file"])
def root(request):
    """The site's address, from a server and as a folder."""
    site = built()
    if request.param == "file":
        yield f"{site.as_uri()}/"
        return
    with served(site) as address:
        yield address


def solve(page):
    """Answer the first choice of a lesson with the mouse; return what it says."""
    form = page.locator(".quiz-item", has=page.locator("input[type=radio]")).first
    right = form.evaluate(
        "f => [...f.querySelectorAll('.quiz-why')].map(p => 'correct' in p.dataset)"
    )
    form.locator("input").nth(right.index(True)).check()
    form.locator("button").click()
    return form.locator(".quiz-verdict").inner_text()


def test_progress_is_kept_shown_and_forgotten(browser, root):
    with Visit(browser, root + LESSON) as visit:
        page = visit.page
        solve(page)
        count = page.locator(".quiz-item").count()
        line = f"1 of {count} quiz questions right"
        assert page.locator(PANEL).get_by_text(line).count() == 1
        done = page.get_by_role("button", name="I have done this chapter")
        assert done.get_attribute("aria-pressed") == "false"
        done.press("Enter")
        assert done.get_attribute("aria-pressed") == "true"
        visit.open(root + LESSON)
        assert done.get_attribute("aria-pressed") == "true"
        assert page.locator(".bd-links .done-mark").count() == 1
        visit.open(root + INDEX)
        card = page.locator(".chapter-card", has=page.locator(f"a[href$='{LESSON}']"))
        assert card.locator(".card-progress").inner_text() == line
        assert page.locator(".chapter-card .done-mark").count() == 1
        visit.open(root + PATHS)
        assert page.locator(".map-paths svg .done-mark").count() == 3
        assert page.locator(PANEL).get_by_text("1 chapter done").count() == 1
        assert visit.axe() == []
        page.get_by_role("button", name="Forget my progress").click()
        assert page.evaluate(f"() => localStorage.getItem('{KEY}')") is None
        assert page.locator(".done-mark").count() == 0
        visit.open(root + LESSON)
        assert done.get_attribute("aria-pressed") == "false"
        assert (visit.outside, visit.errors) == ([], [])


def test_a_mark_is_taken_back_by_the_same_button(browser, root):
    with Visit(browser, root + LESSON) as visit:
        button = visit.page.locator(f"{PANEL} button")
        button.click()
        button.click()
        assert button.get_attribute("aria-pressed") == "false"
        assert visit.page.locator(".done-mark").count() == 0


def test_without_storage_nothing_is_shown_and_the_quiz_works(browser, root):
    for page in (LESSON, PATHS):
        with Visit(browser, root + page, before=REFUSED) as visit:
            assert visit.page.locator(PANEL).count() == 0
            assert visit.errors == []
    with Visit(browser, root + LESSON, before=NO_STORAGE) as visit:  # the theme itself complains
        assert visit.page.locator(PANEL).count() == 0
        assert solve(visit.page) == "Right."


def test_what_is_stored_may_be_anything(browser, root):
    """Of an older version, of another program on the same host, or broken."""
    with Visit(browser, root + PATHS) as visit:
        for stored in (
            "", "{", "null", "7", "[1]", '"x"', '{"06_optimization": null}',
            '{"06_optimization": {"right": 3, "done": "yes", "of": "x"}, "99_gone": {"done": 1}}',
        ):  # fmt: skip
            visit.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, stored])
            visit.open(root + PATHS)
            told = visit.page.locator(f"{PANEL} [role=status]").inner_text()
            assert told == "0 chapters done", stored
        assert visit.errors == []


def test_without_scripts_a_lesson_is_whole(browser, root):
    for page in (LESSON, INDEX):
        with Visit(browser, root + page, java_script_enabled=False) as visit:
            assert visit.page.locator(PANEL).count() == 0
            assert visit.page.locator(".bd-article h1").is_visible()
            assert visit.page.locator(".explore img, .cover-graph").first.is_visible()
            assert visit.outside == []
