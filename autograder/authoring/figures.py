"""make figures: make the records of figures/ again, whose runs are too long for a lesson's page.

A record is a script figures/chNN_name.py and what it writes, figures/NN_name.json. The script has
`RECORD` (the path), `code_hash()` (of all code that the numbers depend on, kept in the record under
"code") and `main()`, which writes the record. It runs by itself as well.
"""

import importlib.util
import json
import subprocess
import sys
import threading

from tqdm import tqdm

from autograder.course import ROOT, Stop, environment


def figures(n=None):
    """Make every record whose code has changed, so that a stopped run goes on; with n, that one."""
    known = scripts()
    chosen = [s for s in known if s.stem.startswith(f"ch{n.zfill(2)}_")] if n else known
    if not chosen:
        names = ", ".join(script.stem[2:4] for script in known) or "none yet"
        raise Stop(f"No script of figures/ belongs to chapter {n}. There are: {names}.")
    due = [script for script in chosen if n or not is_current(script)]
    with tqdm(due, unit=" records", disable=not due) as bar:
        for script in bar:
            bar.set_description(f"{script.stem}, minutes long")
            run(script, bar)
    print(f"✓ {len(due)} of {len(chosen)} records made; the others are up to date.")


def scripts():
    """The scripts that write records, in the order of their chapters."""
    return sorted((ROOT / "figures").glob("ch*.py"))


def load(script):
    """Import a script; nothing of it runs."""
    spec = importlib.util.spec_from_file_location(f"record_{script.stem}", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_current(script):
    """True if the record was made by the code as it is."""
    module = load(script)
    try:
        return json.loads(module.RECORD.read_text("utf-8"))["code"] == module.code_hash()
    except (FileNotFoundError, ValueError, KeyError):
        return False


def run(script, bar):
    """Run one script and show its lines above the bar, whose clock goes on; Stop if it fails."""
    command = [sys.executable, "-u", str(script)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    said = []
    with subprocess.Popen(command, **pipes, env=environment(OMP_NUM_THREADS="1")) as process:

        def listen():
            for line in process.stdout:
                said.append(line.rstrip())
                bar.write(said[-1])

        reader = threading.Thread(target=listen, daemon=True)
        reader.start()
        while reader.is_alive():
            reader.join(1)
            bar.refresh()
    if process.returncode:
        last = said[-1] if said else "it said nothing"
        raise Stop(f"{script.relative_to(ROOT)} failed: {last}. Mend it, then make figures again.")
