"""The pages that people open, full of hostile text: inert in Chromium, small, and accessible."""

import re

import nbformat
import pytest
import toy_course as toy
from browser import Visit

from autograder.grading import feedback, overview, report
from autograder.grading.marks import Mark, Marked
from autograder.grading.verdict import Outcome, Verdict

pytestmark = pytest.mark.browser

PAYLOADS = {
    "script": "<script>{bad}</script>",
    "script of another host": "<script src=//x.example/1.js></script>",
    "script in parts": "<scr<script>ipt>{bad}</scr</script>ipt>",
    "handler": '<img src=x onerror="{bad}">',
    "handler in capitals": "<DIV ONMOUSEOVER={bad} ONCLICK={bad}>x</DIV>",
    "handler after a slash": "<b/onpointerenter={bad}>x</b>",
    "focus": "<input autofocus onfocus={bad}>",
    "unfolded": "<details open ontoggle={bad}>x</details>",
    "frame": '<iframe src="javascript:{bad}"></iframe>',
    "frame's own page": '<iframe srcdoc="<script>parent.bad=1</script>"></iframe>',
    "object": '<object data="//x.example/2"></object><embed src="//x.example/3">',
    "link": '<a href="javascript:{bad}">x</a> [x](javascript:{bad}) <javascript:{bad}>',
    "link in disguise": '<a href="&#106;ava\tscript:{bad}">x</a>',
    "data link": "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "SVG": "<svg onload={bad}><script>{bad}</script><use href=//x.example/4#a></svg>",
    "SVG animation": '<svg><a><animate attributeName=href values="javascript:{bad}"></a></svg>',
    "MathML": '<math><mtext><style><img src=x onerror="{bad}"></style></mtext></math>',
    "comment": '<!--><img src=x onerror="{bad}">-->',
    "refresh": '<meta http-equiv=refresh content="0;url=//x.example/5">',
    "base": "<base href=//x.example/>",
    "style": "<style>@import url(//x.example/6); * {{ background: url(//x.example/7) }}</style>",
    "style of one": '<p style="background:url(//x.example/8)">x</p>',
    "style sheet": "<link rel=stylesheet href=//x.example/9.css>",
    "picture": "![x](//x.example/10.png) <picture><source srcset=//x.example/11></picture>",
    "sound": "<video src=//x.example/12 autoplay onerror={bad}></video><audio src=//x.example/13>",
    "form": '<form action="javascript:{bad}"><button autofocus>x</button></form>',
    "end of the page": "</code></pre></main></body></html><script>{bad}</script>",
    "template": "{{{{ 7 * 7 }}}} {{% for x in y %}} {{{{ cycler.__init__.__globals__ }}}}",
    "quotes": "\" onmouseover={bad} ' onfocus={bad} autofocus `",
    "formula": "$\\href{{javascript:{bad}}}{{x}}$ $$<img src=x onerror={bad}>$$",
    "code fence": "```html\n<script>{bad}</script>\n```",
}
BAD = "window.bad=1"
ALL = "\n\n".join(text.format(bad=BAD) for text in PAYLOADS.values())
# What a person must not meet, whatever the browser does with it
SPOILED = """() => [...document.querySelectorAll("*")].flatMap(e => [...e.attributes].map(a =>
    [e.tagName, a.name, a.value])).filter(([tag, name, value]) => name.startsWith("on") ||
    ["src", "srcset", "data", "action", "srcdoc"].includes(name) ||
    (name == "href" && !/^(#|\\.\\.\\/feedback\\/)/.test(value)))"""


def row(text):
    """A submission whose every text is hostile."""
    verdict = Verdict("double-unseen", 0, 2, "failed", text[:1000], f"toy.double:{text}", 1.0)
    outcome = Outcome((verdict,), (("memory", text),), (text,), False, 2.0)
    marks = {"double-unseen": Mark(2, 0, True, False), "why": Mark(2.5, 0, False, True)}
    return report.Row(text, text, text, 2, 10, Marked(marks, {"why": text}), outcome, (text,))


