"""Taking the values of another network: all or nothing, and every difference told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Parameter, Tensor
from chainrule.ops.creation import as_tensor

if TYPE_CHECKING:
    from chainrule.nn.module import Module


class StateDictError(ChainruleError, RuntimeError, ValueError):
    """Saved values that do not fit the module that should take them."""


class IncompatibleKeys(NamedTuple):
    """The names that a module has and the saved values lack, and the reverse."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if self.missing_keys or self.unexpected_keys:
            return (
                f"IncompatibleKeys(missing_keys={self.missing_keys}, "
                f"unexpected_keys={self.unexpected_keys})"
            )
        return "<All keys matched successfully>"


def persistent(module: Module, prefix: str = "") -> dict[str, Tensor]:
    """The parameters and persistent buffers by path, in PyTorch's order; shared ones each time."""
    found: dict[str, Tensor] = {}
    for name, tensor in (*module._parameters.items(), *module._buffers.items()):
        if tensor is not None and name not in module._unsaved:
            found[prefix + name] = tensor
    for name, child in module._modules.items():
        if child is not None:
            found |= persistent(child, f"{prefix}{name}.")
    return found


def _require_values(own: Mapping[str, Tensor], values: Mapping[str, Tensor]) -> None:
    """Raise StateDictError where there is nothing to copy, or nowhere to copy it to."""
    for name, value in values.items():
        if own[name].is_meta:
            raise StateDictError(
                f"{name} is on the device 'meta', which keeps no values; nothing was loaded",
                hint="load_state_dict(…, assign=True) takes the tensors themselves;\n"
                "to_empty(device='cpu') before it makes room to copy to",
            )
        if value.is_meta:
            raise StateDictError(f"{name} was saved without values; nothing was loaded")


def _assign(module: Module, own: Mapping[str, Tensor], values: Mapping[str, Tensor]) -> None:
    """Let the values be the module's own; what one tensor was, one tensor stays."""
    made: dict[int, Tensor] = {}
    for name, value in values.items():
        old = own[name]
        if isinstance(old, Parameter) and not isinstance(value, Parameter):
            value = Parameter(value, old.requires_grad)
        made[id(old)] = value
    for name in values:
        *path, last = name.split(".")
        holder = module
        for part in path:
            holder = holder._modules[part]
        setattr(holder, last, made[id(own[name])])


def load(
    module: Module, given: Mapping[str, Any], strict: bool, assign: bool = False
) -> IncompatibleKeys:
    """See `Module.load_state_dict`."""
    if not isinstance(given, Mapping):
        raise ArgumentError(
            f"a state_dict is a dict, not a {type(given).__name__}", hint="net.state_dict()"
        )
    own = persistent(module)
    values = {name: as_tensor(value) for name, value in given.items() if name in own}
    missing = [name for name in own if name not in given]
    unexpected = [name for name in given if name not in own]
    faults = [
        f"{name} has shape {own[name].shape}, and {value.shape} was saved"
        for name, value in values.items()
        if value.shape != own[name].shape
    ]
    if strict:
        faults += [f"{name} was not saved" for name in missing]
        faults += [f"{name} was saved, and is not in the module" for name in unexpected]
    if faults:
        raise StateDictError(
            f"the saved values do not fit into {type(module).__name__}; nothing was loaded",
            got="; ".join(faults),
            hint=None
            if values and not strict
            else "strict=False passes over names, not over shapes",
        )
    if assign:
        _assign(module, own, values)
        return IncompatibleKeys(missing, unexpected)
    _require_values(own, values)
    with no_grad():
        for name, value in values.items():
            own[name].copy_(value.detach())
    return IncompatibleKeys(missing, unexpected)
