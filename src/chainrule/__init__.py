"""Chainrule: what the notebooks of the course import.

Submodules load on first use, so `import chainrule` costs next to nothing beside `import torch`.
"""

import importlib
import os

# Spinning OpenMP threads made a loop 12 times slower on two busy cores. Must precede torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

__version__ = "0.1.0"
_SUBMODULES = ("check", "data", "evidence", "plots", "quiz", "sliders", "surfaces")
__all__ = [*_SUBMODULES, "FAST", "device", "explore", "seed"]

FAST = os.environ.get("FAST", "") not in ("", "0")
"""True in quick test runs (FAST=1): lessons then take fewer steps."""


def __getattr__(name):
    if name == "explore":
        return importlib.import_module("chainrule.sliders").explore
    if name in _SUBMODULES:
        return importlib.import_module(f"chainrule.{name}")
    raise AttributeError(f"module 'chainrule' has no attribute {name!r}")


def seed(number=0):
    """Make Python's, NumPy's and torch's random numbers repeat. Call once, at the top."""
    import random

    import numpy as np
    import torch

    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)


def device():
    """Return torch.device("cuda") where a GPU can be used, else torch.device("cpu")."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
