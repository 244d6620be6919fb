"""Rows of a table, looked up by bags of whole numbers: their sum, mean or maximum."""

from __future__ import annotations

from typing import Any

from chainrule.core.device import placed_like
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError, ValueCheckError
from chainrule.core.state import state
from chainrule.core.tensor import Tensor
from chainrule.nn.transformer.embedding import Table, embedding, row_of
from chainrule.ops.creation import zeros
from chainrule.ops.elementwise.compare import ne
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.lookup.primitive import counting, index_add

MODES = ("sum", "mean", "max")


@placed_like
def embedding_bag(
    input: Tensor, weight: Tensor, offsets: Tensor | None = None, max_norm: float | None = None,
    norm_type: float = 2, scale_grad_by_freq: bool = False, mode: str = "mean",
    sparse: bool = False, per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False, padding_idx: int | None = None,
) -> Tensor:  # fmt: skip
    """The sum, mean or maximum of the rows of ``weight`` that each bag of numbers names.

    Shapes: input (bags, n) -> (bags, d); or input (n), with ``offsets`` (bags), where each bag
    starts; with ``include_last_offset`` the last of them is where the last bag ends.
    ``per_sample_weights``, of input's shape, are factors of the rows of a sum.  The row
    ``padding_idx`` does not count; a bag without rows gives 0.  Of equal maxima the first has the
    derivative.  Other arguments as in `embedding`.  Raises ShapeError, ArgumentError, and
    ValueCheckError for offsets that do not rise from 0.

    >>> import chainrule as cr
    >>> table = cr.tensor([[1.0], [2.0], [4.0]])
    >>> cr.nn.functional.embedding_bag(cr.tensor([[0, 1], [2, 2]]), table).tolist()
    [[1.5], [4.0]]
    """
    _require(input, offsets, mode, per_sample_weights, scale_grad_by_freq)
    bag, bags = _bags(input, offsets, include_last_offset)
    at = input.reshape(-1)
    rows = embedding(at, weight, None, max_norm, norm_type, scale_grad_by_freq, sparse)
    inside = bag < bags
    padding_idx = row_of(padding_idx, weight.shape[0])
    if padding_idx is not None:
        inside = inside & ne(at, padding_idx)
    if mode == "max":
        return _maxima(rows, bag, bags, inside)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.reshape(-1, 1)
    kept, bag = where(inside.unsqueeze(1), rows, 0), where(inside, bag, 0)
    sums: Tensor = index_add(zeros(bags, weight.shape[1], dtype=rows.dtype), bag, kept, dim=0)
    if mode == "sum":
        return sums
    each = inside.to(rows.dtype)
    counts: Tensor = index_add(zeros(bags, dtype=rows.dtype), bag, each, dim=0)
    return sums / where(counts > 0, counts, 1).unsqueeze(1)


def _require(
    input: Tensor, offsets: Tensor | None, mode: str, weights: Tensor | None, shared: bool
) -> None:
    """Raise ArgumentError and ShapeError for what does not belong together."""
    if mode not in MODES:
        raise ArgumentError(f"mode is {mode!r}", expected=", ".join(MODES))
    if input.ndim not in (1, 2):
        raise ShapeError(f"input has {input.ndim} axes", expected="(bags, n), or (n) and offsets")
    if (offsets is None) != (input.ndim == 2):
        raise ArgumentError(
            "offsets say where bags start in an input of one axis; with two, each row is a bag"
        )
    if offsets is not None and offsets.ndim != 1:
        raise ShapeError(f"offsets have {offsets.ndim} axes", expected="(bags)")
    if weights is not None and mode != "sum":
        raise ArgumentError(f"per_sample_weights are factors of a sum, and mode is {mode!r}")
    if weights is not None and weights.shape != input.shape:
        raise ShapeError(f"per_sample_weights have shape {weights.shape}, and input {input.shape}")
    if shared and mode == "max":
        raise ArgumentError("scale_grad_by_freq has no meaning for a maximum")


def _bags(input: Tensor, offsets: Tensor | None, last: bool) -> tuple[Tensor, Any]:
    """To which bag each number belongs, and how many bags there are."""
    if offsets is None:
        bags, n = input.shape
        return counting(stop=bags).unsqueeze(1).expand(bags, n).reshape(-1), bags
    if state.trace is None and not offsets.is_meta:
        starts = offsets.tolist()
        if starts[:1] != [0] or starts != sorted(starts) or starts[-1] > input.shape[0]:
            raise ValueCheckError(f"offsets are {starts}", expected="they rise from 0 to at most "
                                  f"{input.shape[0]}, the length of the input")  # fmt: skip
    place = counting(stop=input.shape[0]).unsqueeze(1)
    bag: Tensor = (offsets <= place).sum(1) - 1
    return bag, offsets.shape[0] - 1 if last else offsets.shape[0]


def _maxima(rows: Tensor, bag: Tensor, bags: Any, inside: Tensor) -> Tensor:
    """The largest entries of each bag; 0 where there are none."""
    mine = (bag == counting(stop=bags).unsqueeze(1)) & inside
    if not rows.shape[0]:
        return zeros(bags, rows.shape[1], dtype=rows.dtype)
    spread = where(mine.unsqueeze(-1), rows, float("-inf"))
    made: Tensor = where(mine.any(1, keepdim=True), spread.max(1).values, 0)
    return made


class EmbeddingBag(Table):
    """The sum, mean or maximum of the rows of a table that bags of whole numbers name: one vector
    for a text, whatever its length.

    Shapes: input (bags, n), or (n) with offsets (bags) -> (bags, embedding_dim).  Arguments, and
    what is raised, are those of `functional.embedding_bag`.

    >>> import chainrule as cr
    >>> words = cr.nn.EmbeddingBag(10, 3, mode="sum")
    >>> words(cr.tensor([4, 1, 9]), cr.tensor([0, 2])).shape
    (2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, _weight, False, device, dtype)
        if mode not in MODES:
            raise ArgumentError(f"mode is {mode!r}", expected=", ".join(MODES))
        self.max_norm, self.norm_type, self.mode = max_norm, norm_type, mode
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        self.include_last_offset = include_last_offset

    @classmethod
    def from_pretrained(
        cls, embeddings: Tensor, freeze: bool = True, max_norm: float | None = None,
        norm_type: float = 2.0, scale_grad_by_freq: bool = False, mode: str = "mean",
        sparse: bool = False, include_last_offset: bool = False, padding_idx: int | None = None,
    ) -> EmbeddingBag:  # fmt: skip
        """A layer with these rows, (n, d), which are not trained unless ``freeze=False``."""
        if embeddings.ndim != 2:
            raise ShapeError(
                f"a table of rows has 2 axes, not {embeddings.ndim}", expected="(n, d)"
            )
        rows, width = embeddings.shape
        made = cls(rows, width, max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings,
                   include_last_offset, padding_idx)  # fmt: skip
        made.weight.requires_grad_(not freeze)
        return made

    def forward(
        self,
        input: Tensor,
        offsets: Tensor | None = None,
        per_sample_weights: Tensor | None = None,
    ) -> Tensor:
        return embedding_bag(
            input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq,
            self.mode, self.sparse, per_sample_weights, self.include_last_offset, self.padding_idx,
        )  # fmt: skip

    def extra_repr(self) -> str:
        usual = {"max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False, "mode": "",
                 "padding_idx": None}  # fmt: skip
        said = [f"{k}={getattr(self, k)!r}" for k, v in usual.items() if getattr(self, k) != v]
        return ", ".join([str(self.num_embeddings), str(self.embedding_dim), *said])
