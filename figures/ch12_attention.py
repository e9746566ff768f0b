"""The recorded figures of lesson 12: its translator and three rivals, on five seeds each.

    python figures/ch12_attention.py      (about 8 minutes on one core)

writes figures/12_attention.json: shares of sentences without a fault, CPU-seconds of training, and
for the lesson's translator what its attention maps find and what a flattened head costs. The
classes and functions are the lesson's own, taken from its cells; `code` is the hash of all code
that the numbers depend on.
"""

import ast
import hashlib
import json
import os
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
LESSON = ROOT / "notebooks" / "12_attention.ipynb"
RECORD = ROOT / "figures" / "12_attention.json"
CELLS = (
    "imports", "attention", "multihead", "masks", "sinusoidal", "rotary", "block", "vocabulary",
    "translator", "batches", "fit", "translate", "aligned", "intervene", "flatten",
)  # fmt: skip
KEPT = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef)
SEEDS = range(5)
RIVALS = '''
class Turning(MultiHead):
    """MultiHead with rotary positions."""

    def forward(self, x, memory, mask=None):
        q, k, v = (self.split(f(x)) for f in (self.query, self.key, self.value))
        y, weights = attention(rotate(q), rotate(k), v, mask)
        self.weights = weights.detach()
        return self.out(y.transpose(1, 2).flatten(2))


class RotaryTranslator(Translator):
    def __init__(self, sources, targets, d=96, heads=4):
        super().__init__(sources, targets, d, heads)
        self.places.zero_()
        for block in [*self.encoder, *self.decoder]:
            block.attend = Turning(d, heads)


class Recurrent(nn.Module):
    """One GRU reads, one writes; between them one vector, or attention to all states."""

    def __init__(self, sources, targets, d, look):
        super().__init__()
        self.look = look
        self.source, self.target = nn.Embedding(sources, d), nn.Embedding(targets, d)
        self.reader, self.writer = (nn.GRU(d, d, batch_first=True) for _ in range(2))
        self.query, self.out = nn.Linear(d, d), nn.Linear(2 * d if look else d, targets)

    def forward(self, source, target):
        states, _ = self.reader(self.source(source))
        real = source != PAD
        last = states[torch.arange(len(source)), real.sum(1) - 1]
        written, _ = self.writer(self.target(target), last[None].contiguous())
        if not self.look:
            return self.out(written)
        found, _ = attention(self.query(written), states, states, real[:, None])
        return self.out(torch.cat([written, found], -1))
'''


def definitions():
    """The lesson's imports, classes and functions, as one text."""
    cells = {c.id: c.source for c in nbformat.read(LESSON, as_version=4).cells}
    nodes = [n for cell in CELLS for n in ast.parse(cells[cell]).body if isinstance(n, KEPT)]
    return "\n".join(ast.unparse(node) for node in nodes)


