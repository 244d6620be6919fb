"""Running shape rules and layers on letters whose numbers are known: what depends on a letter is
answered for its number."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import chainrule as cr
from chainrule.core import tree as trees
from chainrule.core.assuming import assuming
from chainrule.core.meta import blank
from chainrule.core.size import Size
from tests.layers_parity.engine import assembled, resolve
from tests.layers_parity.table import Case, samples

SIZES = frozenset(
    (
        *("in_features", "out_features", "in1_features", "in2_features", "num_features"),
        *("in_channels", "out_channels", "num_channels", "normalized_shape", "output_size"),
        *("kernel_size", "stride", "padding", "dilation", "output_padding"),
        *("input_size", "hidden_size", "embed_dim", "kdim", "vdim", "d_model", "dim_feedforward"),
        *("num_embeddings", "embedding_dim"),
    )
)
"""Arguments of layers that say sizes."""


class Letters:
    """A letter of its own for each number that is given."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}

    def __call__(self, number: int) -> Any:
        name = f"n{len(self.values)}"
        self.values[name] = number
        return Size.symbol(name, lower=0)

    @contextmanager
    def known(self) -> Iterator[None]:
        """A context in which the numbers decide what the letters leave open."""

        def answer(difference: Any, relation: str) -> bool:
            found = difference.substitute(self.values)
            return bool(found > 0) if relation == "> 0" else bool(found == 0)

        with assuming(answer):
            yield

    def put(self, tree: Any) -> Any:
        """Sizes with the numbers put in."""
        if isinstance(tree, tuple):
            return tuple(map(self.put, tree))
        return tree.substitute(self.values) if isinstance(tree, Size) else tree


def shapes_of(case: Case, letter: Any, arguments: bool) -> list[Any]:
    """The shapes that a layer or function makes of its first call's operands, without values.

    ``letter`` is called with the size of each axis, and, if ``arguments``, with each number of a
    layer's arguments that says a size.
    """

    def lettered(tree: Any) -> Any:
        if isinstance(tree, tuple | list):
            return type(tree)(map(lettered, tree))
        plain = isinstance(tree, int) and not isinstance(tree, bool) and tree >= 0
        return letter(tree) if plain else tree

    with cr.device("meta"):
        function = resolve(cr, case.name)
        if case.plan.init is not None:
            args, kwargs = case.plan.init
            args = assembled(cr, args, iter(()))
            kwargs = assembled(cr, {k: v for k, v in kwargs.items() if k != "device"}, iter(()))
            if arguments:
                words = list(inspect.signature(function.__init__).parameters)[1:]
                pairs = zip(words, args, strict=False)
                args = tuple(lettered(a) if word in SIZES else a for word, a in pairs)
                kwargs = {k: lettered(v) if k in SIZES else v for k, v in kwargs.items()}
            function = function(*args, **kwargs)
            function.train(case.plan.modes[0] == "train")
        run = case.plan.runs[0]
        operands = [
            cr.Tensor(blank(tuple(map(letter, s.array.shape)), getattr(cr, str(s.array.dtype))))
            for s in samples(run)
        ]
        args, kwargs = assembled(cr, run, iter(operands))
        return [made.shape for made in trees.tensors(function(*args, **kwargs))]
