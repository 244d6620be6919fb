"""Scripts written for PyTorch, run as they are and with other import lines: the losses agree."""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr

SCRIPTS = Path(__file__).parent / "scripts"
PARTS = ("mlp_with_optimizer", "mlp_by_hand", "logistic_newton", "custom_function",
         "fine_tuning", "digits_classifier", "variational_autoencoder",
         "losses_of_ones_own")  # fmt: skip
NETWORKS = ("cnn_digits", "lstm_sequences", "gru_sequences", "transformer_classifier", "gpt_text",
            "autoencoder", "gan_ring", "reinforce")  # fmt: skip
BOUNDS = {"float32": 1e-5, "float64": 1e-10}
LARGER = {"float32": 1e-4, "float64": 1e-10}
"""How far the losses of whole networks may be apart, relative to PyTorch's, over 100 steps."""
GAMES = {"gan_ring", "reinforce"}
"""Here the loss says nothing about what was learned: the other side moves."""


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
    np.savez(path, x=x, y=y, **weights, **examples())
    return path


def examples() -> dict[str, np.ndarray]:
    """Digits and a text, and all that is drawn: noise, actions, the order of examples, weights."""
    draw = np.random.default_rng(1)
    images, labels = cr.data.load("digits")
    text, _ = cr.data.load_text()
    return {
        "images": images[:384].reshape(384, 8, 8).numpy(), "labels": labels[:384].numpy(),
        "text": text[:4000].numpy(), "offsets": draw.integers(0, 3980, size=(100, 8)),
        "batches": draw.integers(0, 384, size=(100, 32)),
        "shuffles": draw.permuted(np.tile(np.arange(320), (10, 1)), axis=1),
        "normal": draw.normal(size=20000), "uniform": draw.random(400),
        "noise": draw.normal(size=(100, 32, 64)), "actions": draw.integers(0, 2, size=(100, 12)),
    }  # fmt: skip


def losses(script: Path, arrays: Path, dtype: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a script has written down, run as a program."""
    monkeypatch.setattr(sys, "argv", [script.name, str(arrays), dtype])
    before = torch.get_default_dtype(), cr.get_default_dtype()
    try:
        return np.array(runpy.run_path(str(script), run_name="__main__")["losses"])
    finally:
        torch.set_default_dtype(before[0])
        cr.set_default_dtype(before[1])


@pytest.fixture
def one_thread() -> Iterator[None]:
    """PyTorch's threads cost such small networks more than they gain."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def run_both(
    arrays: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None
) -> Callable[[str, str], tuple[Any, Any]]:
    """The losses of a script as it is, and with other import lines."""

    def run(name: str, dtype: str) -> tuple[Any, Any]:
        original = SCRIPTS / f"{name}.py"
        changed = tmp_path / f"{name}.py"
        changed.write_text(rewritten(original.read_text("utf-8")), "utf-8")
        theirs = losses(original, arrays, dtype, monkeypatch)
        return theirs, losses(changed, arrays, dtype, monkeypatch)

    return run


@pytest.mark.parametrize("dtype", LARGER)
@pytest.mark.parametrize("name", NETWORKS)
def test_losses_of_networks_follow(name: str, dtype: str, run_both: Any) -> None:
    theirs, ours = run_both(name, dtype)
    assert len(theirs) >= 100
    np.testing.assert_allclose(ours, theirs, rtol=LARGER[dtype], atol=0)
    if name not in GAMES:
        assert theirs[80:100].mean() < 0.9 * theirs[:20].mean()


@pytest.mark.parametrize("dtype", BOUNDS)
@pytest.mark.parametrize("name", PARTS)
def test_losses_follow(name: str, dtype: str, run_both: Any) -> None:
    theirs, ours = run_both(name, dtype)
    assert len(ours) >= 200
    np.testing.assert_allclose(ours, theirs, rtol=BOUNDS[dtype], atol=BOUNDS[dtype] * 1e-2)
    assert theirs[199] < theirs[0]


def test_every_script_is_run() -> None:
    assert {script.stem for script in SCRIPTS.glob("*.py")} == {*PARTS, *NETWORKS}


def test_only_import_lines_change() -> None:
    for script in sorted(SCRIPTS.glob("*.py")):
        text = script.read_text("utf-8")
        pairs = list(zip(text.splitlines(), rewritten(text).splitlines(), strict=True))
        changed = [(a, b) for a, b in pairs if a != b]
        assert changed
        for line, other in changed:
            assert line.startswith(("import torch", "from torch"))
            assert other.startswith(("import chainrule", "from chainrule"))
