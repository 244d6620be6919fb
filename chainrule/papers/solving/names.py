"""The names that definitions see, beside those that every module of a paper imports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chainrule.core.derivatives import grad
from chainrule.core.dtypes import exact
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tensor import Tensor
from chainrule.nn import Module, Parameter
from chainrule.ops.creation.fromdata import tensor as make
from chainrule.ops.creation.symbolic import symbols
from chainrule.papers.arithmetic import Arithmetic
from chainrule.papers.conventions import Conventions
from chainrule.papers.paper import Given
from chainrule.readings.explain import explain as explained


def names_of(
    givens: Mapping[str, Given], arithmetic: Arithmetic, conventions: Conventions
) -> dict[str, Any]:
    """All of them: the givens as values, and what makes tensors in the part's arithmetic."""
    return helpers(arithmetic, conventions) | {
        name: value_of(given, arithmetic) for name, given in givens.items()
    }


def value_of(given: Given, arithmetic: Arithmetic) -> Any:
    """What a given stands for: a number, lists of them, a word, a symbol, the letter of a size."""
    assumed: Any = dict(given.assumptions)
    if given.form == "symbol":
        return symbols(str(given.value or given.name), **assumed)
    if given.form == "symbols":
        return make(_symbols(given.value, assumed), dtype=exact)
    if given.form == "tensor":  # numbers in the place of symbols
        return make(given.value, dtype=exact)
    return arithmetic.plain(given.value)


def _symbols(names: Any, assumed: dict[str, bool]) -> Any:
    """Symbols in the nested lists in which their names are."""
    if isinstance(names, str):
        return symbols(names, **assumed).item()  # type: ignore[arg-type]
    return [_symbols(part, assumed) for part in names]


def helpers(arithmetic: Arithmetic, conventions: Conventions) -> dict[str, Any]:
    """The functions that know the part's arithmetic, by name."""
    dtype = arithmetic.dtype

    def tensor(data: Any, requires_grad: bool = False) -> Tensor:
        """The data as a tensor in the part's arithmetic; a tensor as it is."""
        made: Tensor = data if isinstance(data, Tensor) else make(data, dtype=dtype)
        return made.detach().requires_grad_() if requires_grad else made

    def parameter(data: Any) -> Parameter:
        """A parameter in the part's arithmetic."""
        return Parameter(tensor(data))

    def with_weights(module: Module, **weights: Any) -> Module:
        """The module in the part's arithmetic, with these weights; a dotted name leads inside."""
        module = module.to(dtype)
        for name, value in weights.items():
            _place(module, name, parameter(value))
        return module

    return {
        "tensor": tensor,
        "parameter": parameter,
        "with_weights": with_weights,
        "dtype": dtype,
        "grad": grad,
        "explain": explaining(arithmetic),
        "conventions": conventions,
    }


def _place(module: Any, name: str, value: Parameter) -> None:
    """Put a parameter in the place of one of the module's; raises where it does not fit."""
    *path, last = name.split(".")
    for part in path:
        if not hasattr(module, part):
            raise ArgumentError(f"{type(module).__name__} has no {part!r}", got=name)
        module = getattr(module, part)
    before = getattr(module, last, None)
    if not isinstance(before, Tensor):
        have = ", ".join(found for found, _ in module.named_parameters())
        raise ArgumentError(f"{type(module).__name__} has no weight {last!r}", expected=have)
    if before.shape != value.shape:
        raise ShapeError(f"{name} of {type(module).__name__} has another shape",
                         got=str(value.shape), expected=str(before.shape))  # fmt: skip
    setattr(module, last, value)


def rounding(found: Any, arithmetic: Arithmetic) -> Any:
    """What an expression gives, computed again with each number rounded, in decimal arithmetic;
    else as it is."""
    if arithmetic.rounding is None:
        return found
    if isinstance(found, Tensor):
        if found.node.op is None or found.node.value is None:
            return found
        told = explained(found, arithmetic=arithmetic.rounding)
        return told.value(told.loss)
    if isinstance(found, list | tuple):
        return [rounding(part, arithmetic) for part in found]
    if isinstance(found, dict):
        return {key: rounding(part, arithmetic) for key, part in found.items()}
    return found


def explaining(arithmetic: Arithmetic) -> Callable[..., Any]:
    """``explain`` in the part's arithmetic."""

    def explain(loss: Tensor, **options: Any) -> Any:
        """How ``loss`` was computed, in the part's arithmetic."""
        if arithmetic.rounding is not None:
            options.setdefault("arithmetic", arithmetic.rounding)
        return explained(loss, **options)

    return explain
