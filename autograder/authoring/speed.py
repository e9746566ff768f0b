"""make speed COURSE=make_course.py: grading measured beside stock nbgrader, with a record.

CPU-seconds are those of all processes below a command, from a control group of their own, and hold
on a busy computer too; times on the wall are judged only where nothing else runs. The figures go
into figures/grading_speed.json.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.authoring import bench
from autograder.course import ROOT, Stop, environment, find
from autograder.grading.pool import cores

RECORD = ROOT / "figures" / "grading_speed.json"
PAGE = ROOT / "book" / "grading_speed.md"
# submissions, where, cores
PLANS = (
    (50, "a laptop", 2), (500, "a laptop", 2), (500, "one machine", 8),
    (50_000, "one machine", 8), (50_000, "a cluster of ten machines", 80),
)  # fmt: skip
MARKS = "<!-- measured -->", "<!-- end -->"
CODE = ("autograder/grading", "autograder/judge", "autograder/kernels", "autograder/authoring")
LOOK = 2  # seconds between two looks at the memory: each costs the processes time
IDLE = 0.7  # load average up to which times on the wall are judged
CPU = "/sys/fs/cgroup/cpuacct"
# name: (what, bar, is a larger figure better, is it a time on the wall)
ROWS = {
    "cpu": ("CPU-seconds for 20, stock : ours", 3.5, True, False),
    "wall": ("wall for 20, two workers, stock : ours", 6, True, True),
    "cpu12": ("CPU-seconds for 20 of chapter 12, stock : ours", 3.5, True, False),
    "marginal": ("marginal CPU of a submission : that of its graded cells", 2.0, False, False),
    "rate": ("submissions per minute, two workers", 60, True, True),
    "again": ("unchanged and graded again, marginal CPU-seconds", 0.1, False, False),
    "numpy": ("one notebook to its report, numpy, seconds", 3, False, True),
    "torch": ("one notebook to its report, torch, seconds", 5, False, True),
    "start": ("kernel start to first optimizer step, seconds", 0.4, False, True),
}


def code_hash():
    """A hash of the code that the figures depend on."""
    files = sorted(path for name in CODE[:3] for path in (ROOT / name).glob("*.py"))
    own = [ROOT / CODE[3] / name for name in ("bench.py", "speed.py")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files + own)).hexdigest()


def speed(course):
    """Measure on the submissions that the script `course` makes (DIR N) and on chapter 12's."""
    maker = Path(course).expanduser().resolve()
    if not maker.is_file():
        raise Stop(f"There is no script {course} that makes a course: make_course.py DIR N.")
    if not os.access(CPU, os.W_OK):
        raise Stop(f"The CPU-seconds of all processes need root and {CPU} (cgroups, version 1).")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        figures, raw = measure(Path(folder), maker)
    record = {"code": code_hash(), "course": hashlib.sha256(maker.read_bytes()).hexdigest()}
    record |= {"cores": cores(), "load": round(load, 2), "figures": figures, "measured": raw}
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    guide = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_sizes(guide, record), encoding="utf-8")
    print(table(record))


def measure(folder, maker):
    """Return ({row: figure}, {what was measured: seconds})."""
    raw = {}
    for many in (20, 100):
        run([sys.executable, maker, folder / f"made{many}", many], folder)
        inbox = folder / f"made{many}" / "submitted"
        source = folder / f"made{many}" / "source"
        raw |= ours(folder / f"ours{many}", source, inbox, "ps1", many)
        raw[f"floor {many}"] = bench.floor(folder / f"made{many}")
    raw["stock"] = run(bench.stock("ps1"), folder / "made20")
    bench.chapter(find("12"), folder / "twelve", 20)
    raw |= ours(folder / "ours12", ROOT / "source", folder / "twelve" / "inbox", "12_attention", 12)
    raw["stock 12"] = run(bench.stock("12_attention"), folder / "twelve")
    four = folder / "four"
    shutil.copytree(folder / "ours20" / "source", four / "source")
    shutil.copy(ROOT / "nbgrader_config.py", four)
    inbox = folder / "made20" / "submitted"
    raw["four 20"] = run(bench.round_of(four, "ps1", inbox, 4, ""), ROOT)
    raw |= {f"tasks {many}": run(bench.tasks_of(many), ROOT) for many in (100, 600)}
    bench.numpy_course(folder / "numpy")
    one = folder / "made20" / "submitted" / "s000" / "ps1" / "ps1.ipynb"
    shutil.copytree(folder / "made20" / "release", folder / "ours20" / "release")
    raw["torch"] = submitted(folder / "ours20", one)
    raw["numpy"] = submitted(folder / "numpy", folder / "numpy" / "Bo.ipynb")
    raw["start"] = {name: bench.start(name) for name in ("warm", "local-provisioner")}
    return figures_of(raw), raw


def ours(root, source, inbox, slug, many):
    """Grade with two workers, and once more."""
    shutil.copytree(source / slug, root / "source" / slug)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    return {
        f"{name} {many}": run(bench.round_of(root, slug, inbox, 2, again), ROOT)
        for name, again in (("two", ""), ("again", "1"))
    }


