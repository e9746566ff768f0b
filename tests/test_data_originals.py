"""The loaders on the original files, and torchvision beside any torch."""

import hashlib
import os
import shutil
import tarfile
from pathlib import Path

import pytest
import torch

from chainrule import data, vision
from chainrule.data import fetch, sets

REAL = Path(os.environ.get("CHAINRULE_DATA") or Path(__file__).parents[2] / "shared" / "data")


def real(path):
    """A file or folder of the original data; the test is skipped where it is not there."""
    if not (REAL / path).exists():
        pytest.skip(f"the original data ({path}) is not on this computer")
    return REAL / path


@pytest.mark.parametrize(
    ("name", "mean", "std"), [("mnist", 0.1307, 0.3081), ("fashion-mnist", 0.2860, 0.3530)]
)
def test_the_originals_through_torchvision(name, mean, std, monkeypatch, offline):
    monkeypatch.setenv("CHAINRULE_DATA", str(real(name).parent))
    before = sorted(real(name).rglob("*"))
    train, test = data.load(name), data.load(name, "test")
    assert train.x.shape == (60000, 1, 28, 28)
    assert test.x.shape == (10000, 1, 28, 28)
    assert (train.x.dtype, train.y.dtype) == (torch.float32, torch.int64)
    assert torch.bincount(test.y).sum() == 10000
    assert len(train.classes) == 10
    assert train.x.mean() == pytest.approx(mean, abs=1e-4)
    assert train.x.std() == pytest.approx(std, abs=1e-4)
    assert sorted(real(name).rglob("*")) == before  # nothing is written, nothing unpacked


def test_one_changed_byte_is_refused(folder, offline):
    shutil.copytree(real("mnist"), folder / "mnist")
    path = folder / "mnist" / "MNIST" / "raw" / "t10k-images-idx3-ubyte.gz"
    whole = path.read_bytes()
    bad = bytearray(whole)
    bad[len(bad) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(bad)
    with pytest.raises(data.DataError) as caught:
        data.load("mnist")
    expected, found = (hashlib.sha256(b).hexdigest() for b in (whole, bad))
    assert str(caught.value).startswith(
        f"{path} is damaged. Expected SHA-256 {expected}, found {found}. Delete the file"
    )


def test_torchvision_refuses_the_changed_byte_too(folder, offline, monkeypatch):
    shutil.copytree(real("mnist"), folder / "mnist")
    path = folder / "mnist" / "MNIST" / "raw" / "t10k-labels-idx1-ubyte.gz"
    bad = bytearray(path.read_bytes())
    bad[100] ^= 1
    path.chmod(0o644)
    path.write_bytes(bad)
    files = [f._replace(sha256=fetch.sha256(folder / f.path)) for f in sets.MNIST]
    monkeypatch.setattr(sets, "MNIST", files)  # our own check is passed, its MD5 check is not
    with pytest.raises(RuntimeError, match="Error downloading t10k-labels"):
        data.load("mnist")


def test_cifar10_through_torchvision(folder, offline, monkeypatch):
    """The originals hold a sample of CIFAR-10: pack it as the real archive is packed."""
    sample = real("cifar10-sample/cifar-10-batches-py")
    kind = vision.torchvision().datasets.CIFAR10
    (folder / "cifar10").mkdir(parents=True)
    with tarfile.open(folder / sets.CIFAR10.path, "w:gz", compresslevel=1) as tar:
        tar.add(sample, sample.name)
    md5 = lambda path: hashlib.md5(path.read_bytes()).hexdigest()
    monkeypatch.setattr(kind, "tgz_md5", md5(folder / sets.CIFAR10.path))
    for which in ("train_list", "test_list"):
        names = [[name, md5(sample / name)] for name, _ in getattr(kind, which)]
        monkeypatch.setattr(kind, which, names)
    digest = fetch.sha256(folder / sets.CIFAR10.path)
    monkeypatch.setattr(sets, "CIFAR10", sets.CIFAR10._replace(sha256=digest))
    train, test = data.load("cifar10"), data.load("cifar10", "test")
    assert (train.x.shape, test.x.shape) == ((10000, 3, 32, 32), (1000, 3, 32, 32))
    assert (train.x.dtype, train.y.dtype) == (torch.float32, torch.int64)
    assert train.classes[train.y[0]] == "frog"
    assert (train.x[0, :, 0, 0] * 255).round().tolist() == [59, 62, 63]  # red, green, blue


def test_the_original_texts(monkeypatch, offline):
    monkeypatch.setenv("CHAINRULE_DATA", str(real("tinyshakespeare").parent))
    text = data.load("tinyshakespeare", "all")
    assert (len(text), len(set(text))) == (1115394, 65)
    pairs = data.load("spa-eng", "all")
    assert len(pairs) == 123376
    assert ("Go.", "Ve.") in pairs
    train, test = data.load("spa-eng"), data.load("spa-eng", "test")
    assert len(train) + len(test) == len(pairs)
    assert {english for english, _ in train}.isdisjoint(english for english, _ in test)


def test_the_original_photos(monkeypatch, offline):
    monkeypatch.setenv("CHAINRULE_DATA", str(real("flower_photos").parent))
    flowers = data.load("flower_photos", "all", size=32)
    assert flowers.x.shape == (400, 3, 32, 32)
    assert flowers.classes == ("daisy", "dandelion", "roses", "sunflowers", "tulips")
    assert torch.bincount(flowers.y).tolist() == [80] * 5


def test_torchvision_can_be_imported_here(python):
    code = "from chainrule import vision; vision.torchvision(); vision.torchvision(); "
    code += "from torchvision import datasets, models, transforms; print(models.resnet18)"
    assert "resnet18" in python(code)


@pytest.mark.parametrize("whole", [True, False])
def test_operators_are_declared_only_where_the_compiled_part_fails(whole, monkeypatch):
    declared = []

    def load_library(path):
        assert Path(path).name.startswith("_C.")
        if not whole:
            raise OSError("no CUDA here")

    monkeypatch.setattr(vision, "_declared", [])
    monkeypatch.setattr(torch.ops, "load_library", load_library)
    monkeypatch.setattr(torch.library, "define", lambda name, schema: declared.append(name))
    assert vision.torchvision() is vision.torchvision()
    assert declared == ([] if whole else ["torchvision::nms", "torchvision::qnms"])


def test_torchvision_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(vision.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="Install it with: pip install torchvision"):
        vision.torchvision()
