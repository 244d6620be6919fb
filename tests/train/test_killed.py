"""Training that is killed with SIGKILL again and again ends with the same weights, bit for bit."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from itertools import cycle
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS, MOST, LIVES = 50, 400, 20

RUNS = [
    {"every": {"every_steps": 1}, "options": {}},
    {"every": {"every_steps": 3, "keep": 1}, "options": {"own": True}},
    {"every": {"every_epochs": 1}, "options": {"every": "batch"}},
    {"every": {"every_steps": 2}, "options": {"compile": True}},
]
"""With a checkpoint after every step, many kills come while one is being written."""


class Nursery:
    """See `tests/train/nursery.py`."""

    def __init__(self, folder):
        self.folder, self.runs = folder, 0
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.train.nursery"],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, **dict.fromkeys(names, "1"), "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def train(self, run, folder, resume, delay=None):
        """The child's exit code and outcome; it is killed after ``delay`` seconds if it lives."""
        out = self.folder / "outcome"
        out.unlink(missing_ok=True)
        order = {**run, "folder": str(folder), "out": str(out), "resume": resume}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        if delay is not None:
            time.sleep(delay)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        code = int(self.process.stdout.readline())
        return code, out.read_bytes() if out.exists() else None


@pytest.fixture
def nursery(tmp_path):
    made = Nursery(tmp_path)
    yield made
    made.process.stdin.close()
    made.process.wait(20)
    made.process.stdout.close()


def test_killed_fifty_times(nursery, tmp_path):
    chance, kills, writing, steps = random.Random(0), 0, 0, set()
    for number, run in enumerate(cycle(RUNS)):
        began = time.monotonic()
        code, expected = nursery.train(run, tmp_path / f"whole {number}", resume=False)
        longest = (time.monotonic() - began) / 4
        assert code == 0
        folder, lives, code = tmp_path / f"killed {number}", 0, -signal.SIGKILL
        while code == -signal.SIGKILL:
            lives += 1
            delay = chance.uniform(0, longest) if lives <= LIVES else None
            code, found = nursery.train(run, folder, resume=True, delay=delay)
            kills += code == -signal.SIGKILL
            writing += any(folder.glob(".*.tmp"))
            steps |= {path.name for path in folder.glob("step-*")}
        assert (code, found) == (0, expected)
        everywhere = len(steps) > 10 and writing  # all along the way, and while one was written
        if kills >= (KILLS if everywhere else MOST) and number >= len(RUNS) - 1:
            break
    assert everywhere
