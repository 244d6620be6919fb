"""Storage: which tensors share entries, and how writing to one reaches the others.

A *view* holds its base and the chain of moves that reads it; it is read again when the base was
written, and writing to it writes the base.  Tensors of different histories that share entries — x
and ``x.detach()`` — are *roots* of one `Storage`: what is written to one root, the others take over
as a value, each keeping its own history.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chainrule.core.device import CPU, META, beside
from chainrule.core.errors import CaptureError, DTypeError, GradientError, ShapeError
from chainrule.core.hooks import hooks
from chainrule.core.layout import refuse_copy
from chainrule.core.meta import moved, same_device
from chainrule.core.node import Node, leaf
from chainrule.core.source import here
from chainrule.core.state import enable_grad, leaves_graph, no_grad, state
from chainrule.core.tensor import Tensor

if TYPE_CHECKING:
    from chainrule.core.op import Op


class Chain:
    """The moves that read a view from its base, first one first.

    Linked from the last one backwards: a view of a view shares the chain of the view.
    """

    __slots__ = ("attrs", "before", "op")

    def __init__(self, before: Chain | None, op: Op, attrs: dict[str, Any]) -> None:
        self.before, self.op, self.attrs = before, op, attrs

    def __iter__(self) -> Iterator[tuple[Op, dict[str, Any]]]:
        steps: list[tuple[Op, dict[str, Any]]] = []
        link: Chain | None = self
        while link is not None:
            steps.append((link.op, link.attrs))
            link = link.before
        return iter(steps[::-1])


def _joined(first: Chain | None, then: Chain | None) -> Chain | None:
    for op, attrs in then or ():
        first = Chain(first, op, attrs)
    return first


# -- views ---------------------------------------------------------------------------------------


def view_of(base: Tensor, chain: Chain | None) -> Tensor:
    """What ``chain`` reads from ``base``, as a view of it."""
    made = Tensor(_replay(chain, base._node))
    made._base, made._chain, made._seen = base, chain, base._version
    return made


def refresh(view: Tensor) -> None:
    """Read a view again from its base.

    With history, whatever the mode: a view made under `no_grad` has none only until the base is
    written.  A view that is a leaf itself stays one, unless the base now has a history.
    """
    base = view._base
    assert base is not None  # only views are refreshed
    before = view._node
    if base._version // ERA != view._seen // ERA:
        raise GradientError(
            "the tensor that this is a view of was given other data, x.data = …, or another shape, "
            "x.t_()",
            hint="take the view again, or write into the data: x.data.copy_(…)",
        )
    if state.trace is not None:
        state.trace.node_of(base)
        state.trace.slot_of(view)
        refuse_copy(view)
    node = _replay(view._chain, base._node)
    if before.requires_grad and not node.requires_grad and before.is_leaf:
        node = fresh_leaf(node, view)
    hand_over(before, node, view)
    view._node, view._seen = node, base._version


def write(tensor: Tensor, value: Tensor) -> None:
    """Replace the values of ``tensor`` by ``value``, of the same shape."""
    old = tensor._current() if state.trace is None else state.trace.node_of(tensor)
    base = tensor._base
    if value.shape != old.shape:
        raise ShapeError(f"a result of shape {value.shape} cannot be written to {old.shape}")
    roots = (old,) if base is None else (base._node, old)
    if state.grad and any(node.requires_grad and node.is_leaf for node in roots):
        raise GradientError(
            "a leaf that requires a gradient is changed in place",
            hint="inside `with cr.no_grad():` this is an update; otherwise write x = x + …",
        )
    if value.dtype is not old.dtype:
        if value.dtype.category > old.dtype.category:
            raise DTypeError(
                f"a result of type {value.dtype.name} cannot be written to {old.dtype.name}"
            )
        value = value.to(old.dtype)
    if state.grad and old.requires_grad and not value.requires_grad:
        value = _overwriting(old, value)
    node = value._current()
    same_device("a result", node, old)
    if node is not old:
        tensor._rebind(kept(tensor, node) if base is None else node)


def overwrite(tensor: Tensor, value: Tensor) -> Tensor:
    """`write` of what does not depend on the entries before, whose gradient is then zero; from
    the CPU to "meta", too, where nothing is left of it."""
    old = tensor._current() if state.trace is None else state.trace.node_of(tensor)
    if value._node.meta is not old.meta and state.trace is None:
        value = moved(value, META if old.meta else CPU)
    if state.grad and old.requires_grad and not old.is_leaf and value.shape == old.shape:
        value = _overwriting(old, value)
    write(tensor, value)
    return tensor


def write_through(view: Tensor, node: Node) -> None:
    """Write ``node`` to the base where the view reads it."""
    base = view._base
    assert base is not None  # only views are written through
    before = view._current()
    if state.grad and base._node.requires_grad and not before.requires_grad:
        raise GradientError(
            "a view that was taken without history is changed in place, and its base has a history",
            hint="take the view outside no_grad(), or write inside it",
        )
    if state.trace is not None:
        refuse_copy(view)
    base._rebind(kept(base, _written_back(view._chain, base._node, node)))
    refresh(view)


def rearrange(tensor: Tensor, op: Op, attrs: dict[str, Any]) -> Tensor:
    """Give the handle itself the shape that a move makes: ``x.t_()``, which keeps its storage.

    A view reads its base by one move more.  A tensor that is none becomes a part of its storage;
    views that were taken of it before would read it wrongly, so they refuse from then on.
    """
    old = tensor._current()
    if state.trace is not None and state.trace.slot_of(tensor) is not None:
        raise CaptureError(
            "a tensor from outside is rearranged in place while a function is captured",
            hint="use the form that returns a new tensor: x.t(), x.squeeze()",
        )
    if state.grad and old.requires_grad and old.is_leaf:
        raise GradientError(
            "a leaf that requires a gradient is changed in place",
            hint="use the form that returns a new tensor: x.t(), x.squeeze()",
        )
    link = Chain(None, op, attrs)
    node = _replay(link, old)
    if tensor._base is not None:
        tensor._chain = _joined(tensor._chain, link)
    else:
        if tensor._storage is not None:
            tensor._chain = _joined(tensor._chain, link)
        tensor._version = (tensor._version // ERA + 1) * ERA
    hand_over(old, node, tensor)
    tensor._node = fresh_leaf(node, tensor) if old.requires_grad and old.is_leaf else node
    return tensor


def _overwriting(old: Node, value: Tensor) -> Tensor:
    """``value`` as what was written over ``old``, whose gradient is then zero."""
    from chainrule.core.lowering import recorder as xp

    with beside(old):
        made: Tensor = xp.where(xp.full(old.shape, True, "bool"), value, Tensor(old))
    return made


def _replay(chain: Chain | None, node: Node) -> Node:
    """What the chain reads from ``node``."""
    from chainrule.core.apply import apply

    with enable_grad():
        for op, attrs in chain or ():
            made: Tensor = apply(op, (Tensor(node),), attrs)
            node = made._node
    return node


def _written_back(chain: Chain | None, node: Node, part: Node) -> Node:
    """``node`` after ``part`` was written where the chain reads it."""
    from chainrule.core.apply import apply

    readers: list[Node] = []
    for op, attrs in chain or ():
        made: Tensor = apply(op, (Tensor(node),), attrs)
        readers.append(Node(op, (node,), attrs, made._node.shape, made._node.dtype))
        node = made._node
    written = Tensor(part)
    with beside(part):
        for reader in reversed(readers):
            assert reader.op is not None  # made above
            written = reader.op.put(reader, written)
    return written._node


# -- roots that share a storage --------------------------------------------------------------------


class Storage:
    """The entries that roots share: ``whole``, a hidden tensor without history, and the roots by
    identity; ``_chain`` of a root says which part of the whole it is (None: all of it)."""

    __slots__ = ("roots", "whole")

    def __init__(self, node: Node) -> None:
        self.whole = Tensor(without_history(node))
        self.roots: weakref.WeakValueDictionary[int, Tensor] = weakref.WeakValueDictionary()

    def add(self, root: Tensor, part: Chain | None) -> None:
        """Let ``root`` be ``part`` of the whole."""
        root._storage, root._chain = self, part
        self.roots[id(root)] = root

    def remove(self, root: Tensor) -> None:
        """Let ``root`` stand for itself."""
        root._storage = None
        self.roots.pop(id(root), None)

    def spread(self, source: Tensor) -> None:
        """Let every other root take over what was written to ``source``; in a trace, those that it
        has not met do so when it meets them, or when what it captured is run."""
        others = [root for root in self.roots.values() if root is not source]
        if not others:
            self.remove(source)
            return
        with no_grad():
            whole = self._after(source, others)
            for root in others:
                if state.trace is None or state.trace.has_met(root):
                    self.follow(root, whole)

    def follow(self, root: Tensor, whole: Node) -> None:
        """Let a root take over its part of the whole."""
        root._settle(renewed(root, _replay(root._chain, whole)))

    def _after(self, source: Tensor, others: list[Tensor]) -> Node:
        """All the entries after the write; while capturing, the trace keeps them."""
        trace, node, part = state.trace, source._node, source._chain
        if part is not None:
            full = next((root for root in others if root._chain is None), self.whole)
            before = full._node if trace is None else trace.wholes.get(self) or trace.node_of(full)
            node = _written_back(part, before, node)
        node = without_history(node)
        if trace is None:
            self.whole._node = node
        else:
            trace.wholes[self] = node
        return node


def share(made: Tensor, source: Tensor, part: Chain | None = None) -> None:
    """Make ``made`` a root on the entries of ``source``, or on a part of them."""
    root = source if source._base is None else source._base
    if root._storage is None:
        if state.trace is not None:
            state.trace.slot_of(root)
        Storage(root._node).add(root, None)
    storage = root._storage
    assert storage is not None  # it was added to one
    whole = _joined(root._chain, None if source._base is None else source._chain)
    storage.add(made, _joined(whole, part))


def replace_data(tensor: Tensor, value: Tensor) -> None:
    """``tensor.data = value``: leave the storage for that of ``value``, keeping the history."""
    trace = state.trace
    if trace is not None and (trace.slot_of(tensor) or trace.slot_of(value)):
        raise CaptureError(
            ".data is replaced while a function is captured",
            hint="write into it: x.data.copy_(value)",
        )
    node = renewed(tensor, fresh_leaf(value._current(), None))
    if tensor._storage is not None:
        tensor._storage.remove(tensor)
    tensor._base, tensor._node = None, node
    tensor._version = (tensor._version // ERA + 1) * ERA
    share(tensor, value)


def deep_copy(tensor: Tensor, memo: dict[int, Any]) -> Tensor:
    """A leaf of the same kind, with entries and a gradient of its own."""
    node = tensor._current()
    if not tensor.is_leaf:
        raise GradientError("only leaves can be deep-copied", hint="use x.detach().clone()")
    made = type(tensor).__new__(type(tensor))
    Tensor.__init__(made, fresh_leaf(node, made if node.requires_grad else None))
    made.name, made.role = tensor.name, tensor.role
    memo[id(tensor)] = made
    if tensor._grad is not None:
        made._grad = deep_copy(tensor._grad, memo)
    return made


ERA = 2**32
"""Versions of one era have views in common; ``.data = value`` starts another era."""


# -- leaves, and values without their history ----------------------------------------------------


def fresh_leaf(node: Node, owner: Tensor | None) -> Node:
    """The value of ``node`` as a leaf, whose gradient ``owner`` collects (None: none is wanted)."""
    if (node.value is None and not node.meta) or (state.forward and owner is None):
        from chainrule.core.structural import detached

        made = detached(detached(node) if node.requires_grad else node)
        made.requires_grad = owner is not None
    else:
        made = leaf(node.shape, node.dtype, node.value, owner is not None)
        made.meta = node.meta
    if owner is None:
        made.where = here()
        if not state.forward:
            leaves_graph(node)
    else:
        made.handle = weakref.ref(owner)
    return made


def without_history(node: Node) -> Node:
    """A node with the same value and no history."""
    if node.op is None and not node.requires_grad:
        return node
    return fresh_leaf(node, None)


def with_value(old: Node, new: Node) -> Node:
    """The value of ``new`` with the history of ``old``: what a write unseen by gradients leaves."""
    from chainrule.core.structural import with_value as op

    return Node(op, (old, new), {}, old.shape, old.dtype, new.value, old.requires_grad, old.where)


def history_of(node: Node) -> Node:
    """The node whose history this one has: itself, or that before writes unseen by gradients."""
    while node.op is not None and node.op.primitive == "with_value":
        node = node.parents[0]
    return node


def renewed(root: Tensor, node: Node) -> Node:
    """The value of ``node`` with the standing of ``root``: a leaf stays a leaf, a computed tensor
    keeps its history."""
    old = root._node
    if not old.requires_grad:
        return without_history(node)
    return fresh_leaf(node, root) if old.is_leaf else with_value(old, node)


def kept(root: Tensor, node: Node) -> Node:
    """What ``root`` stands for after ``node`` was written to it: under `no_grad` a write changes
    its value and nothing else."""
    if state.grad or not root._node.requires_grad:
        return node
    return renewed(root, node)


def hand_over(old: Node, new: Node, tensor: Tensor) -> None:
    """Let ``new`` take over what is tied to the tensor: after ``retain_grad()``, the gradient that
    is kept is that of the tensor as it is now; the hooks of a leaf stay with it."""
    old = history_of(old)
    if old.handle is None or old.handle() is not tensor or old is history_of(new):
        return
    if old.is_leaf:
        if hooks and old in hooks and new.is_leaf:
            hooks[new] = hooks[old]
        return
    old.handle = None
    if new.requires_grad and new.handle is None:
        new.handle = weakref.ref(tensor)
