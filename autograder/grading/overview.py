"""The instructor's page of a round: one HTML file, without scripts and without a network."""

import re
import statistics
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader

from autograder.grading.feedback import number

TEMPLATES = Path(__file__).parent / "templates"
BINS = 10


def write(path, rows, slug, blank):
    pages = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    pages.filters |= {"number": number, "path": quote}
    html = pages.get_template("overview/index.html.j2").render(summary(rows, slug, blank))
    path.write_text(html, encoding="utf-8")


def summary(rows, slug, blank):
    """Return what the page shows of the Rows of a round."""
    flagged = [(row.student, why) for row in rows if (why := [*row.flags, *row.outcome.flags])]
    caps = Counter(cap for row in rows for cap in row.outcome.caps)
    seconds = sorted((row.outcome.seconds, row.student) for row in rows)
    ran = [second for second, _ in seconds if second]
    return {
        "slug": slug,
        "rows": rows,
        "of": blank.sum("points"),
        "waiting": sum(row.marked.pending > 0 for row in rows),
        "noted": [row for row in rows if row.reason],
        "unsafe": any(row.outcome.unsafe for row in rows),
        "bins": bins(rows),
        "parts": [part(name, rows, mark) for name, mark in blank.marks.items()],
        "mistakes": mistakes(rows),
        "flagged": flagged,
        "caps": sorted((*cap, count) for cap, count in caps.items()),
        "median": statistics.median(ran) if ran else None,
        "slowest": [(name, second) for second, name in reversed(seconds[-5:]) if second],
    }


def bins(rows):
    """Return [(range of percent, number of submissions, its share)] of the totals."""
    shares = [row.total / row.of if row.of else 0 for row in rows]
    counts = Counter(min(int(BINS * share), BINS - 1) for share in shares)
    step = 100 // BINS
    most = max(counts.values(), default=1)
    return [
        (f"{step * i} to {step * (i + 1)} %", counts[i], 100 * counts[i] / most)
        for i in range(BINS)
    ]


def part(name, rows, mark):
    """How the class did in one graded part."""
    marks = [row.marked.marks[name] for row in rows if name in row.marked.marks]
    read = [each for each in marks if not each.pending]
    points = sum(each.score for each in read)
    return {
        "name": name,
        "by_hand": not mark.automatic,
        "of": mark.points,
        "full": sum(each.score >= each.points for each in read),
        "some": sum(0 < each.score < each.points for each in read),
        "none": sum(each.score <= 0 for each in read),
        "pending": len(marks) - len(read),
        "unwritten": sum(
            is_unwritten(v) for r in rows for v in r.outcome.verdicts if v.grade_id == name
        ),
        "percent": 100 * points / (mark.points * len(read)) if read and mark.points else 0,
    }


def mistakes(rows, most=15):
    """Return [(part, what went wrong, how many submissions, some of them)], the commonest first."""
    who = defaultdict(list)
    for row in rows:
        for verdict in row.outcome.verdicts:
            if verdict.points < verdict.of and not is_unwritten(verdict):
                who[verdict.grade_id, cause(verdict)].append(row.student)
    ranked = sorted(who.items(), key=lambda item: (-len(item[1]), item[0]))[:most]
    return [(name, text, len(names), names[:5]) for (name, text), names in ranked]


def is_unwritten(verdict):
    """True where the answer was left as it was handed out."""
    first = verdict.message.partition("\n")[0]
    return bool(re.search(r"(is not written yet|has no answer yet)\.?$", first))


def cause(verdict):
    """The diagnosis of a failed check in words: the cause it names, else what it saw."""
    lines = verdict.message.splitlines() or [verdict.status]
    likely = [line.split(maxsplit=1)[1] for line in lines if line.startswith("  likely ")]
    name = verdict.diagnosis.rpartition(":")[2].replace("_", " ")
    return likely[0] if likely else name or lines[0].removeprefix("✗ ")
