"""Hooks of modules: functions of the user that are called before and after `forward`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from chainrule.core.errors import ArgumentError
from chainrule.core.hooks import RemovableHandle


@dataclass(frozen=True)
class Registered:
    """A hook, whether it is given the arguments by name too, and whether also after an error."""

    call: Callable[..., Any]
    with_kwargs: bool
    always: bool = False

    def __call__(self, *given: Any) -> Any:
        """What the user's function returns, given the module, all arguments, and the output."""
        module, args, kwargs, *output = given
        return self.call(module, *((args, kwargs) if self.with_kwargs else (args,)), *output)


class Hooked:
    """What a module has for hooks."""

    _forward_pre_hooks: ClassVar[dict[int, Any]] = {}
    _forward_hooks: ClassVar[dict[int, Any]] = {}

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result."""
        raise NotImplementedError

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before each `forward`; what it returns, unless None, are the
        arguments.

        With ``with_kwargs`` it is given those by name too, and returns both.  ``prepend`` puts it
        before the others.

        >>> import chainrule as cr
        >>> layer = cr.nn.Tanh()
        >>> handle = layer.register_forward_pre_hook(lambda module, args: args[0] * 0)
        >>> layer(cr.ones(2)).tolist()
        [0.0, 0.0]
        """
        return self._register("_forward_pre_hooks", Registered(hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after each `forward`; what it returns, unless None,
        is the output.

        With ``with_kwargs`` it is given the arguments by name before the output.  ``prepend`` puts
        it before the others; ``always_call`` calls it, with None, also where `forward` fails.

        >>> import chainrule as cr
        >>> layer, seen = cr.nn.Tanh(), []
        >>> with layer.register_forward_hook(lambda module, args, output: seen.append(output)):
        ...     _ = layer(cr.zeros(2))
        >>> _, seen = layer(cr.ones(2)), seen[0].tolist()
        >>> seen
        [0.0, 0.0]
        """
        return self._register("_forward_hooks", Registered(hook, with_kwargs, always_call), prepend)

    def _register(self, name: str, hook: Registered, prepend: bool) -> RemovableHandle:
        if not callable(hook.call):
            raise ArgumentError(f"a hook is a function, not {type(hook.call).__name__}")
        registered = vars(self).setdefault(name, {})
        before = dict(registered) if prepend else {}
        if prepend:
            registered.clear()
        handle = RemovableHandle(registered, hook)
        registered.update(before)
        return handle

    def _forward_with_hooks(self, *args: Any, **kwargs: Any) -> Any:
        """`forward` with the hooks around it."""
        for hook in list(self._forward_pre_hooks.values()):
            found = hook(self, args, kwargs)
            if found is not None and hook.with_kwargs:
                args, kwargs = _both(found)
            elif found is not None:
                args = found if isinstance(found, tuple) else (found,)
        after = list(self._forward_hooks.values())
        try:
            output = self.forward(*args, **kwargs)
        except Exception:
            for hook in after:
                if hook.always:
                    hook(self, args, kwargs, None)
            raise
        for hook in after:
            found = hook(self, args, kwargs, output)
            output = output if found is None else found
        return output


def _both(found: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments and named arguments; raises ArgumentError for anything else."""
    if isinstance(found, tuple) and len(found) == 2 and isinstance(found[1], dict):
        return found[0], found[1]
    raise ArgumentError(
        "a forward pre-hook with_kwargs returned neither None nor new arguments",
        expected="(args, kwargs): a tuple and a dict",
    )
