"""The learning paths and the concept map as pictures with links, and as lists for those who
would rather read. The data is maps.yml; a lesson is a link once its notebook exists.

`python book/drawings/maps.py` writes book/static/figures/learning_paths.html and concept_map.html,
which the pages of these names include. Colours come from the page, so both themes fit.
"""

from html import escape
from pathlib import Path

import yaml
from svg import FIGURES, Drawing

HERE = Path(__file__).resolve().parent
DATA = yaml.safe_load((HERE / "maps.yml").read_text("utf-8"))
SLUGS = {p.stem[:2]: p.stem for p in sorted((HERE.parents[1] / "notebooks").glob("[0-9]*.ipynb"))}
TOC = yaml.safe_load((HERE.parents[1] / "_toc.yml").read_text("utf-8"))["parts"]
LISTED = [[c["file"][10:12] for c in p["chapters"] if "notebooks/" in c["file"]] for p in TOC]
PART = {key: n for n, keys in enumerate(filter(None, LISTED), 1) for key in keys}
STEP = 42  # from one station of a path to the next
BOX_WIDTH, BOX_HEIGHT, ROW = 205, 44, 54  # of the concept map


def href(key):
    """The address of a lesson's page, seen from a page of book/; None while it is planned."""
    return f"../notebooks/{SLUGS[key]}.html" if key in SLUGS else None


def kind(key):
    """Lesson 4 or project 4, and whether it is still planned."""
    name = f"project {key[1:]}" if key[0] == "P" else f"lesson {int(key)}"
    return name if href(key) else f"{name}, planned"


def item(key, name):
    """A line of a list: the name, a link if there is a page, and what it belongs to."""
    shown = f'<a href="{href(key)}">{escape(name)}</a>' if href(key) else escape(name)
    return f"{shown} ({kind(key)})"


def listing(tag, items):
    return f"<{tag}>\n" + "".join(f"<li>{each}</li>\n" for each in items) + f"</{tag}>\n"


class Map(Drawing):
    """A drawing without a card, in the colours of the page, whose places can be links."""

    def label(self, x, y, text, *, size=14, anchor="start", weight="normal", color="currentColor"):
        """Write text centred on height y."""
        self.add(
            "text", text, x=x, y=round(y + 0.35 * size, 1), font_size=size, text_anchor=anchor,
            font_weight=weight, fill=color,
        )  # fmt: skip

    def start(self, key, x, y, width, height):
        """Open a place: a link with an area for the finger and the focus, or a plain group."""
        link = f'<a href="{href(key)}" class="part-{PART.get(key, 1)}">'
        self.shapes.append(link if href(key) else "<g>")
        if href(key):
            self.add("rect", class_="map-area", x=x, y=y, width=width, height=height, rx=6)

    def end(self, key):
        self.shapes.append("</a>" if href(key) else "</g>")

    def svg(self, name, told):
        """The element; `told` is its description in words."""
        width, height = self.size
        body = "\n".join(self.shapes)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="group" '
            f'aria-labelledby="{name}-title {name}-told" font-family="sans-serif">\n'
            f'<title id="{name}-title">{escape(self.title)}</title>\n'
            f'<desc id="{name}-told">{escape(told)}</desc>\n{body}\n</svg>\n'
        )


def learning_path(name, keys):
    """One path from top to bottom: circles are lessons, squares projects, dashed ones planned."""
    page = Map(270, 34 + STEP * len(keys), f"{name}: {len(keys)} stations")
    page.label(4, 14, name, size=17, weight="bold")
    for i, key in enumerate(keys):
        y = 52 + STEP * i
        page.start(key, 1, y - 20, 268, 40)
        if i + 1 < len(keys):
            page.add("path", d=f"M22 {y + 16}V{y + 26}", stroke="currentColor", stroke_width=2)
        station(page, key, y)
        page.label(48, y, DATA["titles"][key], weight="bold" if href(key) else "normal")
        page.end(key)
    slug = name.lower().replace(" ", "-")
    titles = [DATA["titles"][key] for key in keys]
    told = f"{len(keys)} stations from {titles[0]} to {titles[-1]}; the list below has them all."
    steps = listing("ol", (item(key, title) for key, title in zip(keys, titles, strict=True)))
    return (
        f'<div class="map-path">\n{page.svg(slug, told)}'
        f"<details><summary>{name}, as a list</summary>\n{steps}</details>\n</div>\n"
    )


