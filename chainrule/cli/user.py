"""The user's file: run it, and find the tensor that is asked for."""

from __future__ import annotations

import inspect
import os
import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from chainrule.cli.failure import USAGE, Failure
from chainrule.core.errors import ChainruleError
from chainrule.core.tensor import Tensor

MODULE = "__user__"
"""What the file is called while it is run: its ``if __name__ == "__main__"`` is skipped."""


def tensor_of(target: str) -> Tensor:
    """The tensor that ``FILE.py:NAME`` stands for; runs the file.  Raises Failure."""
    module, found = named_in(target, "explain")
    name, verb = target.rpartition(":")[2], "is"
    if callable(found) and not isinstance(found, Tensor):
        found, verb = called(found, target, "the tensor"), "returned"
    if not isinstance(found, Tensor):
        what = "None" if found is None else f"a value of type {type(found).__name__}"
        raise Failure(f"{name} {verb} {what}, not a tensor", hint=_candidates(module), code=USAGE)
    return found


def named_in(target: str, verb: str) -> tuple[ModuleType, Any]:
    """The file of ``FILE.py:NAME`` as a module, which is run, and what has that name in it.

    ``verb`` is what the command would do.  Raises Failure.
    """
    file, _, name = target.rpartition(":")
    if not file or not name.isidentifier():
        raise Failure(f"{target} does not say what to {verb}", hint="FILE.py:NAME", code=USAGE)
    path = Path(file)
    if not path.is_file():
        raise Failure(f"there is no file {file}", code=USAGE)
    module = module_of(path)
    if not hasattr(module, name):
        raise Failure(f"{file} has no {name}", hint=_candidates(module), code=USAGE)
    return module, getattr(module, name)


def module_of(path: Path) -> ModuleType:
    """The file as a module, run with its folder on the path, as Python runs a script."""
    spec = spec_from_file_location(MODULE, path)
    if spec is None or spec.loader is None:
        raise Failure(f"{path} is no Python file", hint="FILE.py:NAME", code=USAGE)
    module = module_from_spec(spec)
    sys.modules[MODULE] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise raised(error, path) from error
    finally:
        sys.path.pop(0)
    return module


def called(function: Any, target: str, wanted: str) -> Any:
    """What a function, or a class, of the file gives; raises Failure."""
    file, _, name = target.rpartition(":")
    needed = [
        p.name
        for p in inspect.signature(function).parameters.values()
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    if needed:
        raise Failure(
            f"{name}() needs arguments: {', '.join(needed)}",
            hint=f"name a function without arguments that returns {wanted}",
            code=USAGE,
        )
    try:
        return function()
    except (Exception, SystemExit) as error:
        raise raised(error, Path(file)) from error


def raised(error: BaseException, path: Path) -> Failure:
    """The error of the user's code: where it is, and what it says."""
    if isinstance(error, ChainruleError):
        return Failure(f"{type(error).__name__}: {error}", hint="--debug shows the traceback")
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if _same(f.filename, path)]
    if isinstance(error, SyntaxError) and error.filename and _same(error.filename, path):
        lines.append(error.lineno)
    where = f" at line {lines[-1]}" if lines and lines[-1] else ""
    what = " ".join(traceback.format_exception_only(error)[-1].split())
    return Failure(f"{path}{where}: {what}", hint="--debug shows the traceback")


def _same(filename: str, path: Path) -> bool:
    return os.path.abspath(filename) == os.path.abspath(path)


def _candidates(module: ModuleType) -> str:
    """The tensors and functions that could have been meant."""
    own = (
        name
        for name, value in vars(module).items()
        if isinstance(value, Tensor)
        or (inspect.isfunction(value) and value.__module__ == module.__name__)
    )
    names = ", ".join(list(own)[:8])
    return f"it has {names}" if names else "it has no tensors or functions"
