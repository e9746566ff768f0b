"""The rules of prose (plain short sentences) as pure functions of Markdown text."""

import re

MEAN_WORDS, LONG_WORDS, LONG_SHARE = 18, 40, 0.02
REPEATED_WORDS = 12
FORBIDDEN = re.compile(
    r"\b(simply|just|obviously|trivially|of course|needless to say|as everyone knows|(?-i:Can you)|"
    r"amazing|awesome|game.chang\w+|revolutionary|cutting.edge|magical\w*)\b",
    re.IGNORECASE,
)
# What JupyterLab and Colab would show raw: {role}`text`, ```{directive}, :::, (label)=, +++.
MYST = re.compile(
    r"(?<!`)\{[\w:-]+\}`[^`\s]|^\s*(```+|~~~+|:::+)\s*\{|^:::|^\([\w-]+\)=\s*$|^\+\+\+",
    re.MULTILINE,
)
CODE_BLOCK = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
TARGET = r"\(((?:[^()\s]|\([^()\s]*\))+)[^)]*\)"  # a DOI may hold a pair of parentheses
IMAGE = re.compile(r"!\[([^\]]*)\]" + TARGET)
LINK = re.compile(r"(?<!!)\[([^\]]*)\]" + TARGET)
REPLACED = [
    (CODE_BLOCK, "\n\n"),
    (re.compile(r"\$\$.*?\$\$", re.DOTALL), " Formula "),
    (re.compile(r"\$[^$\n]+\$"), "Formula"),
    (re.compile(r"`[^`\n]+`"), "Code"),
    (IMAGE, ""),
    (LINK, r"\1"),
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
    (re.compile(r"</?(summary|details|p|li|br)[^>]*>"), "\n\n"),
    (re.compile(r"<[^>\n]+>"), ""),
    (re.compile(r"^\s*(\|.*|#.*|[-=]{3,}\s*)$", re.MULTILINE), "\n"),
    (re.compile(r"^\s*(>|[-*+]|\d+[.)])\s+", re.MULTILINE), "\n\n"),
    (re.compile(r"\s·\s"), "\n\n"),
    (re.compile(r"[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}"), ""),
]
# A full stop after these ends no sentence.
SHORT = re.compile(r"\b(e\.g|i\.e|cf|vs|Fig|Eq|et al|approx)\.", re.IGNORECASE)
END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]*[A-Z0-9])|\n\s*\n")


def sentences(markdown):
    """Return the sentences of Markdown's running text: no tables, headings or code blocks."""
    for pattern, text in REPLACED:
        markdown = pattern.sub(text, markdown)
    markdown = SHORT.sub(r"\1", markdown)
    return [" ".join(s.split()) for s in END.split(markdown) if words(s)]


def words(text):
    """The words of a text; a number, formula or piece of code counts as one."""
    return re.findall(r"[^\W_][\w'’.-]*", text)


def length_problems(markdown):
    """Sentences are short: 18 words in the mean, at most 2 in 100 above 40."""
    counts = [len(words(s)) for s in sentences(markdown)]
    if not counts:
        return
    mean = sum(counts) / len(counts)
    if mean > MEAN_WORDS:
        yield f"sentences have {mean:.1f} words in the mean; the bar is {MEAN_WORDS}"
    over = [s for s in sentences(markdown) if len(words(s)) > LONG_WORDS]
    if len(over) > LONG_SHARE * len(counts):
        yield f"{len(over)} of {len(counts)} sentences are over {LONG_WORDS} words: {over[0]!r:.90}"


def word_problems(markdown):
    """Words that belittle the reader or praise the text are out, code and tables included."""
    text = CODE_BLOCK.sub("", markdown)
    for match in FORBIDDEN.finditer(text):
        around = " ".join(text[max(0, match.start() - 30) : match.end() + 30].split())
        yield f"{match[0]!r} is not used in this book: {around!r}"


def myst_problems(markdown):
    """Notebooks hold plain Markdown: JupyterLab and Colab show MyST raw."""
    for match in MYST.finditer(markdown):
        yield f"MyST syntax {match[0].strip()!r}: JupyterLab and Colab show it raw"


def repeated(texts):
    """Yield each sentence of 12 words or more that stands twice in {where: Markdown}."""
    seen = {}
    for where, markdown in texts.items():
        for sentence in sentences(markdown):
            key = tuple(w.lower() for w in words(sentence))
            if len(key) < REPEATED_WORDS:
                continue
            if key in seen:
                yield f"{where}: this sentence stands in {seen[key]} too: {sentence!r:.90}"
            seen.setdefault(key, where)
