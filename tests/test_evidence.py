"""The evidence folder: what a run writes passes its check, and every fault is named."""

import csv

import pytest
import torch
from PIL import Image
from torch import nn

from chainrule import evidence

ANSWER = "Epoch 2 was kept because its validation loss of 0.5 is the lowest one."


@pytest.fixture
def run(tmp_path):
    """A folder as a learner leaves it: a run of three epochs, and every question answered."""
    run = evidence.Run(tmp_path / "deep_learning_evidence")
    run.shapes(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), torch.zeros(5, 4))
    for epoch, train, val in ((1, 0.9, 0.8), (2, 0.6, 0.5), (3, 0.4, 0.7)):
        run.log(epoch=epoch, train_loss=torch.tensor(train), val_loss=val, lr=0.1)
    run.curve()
    for name, questions in evidence.NOTES.items():
        text = "\n".join(f"## {question}\n{ANSWER}\n" for question in questions)
        (run.folder / name).write_text(f"# Note\n{text}", encoding="utf-8")
    return run


def problem(run, name):
    """What the check says about one file, where all the others are right."""
    found = evidence.check(run.folder)
    assert [other for other in found if found[other] and other != name] == []
    return found[name]


def test_a_complete_folder_has_six_right_files(run, capsys):
    evidence.report(run.folder)
    assert len(evidence.check(run.folder)) == 6
    assert capsys.readouterr().out.splitlines()[-1] == "6 of 6 files are right."


def test_a_fresh_run_still_lacks_everything(tmp_path):
    run = evidence.Run(tmp_path / "new")
    found = evidence.check(run.folder)
    assert all(found.values())
    assert found["training_log.csv"] == "is missing"
    first = evidence.NOTES["attention_note.md"][0]
    assert found["attention_note.md"] == f"has no answer of at least 8 words below: {first}"


def test_the_lines_of_a_report_fit_a_page(tmp_path, capsys):
    folder = evidence.Run(tmp_path / "new").folder
    evidence.report(folder)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 79
    for name, problem in evidence.check(folder).items():
        assert f"✗ {name} {problem}" in " ".join(out.split())


def test_a_folder_that_does_not_exist_is_reported_not_made(tmp_path):
    found = evidence.check(tmp_path / "nowhere")
    assert set(found.values()) == {"is missing"}
    assert not (tmp_path / "nowhere").exists()


def test_a_report_on_another_folder_says_where_to_look(run, capsys):
    evidence.report(run.folder / "nowhere")
    evidence.report(run.folder.parent)
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("nowhere holds none of the six files: is the path right?")
    assert second.endswith(f"six files: try {run.folder.name} in it")


def test_the_shape_trace_names_batch_layers_and_loss(run):
    assert (run.folder / "shape_trace.txt").read_text().splitlines() == [
        "input: (5, 4) (batch size first)",
        "0: Linear -> (5, 3)",
        "1: ReLU -> (5, 3)",
        "2: Linear -> (5, 2)",
        "to the loss: (5, 2)",
    ]


def test_the_shape_trace_leaves_the_model_as_it_was(tmp_path):
    model = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(), nn.LSTM(4, 3))
    model[0].eval()  # frozen, while the rest trains
    before = model[0].running_mean.clone()
    evidence.Run(tmp_path).shapes(model, torch.randn(6, 4))
    assert [m.training for m in model] == [False, True, True]
    assert torch.equal(model[0].running_mean, before)
    assert not any(m._forward_hooks for m in model)
    assert "2: LSTM -> (6, 3), (1, 3), (1, 3)" in (tmp_path / "shape_trace.txt").read_text()


def test_a_row_is_on_disk_at_once_and_a_run_can_resume(tmp_path):
    first = evidence.Run(tmp_path)
    first.log(epoch=1, train_loss=1.0, val_loss=1.0)
    evidence.Run(tmp_path, resume=True).log(epoch=2, train_loss=0.5, val_loss=0.5)
    with open(tmp_path / "training_log.csv", newline="") as stream:
        assert [row["epoch"] for row in csv.DictReader(stream)] == ["1", "2"]
    fresh = evidence.Run(tmp_path)  # the old log stays until there is something new
    assert evidence.check(tmp_path)["training_log.csv"] == ""
    fresh.log(epoch=1, train_loss=2.0, val_loss=2.0)
    assert len((tmp_path / "training_log.csv").read_text().splitlines()) == 2


