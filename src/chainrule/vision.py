"""torchvision, made importable wherever it is installed.

torchvision from one index beside a CPU-only torch from another cannot load its compiled part
`_C`, and its import then stops with "operator torchvision::nms does not exist". Only object
detection needs that part. Where it cannot be loaded, the two operators that the import asks for
are declared here, without a body; where it can, nothing is changed.
"""

import importlib
import importlib.util
from pathlib import Path

import torch

_BOXES = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_declared = []


def torchvision():
    """Return the torchvision module (2 seconds the first time).

    After this call an ordinary `import torchvision` works too.
    Raises ModuleNotFoundError if it is not installed.
    """
    spec = importlib.util.find_spec("torchvision")
    if spec is None:
        raise ModuleNotFoundError(
            "torchvision is not installed. Install it with: pip install torchvision"
        )
    compiled = [p for p in Path(spec.origin).parent.glob("_C.*") if p.suffix in (".so", ".pyd")]
    try:
        for library in compiled:
            torch.ops.load_library(str(library))
    except OSError:
        # Declaring an operator that exists is an error too: hence only here, and only once.
        if not _declared:
            for operator in ("nms", "qnms"):
                torch.library.define(f"torchvision::{operator}", _BOXES)
                _declared.append(operator)
    return importlib.import_module("torchvision")
