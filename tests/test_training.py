"""Lesson 7's run: killed and resumed bit for bit, and at work on the full MNIST."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.authoring import figures, notebooks
from autograder.course import ROOT, find

SCRIPT = ROOT / "figures" / "ch07_training_with_pytorch.py"
REAL = Path(os.environ.get("CHAINRULE_DATA") or Path(__file__).parents[2] / "shared" / "data")

# Trains the lesson's run on digits to epoch 5 and saves after each epoch. It goes on from the file
# if there is one. Last it prints the log and a hash of all weights and random states.
CHILD = """
import hashlib, sys
from pathlib import Path
from autograder.authoring import figures
space = figures.load(Path(sys.argv[1])).lesson()
torch, path = space["torch"], Path(sys.argv[2])
x, y = space["data"].load("digits")
train = space["Rows"](x[:400].flatten(1), y[:400])
run = space["Run"](epochs=5, train=train, val=[(x[400:500].flatten(1), y[400:500])])
if path.exists():
    torch.manual_seed(int(sys.argv[3]))
    space["load"](run, path)

def each(run):
    space["save"](run, path)
    print("epoch", len(run.log), flush=True)

space["fit"](run, 5, each)
bits = [p.detach().numpy().tobytes() for p in run.model.parameters()]
bits += [s["exp_avg_sq"].numpy().tobytes() for s in run.optimizer.state_dict()["state"].values()]
bits += [g.numpy().tobytes() for g in (run.shuffler.get_state(), torch.get_rng_state())]
digest = hashlib.sha256(b"".join(bits)).hexdigest()
print(run.log, run.schedule.state_dict(), run.best["epoch"], digest)
"""


def child(path, seed=0):
    """Start the program above; `seed` is what a process that goes on happens to begin with."""
    command = [sys.executable, "-u", "-c", CHILD, str(SCRIPT), str(path), str(seed)]
    pipes = {"stdout": subprocess.PIPE, "text": True}
    environment = os.environ | {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_a_killed_run_goes_on_bit_for_bit(tmp_path):
    whole, _ = child(tmp_path / "whole.pt").communicate(timeout=300)
    killed = child(tmp_path / "killed.pt")
    for line in killed.stdout:
        if line == "epoch 2\n":
            killed.send_signal(signal.SIGKILL)
            break
    killed.stdout.close()
    assert killed.wait(timeout=60) == -signal.SIGKILL
    resumed, _ = child(tmp_path / "killed.pt", 33).communicate(timeout=300)
    assert whole.splitlines()[:5] == [f"epoch {n}" for n in range(1, 6)]
    assert resumed.splitlines()[0] in ("epoch 3", "epoch 4"), "the run began anew"
    assert resumed.splitlines()[-1] == whole.splitlines()[-1]


def test_the_lessons_run_on_the_full_mnist(monkeypatch):
    if not (REAL / "mnist").exists():
        pytest.skip("the full MNIST is not on this computer")
    monkeypatch.setenv("CHAINRULE_DATA", str(REAL))
    monkeypatch.setenv("TQDM_DISABLE", "1")
    script = figures.load(SCRIPT)
    space = script.lesson()
    began = time.process_time()
    found = script.run(space, script.mnist(space), script.SIZES, seed=0)
    seconds = time.process_time() - began
    print(f"test accuracy {found['test']}, {seconds:.0f} CPU-seconds with loading")
    assert found["test"] >= 0.98
    assert seconds <= 90


@pytest.mark.parametrize("number", ["08", "09", "12"])
def test_later_lessons_draw_the_map_of_the_six_steps_again(number):
    text = notebooks.prose(notebooks.read(find(number).lesson))
    assert f"figures/{number}_six_steps.svg" in text
