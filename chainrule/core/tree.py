"""Nested tuples, lists and dicts of tensors, taken apart and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chainrule.core.tensor import Tensor


def leaves(tree: Any) -> list[Any]:
    """The leaves of a tree, from left to right; dicts in the order of their keys.

    >>> leaves({"a": (1, [2]), "b": 3})
    [1, 2, 3]
    """
    if isinstance(tree, tuple | list):
        return [leaf for part in tree for leaf in leaves(part)]
    if isinstance(tree, dict):
        return [leaf for part in tree.values() for leaf in leaves(part)]
    return [tree]


def tensors(tree: Any) -> list[Tensor]:
    """The tensors among the leaves."""
    return [leaf for leaf in leaves(tree) if isinstance(leaf, Tensor)]


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same tree with ``function`` of every leaf.

    >>> mapped(lambda x: x + 1, (1, {"a": 2}))
    (2, {'a': 3})
    """
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(mapped(function, part) for part in tree))
    if isinstance(tree, tuple | list):
        return type(tree)(mapped(function, part) for part in tree)
    if isinstance(tree, dict):
        return {key: mapped(function, part) for key, part in tree.items()}
    return function(tree)


def filled(tree: Any, tensors: Iterable[Any]) -> Any:
    """The same tree with other leaves in the places of its tensors.

    >>> import chainrule as cr
    >>> filled((cr.tensor(1), {"a": cr.tensor(2)}, None), [3, 4])
    (3, {'a': 4}, None)
    """
    parts = iter(tensors)
    return mapped(lambda x: next(parts) if isinstance(x, Tensor) else x, tree)


def skeleton(tree: Any, known: Callable[[Any], Any]) -> Any:
    """A tree's structure without its tensors: equal for two calls that may share a graph.

    ``known`` gives what a leaf that is no tensor is known by.
    """
    if isinstance(tree, tuple | list):
        return (type(tree), tuple(skeleton(part, known) for part in tree))
    if isinstance(tree, dict):
        return (dict, tuple((key, skeleton(part, known)) for key, part in tree.items()))
    if isinstance(tree, Tensor):
        return (Tensor, tree.shape, tree.dtype, tree.requires_grad)
    return (type(tree), known(tree))
