// Progress, kept in this browser alone: {slug: {done: true, right: [question ids], of: questions}}.
// Where nothing can be stored, nothing is shown; nothing on the page needs it.
(() => {
  const KEY = "chainrule-progress";
  const slugOf = address => address?.match(/notebooks\/(\w+)\.html/)?.[1];
  const here = slugOf(location.pathname);

  // What is stored may be of an older version or of another hand: what does not fit is left out.
  const read = () => {
    const clean = {};
    let stored;
    try { stored = JSON.parse(localStorage.getItem(KEY)); } catch { stored = null; }
    for (const [slug, told] of Object.entries(stored ?? {})) {
      const right = Array.isArray(told?.right) ? told.right.filter(id => typeof id === "string") : [];
      clean[slug] = { done: told?.done === true, right, of: Number(told?.of) || 0 };
    }
    return clean;
  };
  const change = (slug, edit) => {
    const all = read();
    edit(all[slug] ??= { done: false, right: [], of: 0 });
    try { localStorage.setItem(KEY, JSON.stringify(all)); } catch { return; }
    show();
  };
  const canStore = () => {
    try {
      localStorage.setItem(`${KEY}-test`, "1");
      localStorage.removeItem(`${KEY}-test`);
      return true;
    } catch { return false; }
  };
  const questions = told => told.of ? `${told.right.length} of ${told.of} quiz questions right` : "";
  const forms = () => [...document.querySelectorAll(".quiz-item")];

  const panel = () => {
    const made = document.createElement("section");
    made.className = "progress-panel";
    made.setAttribute("aria-label", "Your progress");
    made.innerHTML = `<button type="button" class="cr-button"></button><p role="status"></p>
      <p>Kept in this browser only; nothing is sent.</p>`;
    return made;
  };

  // The end of a lesson: the reader marks it as done.
  const lesson = () => {
    const made = panel(), button = made.querySelector("button");
    button.textContent = "I have done this chapter";
    button.addEventListener("click", () => change(here, told => { told.done = !told.done; }));
    document.querySelector(".run-report").before(made);
    forms().forEach(form => new MutationObserver(() => {
      if (form.dataset.state === "right") change(here, told => {
        if (!told.right.includes(form.id)) told.right.push(form.id);
        told.of = forms().length;
      });
    }).observe(form, { attributeFilter: ["data-state"] }));
  };

  // The pages that show all chapters: the reader sees what is done, and can have it forgotten.
  const overview = after => {
    const made = panel(), button = made.querySelector("button");
    button.textContent = "Forget my progress";
    button.addEventListener("click", () => { localStorage.removeItem(KEY); show(); });
    after.after(made);
  };

  const mark = link => {
    const svg = link instanceof SVGElement, made = svg
      ? document.createElementNS("http://www.w3.org/2000/svg", "tspan")
      : document.createElement("span");
    made.classList.add("done-mark");
    made.textContent = " ✓";
    (svg ? [...link.querySelectorAll("text")].at(-1) : link).append(made);
  };

  const show = () => {
    const all = read(), of = slug => all[slug] ?? { done: false, right: [], of: 0 };
    document.querySelectorAll(".done-mark, .card-progress").forEach(e => e.remove());
    document.querySelectorAll(":is(.bd-links, .chapter-card h4, .map-paths, .map-scroll) a").forEach(link => {
      const slug = link.classList.contains("current") && here ? here : slugOf(link.getAttribute("href"));
      if (slug && of(slug).done) mark(link);
    });
    document.querySelectorAll(".chapter-card").forEach(card => {
      const text = questions(of(slugOf(card.querySelector("h4 a").getAttribute("href"))));
      if (!text) return;
      const line = document.createElement("p");
      line.className = "card-progress";
      line.textContent = text;
      card.append(line);
    });
    const said = document.querySelector(".progress-panel [role=status]");
    if (!said) return;
    const done = Object.values(all).filter(told => told.done).length;
    said.textContent = here ? questions(of(here)) : `${done} ${done === 1 ? "chapter" : "chapters"} done`;
    if (here) said.previousElementSibling.setAttribute("aria-pressed", of(here).done);
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (!canStore()) return;
    const chapters = [...document.querySelectorAll(".chapters, .map-paths")].at(-1);
    if (here && document.querySelector(".run-report")) lesson();
    else if (chapters) overview(chapters);
    show();
    addEventListener("storage", show); // another tab
  });
})();