def station(page, key, y):
    """The mark of a station with its number: full if there is a page, dashed while planned."""
    look = {"fill": "currentColor"} if href(key) else {"fill": "none", "stroke_dasharray": "4 3"}
    look |= {"stroke": "currentColor", "stroke_width": 1.5}
    if key[0] == "P":
        page.add("rect", x=6, y=y - 15, width=32, height=30, **look)
    else:
        page.add("circle", cx=22, cy=y, r=16, **look)
    color = "var(--cr-paper)" if href(key) else "currentColor"
    page.label(22, y, key.lstrip("0"), size=13, anchor="middle", weight="bold", color=color)


def learning_paths():
    paths = "".join(learning_path(*path) for path in DATA["paths"].items())
    return f'<div class="map-paths">\n{paths}</div>\n'


def box(page, key, name, x, y, width=BOX_WIDTH):
    """A place of the concept map, and the lesson that it belongs to."""
    page.start(key, x, y, width, BOX_HEIGHT)
    dashes = {} if href(key) else {"stroke_dasharray": "4 3"}
    page.add(
        "rect", x=x, y=y, width=width, height=BOX_HEIGHT, rx=6, fill="none",
        stroke="currentColor", stroke_width=2 if href(key) else 1, **dashes,
    )  # fmt: skip
    page.label(x + width / 2, y + 15, name, anchor="middle", weight="bold")
    page.label(x + width / 2, y + 32, kind(key), size=13, anchor="middle")
    page.end(key)


def strip(page, name, y):
    """A heading and its lessons, four in a row; the height below them."""
    page.label(5, y + 12, name, size=16, weight="bold")
    keys = DATA["strips"][name]
    for i, key in enumerate(keys):
        box(page, key, DATA["titles"][key], 5 + 215 * (i % 4), y + 28 + ROW * (i // 4))
    return y + 28 + ROW * -(-len(keys) // 4)


def joined(page, places):
    """Curves from each family to its blocks on the left and its bias on the right."""
    for family, parts in DATA["families"].items():
        x, y = places[family]
        ends = [(places[block], (x, y)) for block in parts["of"]]
        for (x1, y1), (x2, y2) in [*ends, ((x, y), places[parts["bias"]])]:
            x1 += BOX_WIDTH + 20
            page.add(
                "path", d=f"M{x1} {y1}C{x1 + 45} {y1} {x2 - 45} {y2} {x2} {y2}", fill="none",
                stroke="currentColor", stroke_width=1.5, opacity=0.55,
            )  # fmt: skip


def concept_map():
    """Blocks, families and biases in three columns, between two strips of lessons."""
    page = Map(865, 0, "Concept map: building blocks, families, inductive biases")
    first, second = DATA["strips"]
    top = strip(page, first, 4) + 20
    rows, places = max(map(len, DATA["columns"].values())), {}
    for i, (name, nodes) in enumerate(DATA["columns"].items()):
        x = 5 + 315 * i
        page.label(x, top, name, size=16, weight="bold")
        for k, node in enumerate(nodes):
            places[node] = x, round(top + 40 + k * ROW * (rows - 1) / (len(nodes) - 1))
    joined(page, places)
    for nodes in DATA["columns"].values():
        for node, key in nodes.items():
            x, y = places[node]
            box(page, key, node, x, y - BOX_HEIGHT / 2, BOX_WIDTH + 20)
    page.size = (865, strip(page, second, top + 84 + ROW * (rows - 1)))
    told = "Lines join each family to its blocks and to its bias; the list below says the same."
    return (
        '<div class="map-scroll" tabindex="0" role="region" aria-label="Concept map">\n'
        f"{page.svg('concepts', told)}</div>\n"
        f"<details><summary>The concept map, as a list</summary>\n{words()}</details>\n"
    )


def words():
    """The concept map as lists, with the same links."""
    parts = []
    for name, nodes in DATA["columns"].items():
        lines = (item(key, node) + made_of(node) for node, key in nodes.items())
        parts.append(f"<p>{name}</p>\n" + listing("ul", lines))
    for name, keys in DATA["strips"].items():
        lines = (item(key, DATA["titles"][key]) for key in keys)
        parts.append(f"<p>{name}</p>\n" + listing("ul", lines))
    return "".join(parts)


def made_of(node):
    """What a family is joined to, in words; nothing for other places."""
    if node not in DATA["families"]:
        return ""
    parts = DATA["families"][node]
    of = f": {', '.join(parts['of']).lower()}" if parts["of"] else ": any of the families above"
    return escape(f"{of}. Bias: {parts['bias'][0].lower()}{parts['bias'][1:]}")


def figures():
    """{file name: text} of all that this script makes."""
    return {"learning_paths.html": learning_paths(), "concept_map.html": concept_map()}


if __name__ == "__main__":
    for name, text in figures().items():
        (FIGURES / name).write_text(text, encoding="utf-8")
