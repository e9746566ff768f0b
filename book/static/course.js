// Repairs of the theme's names and roles, each found by axe-core.
const each = (selector, repair) => document.querySelectorAll(selector).forEach(repair);

document.addEventListener("DOMContentLoaded", () => {
  each("summary[aria-label='Toggle hidden content']", e => e.removeAttribute("aria-label"));
  each(".theme-switch-button i[title]", e => {
    e.removeAttribute("title");
    e.setAttribute("aria-hidden", "true");
  });
  each(".toctree-toggle", e => {
    const page = e.closest("li").querySelector("a");
    e.closest("summary").setAttribute("aria-label", `Pages below ${page.textContent.trim()}`);
  });
  each(".citation-list, .citation[role]", e => e.removeAttribute("role"));
  each(".sidebar-primary-items__start", e => {
    e.setAttribute("role", "region");
    e.setAttribute("aria-label", "Book");
  });
});

// A formula that is wider than its place scrolls, so the Tab key must reach it.
const scrolls = new ResizeObserver(entries => entries.forEach(({ target }) => {
  target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
}));
addEventListener("load", () => window.MathJax?.startup.promise.then(
  () => each("mjx-container[display]", formula => scrolls.observe(formula))));

// Paper shows what is folded, and sliders where they stood at first.
const once = { folded: [], moved: [] };
addEventListener("beforeprint", () => {
  once.folded = [...document.querySelectorAll("details:not([open])")];
  once.folded.forEach(e => { e.open = true; });
  once.moved = [...document.querySelectorAll(".explore input")].map(e => [e, e.value]);
  once.moved.forEach(([e]) => put(e, e.defaultValue));
});
addEventListener("afterprint", () => {
  once.folded.forEach(e => { e.open = false; });
  once.moved.forEach(([e, value]) => put(e, value));
});
function put(slider, value) {
  if (slider.value === value) return;
  slider.value = value;
  slider.dispatchEvent(new Event("input"));
}
