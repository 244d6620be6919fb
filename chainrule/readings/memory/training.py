"""The memory of a step of training, from the graph of its forward pass alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from chainrule.core.dtypes import DType
from chainrule.core.graph import Graph, Input
from chainrule.core.node import Node
from chainrule.core.signature import Dim
from chainrule.readings.account.adjoint import Backward, backward_pass
from chainrule.readings.memory.held import held
from chainrule.readings.memory.kept import Kept, kept, roles
from chainrule.readings.memory.liveness import Peak, peak
from chainrule.readings.memory.storage import Storage, storages

PARTS = ("parameters", "gradients", "optimizer", "activations")
"""What an element type can be given for."""


@dataclass(frozen=True)
class Training:
    """What a graph takes forward and backward; ``types`` are element types that stand for those of
    floating-point numbers, by part: "parameters", "gradients", "activations"."""

    graph: Graph
    backward: Backward
    types: Mapping[str, DType]

    @cached_property
    def roles(self) -> dict[Node, str]:
        """The roles of the inputs."""
        return roles(self.graph)

    @cached_property
    def kept(self) -> tuple[Kept, ...]:
        """What the backward pass reads of the forward pass, and by which op."""
        return kept(self.graph, self.backward, self.homes)

    @cached_property
    def activations(self) -> tuple[Kept, ...]:
        """Of this, what is neither a parameter nor a buffer."""
        return tuple(k for k in self.kept if k.role not in ("param", "state"))

    @cached_property
    def held(self) -> tuple[Storage, ...]:
        """What eager execution holds between the two passes, parameters and buffers left out: its
        history has every value, also those that no rule reads."""
        return tuple(s for s in self._history if not self._belongs(s))

    @cached_property
    def homes(self) -> dict[Node, Storage]:
        """Where the values of both passes lie."""
        return storages(self.schedule)

    @cached_property
    def _history(self) -> tuple[Storage, ...]:
        return held(self.graph, self.homes)

    def _belongs(self, storage: Storage) -> bool:
        return self.roles.get(storage.node) in ("param", "state")

    def bytes_of(self, storage: Storage) -> Dim:
        """The bytes of a storage, in the type that stands for its own."""
        part = "parameters" if self._belongs(storage) else "activations"
        if storage in self._gradients:
            part = "gradients"
        return storage.bytes(self.types.get(part))

    @cached_property
    def _gradients(self) -> set[Storage]:
        homes, made = self.homes, self.backward.gradients
        return {homes[g] for n, g in made.items() if self.roles.get(n) == "param"}

    @cached_property
    def schedule(self) -> tuple[Node, ...]:
        """The nodes of both passes in the order in which they are computed."""
        return (*self.graph.nodes, *self.backward.starts, *(n for n, _ in self.backward.nodes))

    @cached_property
    def lasting(self) -> set[Storage]:
        """What stays: what comes from outside, the outputs, and the gradients."""
        homes = self.homes
        ends = [*self.graph.results, *self.backward.gradients.values()]
        given = (homes[i.node] for i in self.graph.inputs)
        return {*given, *(homes[node] for node in ends if node in homes)}

    @cached_property
    def peak(self) -> Peak:
        """Where most is in use, if everything is freed as soon as nobody reads it any more."""
        return peak(self.schedule, self.bytes_of, self.lasting, self.homes)

    @cached_property
    def eager_peak(self) -> Peak:
        """The same in eager execution, whose history lives until the backward pass is done."""
        lasting = {*self.lasting, *self._history}
        return peak(self.schedule, self.bytes_of, lasting, self.homes)

    @cached_property
    def inference_peak(self) -> Peak:
        """Where most is in use in the forward pass alone, without history."""
        homes = self.homes
        ends = (*self.graph.results, *(i.node for i in self.graph.inputs))
        lasting = {homes[n] for n in ends if n in homes}
        return peak(self.graph.nodes, self.bytes_of, lasting, homes)


def training(
    graph: Graph,
    types: Mapping[str, DType] | None = None,
    wanted: Callable[[Input], bool] | None = None,
) -> Training:
    """The memory that a graph takes forward and backward.

    The backward pass starts from an adjoint for each output, and gives the gradients of the inputs
    that require one and for which ``wanted`` holds.

    >>> import chainrule as cr
    >>> net = cr.nn.Sequential(cr.nn.Linear(3, 4), cr.nn.ReLU(), cr.nn.Linear(4, 1))
    >>> found = training(cr.capture(net, cr.spec("B", 3)))
    >>> [(found.bytes_of(k.storage), k.why) for k in found.activations]
    [(12*B, 'linear reads its x'), (16*B, 'linear reads its x, relu reads its result')]
    """
    return Training(graph, backward_pass(graph, wanted), types or {})
