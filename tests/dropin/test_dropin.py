"""Scripts written for PyTorch, run as they are and with other import lines: the losses agree."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr

SCRIPTS = Path(__file__).parent / "scripts"
NAMES = ("mlp_with_optimizer", "mlp_by_hand", "logistic_newton", "custom_function",
         "fine_tuning", "digits_classifier", "variational_autoencoder",
         "losses_of_ones_own")  # fmt: skip
BOUNDS = {"float32": 1e-5, "float64": 1e-10}


def rewritten(text: str) -> str:
    """The script with its import lines, and nothing else, changed."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if line == "import torch":
            lines[i] = "import chainrule as torch"
        elif re.match(r"(import|from) torch\b", line):
            lines[i] = line.replace("torch", "chainrule", 1)
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data and starting weights that both runs read."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(100, 4))
    y = (x @ draw.normal(size=(4, 3)) + 0.3 * draw.normal(size=(100, 3))).argmax(1)
    shapes = {
        "fc1.weight": (16, 4), "fc1.bias": (16,), "body.1.weight": (16, 16), "body.1.bias": (16,),
        "head.weight": (3, 16), "head.bias": (3,), "theta": (5,), "gp.0.weight": (8, 4),
        "gp.0.bias": (8,), "gp.2.weight": (1, 8), "gp.2.bias": (1,),
    }  # fmt: skip
    weights = {name: draw.normal(size=shape) * 0.4 for name, shape in shapes.items()}
    path: Path = tmp_path_factory.mktemp("dropin") / "arrays.npz"
    np.savez(path, x=x, y=y, **weights)
    return path


def losses(script: Path, arrays: Path, dtype: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a script has written down, run as a program."""
    monkeypatch.setattr(sys, "argv", [script.name, str(arrays), dtype])
    before = torch.get_default_dtype(), cr.get_default_dtype()
    try:
        return np.array(runpy.run_path(str(script), run_name="__main__")["losses"])
    finally:
        torch.set_default_dtype(before[0])
        cr.set_default_dtype(before[1])


@pytest.mark.parametrize("dtype", BOUNDS)
@pytest.mark.parametrize("name", NAMES)
def test_losses_follow(
    name: str, dtype: str, arrays: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = SCRIPTS / f"{name}.py"
    changed = tmp_path / f"{name}.py"
    changed.write_text(rewritten(original.read_text("utf-8")), "utf-8")
    theirs = losses(original, arrays, dtype, monkeypatch)
    ours = losses(changed, arrays, dtype, monkeypatch)
    assert len(ours) >= 200
    np.testing.assert_allclose(ours, theirs, rtol=BOUNDS[dtype], atol=BOUNDS[dtype] * 1e-2)
    assert theirs[199] < theirs[0]


def test_only_import_lines_change() -> None:
    for script in sorted(SCRIPTS.glob("*.py")):
        text = script.read_text("utf-8")
        pairs = list(zip(text.splitlines(), rewritten(text).splitlines(), strict=True))
        changed = [(a, b) for a, b in pairs if a != b]
        assert changed
        for line, other in changed:
            assert line.startswith(("import torch", "from torch"))
            assert other.startswith(("import chainrule", "from chainrule"))