def code_hash():
    """Hash of this script, the grammar and the lesson's definitions."""
    texts = [Path(__file__).read_text("utf-8"), definitions()]
    texts.append((ROOT / "src" / "chainrule" / "grammar.py").read_text("utf-8"))
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def main():
    os.environ.update(OMP_NUM_THREADS="1", OMP_WAIT_POLICY="PASSIVE", TQDM_DISABLE="1", FAST="")
    space = {"PAD": 0, "BOS": 1, "EOS": 2}
    exec(definitions() + RIVALS, space)
    torch, grammar = space["torch"], space["grammar"]
    torch.set_num_threads(1)
    pairs = grammar.pairs(13_000)
    space["train"], held_out = pairs[:12_000], pairs[12_000:]
    for name in ("english", "spanish"):
        space[name] = space["Vocabulary"](getattr(p, name) for p in space["train"])
    sizes = len(space["english"].words), len(space["spanish"].words)
    tests = {
        "held out": held_out,
        "new pairs": grammar.unseen_pairs(500, seed=1),
        "longer": grammar.longer(500, seed=1),
        "third object": grammar.third_object(500, seed=1),
    }
    models = {  # how it is built, and how it is trained
        "transformer": (lambda: space["Translator"](*sizes), {}),
        "rotary": (lambda: space["RotaryTranslator"](*sizes), {}),
        "one vector": (lambda: space["Recurrent"](*sizes, 192, False), {"steps": 800, "lr": 6e-3}),
        "GRU, attention": (
            lambda: space["Recurrent"](*sizes, 128, True),
            {"steps": 800, "lr": 6e-3},
        ),
    }
    record = {"code": code_hash(), "seeds": list(SEEDS), "models": {}}
    for name, (build, options) in models.items():
        runs = [run(space, build, options, tests, seed) for seed in SEEDS]
        record["models"][name] = {key: [r[key] for r in runs] for key in runs[0]}
        print(name, {k: v for k, v in record["models"][name].items() if k != "by length"})
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def run(space, build, options, tests, seed):
    """Train one model; return its figures."""
    space["torch"].manual_seed(seed)
    model, began = build(), time.process_time()
    space["fit"](model, **options)
    figures = {"seconds": round(time.process_time() - began, 1)}
    figures["weights"] = sum(p.numel() for p in model.parameters())
    model.eval()
    exact = space["exact"]
    figures |= {name: round(exact(model, some), 4) for name, some in tests.items()}
    lengths = {}
    for pair in tests["held out"]:
        lengths.setdefault(len(pair.english.split()), []).append(pair)
    figures["by length"] = {n: round(exact(model, lengths[n]), 3) for n in sorted(lengths)}
    if type(model).__name__ == "Translator":
        figures |= maps(space, model, tests["held out"], figures["held out"])
    return figures


def maps(space, model, held_out, before):
    """What the lesson's last part says of the trained translator, as numbers."""
    space["model"] = model
    exact, flattened = space["exact"], space["flattened"]
    flat = [
        [exact(flattened(model, layer, head), held_out) for head in range(4)] for layer in range(2)
    ]
    said = space["translate"](model, [pair.english for pair in held_out])
    faults = [(p.spanish, a) for p, a in zip(held_out, said, strict=True) if a != p.spanish]
    cases = [(noun, text) for noun in ("book", "house") for text in ("el libro", "la casa")]
    return {
        "faults": len(faults),
        "faults de el": sum(a.replace("de el", "del") == right for right, a in faults),
        "aligned": rounded(space["aligned"](model, held_out[:300])),  # last: mean of heads
        "lost when flat": rounded([[before - x for x in row] for row in flat]),
        "endings": rounded([space["ending"](*case) for case in cases]),  # rojo, roja, on red
        "deviation of scores": rounded([deviations(space, model, held_out[:200])])[0],
        **telling_heads(space, model),
    }


def telling_heads(space, model):
    """How many heads show, on the lesson's sentence, what the lesson says of their maps.

    articles  cross-attention: `la` looks most at girl, and `el` at book
    gender    the decoder's own attention: `rojo` gives over half to `el` or to `libro`
    """
    target = space["spanish"].encode(["la niña ve el libro rojo ."])
    model(space["english"].encode(["the girl sees the red book ."]), target[:, :-1])
    cross = [w for b in model.decoder for w in b.cross.weights[0]]  # rows la, niña, ve, ...
    own = [w for b in model.decoder for w in b.attend.weights[0]]
    return {
        "articles": sum(bool(w[0].argmax() == 2 and w[3].argmax() == 6) for w in cross),
        "gender": sum(bool(w[5, 4:6].max() > 0.5) for w in own),
    }


def deviations(space, model, pairs):
    """Standard deviation of the scores of each attention, in the order of computation."""
    found, attention = [], space["attention"]

    def measured(q, k, v, mask=None):
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        found.append(scores[mask.expand_as(scores)].std())
        return attention(q, k, v, mask)

    space["attention"] = measured
    space["exact"](model, pairs)
    space["attention"] = attention
    return found


def rounded(rows):
    return [[round(float(x), 3) for x in row] for row in rows]


if __name__ == "__main__":
    main()
