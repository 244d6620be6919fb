"""``chainrule summary FILE.py:NAME``: what a network makes, holds and computes."""

from __future__ import annotations

import inspect
from typing import Any

from chainrule.analysis import Summary, summary
from chainrule.analysis.table import rich_table
from chainrule.cli.failure import USAGE, Failure
from chainrule.cli.show import console
from chainrule.cli.user import called, named_in
from chainrule.core.convention import parsed
from chainrule.core.device import device
from chainrule.core.errors import ChainruleError, DeviceError
from chainrule.nn.module import Module


def summary_of(
    target: str, inputs: list[str], convention: str, backward: bool, optimizer: str | None
) -> Summary:
    """The summary that the command's words ask for; runs the file.  Raises Failure."""
    model = model_of(target)
    try:
        rule = None if optimizer is None else optimizer_of(optimizer, model)
        return summary(
            model, *inputs, convention=parsed(convention), backward=backward, optimizer=rule
        )
    except ChainruleError as error:
        raise Failure(f"{target}: {error.fact}", hint=error.hint or "") from error


def model_of(target: str) -> Module:
    """The module that ``FILE.py:NAME`` stands for, or that it returns: a class or a function
    without arguments, called on the device "meta" if that is possible.  Raises Failure."""
    _, found = named_in(target, "summarise")
    if callable(found) and not isinstance(found, Module):
        found = _made(found, target)
    if not isinstance(found, Module):
        raise Failure(
            f"{target} is no nn.Module, nor a function that returns one",
            hint="name a module, its class, or a function without arguments that makes it",
            code=USAGE,
        )
    return found


def _made(function: Any, target: str) -> Any:
    try:
        with device("meta"):
            return called(function, target, "the module")
    except Failure as failure:
        if not isinstance(failure.__cause__, DeviceError):
            raise
    return called(function, target, "the module")  # it looks at values


def optimizer_of(name: str, model: Module) -> Any:
    """The optimizer of a name, with its usual numbers; raises Failure."""
    from chainrule import optim

    kind: Any = getattr(optim, name, None)
    if not (inspect.isclass(kind) and issubclass(kind, optim.Optimizer)):
        raise Failure(f"there is no optimizer {name}", hint="SGD, Adam, AdamW, …", code=USAGE)
    make: Any = kind
    return make(model.parameters())


def working_of(found: Summary, layer: str) -> str:
    """The working of one module; raises Failure where there is none of that name."""
    try:
        return found.explain(layer)
    except ChainruleError as error:
        raise Failure(error.fact, hint=error.hint or "", code=USAGE) from error


def show_table(found: Summary, depth: int | None) -> None:
    """Print the table, in colour where there is colour."""
    screen = console()
    if screen.is_terminal:
        screen.print(rich_table(found.table(depth), screen.width), soft_wrap=False)
    else:
        print(found.text(depth=depth))
