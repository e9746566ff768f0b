"""The built site in Chromium, with the network blocked."""

import pytest
from browser import Visit, find, pages

KB = 1024
LOOKS = [("light", 1280), ("dark", 1280), ("light", 390)]
SLIDERS = ".explore input[type=range]"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lessons(site):
    found = [page for page in pages(site) if page.startswith("notebooks/")]
    assert found
    return found


def test_every_page_is_clean(browser, site, url):
    """Light; nothing asked of another host, no error, nothing that axe finds or that overflows."""
    faults = []
    for page in pages(site):
        with Visit(browser, url + page) as visit:
            faults += [f"{page}: {fault}" for fault in heavy(visit, url + page)]
            visit.unfold()
            visit.thin()
            for look in LOOKS:
                visit.look(*look)
                found = visit.axe()
                if visit.loose_tables():
                    found.append("a table is wider than the window and does not scroll by itself")
                if visit.overflow() > 0:
                    found.append(f"wider than the window by {visit.overflow()} pixels")
                faults += [f"{page}, {look}: {fault}" for fault in found]
            faults += [f"{page}: {fault}" for fault in visit.outside + visit.errors]
    assert not faults, "\n".join(faults)


def heavy(visit, address):
    """What a first visit loads beyond the limits."""
    weights = visit.weights()
    html, total = weights[address] / KB, sum(weights.values()) / KB
    return [f"{html:.0f} KB of HTML"] * (html > 400) + [f"{total:.0f} KB in all"] * (total > 1600)


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_sliders_move_by_keyboard(browser, site, url, lessons, scheme):
    """Each slider changes the picture, its alt text, the read-out and the slider's own text."""
    root = url if scheme == "http" else f"{site.as_uri()}/"
    for lesson in lessons:
        with Visit(browser, root + lesson) as visit:
            sliders = visit.page.locator(SLIDERS)
            assert sliders.count() >= 2, f"{lesson} has fewer than two sliders"
            for i in range(sliders.count()):
                slider = sliders.nth(i)
                before = _state(slider)
                slider.focus()
                at_end = slider.evaluate("e => e.value === e.max")
                visit.page.keyboard.press("ArrowLeft" if at_end else "ArrowRight")
                same = [k for k, v in _state(slider).items() if v == before[k]]
                assert not same, f"{lesson}, slider {i + 1}: {same} did not change"
            assert (visit.outside, visit.errors) == ([], [])


def _state(slider):
    return slider.evaluate(
        """e => { const root = e.closest(".explore"), image = root.querySelector("img");
        return {picture: image.src, alt: image.alt, text: e.getAttribute("aria-valuetext"),
                readout: root.querySelector("output").textContent}; }"""
    )


def test_tab_reaches_the_first_slider(browser, url, lessons):
    for lesson in lessons:
        with Visit(browser, url + lesson) as visit:
            for _ in range(200):
                visit.page.keyboard.press("Tab")
                if visit.page.evaluate(f"() => document.activeElement.matches('{SLIDERS}')"):
                    break
            else:
                pytest.fail(f"{lesson}: Tab does not reach a slider")


def test_quiz_by_keyboard(browser, url, lessons):
    """A wrong answer is explained; the right one shows the explanation of every answer."""
    for lesson in lessons:
        with Visit(browser, url + lesson) as visit:
            forms = visit.page.locator(".quiz-item")
            assert forms.count() >= 3, f"{lesson} has fewer than three questions"
            for i in range(forms.count()):
                form = forms.nth(i)
                right = form.evaluate(
                    "f => [...f.querySelectorAll('.quiz-why')].map(p => 'correct' in p.dataset)"
                )
                _answer(visit.page, form, [not r for r in right])
                wrong = form.locator(".quiz-verdict").inner_text()
                assert wrong in {
                    "Not yet.",
                    "Not this number. Work it out on paper, then try again.",
                }
                _answer(visit.page, form, right)
                assert form.locator(".quiz-verdict").inner_text() == "Right."
                shown = form.locator(".quiz-why:visible").all_inner_texts()
                assert len(shown) == len(right)
                assert all(len(text) > 15 for text in shown)


def _answer(page, form, wanted):
    """Answer a question with the keys alone: tick the `wanted` answers, or type the number."""
    inputs = form.locator("input")
    kind = inputs.first.get_attribute("type")
    if kind == "number":
        why = form.locator(".quiz-why")
        values = [why.nth(i).get_attribute("data-value") for i in range(len(wanted))]
        given = [v for v, want in zip(values, wanted, strict=True) if want] or ["-98765"]
        inputs.first.focus()
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type(given[0])
        page.keyboard.press("Enter")
        return
    for i, want in enumerate(wanted):
        if kind == "checkbox":
            inputs.nth(i).focus()
            if inputs.nth(i).is_checked() != want:
                page.keyboard.press("Space")
    if kind == "radio":
        at = 0
        inputs.first.focus()
        page.keyboard.press("Space")
        while not wanted[at]:
            page.keyboard.press("ArrowDown")
            at += 1
        assert inputs.nth(at).is_checked()
    form.locator("button").focus()
    page.keyboard.press("Enter")


@pytest.mark.alone
def test_a_first_visit_is_light_and_fast(browser, url, lessons, capsys):
    for lesson in lessons:
        with Visit(browser, url + lesson) as visit:
            weights = visit.weights()
            assert heavy(visit, url + lesson) == []
        html, total = weights[url + lesson] / KB, sum(weights.values()) / KB
        seconds = min(_usable(browser, url + lesson) for _ in range(3))
        with capsys.disabled():
            print(
                f"\n{lesson}: {html:.0f} KB of HTML and {total:.0f} KB in all, gzip; "
                f"first slider usable after {seconds:.2f} s (best of 3)"
            )
        assert seconds <= 1.5


# Runs before the page does: when the first slider's script has run, it moves that slider.
WATCH = """new MutationObserver((_, observer) => {
  const slider = document.querySelector(".explore input[aria-valuetext]");
  if (!slider) return;
  observer.disconnect();
  const image = slider.closest(".explore").querySelector("img"), before = image.src;
  slider.value = +slider.value + (slider.value === slider.max ? -1 : 1);
  slider.dispatchEvent(new Event("input"));
  if (image.src !== before) window.usableAfter = performance.now() / 1000;
}).observe(document, {subtree: true, childList: true, attributeFilter: ["aria-valuetext"]});"""


def _usable(browser, address):
    """Seconds from the start of the navigation until moving the first slider moves its picture."""
    page = browser.new_page()
    page.add_init_script(WATCH)
    page.goto(address)
    seconds = page.evaluate("() => window.usableAfter")
    page.close()
    return seconds


def test_missing_chromium_is_one_sentence():
    with pytest.raises(pytest.fail.Exception, match="need Chromium, and none was found"):
        find("/no/such/browser", names=())