def submitted(root, notebook):
    """Hand in one notebook three times, each a little different; return the median."""
    times = []
    for i in range(4):
        text = notebook.read_text(encoding="utf-8").replace(
            "# student", f"# attempt {i} of student"
        )
        path = root / "Cy.ipynb"
        path.write_text(text, encoding="utf-8")
        times.append(run(bench.submit(root, path), ROOT))
    return sorted(times[1:], key=lambda each: each["wall"])[1]  # the first proves the tests


def run(command, cwd):
    """Return {"cpu", "wall", "mb"} of a command with all processes below it: s, s, MiB."""
    group = Path(CPU) / f"chainrule-{os.getpid()}"
    group.mkdir()
    enter = f'echo $$ > {group}/cgroup.procs; exec "$@"'
    began, peak = time.monotonic(), 0
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            ["sh", "-c", enter, "sh", *map(str, command)],
            cwd=cwd, env=environment(OMP_NUM_THREADS="1", CHAINRULE_SEED="3"),
            stdout=said, stderr=said,
        )  # fmt: skip
        while process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(LOOK)
            peak = max(peak, memory(group))
        wall, cpu = time.monotonic() - began, ended(group)
        said.seek(0)
        if process.returncode:
            raise Stop(f"{' '.join(map(str, command[:4]))} failed: {said.read()[-600:]}")
    print(f"{cpu:8.1f} CPU-s {wall:8.1f} s  {' '.join(map(str, command))[-90:]}", flush=True)
    return {"cpu": round(cpu, 2), "wall": round(wall, 2), "mb": peak}


def ended(group):
    """Remove a control group when its last process has gone; return its CPU-seconds."""
    for _ in range(100):
        time.sleep(0.1)
        cpu = int((group / "cpuacct.usage").read_text()) / 1e9
        with contextlib.suppress(OSError):
            group.rmdir()
            break
    return cpu


def memory(group):
    """MiB of all processes of a control group; what several share counts once."""
    total = 0
    for pid in (group / "cgroup.procs").read_text().split():
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += int(re.search(r"^Pss: +(\d+)", text, re.MULTILINE)[1])
    return total >> 10


def figures_of(raw):
    """Return the rows' figures."""
    margin = {k: (raw[f"{k} 100"]["cpu"] - raw[f"{k} 20"]["cpu"]) / 80 for k in ("two", "again")}
    figures = {
        "cpu": raw["stock"]["cpu"] / raw["two 20"]["cpu"],
        "wall": raw["stock"]["wall"] / raw["two 20"]["wall"],
        "cpu12": raw["stock 12"]["cpu"] / raw["two 12"]["cpu"],
        "marginal": margin["two"] / ((raw["floor 100"] - raw["floor 20"]) / 80),
        "rate": 60 * 100 / raw["two 100"]["wall"],
        "again": margin["again"],
        "numpy": raw["numpy"]["wall"],
        "torch": raw["torch"]["wall"],
        "start": statistics.median(raw["start"]["warm"]),
    }
    return {name: round(figure, 3) for name, figure in figures.items()}


def verdict(name, record):
    """Say whether a figure reaches its bar."""
    _, bar, larger, is_wall = ROWS[name]
    figure = record["figures"][name]
    if figure == bar or (figure > bar) == larger:
        return "reached"
    return "busy computer" if is_wall and record["load"] > IDLE else "missed"


def table(record):
    lines = [f"{'what':60}{'figure':>8}{'bar':>6}  on {record['cores']} cores"]
    for name, (what, bar, *_) in ROWS.items():
        figure = record["figures"][name]
        lines.append(f"{what:60}{figure:8.2f}{bar:6g}  {verdict(name, record)}")
    return "\n".join(lines)


def with_sizes(page, record):
    """Return the instructor's page with the measured numbers, and what they come to."""
    before, _, rest = page.partition(MARKS[0])
    return before + MARKS[0] + sizes(record) + MARKS[1] + rest.partition(MARKS[1])[2]


def sizes(record):
    """The page's tables as Markdown."""
    raw = record["measured"]
    each = (raw["two 100"]["cpu"] - raw["two 20"]["cpu"]) / 80
    once = raw["two 20"]["cpu"] - 20 * each
    task = (raw["tasks 600"]["cpu"] - raw["tasks 100"]["cpu"]) / 500
    worker = (raw["four 20"]["mb"] - raw["two 20"]["mb"]) / 2
    lines = [
        "", "", "| what | measured |", "|---|---|",
        f"| CPU-seconds of a submission | {each:.2f} |",
        f"| of these, its graded cells alone | {raw['floor 100'] / 100:.2f} |",
        f"| CPU-seconds of a round, once | {once:.0f} |",
        f"| submissions per minute and core, kept busy | {60 / each:.0f} |",
        f"| CPU-seconds of an unchanged submission | {record['figures']['again']:.2f} |",
        f"| memory with two workers, MiB | {raw['two 20']['mb']} |",
        f"| memory of each further worker, MiB | {worker:.0f} |",
        f"| CPU-seconds of a task on the cluster, beside its work | {task:.3f} |",
        "", "| submissions | where | cores | about |", "|---|---|---|---|",
    ]  # fmt: skip
    for many, where, used in PLANS:
        hours = (once + many * (each + (task if used > 8 else 0)) / used) / 3600
        time_ = f"{60 * hours:.0f} minutes" if hours < 2 else f"{hours:.1f} hours"
        lines.append(f"| {many:,} | {where} | {used} | {time_} |")
    return "\n".join([*lines, "", ""])