def test_a_run_never_writes_over_a_note(run):
    evidence.Run(run.folder)
    assert evidence.check(run.folder)["best_checkpoint_note.md"] == ""


def test_a_changed_column_is_refused(run):
    with pytest.raises(ValueError, match="the columns are epoch, train_loss, val_loss, lr"):
        run.log(epoch=4, train_loss=0.1, val_loss=0.1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("epoch,train_loss\n1,2\n", "has no column val_loss"),
        ("epoch;a;b\n1;2;3\n", "has no column epoch, train_loss, val_loss (commas"),
        ("epoch,train_loss,val_loss\n1,0.5,0.5\n", "has 1 row(s)"),
        ("epoch,train_loss,val_loss\n1,0.5,\n2,1,1\n", "row 1 does not hold a number"),
        ("epoch,train_loss,val_loss\n1,0.5,0.5\n2,1\n", "row 2 does not hold a number"),
        ("epoch,train_loss,val_loss\n1,1,1\n2,nan,1\n", "row 2 holds a number that is not fin"),
        ("epoch,train_loss,val_loss\n2,1,1\n2,1,1\n", "goes from epoch 2 to epoch 2"),
        (
            "epoch,train_loss,val_loss\n1," + "9" * 200_000 + ",1\n",
            "is no table of comma-separated val",
        ),
    ],
)
def test_faults_of_the_log(run, text, says):
    (run.folder / "training_log.csv").write_text(text)
    assert problem(run, "training_log.csv").startswith(says)


def test_a_log_that_is_no_text(run):
    (run.folder / "training_log.csv").write_bytes(b"\xff\xfe\x00\x01")
    assert problem(run, "training_log.csv") == "cannot be read as UTF-8 text"
    with pytest.raises(ValueError, match="cannot be read as UTF-8 text"):
        run.curve()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("input (5, 4)\nout (5, 2)\n", "shows 2 shape(s)"),
        ("a (5, 4)\nb (5, 3)\nc (5, 2)\n", "does not say which tensor meets"),
        ("a [5, 4]\nb torch.Size([5, 3])\nloss (5,)\n", ""),
    ],
)
def test_faults_of_the_shape_trace(run, text, says):
    (run.folder / "shape_trace.txt").write_text(text)
    assert problem(run, "shape_trace.txt").startswith(says)
    assert bool(problem(run, "shape_trace.txt")) == bool(says)


def test_faults_of_the_picture(run):
    path = run.folder / "loss_curve.png"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert problem(run, path.name).startswith("is no picture that can be opened")
    Image.new("RGB", (300, 200), "white").save(path)
    assert problem(run, path.name) == "is blank or too small to read"
    Image.effect_noise((300, 200), 50).save(path, format="JPEG")
    assert problem(run, path.name) == "is a JPEG picture, not PNG"
    path.unlink()
    assert problem(run, path.name) == "is missing"


def test_a_folder_in_place_of_a_note(run):
    path = run.folder / "attention_note.md"
    path.unlink()
    path.mkdir()
    assert problem(run, path.name) == "is a folder, not a text file"


@pytest.mark.parametrize("name", evidence.NOTES)
def test_faults_of_the_notes(run, name):
    path = run.folder / name
    whole, last = path.read_text(), evidence.NOTES[name][-1]
    path.write_text(evidence.template(name))
    assert problem(run, name).startswith("has no answer")
    path.write_text(whole.replace(f"{last}\n{ANSWER}", f"{last}\ntoo short"))
    assert problem(run, name) == f"has no answer of at least 8 words below: {last}"
    path.write_text(whole.replace(last, "My own heading"))
    assert problem(run, name) == f"has no heading: ## {last}"


def test_the_checkpoint_note_must_name_the_best_epoch_of_the_log(run):
    path = run.folder / "best_checkpoint_note.md"
    path.write_text(path.read_text().replace("Epoch 2", "Epoch 3"))
    assert problem(run, path.name) == "does not name epoch 2, where val_loss in the log is lowest"


def test_of_two_equal_losses_either_epoch_may_be_named(run):
    log = run.folder / "training_log.csv"
    log.write_text("epoch,train_loss,val_loss\n1,0.6,0.4\n2,0.5,0.4\n")
    assert problem(run, "best_checkpoint_note.md") == ""
