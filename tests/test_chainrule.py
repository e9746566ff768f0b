"""The package that students import: what it costs, its seeds, its device."""

import random

import numpy as np
import pytest
import torch

import chainrule


def test_import_costs_next_to_nothing_beside_torch(python):
    code = "import time, torch; t = time.perf_counter(); import chainrule; "
    code += "chainrule.seed; print(time.perf_counter() - t)"
    cost = min(float(python(code)) for _ in range(3))
    print(f"import chainrule after import torch: {1000 * cost:.1f} ms")
    assert cost < 0.1


def test_import_brings_nothing_heavy(python):
    code = "import sys, chainrule; heavy = 'torch numpy matplotlib sklearn ipywidgets tqdm'.split()"
    assert python(code + "; print([m for m in heavy if m in sys.modules])") == "[]\n"


def test_threads_wait_passively_unless_told_otherwise(python):
    code = "import os, chainrule; print(os.environ['OMP_WAIT_POLICY'])"
    assert python("import os; os.environ.pop('OMP_WAIT_POLICY', 0); " + code) == "PASSIVE\n"
    assert python(code, OMP_WAIT_POLICY="ACTIVE") == "ACTIVE\n"


@pytest.mark.parametrize(("value", "fast"), [("", False), ("0", False), ("1", True)])
def test_fast_follows_the_environment(value, fast, python):
    assert python("import chainrule; print(chainrule.FAST)", FAST=value) == f"{fast}\n"


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="has no attribute 'sedd'"):
        _ = chainrule.sedd


def draws():
    return random.random(), np.random.rand(3).tobytes(), torch.randn(5).numpy().tobytes()


def test_a_seed_repeats_bit_for_bit():
    chainrule.seed(7)
    first = draws()
    second = draws()
    chainrule.seed(7)
    assert draws() == first != second
    chainrule.seed(8)
    assert all(a != b for a, b in zip(draws(), first, strict=True))


def test_device_is_a_gpu_only_where_there_is_one(monkeypatch):
    for found, name in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda found=found: found)
        assert chainrule.device() == torch.device(name)
