"""The five papers, and their parts solved in this process: quicker than in a child each."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp
import torch

import chainrule as cr
from chainrule.papers.solution import PartSolution
from chainrule.papers.solving.job import Job
from chainrule.papers.solving.part import answered

ROOT = Path(__file__).parents[2]
IDS = {
    "0": "1a 1b 1c 2 3 4a 4b 4c 5a 5b 5c 5d 5e 6 7",
    "1": "3a 3b 3c 3d 3e 4a 4b 5a 5b 5c 5d 5e 5f 5g 6a 7a 7b 7c 7d 8a 8b 8c 9a 9b 9c 10a 10b 10c "
    "11a 11b 11c 11d 11e 11f 12a 12b 12c",
    "2": "1a 1b 1c 2 3 4 5 6a 6b 7 8",
    "3": "1a 1b 1c 1d 2a 2b 2c 2d 3a 3b 4 5 6 7a 7b 8 9a 9b 10",
    "4": "1a-i 1a-ii 1a-iii 1a-iv 1a-v 1a-vi 1a-vii 1a-viii 1b-i 1b-ii 2a 2b 2c 2d 2e 2f 3a-i "
    "3a-ii 3b-i 3b-ii 3b-iii 3c-i 3c-ii 3c-iii 3c-iv 3c-v 3c-vi 4a 4b-i 4b-ii 4b-iii 4c-i 4c-ii 4d",
}
"""The parts of each paper."""


class _Answered(Exception):
    """The answer is there; the working is not waited for."""


class Here(Executor):
    """Solves parts one after the other in this process, without their working."""

    def submit(self, _: Any, run: str, job: str, *limits: Any) -> Future[Any]:  # type: ignore[override]
        """The answer to a job, as `answered` tells it."""
        told: list[dict[str, Any]] = []

        def tell(answer: dict[str, Any]) -> None:
            told.append(answer)
            raise _Answered

        with suppress(_Answered):
            answered(Job.from_json(job), tell)
        future: Future[Any] = Future()
        future.set_result({"seconds": 0.0} | told[-1])
        return future


@cache
def file_of(number: str) -> Path:
    """The file of a paper."""
    (found,) = (ROOT / "papers").glob(f"{number}-*.md")
    return found


@cache
def paper(number: str) -> Any:
    """A paper as it is written."""
    return cr.papers.load(file_of(number))


def solved(
    number: str, part: str, givens: Mapping[str, Any] | None = None, **options: Any
) -> PartSolution:
    """A part, with other values for some givens of its question; ``options`` are those of solve:
    conventions, arithmetic."""
    written = paper(number)
    (question,) = (q.id for q in written.questions if part in {p.id for p in q.parts})
    found = written.solve([part], givens={question: givens or {}}, executor=Here(), **options)
    return found[part]


def answer(number: str, part: str, givens: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """The answer to a part; an AssertionError tells why there is none."""
    found = solved(number, part, givens, **options)
    assert found.status == "answered", found.error
    return found.answer


def rewritten(number: str, part: str, **lines: str) -> PartSolution:
    """A part whose definitions are others: each old line with the new one, ``old=…, new=…``."""
    old, new = lines["old"], lines["new"]
    text = file_of(number).read_text(encoding="utf-8")
    assert old in text
    return cr.papers.parse(text.replace(old, new)).solve([part], executor=Here())[part]


def numbers(nested: Any, **letters: Any) -> Any:
    """Formulas and numbers as floats, entry by entry, with numbers in place of their letters."""
    if isinstance(nested, list | tuple):
        return [numbers(one, **letters) for one in nested]
    if not isinstance(nested, str):
        return float(nested)
    names = {name: sp.Symbol(name) for name in letters}
    return float(sp.sympify(nested, names).subs(letters))


def double(data: Any, requires_grad: bool = False) -> torch.Tensor:
    """A tensor of PyTorch's, of what givens and answers are."""
    return torch.tensor(numbers(data), dtype=torch.float64, requires_grad=requires_grad)


def close(found: Any, wanted: Any, rtol: float = 1e-9) -> None:
    """Raise unless an answer is what another library found, but for what floats round."""
    wanted = torch.as_tensor(wanted, dtype=torch.float64).detach().numpy()
    np.testing.assert_allclose(numbers(found), wanted, rtol=rtol, atol=1e-12)
