"""What PyTorch documents: the names of the arguments, read off its own docstrings."""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import Any

import torch

DIRECTIVE = re.compile(r"^\.\. (?:function|method):: *(.*)$", re.MULTILINE)


SLIPS = {
    "Tensor.atanh_": {"other"},
    "Tensor.arctanh_": {"other"},
    "torch.tensor_split": {"indices", "sections"},
}
"""Names that the docs have and the functions do not."""


def _target(name: str) -> Any:
    owner, *path = name.split(".")
    found = {"torch": torch, "Tensor": torch.Tensor, "F": torch.nn.functional}.get(owner)
    for part in path:
        found = getattr(found, part, None)
    return found


@cache
def signatures(name: str) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Of each documented form: the names that may be positional, and those that may not."""
    target = _target(name)
    if target is None or not callable(target):
        return ()
    found = _of_function(target)
    if found is not None:
        own = int(name.startswith("Tensor."))
        return ((found[0][own:], found[1]),)
    text = (target.__doc__ or "").strip()
    heads = [text.partition("->")[0].partition("\n\n")[0], *DIRECTIVE.findall(text)]
    last = name.rpartition(".")[2]
    parsed = [_of_text(head.replace("\n", " "), last) for head in heads]
    return tuple(signature for signature in parsed if signature is not None)


def _of_function(target: Any) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
        return None
    named = tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)
    return tuple(p.name for p in parameters if p.name not in named), named


def _of_text(head: str, name: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The names in ``clamp(input, min=None, max=None, *, out=None)``."""
    match = re.match(r"\s*(?:[\w.]*\.)?" + re.escape(name) + r"\s*\((.*?)\)\s*(?:->.*)?$", head)
    if match is None:
        return None
    inside = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", match[1])  # defaults that are tuples
    parts = [part.strip().partition("=")[0].partition(":")[0].strip() for part in inside.split(",")]
    parts = [part.split()[-1] for part in parts if part]  # "int k" in old docstrings
    star = parts.index("*") if "*" in parts else len(parts)
    many = [i for i, part in enumerate(parts) if part.startswith("*") and part != "*"]
    if many:  # what stands before them has no use as a name
        return (), tuple(part for part in parts[many[0] :] if part.isidentifier())
    return tuple(parts[:star]), tuple(parts[star + 1 :])


def _form_for(name: str, count: int) -> tuple[str, ...] | None:
    """The names of ``count`` positional arguments, by the first form that has as many."""
    own = int(name.startswith("Tensor."))
    for positional, _ in signatures(name):
        if len(positional) >= count - own:
            return ("self",)[:own] + positional[: count - own]
    return None


def can_name(name: str, args: tuple[Any, ...]) -> bool:
    """Whether the docs name these positional arguments."""
    found = _form_for(name, len(args))
    return found is not None and all(part.isidentifier() for part in found)


def by_name(name: str, args: list[Any], kwargs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The same call with its positional arguments given by name (but for the object itself)."""
    own = int(name.startswith("Tensor."))
    found = _form_for(name, len(args)) or ()
    return args[:own], {**dict(zip(found[own:], args[own:], strict=True)), **kwargs}


def given(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> set[str]:
    """The documented names of what a call gives, in whichever form has them."""
    count = len(args) - int(name.startswith("Tensor."))
    fitting = [first[:count] for first, _ in signatures(name) if len(first) >= count]
    return {*kwargs, *(part for form in fitting for part in form)}


def arguments(name: str) -> set[str]:
    """All documented argument names of a spelling, but for slips of the documents."""
    found = {part for form in signatures(name) for parts in form for part in parts}
    return {part for part in found if part.isidentifier()} - SLIPS.get(name, set())
