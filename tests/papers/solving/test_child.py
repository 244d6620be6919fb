"""What a part finds in its process."""

from pathlib import Path

from chainrule.papers import load
from tests.papers.solving.made import paper

DRAWS = """
import random
import numpy as np

drawn = [random.random(), np.random.rand(), cr.rand(1).item(), nn.Linear(1, 1).weight.item()]
"""


def test_random_draws_are_the_same_each_time() -> None:
    part = {"kind": "numeric", "value": "drawn", "python": DRAWS}
    found = [part.answer for part in paper(part, part).solve().parts]
    assert found[0] == found[1]
    assert len(set(found[0])) == 4


def test_modules_beside_the_paper_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "beside_the_paper.py").write_text("number = 41", "utf-8")
    file = tmp_path / "exam.md"
    file.write_text(
        "---\ntitle: A paper\n---\n# 1. A number\n```python\nfrom beside_the_paper import number\n"
        "```\n```yaml givens\nk: 1\n```\n```yaml answer\nkind: exact\nvalue: number + k\n```\n",
        "utf-8",
    )
    assert load(file).solve()["1"].answer == 42
