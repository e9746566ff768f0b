"""explore(draw, ...): one call, two renderings.

With a kernel (JupyterLab, Colab): ipywidgets sliders that call draw() live.
In the book build (BOOK_BUILD=1): every position is drawn once, and native range inputs show the
pictures, with no kernel, no network and no library.
"""

import hashlib
import html
import itertools
import json
import os
import time
import urllib.parse

import matplotlib.pyplot as plt

from chainrule import plots

SLOW = 0.5  # seconds: a slower drawing is redone when the slider is let go, not while it moves

JS = """(() => {
const root = document.getElementById("%s"), inputs = [...root.querySelectorAll("input")],
  image = root.querySelector("img"), readout = root.querySelector("output"),
  data = JSON.parse(root.querySelector("script").textContent);
const show = () => {
  let k = 0;
  inputs.forEach((input, i) => {
    const texts = data.texts[i], text = texts[+input.value];
    k = k * texts.length + +input.value;
    input.setAttribute("aria-valuetext", text);
    input.nextElementSibling.textContent = text;
  });
  const frame = data.svg ? encodeURIComponent(data.frames[k]) : data.frames[k];
  image.src = data.prefix + frame;
  image.alt = data.alt + ": " + data.readouts[k];
  readout.textContent = data.readouts[k];
};
inputs.forEach(input => input.addEventListener("input", show));
show(); })();"""


def explore(draw, *, alt, readout, start, fmt="svg", **values):
    """Show `draw(**values)` under one slider per keyword.

    draw      draws on the current pyplot figure and returns nothing
    alt       one sentence: what the picture shows, whatever the sliders say
    readout   function of the same keywords; returns the numbers that matter, as one line
    start     {name: value}: where the sliders stand at first, a telling position
    fmt       "svg" for light figures (lines, bars), "webp" for dense ones (heat maps, contours)
    values    name=list of the slider's positions
    """
    plots.need_alt("explore", alt)
    values = {name: list(v) for name, v in values.items()}
    for name, options in values.items():
        if start.get(name) not in options:
            raise ValueError(f"explore: start[{name!r}] must be one of {options}")
    if os.environ.get("BOOK_BUILD"):
        return Frames(draw, alt, readout, start, fmt, values)
    return _live(draw, alt, readout, start, values)


def _text(value):
    return f"{value:g}" if isinstance(value, float) else str(value)


def _label(name):
    return name.replace("_", " ")


class Frames:
    """Every position of the sliders drawn once: HTML for the site, a PNG for print."""

    def __init__(self, draw, alt, readout, start, fmt, values):
        combos = [
            dict(zip(values, combo, strict=True)) for combo in itertools.product(*values.values())
        ]
        frames = [plots.frame(lambda combo=combo: draw(**combo), fmt) for combo in combos]
        readouts = [readout(**combo) for combo in combos]
        at = combos.index({name: start[name] for name in values})
        prefix = "data:image/svg+xml," if fmt == "svg" else "data:image/webp;base64,"
        first = prefix + (urllib.parse.quote(frames[at]) if fmt == "svg" else frames[at])
        data = {
            "texts": [[_text(v) for v in options] for options in values.values()],
            "readouts": readouts,
            "frames": frames,
            "svg": fmt == "svg",
            "prefix": prefix,
            "alt": alt,
        }
        self.alt = f"{alt}: {readouts[at]}"
        self.png = plots.frame(lambda: draw(**combos[at]), "png")
        self.html = self._html(data, first, start, values, readouts[at])

    def _html(self, data, first, start, values, readout):
        blob = json.dumps(data).replace("</", r"<\/")
        # An id made from the content is the same in every build.
        uid = "explore-" + hashlib.sha256(blob.encode()).hexdigest()[:8]
        rows = "".join(
            f'<div class="explore-row"><label for="{uid}-{i}">{html.escape(_label(name))}</label>'
            f'<input type="range" id="{uid}-{i}" min="0" max="{len(options) - 1}" '
            f'value="{options.index(start[name])}" autocomplete="off" '
            # On the input itself, else JupyterLab takes the arrow keys.
            f'data-lm-suppress-shortcuts="true"><span aria-hidden="true">'
            f"{html.escape(_text(start[name]))}</span></div>"
            for i, (name, options) in enumerate(values.items())
        )
        return (
            f'<div class="explore" id="{uid}">{rows}'
            f'<img class="dark-light" alt="{html.escape(self.alt)}" src="{first}">'
            f'<output aria-live="polite">{html.escape(readout)}</output>'
            f'<script type="application/json">{blob}</script><script>{JS % uid}</script></div>'
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html, "image/png": self.png, "text/plain": self.alt}


def _live(draw, alt, readout, start, values):
    """ipywidgets 7 (Colab) and 8 both have what is used here."""
    import ipywidgets as widgets

    sliders = {
        name: widgets.SelectionSlider(
            options=[(_text(v), v) for v in options],
            value=start[name],
            description=_label(name),
            style={"description_width": "initial"},
        )
        for name, options in values.items()
    }
    picture, line = widgets.HTML(), widgets.HTML()

    def show(_change=None):
        now = {name: slider.value for name, slider in sliders.items()}
        said = html.escape(readout(**now))
        png = plots.frame(lambda: draw(**now), "png")
        picture.value = plots.img(png, f"{alt}: {said}")
        line.value = f"<output aria-live='polite'>{said}</output>"

    began = time.perf_counter()
    show()
    quick = time.perf_counter() - began < SLOW
    for slider in sliders.values():
        slider.continuous_update = quick
        slider.observe(show, names="value")
    plt.close("all")
    return widgets.VBox([*sliders.values(), picture, line])
