"""The cases that ship with the package: cases/<chapter>/<exercise>.json, numbers and never code."""

import json
from pathlib import Path

import torch

CASES = Path(__file__).parent / "cases"


def load(name):
    """Return the stored case `name`, such as "04_first_neural_network/two_layer_forward"."""
    path = CASES / f"{name}.json"
    if not path.exists():
        raise FileNotFoundError(
            f"There is no case {name!r} in this version of chainrule: update it."
        )
    return json.loads(path.read_text(encoding="utf-8"))


def encode(value):
    """Return `value` as JSON data; a tensor keeps its dtype. The inverse of decode."""
    if isinstance(value, torch.Tensor):
        numbers = value.detach().cpu()
        if numbers.is_floating_point():
            numbers = torch.round(numbers.double(), decimals=6)
        return {"tensor": numbers.tolist(), "dtype": str(value.dtype).removeprefix("torch.")}
    if isinstance(value, list):
        return [encode(v) for v in value]
    if isinstance(value, tuple):
        return {"tuple": [encode(v) for v in value]}
    if isinstance(value, dict):
        return {"dict": {k: encode(v) for k, v in value.items()}}
    return value


def decode(value):
    """Return the Python value that `encode` wrote."""
    if isinstance(value, list):
        return [decode(v) for v in value]
    if not isinstance(value, dict):
        return value
    if "tuple" in value:
        return tuple(decode(v) for v in value["tuple"])
    if "dict" in value:
        return {k: decode(v) for k, v in value["dict"].items()}
    return torch.tensor(value["tensor"], dtype=getattr(torch, value["dtype"]))
