"""Rows of a table, looked up by whole numbers."""

from __future__ import annotations

from typing import Any, Self

from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.size import Size, is_size
from chainrule.core.state import no_grad
from chainrule.core.structural import with_value
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn import init
from chainrule.nn.module import Module
from chainrule.ops.creation import empty, ones, zeros
from chainrule.ops.elementwise.compare import ne
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.lookup.primitive import index_add, take


def embedding(
    input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None,
    norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Tensor:  # fmt: skip
    """The rows of ``weight`` that ``input`` names; the row ``padding_idx`` gets no gradient.

    Shapes: input (*b) of whole numbers from 0, weight (n, d) -> (*b, d).  With ``max_norm`` the
    rows that are named and longer, by the norm of order ``norm_type``, are first shortened to it,
    in ``weight`` itself.  With ``scale_grad_by_freq`` a row's gradient is divided by how often it
    is named.  Raises ShapeError for a weight that is no matrix, ValueCheckError for a number that
    is not among its rows, and ArgumentError for a padding_idx outside, for a negative max_norm, and
    for ``sparse``, which is PyTorch's and not there.

    >>> import chainrule as cr
    >>> table = cr.tensor([[0.0, 0.0], [1.0, 2.0]])
    >>> cr.nn.functional.embedding(cr.tensor([1, 0, 1]), table).tolist()
    [[1.0, 2.0], [0.0, 0.0], [1.0, 2.0]]
    """
    if sparse:
        raise ArgumentError("embedding has no sparse gradients: all tensors are dense")
    if weight.ndim != 2:
        raise ShapeError(f"the weight of an embedding has {weight.ndim} axes", expected="(n, d)")
    padding_idx = row_of(padding_idx, weight.shape[0])
    if max_norm is not None:
        shorten(weight, input, max_norm, norm_type)
    rows: Tensor = take(weight, input, dim=0)
    if scale_grad_by_freq:
        rows = with_value(rows / take(counted(input, weight), input, dim=0).unsqueeze(-1), rows)
    if padding_idx is None:
        return rows
    kept = ne(input, padding_idx).unsqueeze(-1)
    made: Tensor = where(kept, rows, rows.detach())
    return made


def embedding_of(
    weight: Tensor, indices: Tensor, padding_idx: int = -1, scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:  # fmt: skip
    """`embedding` as ``torch.embedding`` has it: the table first, and -1 for no row of padding.

    >>> import chainrule as cr
    >>> cr.embedding(cr.tensor([[1.0], [2.0]]), cr.tensor([1, 0])).tolist()
    [[2.0], [1.0]]
    """
    row = None if padding_idx == -1 else padding_idx
    return embedding(indices, weight, row, None, 2.0, scale_grad_by_freq, sparse)


def row_of(padding_idx: Any, n: Any) -> int | None:
    """The row of padding, counted from the front; raises ArgumentError where there is none."""
    if padding_idx is None:
        return None
    if not isinstance(padding_idx, int | Size) or isinstance(padding_idx, bool):
        raise ArgumentError(f"padding_idx is {padding_idx!r}", expected="a whole number")
    if not -n <= padding_idx < n:
        raise ArgumentError(f"padding_idx is {padding_idx}", expected=f"one of {n} rows")
    row: Any = padding_idx + n if padding_idx < 0 else padding_idx
    return row


def counted(input: Tensor, weight: Tensor) -> Tensor:
    """How often each row of ``weight`` is named, as its type."""
    at = input.reshape(-1)
    like = {"dtype": weight.dtype, "device": weight.device}
    none, one = zeros(weight.shape[0], **like), ones(at.shape[0], **like)
    times: Tensor = index_add(none, at, one, dim=0)
    return times


def shorten(weight: Tensor, input: Tensor, max_norm: float, norm_type: float) -> None:
    """Write the rows that ``input`` names and that are longer than ``max_norm``, at that length.

    Gradients do not see it.  PyTorch divides by the length plus 1e-7, and so do we.
    """
    if max_norm < 0:
        raise ArgumentError(f"max_norm is {max_norm}", expected="a length from 0")
    with no_grad():
        lengths = weight.norm(norm_type, dim=1)
        too_long = (counted(input, weight) > 0) & (lengths > max_norm)
        factors = where(too_long, max_norm / (lengths + 1e-7), 1.0)
        weight.copy_(weight * factors.unsqueeze(1))


class Table(Module):
    """What `Embedding` and `EmbeddingBag` share: a matrix with a row for each of so many things."""

    weight: Parameter

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None, weight: Any,
        freeze: bool, device: Any, dtype: DType | None,
    ) -> None:  # fmt: skip
        super().__init__()
        shape = (num_embeddings, embedding_dim)
        for name, size in zip(("num_embeddings", "embedding_dim"), shape, strict=True):
            if not is_size(size):
                raise ArgumentError(f"{name} is {size!r}", expected="a whole number from 0")
        self.num_embeddings, self.embedding_dim = shape
        self.padding_idx = row_of(padding_idx, num_embeddings)
        if weight is None:
            self.weight = Parameter(
                empty(*shape, device=device, dtype=dtype), requires_grad=not freeze
            )
            self.reset_parameters()
        elif tuple(weight.shape) != shape:
            raise ShapeError(
                f"the given weight has shape {tuple(weight.shape)}", expected=f"{shape}"
            )
        else:
            self.weight = Parameter(weight, requires_grad=not freeze)

    def reset_parameters(self) -> None:
        """Draw the rows anew, from N(0, 1); that of padding is 0."""
        init.normal_(self.weight)
        if self.padding_idx is not None and not self.weight.is_meta:
            with no_grad():
                self.weight[self.padding_idx] = 0


class Embedding(Table):
    """The rows of a table that whole numbers name: a vector for each word, learned.

    Shapes: x (*b) of numbers below ``num_embeddings`` -> (*b, embedding_dim).  Rows start as
    standard normal draws; the row ``padding_idx`` starts as 0 and is not trained.  The other
    arguments are those of `functional.embedding`, which also says what is raised.

    >>> import chainrule as cr
    >>> words = cr.nn.Embedding(10, 3, padding_idx=0)
    >>> words(cr.tensor([[4, 1], [9, 0]])).shape
    (2, 2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            num_embeddings, embedding_dim, padding_idx, _weight, _freeze, device, dtype
        )
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse

    @classmethod
    def from_pretrained(
        cls, embeddings: Tensor, freeze: bool = True, padding_idx: int | None = None,
        max_norm: float | None = None, norm_type: float = 2.0, scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:  # fmt: skip
        """A layer with these rows, (n, d), which are not trained unless ``freeze=False``.

        >>> import chainrule as cr
        >>> cr.nn.Embedding.from_pretrained(cr.tensor([[1.0, 2.0]]))
        Embedding(1, 2)
        """
        if embeddings.ndim != 2:
            raise ShapeError(
                f"a table of rows has 2 axes, not {embeddings.ndim}", expected="(n, d)"
            )
        rows, width = embeddings.shape
        return cls(
            rows, width, padding_idx=padding_idx, max_norm=max_norm, norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq, sparse=sparse, _weight=embeddings,
            _freeze=freeze,
        )  # fmt: skip

    def forward(self, input: Tensor) -> Tensor:
        return embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type,
            self.scale_grad_by_freq, self.sparse,
        )  # fmt: skip

    def extra_repr(self) -> str:
        usual = {"padding_idx": None, "max_norm": None, "norm_type": 2.0,
                 "scale_grad_by_freq": False}  # fmt: skip
        said = [f"{k}={getattr(self, k)}" for k, v in usual.items() if getattr(self, k) != v]
        return ", ".join([str(self.num_embeddings), str(self.embedding_dim), *said])
