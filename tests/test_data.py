"""Data sets that are always there: those that ship, those that are made, image folders."""

import pytest
import torch
from PIL import Image

from chainrule import data
from chainrule.data import made, sets

TABLES = {
    "digits": ((1, 8, 8), 1797, 10),
    "iris": ((4,), 150, 3),
    "wine": ((13,), 178, 3),
    "breast_cancer": ((30,), 569, 2),
    "diabetes": ((10,), 442, 0),
}


@pytest.mark.parametrize("name", TABLES)
def test_bundled_sets(name):
    shape, total, classes = TABLES[name]
    train, test, everything = (data.load(name, split) for split in ("train", "test", "all"))
    assert train.x.shape[1:] == shape
    assert len(train.y) + len(test.y) == len(everything.y) == total
    assert len(test.y) == -(-total // 5)  # a fifth, rounded up
    assert train.x.dtype == torch.float32
    assert train.y.dtype == (torch.int64 if classes else torch.float32)
    assert len(train.classes) == classes
    rows = lambda part: part.x.flatten(1).sum(0, dtype=torch.float64)
    assert torch.allclose(rows(train) + rows(test), rows(everything))
    again = data.load(name, "test")
    assert torch.equal(again.x, test.x)
    if classes:  # each class has the same share in both splits, up to rounding
        share = [torch.bincount(part.y) / len(part.y) for part in (train, test)]
        assert (share[0] - share[1]).abs().max() < 0.02


def test_digits_are_images_from_0_to_1():
    x, _ = data.load("digits", "all")
    assert (x.min(), x.max()) == (0, 1)
    assert torch.equal(x * 16, (x * 16).round())


def test_xor_is_its_truth_table():
    x, y = data.load("xor")
    assert [(*map(int, row), int(label)) for row, label in zip(x, y, strict=True)] == [
        (0, 0, 0),
        (0, 1, 1),
        (1, 0, 1),
        (1, 1, 0),
    ]


@pytest.mark.parametrize("name", ["two_moons", "shapes"])
def test_made_sets_repeat_and_keep_the_splits_apart(name):
    train, test, both = (data.load(name, split, n=60) for split in ("train", "test", "all"))
    assert torch.equal(train.x, data.load(name, n=60).x)
    assert not torch.equal(train.x, test.x)
    assert torch.equal(both.x, torch.cat([train.x, test.x]))
    drawn = [data.load(name, split, n=60, seed=s).x for s in (0, 1) for split in ("train", "test")]
    assert all(not torch.equal(a, b) for i, a in enumerate(drawn) for b in drawn[:i])
    counts = torch.bincount(train.y)
    assert counts.tolist() == [60 // len(train.classes)] * len(train.classes)


def test_moons_are_named_as_they_lie():
    x, y = data.load("two_moons", noise=0.0)
    assert x[y == 0][:, 1].min() >= 0  # the upper one
    assert x[y == 1][:, 1].max() <= 0.5


def test_shapes_are_images_from_0_to_1_of_the_size_asked_for():
    x, _ = data.load("shapes", n=12, size=20)
    assert x.shape == (12, 3, 20, 20)
    assert x.min() >= 0
    assert x.max() <= 1


def test_each_shape_is_what_its_name_says():
    at = lambda u, v: made._masks(torch.tensor([[[float(u)]]]), torch.tensor([[[float(v)]]]))
    inside = lambda u, v: dict(zip(made.SHAPES, at(u, v).flatten().tolist(), strict=True))
    assert inside(0.1, 0.1) == dict.fromkeys(made.SHAPES, True) | {"ring": False, "checks": False}
    corner = inside(0.8, 0.8)
    assert [name for name in corner if corner[name]] == ["square"]
    assert inside(0.0, 0.8)["triangle"] > inside(0.0, -0.8)["triangle"]
    assert inside(0.8, 0)["ring"]
    assert inside(0.1, 0.1)["stripes"] != inside(-0.1, 0.1)["stripes"]
    assert inside(0.1, 0.1)["stripes"] == inside(0.1, -0.1)["stripes"]
    assert inside(0.1, 0.1)["checks"] != inside(0.1, -0.1)["checks"]


def test_texts_are_cut_at_the_end_of_a_line():
    train, test, whole = (data.load("python_reference", s) for s in ("train", "test", "all"))
    assert train + test == whole
    assert train.endswith("\n")
    assert 0.89 < len(train) / len(whole) <= 0.9
    assert len(whole) > 300_000


def test_a_key_never_changes_its_side():
    assert [key for key in "abcdefghijklmnop" if sets.side(key) == "test"] == ["c", "i", "o"]


def test_no_english_sentence_is_on_both_sides():
    train, test = data.load("grammar"), data.load("grammar", "test")
    assert {english for english, _ in train}.isdisjoint(english for english, _ in test)
    assert len(train) + len(test) == len(data.load("grammar", "all")) == 2000
    assert 120 < len(test) < 280


def test_labelled_shows_itself_in_one_line():
    shown = repr(data.load("xor"))
    assert shown == "xor: x (4, 2) torch.float32, y (4,) torch.int64, 2 classes"


def test_unknown_names_and_splits():
    with pytest.raises(data.DataError, match=r"no folder 'minst'\. Did you mean 'mnist'\?"):
        data.load("minst")
    with pytest.raises(data.DataError, match="no split 'valid': it is one of train, test, all"):
        data.load("digits", "valid")


def test_a_folder_of_images(pets):
    train, test, both = (data.load(pets, split, size=16) for split in ("train", "test", "all"))
    assert train.x.shape[1:] == (3, 16, 16)
    assert (train.classes, train.name) == (("cat", "dog"), "pets")
    assert len(train.y) + len(test.y) == len(both.y) == 24
    assert len(test.y) > 0
    assert both.x[0, :, 8, 8].tolist() == [1, 0, 0]
    assert both.x[-1, :, 8, 8].tolist() == [0, 0, 1]
    Image.new("RGB", (30, 30)).save(pets / "cat" / "new.png")  # moves no other image
    more = data.load(pets, "test", size=16)
    assert len(more.y) - len(test.y) in (0, 1)
    assert torch.equal(data.load(str(pets), "all", size=16).x[13:], both.x[12:])


def test_faults_of_a_folder_of_images(pets, tmp_path):
    (pets / "dog" / "3.png").write_bytes((pets / "dog" / "3.png").read_bytes()[:40])
    with pytest.raises(data.DataError, match=r"3\.png is no readable image .* Replace or delete"):
        data.load(pets, "all")
    (tmp_path / "empty").mkdir()
    with pytest.raises(data.DataError, match=r"is no folder of images .* one folder per class"):
        data.load(tmp_path / "empty")


def test_nothing_is_imported_that_a_small_set_does_not_need(python):
    code = "import sys; from chainrule import data; data.load('xor'); data.load('grammar'); "
    code += "print([m for m in ('sklearn', 'torchvision', 'matplotlib') if m in sys.modules])"
    assert python(code) == "[]\n"