def cells(text):
    made = toy.answers(double=text, why=text)
    made.append(toy.cell("markdown", "heading", f"# {text}"))
    return nbformat.reads(toy.notebook(made), as_version=4).cells


def feedback_page(path, text):
    one = row(text)
    about = {"file": text, "reason": text, "outcome": one.outcome.to_json(), "days": 1}
    feedback.write(path, feedback.page(text[:50], text, one.marked, about, cells(text)))


def overview_page(path, text):
    overview.write(path, [row(text)], text[:50], row(text).marked)


PAGES = {"feedback": feedback_page, "overview": overview_page}


def without_policy(path):
    """The page without its Content-Security-Policy: it must be harmless by itself."""
    text = path.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    path.write_text(re.sub(r"<meta [^>]*Security-Policy[^>]*>", "", text), encoding="utf-8")
    return path.as_uri()


def live(browser, address):
    """All that happened on a page that should lie still."""
    with Visit(browser, address) as visit:
        dialogs = []
        visit.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        for _ in range(8):
            visit.page.keyboard.press("Tab")
        visit.page.mouse.move(200, 300)
        bad = visit.page.evaluate("() => [window.bad ?? 0, document.scripts.length, frames.length]")
        moved = [] if visit.page.url.partition("#")[0] == address else [visit.page.url]
        spoiled = visit.page.evaluate(SPOILED)
        return [*dialogs, *visit.outside, *visit.errors, *moved, *spoiled, *filter(None, bad)]


@pytest.mark.parametrize("kind", PAYLOADS)
def test_nothing_in_feedback_comes_alive(browser, tmp_path, kind):
    feedback_page(tmp_path / "page.html", PAYLOADS[kind].format(bad=BAD))
    assert live(browser, without_policy(tmp_path / "page.html")) == []


@pytest.mark.parametrize("page", PAGES)
def test_nothing_comes_alive_where_all_of_it_meets(browser, tmp_path, page):
    PAGES[page](tmp_path / "page.html", ALL)
    assert live(browser, without_policy(tmp_path / "page.html")) == []


def test_the_test_itself_sees_what_is_alive(browser, tmp_path):
    kinds = ("script", "handler", "style", "frame's own page", "picture", "form")
    for kind in kinds:
        path = tmp_path / "page.html"
        path.write_text(f"<!DOCTYPE html><p>{PAYLOADS[kind].format(bad=BAD)}</p>")
        assert live(browser, path.as_uri()), kind


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_accessible(browser, tmp_path, page, theme):
    for text in (ALL, "Anna"):
        PAGES[page](tmp_path / "page.html", text)
        with Visit(browser, without_policy(tmp_path / "page.html")) as visit:
            visit.page.emulate_media(color_scheme=theme)
            assert visit.axe() == []


@pytest.mark.parametrize("page", PAGES)
def test_pages_fit_a_telephone(browser, tmp_path, page):
    PAGES[page](tmp_path / "page.html", "a_long_word_without_an_end" * 8)
    with Visit(browser, (tmp_path / "page.html").as_uri()) as visit:
        visit.page.set_viewport_size({"width": 390, "height": 800})
        assert visit.overflow() == 0


@pytest.mark.parametrize("text", ["x" * 3_000_000, "<&" * 500_000, ">" * 90_000, "- " * 90_000])
def test_a_page_stays_small_whatever_was_handed_in(tmp_path, text):
    one = Marked(row("").marked.marks, {})
    many = [cell for _ in range(200) for cell in cells(text[:200_000])]
    feedback.write(tmp_path / "x.html", feedback.page("99", "Ana", one, {}, cells(text) + many))
    assert (tmp_path / "x.html").stat().st_size < 1_000_000


@pytest.mark.parametrize(
    ("about", "stock"),
    [
        ({}, True),
        ({"file": "", "reason": ""}, True),
        ({"file": "x", "reason": "the file is empty"}, False),
        ({"file": "x", "reason": "", "outcome": Outcome().to_json()}, False),
    ],
)
def test_a_page_says_where_stock_nbgrader_gave_the_points(about, stock):
    assert feedback.page("99", "Ana", Marked({}, {}), about)["stock"] is stock
