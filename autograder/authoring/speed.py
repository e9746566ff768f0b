"""make speed COURSE=make_course.py: grading measured beside stock nbgrader, with a record.

CPU-seconds are those of all processes below a command, from a control group of their own, and hold
on a busy computer too; times on the wall are judged only where nothing else runs. The figures go
into figures/grading_speed.json.
"""

import contextlib
import hashlib
import json
import os
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
CODE = ("autograder/grading", "autograder/judge", "autograder/kernels", "autograder/authoring")
IDLE = 0.7  # load average up to which times on the wall are judged
CPU = "/sys/fs/cgroup/cpuacct"
# name: (what, bar, is a larger figure better, is it a time on the wall)
ROWS = {
    "cpu": ("CPU-seconds for 20, stock : ours", 3.5, True, False),
    "wall": ("wall for 20 on all cores, stock : ours", 6, True, True),
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
    print(table(record))


def measure(folder, maker):
    """Return ({row: figure}, {what was measured: seconds})."""
    raw = {}
    for many in (20, 100):
        run([sys.executable, maker, folder / f"made{many}", many], folder)
        inbox = folder / f"made{many}" / "submitted"
        raw |= ours(folder / f"ours{many}", folder / f"made{many}" / "source", inbox, "ps1", many)
        raw[f"floor {many}"] = bench.floor(folder / f"made{many}")
    raw["stock"] = run(bench.stock("ps1"), folder / "made20")
    bench.chapter(find("12"), folder / "twelve", 20)
    raw |= ours(folder / "ours12", ROOT / "source", folder / "twelve" / "inbox", "12_attention", 12)
    raw["stock 12"] = run(bench.stock("12_attention"), folder / "twelve")
    bench.numpy_course(folder / "numpy")
    one = folder / "made20" / "submitted" / "s000" / "ps1" / "ps1.ipynb"
    raw["torch"] = submitted(folder / "ours20", one)
    raw["numpy"] = submitted(folder / "numpy", folder / "numpy" / "Bo.ipynb")
    raw["start"] = {name: bench.start(name) for name in ("warm", "local-provisioner")}
    return figures_of(raw), raw


def ours(root, source, inbox, slug, many):
    """Grade on all cores, with two workers, and once more."""
    found = {}
    for name, workers, again in (("all", cores(), ""), ("two", 2, ""), ("again", 2, "1")):
        if not again:
            shutil.rmtree(root, ignore_errors=True)
            shutil.copytree(source / slug, root / "source" / slug)
            shutil.copy(ROOT / "nbgrader_config.py", root)
        found[f"{name} {many}"] = run(bench.round_of(root, slug, inbox, workers, again), ROOT)
    return found


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
    """Return {"cpu", "wall"}: seconds of a command with all processes below it."""
    group = Path(CPU) / f"chainrule-{os.getpid()}"
    group.mkdir()
    enter = f'echo $$ > {group}/cgroup.procs; exec "$@"'
    began = time.monotonic()
    done = subprocess.run(
        ["sh", "-c", enter, "sh", *map(str, command)],
        cwd=cwd, env=environment(OMP_NUM_THREADS="1", CHAINRULE_SEED="3"),
        capture_output=True, text=True,
    )  # fmt: skip
    wall = time.monotonic() - began
    for _ in range(100):  # until the last process has gone
        time.sleep(0.1)
        cpu = int((group / "cpuacct.usage").read_text()) / 1e9
        with contextlib.suppress(OSError):
            group.rmdir()
            break
    if done.returncode:
        raise Stop(f"{' '.join(map(str, command[:4]))} failed: {done.stderr[-600:]}")
    print(f"{cpu:8.1f} CPU-s {wall:8.1f} s  {' '.join(map(str, command))[-90:]}", flush=True)
    return {"cpu": round(cpu, 2), "wall": round(wall, 2)}


def figures_of(raw):
    """Return the rows' figures."""
    margin = {k: (raw[f"{k} 100"]["cpu"] - raw[f"{k} 20"]["cpu"]) / 80 for k in ("two", "again")}
    figures = {
        "cpu": raw["stock"]["cpu"] / raw["all 20"]["cpu"],
        "wall": raw["stock"]["wall"] / raw["all 20"]["wall"],
        "cpu12": raw["stock 12"]["cpu"] / raw["all 12"]["cpu"],
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
