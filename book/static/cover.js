// The cover's graph: w moves by hand or down its slope, and every number follows.
document.addEventListener("DOMContentLoaded", () => {
  const graph = document.querySelector(".cover-graph");
  if (!graph) return;
  const drawn = name => +graph.querySelector(`[data-n=${name}]`).textContent.replace("−", "-");
  const [x, b, y] = ["x", "b", "y"].map(drawn), rate = 0.1;
  let w = drawn("w");
  const controls = document.createElement("div");
  controls.className = "cover-controls";
  controls.innerHTML = `<label for="cover-w">weight w</label>
    <input type="range" id="cover-w" min="-1" max="4" step="0.1" autocomplete="off">
    <button type="button">One step down the slope</button><output aria-live="polite"></output>`;
  const [slider, button, said] = ["input", "button", "output"].map(e => controls.querySelector(e));
  const text = n => String(Math.round(n * 1000) / 1000 + 0).replace("-", "−");
  const show = () => {
    const p = w * x, z = p + b, e = z - y, n = { w, p, z, e, loss: e * e, de: 2 * e, dw: 2 * e * x };
    graph.querySelectorAll("[data-n]").forEach(t => {
      if (t.dataset.n in n) t.textContent = text(n[t.dataset.n]);
    });
    slider.value = w;
    slider.setAttribute("aria-valuetext", text(w));
    said.textContent = `loss ${text(n.loss)}, slope at w ${text(n.dw)}`;
  };
  slider.addEventListener("input", () => { w = +slider.value; show(); });
  button.addEventListener("click", () => { w -= rate * 2 * (w * x + b - y) * x; show(); });
  graph.after(controls);
  show();
});
