"""The data sets that others made: those that ship with scikit-learn, and those in files.

Every loader takes the split and returns x, y and the class names; the texts return a text.
"""

import shutil
import sys
import tempfile
import zipfile
import zlib
from importlib.util import find_spec
from pathlib import Path

import torch
from tqdm import tqdm

from chainrule import vision
from chainrule.data.fetch import DataError, File, Missing, fetch, folder, usable

_NAMES = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")


def _idx(below, addresses, hashes):
    """The four files of an MNIST-like set."""
    names = [f"{name}-ubyte.gz" for name in _NAMES]
    pairs = zip(names, hashes.split(), strict=True)
    return [File(f"{below}/{n}", h, tuple(a + n for a in addresses)) for n, h in pairs]


MNIST = _idx(
    "mnist/MNIST/raw",
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    """440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609
    3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c
    8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6
    f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6""",
)
FASHION = _idx(
    "fashion-mnist/FashionMNIST/raw",
    (
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    """3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84
    a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845
    346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073
    67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5""",
)
CIFAR10 = File(
    "cifar10/cifar-10-python.tar.gz",
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
)
FLOWERS = File(
    "flower_photos.tgz",
    "4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
    ("https://download.tensorflow.org/example_images/flower_photos.tgz",),
)
SHAKESPEARE = File(
    "tinyshakespeare/input.txt",
    "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    ("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",),
)
# manythings.org renews its file; this commit keeps the one of 2019-07-21.
SPANISH = File(
    "spa-eng/spa-eng.zip",
    "577e6a47953ce594e38435e08c1f8892fb93843c75c1f60e05c9e193463c691a",
    (
        "https://raw.githubusercontent.com/jorgeadev/tensorflow-for-ml-and-ai/"
        "626197f0dcadb7ce4972b35ba8918224c5ee76a1/datasets/spa-eng.zip",
    ),
)


def bundled(loader):
    """Return a loader of a scikit-learn set: a stratified fifth, always the same, is the test."""

    def load(split):
        from sklearn import datasets

        bunch = getattr(datasets, loader)()
        x, y = torch.tensor(bunch.data, dtype=torch.float32), torch.tensor(bunch.target)
        if y.is_floating_point():  # a regression
            y = y.float()
        if "images" in bunch:
            x = x.view(-1, 1, 8, 8) / 16
        keep = _fifth(y, split)
        return x[keep], y[keep], tuple(str(c) for c in bunch.get("target_names", ()))

    return load


def mnist(split):
    """60,000 and 10,000 scans. x (N, 1, 28, 28)."""
    return _grey("MNIST", MNIST, split)


def fashion_mnist(split):
    """60,000 and 10,000 photos of clothes. x (N, 1, 28, 28)."""
    return _grey("FashionMNIST", FASHION, split)


def cifar10(split):
    """50,000 and 10,000 colour photos. x (N, 3, 32, 32): as float32, 614 MB for train."""
    parts = _torchvision("CIFAR10", [CIFAR10], split)
    x = torch.cat([torch.tensor(p.data).permute(0, 3, 1, 2) for p in parts])
    y = torch.cat([torch.tensor(p.targets) for p in parts])
    return x.contiguous().float().div_(255), y, tuple(parts[0].classes)


def tinyshakespeare(split):
    """1,115,394 characters of Shakespeare's plays as one str."""
    return fetch(SHAKESPEARE).read_text(encoding="utf-8")


def python_reference(split):
    """The Python language reference as one str. Its text differs between versions of Python."""
    from pydoc_data.topics import topics

    return "\n".join(topics[name].strip() + "\n" for name in sorted(topics))


def spa_eng(split):
    """123,376 (English, Spanish) sentences, short ones first."""
    with zipfile.ZipFile(fetch(SPANISH)) as archive:
        lines = archive.read("spa.txt").decode("utf-8").splitlines()
    return [tuple(line.split("\t")[:2]) for line in lines]


def flower_photos(split, size=64):
    """3,670 photos of five flowers, cut to squares. x (N, 3, size, size)."""
    _need_torchvision()
    photos = folder() / "flower_photos"
    if not photos.is_dir():
        archive = fetch(FLOWERS)
        with usable(photos), tempfile.TemporaryDirectory(dir=folder()) as scratch:
            shutil.unpack_archive(archive, scratch, filter="data")
            (Path(scratch) / "flower_photos").rename(photos)
            archive.unlink()
    return image_folder(photos, split, size)


def image_folder(path, split, size=64):
    """The images below `path`, one folder per class, cut to squares of `size` pixels.

    About a fifth is the test split; an image's file name decides, so new images move none.
    """
    _need_torchvision()
    tv = vision.torchvision()
    try:
        images = tv.datasets.ImageFolder(path)
    except FileNotFoundError as error:
        raise DataError(
            f"{path} is no folder of images ({error}). It needs one folder per class, with jpg or "
            "png files in each."
        ) from None
    resize, cut = tv.transforms.Resize(size), tv.transforms.CenterCrop(size)
    to_numbers = tv.transforms.PILToTensor()
    chosen = [(p, y) for p, y in images.samples if split in ("all", side(Path(p).name))]
    x = torch.empty(len(chosen), 3, size, size)
    bar = tqdm(chosen, desc=Path(path).name, delay=1, leave=False, file=sys.stdout)
    for i, (file, _) in enumerate(bar):
        try:
            x[i] = to_numbers(cut(resize(images.loader(file)))) / 255
        except OSError as error:
            raise DataError(
                f"{file} is no readable image ({error}). Replace or delete it."
            ) from None
    return x, torch.tensor([y for _, y in chosen], dtype=torch.int64), tuple(images.classes)


def side(key, parts=5):
    """Return "test" for one key in `parts`, else "train"; the same on every machine."""
    return "test" if zlib.crc32(key.encode()) % parts == 0 else "train"


def _fifth(y, split):
    from sklearn.model_selection import train_test_split

    rows = range(len(y))
    if split == "all":
        return list(rows)
    labels = None if y.is_floating_point() else y
    train, test = train_test_split(rows, test_size=0.2, random_state=0, stratify=labels)
    return train if split == "train" else test


def _grey(kind, files, split):
    parts = _torchvision(kind, files, split)
    x = torch.cat([p.data for p in parts]).unsqueeze(1).float().div_(255)
    return x, torch.cat([p.targets for p in parts]), tuple(parts[0].classes)


def _torchvision(kind, files, split):
    """Let torchvision check (MD5) and unpack the files, in a scratch folder.

    The data folder keeps the originals alone. It may be read-only, and torchvision, which does
    not check what it once unpacked, cannot meet a half unpacked file in it.
    """
    _need_torchvision()
    paths = [fetch(file) for file in files]
    make = getattr(vision.torchvision().datasets, kind)
    with tempfile.TemporaryDirectory(prefix="chainrule-") as scratch:
        for file, path in zip(files, paths, strict=True):
            copy = Path(scratch, *Path(file.path).parts[1:])
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        trains = {"train": [True], "test": [False], "all": [True, False]}[split]
        return [make(scratch, train=train, download=True) for train in trains]


def _need_torchvision():
    if find_spec("torchvision") is None:
        raise Missing("torchvision is not installed (pip install torchvision)")
