"""The module: parameters, buffers and other modules under names, and a forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Self

from chainrule.core import dtypes as dt
from chainrule.core.dtypes import DType
from chainrule.core.errors import ArgumentError
from chainrule.core.state import quiet, state
from chainrule.core.tensor import Parameter, Tensor
from chainrule.nn import checkpoint
from chainrule.nn.hooks import Hooked
from chainrule.ops.creation import empty_like
from chainrule.ops.methods import destination

KINDS: dict[str, type] = {"_parameters": Parameter, "_buffers": Tensor}
"""The registries of a module, and what is in each (completed below, when there is `Module`)."""


class _Place:
    """Where a module stands in the network that was called.  It is no attribute of the module: who
    looks whether a module has changed does not see it."""

    __slots__ = ("_path", "_told")

    _path: str
    """``"encoder.0"``, empty at the top."""
    _told: int
    """The number of registrations when names were last told."""


class Module(_Place, Hooked):
    """What all layers and networks share, as PyTorch has it.

    A parameter, buffer or module that is assigned to an attribute is registered under its name.
    Subclasses write ``forward``; calling the module runs it.

    >>> import chainrule as cr
    >>> from chainrule import nn
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = nn.Parameter(cr.tensor(2.0))
    ...
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> scale = Scale()
    >>> scale(cr.tensor(3.0)).item(), [name for name, _ in scale.named_parameters()]
    (6.0, ['factor'])
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Any]
    _unsaved: set[str]
    """The buffers that are not part of `state_dict`."""
    _registrations: ClassVar[int] = 0

    def __init__(self) -> None:
        own = vars(self)
        own.update({name: {} for name in KINDS})
        own.update(training=True, _unsaved=set())
        self._path, self._told = "", -1

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result; raises NotImplementedError unless the subclass does."""
        raise NotImplementedError(f"{type(self).__name__} has no forward()")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward`; what it computes belongs to this module."""
        outer = state.scope
        if outer is None and self._told != Module._registrations:
            self._tell_names()
        state.scope = (self, outer)
        hooked = self._forward_pre_hooks or self._forward_hooks
        forward = self._forward_with_hooks if hooked else self.forward
        try:
            if state.quiet:
                return forward(*args, **kwargs)
            with quiet():
                return forward(*args, **kwargs)
        finally:
            state.scope = outer

    def _tell_names(self) -> None:
        """Give the modules and tensors inside their paths, by which errors and explanations call
        them; a part of a larger network that is called alone keeps its path there."""
        for path, module in self.named_modules(prefix=self._path):
            module._path = path
        named = (self.named_parameters(self._path), self.named_buffers(self._path))
        for path, tensor in (pair for pairs in named for pair in pairs):
            tensor.name = path
        self._told = Module._registrations

    # -- registration ----------------------------------------------------------------------------

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Own a parameter, or keep its name for later (None)."""
        self._claim("_parameters", name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Own a tensor that is not a parameter; it is part of `state_dict` if persistent."""
        self._claim("_buffers", name, tensor)
        if not persistent:
            self._unsaved.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Own another module."""
        self._claim("_modules", name, module)

    register_module = add_module

    def _claim(self, registry: str, name: Any, value: Any) -> None:
        """Register under a name that is still free; raises ArgumentError."""
        if not isinstance(name, str) or not name or "." in name:
            raise ArgumentError(f"not a name: {name!r}", expected="text without dots, not empty")
        if hasattr(self, name) and name not in vars(self).get(registry, ()):
            raise ArgumentError(f"{type(self).__name__} has an attribute '{name}' already")
        self._put(registry, name, value)

    def _put(self, registry: str, name: str, value: Any) -> None:
        """Register under a name, whatever had it before."""
        own, kind = vars(self), KINDS[registry]
        if registry not in own:
            raise AttributeError(
                f"super().__init__() comes before '{name}' in {type(self).__name__}"
            )
        if value is not None and not isinstance(value, kind):
            raise ArgumentError(
                f"'{name}' becomes a {type(value).__name__} where a {kind.__name__} belongs",
                hint="wrap it in nn.Parameter(...)"
                if kind is Parameter
                else "del the old one first",
            )
        for other in KINDS.keys() - {registry}:
            own[other].pop(name, None)
        own.pop(name, None)
        own[registry][name] = value
        self._unsaved.discard(name)
        Module._registrations += 1

    def _registry_of(self, name: str) -> str | None:
        own = vars(self)
        for registry in KINDS:
            if name in own.get(registry, ()):
                return registry
        return None

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parameter):
            self._put("_parameters", name, value)
        elif isinstance(value, Module):
            self._put("_modules", name, value)
        elif (registry := self._registry_of(name)) is None:
            object.__setattr__(self, name, value)
        elif registry == "_buffers" and isinstance(value, Tensor):
            self._set_buffer(name, value)
        else:
            self._put(registry, name, value)

    def _set_buffer(self, name: str, value: Tensor) -> None:
        """Let another tensor be the buffer; while a function is captured, whose tensors end with
        the capture, the buffer itself takes its values."""
        old = self._buffers[name]
        if state.trace is not None and old is not None:
            old._write(value)
        else:
            self._buffers[name] = value
            Module._registrations += 1

    def __getattr__(self, name: str) -> Any:
        registry = self._registry_of(name)
        if registry is None:
            raise AttributeError(f"{type(self).__name__} has no attribute '{name}'")
        return vars(self)[registry][name]

    def __delattr__(self, name: str) -> None:
        registry = self._registry_of(name)
        if registry is None:
            object.__delattr__(self, name)
        else:
            del vars(self)[registry][name]
            self._unsaved.discard(name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._parameters, *self._buffers, *self._modules]

    # -- walking ---------------------------------------------------------------------------------

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly inside, with their names, each once."""
        return _once((name, module) for name, module in self._modules.items())

    def children(self) -> Iterator[Module]:
        """The modules directly inside."""
        return (module for _, module in self.named_children())

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all inside, with their paths, each once."""
        return _once(self._walk(prefix))

    def _walk(self, prefix: str) -> Iterator[tuple[str, Module]]:
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module._walk(f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """This module and all inside."""
        return (module for _, module in self.named_modules())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their paths, each once."""
        return _once(self._members("_parameters", prefix, recurse))

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters: what an optimizer takes."""
        return (param for _, param in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """The buffers with their paths, each once."""
        return _once(self._members("_buffers", prefix, recurse))

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers: tensors that are not parameters."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _members(self, registry: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        for path, module in self.named_modules(prefix) if recurse else [(prefix, self)]:
            for name, value in vars(module)[registry].items():
                yield (f"{path}.{name}" if path else name), value

    def get_submodule(self, target: str) -> Module:
        """The module at a path, "body.0"; raises AttributeError where there is none."""
        found = dict(self._walk("")).get(target)
        if found is None:
            raise AttributeError(f"{type(self).__name__} has no module at '{target}'")
        return found

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a path, "body.0.weight"; raises AttributeError where there is none."""
        found: Parameter = self._member("_parameters", target)
        return found

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a path; raises AttributeError where there is none."""
        found: Tensor = self._member("_buffers", target)
        return found

    def _member(self, registry: str, target: str) -> Any:
        path, _, name = target.rpartition(".")
        found = vars(self.get_submodule(path))[registry].get(name)
        if found is None:
            kind = registry[1:-1]
            raise AttributeError(f"{type(self).__name__} has no {kind} at '{target}'")
        return found

    # -- changing all at once --------------------------------------------------------------------

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call ``fn`` on every module inside, then on this one."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Self:
        """Switch dropout, batch statistics and the like on or off."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switch to evaluation: ``train(False)``."""
        return self.train(False)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, or set them to zero."""
        for param in self.parameters():
            if set_to_none or param.grad is None:
                param.grad = None
            else:
                param.grad.detach_().zero_()

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Ask for gradients of all parameters, or of none: a frozen network."""
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def to(
        self,
        *targets: Any,
        device: Any = None,
        dtype: DType | None = None,
        non_blocking: bool = False,
    ) -> Self:
        """All parameters and buffers on another device, and the floating ones in another floating
        type.  Raises DeviceError from "meta" to the CPU: that is `to_empty`."""
        place, dtype = destination(targets, device, dtype)
        for tensor in (*self.parameters(), *self.buffers()):
            wanted = dtype if tensor.dtype.category >= dt.REAL else None
            made, grad = tensor.detach().to(place, wanted), tensor.grad
            if made.dtype is not tensor.dtype or made.is_meta != tensor.is_meta:
                tensor.grad, tensor.data = None, made
                tensor.grad = None if grad is None else grad.to(place, wanted)
        return self

    def to_empty(self, *, device: Any, recurse: bool = True) -> Self:
        """Let all parameters and buffers be tensors to be written to on a device: what gives a
        network that was built on "meta" its memory.

        >>> from chainrule import nn
        >>> nn.Linear(3, 2, device="meta").to_empty(device="cpu").weight.device
        device(type='cpu')
        """
        for tensor in (*self.parameters(recurse), *self.buffers(recurse)):
            tensor.grad, tensor.data = None, empty_like(tensor, device=device)
        return self

    def cpu(self) -> Self:
        """The module: it is there."""
        return self

    def float(self) -> Self:
        """In float32."""
        return self.to(dt.float32)

    def double(self) -> Self:
        """In float64."""
        return self.to(dt.float64)

    def half(self) -> Self:
        """In float16."""
        return self.to(dt.float16)

    # -- saving ----------------------------------------------------------------------------------

    def state_dict(self, prefix: str = "") -> dict[str, Tensor]:
        """Parameters and persistent buffers by path; they share storage with the module's own.

        >>> from chainrule import nn
        >>> {name: value.shape for name, value in nn.Linear(3, 2).state_dict().items()}
        {'weight': (2, 3), 'bias': (2,)}
        """
        return {
            path: tensor.detach() for path, tensor in checkpoint.persistent(self, prefix).items()
        }

    def load_state_dict(
        self, state_dict: Mapping[str, Tensor], strict: bool = True, assign: bool = False
    ) -> checkpoint.IncompatibleKeys:
        """Take the values of a `state_dict`; returns which names were missing or unexpected.

        With ``assign`` the tensors themselves become the module's, with their types and on their
        device; names that shared a parameter share it still.

        Raises StateDictError, having changed nothing, for wrong shapes and, if ``strict``, for
        missing and unexpected names; and, unless ``assign``, for values on the device "meta", on
        either side.
        """
        return checkpoint.load(self, state_dict, strict, assign)

    # -- printing --------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands in the brackets: the arguments of a layer."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        inside = [f"({name}): {module!r}" for name, module in self._modules.items()]
        if not inside and "\n" not in extra:
            return f"{type(self).__name__}({extra})"
        lines = "\n".join([*extra.splitlines(), *inside]).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {lines}\n)"


KINDS["_modules"] = Module


def _once(pairs: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The pairs whose second part has not come before and is not None."""
    seen: set[int] = set()
    for name, value in pairs:
        if value is not None and id(value) not in seen:
            seen.add(id(value))
            yield name, value
