"""The house rules, read off the source: sizes, floors, docstrings, no text run as code, readings.

Each rule is a function from a path and its text to the faults it finds there; it is tried on
samples with a known fault, then run on the whole project.
"""

import ast
import importlib
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from textwrap import indent
from types import ModuleType

import pytest

import chainrule  # noqa: F401 (it registers the ops)
from chainrule.core.op import registry

ROOT = Path(__file__).parent.parent
PACKAGE = "chainrule"
MAX_FILE, MAX_FUNCTION = 400, 60

FLOORS = {
    "namespaces": 0,
    "core": 1,
    "ops": 2,
    "readings": 3,
    "autograd": 4,
    "backends": 4,
    "distributions": 5,
    "saving": 5,
    "nn": 5,
    "optim": 5,
    "models": 6,
    "rl": 6,
    "train": 6,
    "data": 6,
    "analysis": 6,
    "utils": 7,
    "papers": 7,
    "diagnose": 7,
    "cli": 8,
    "web": 8,
}
"""A module imports from its own folder and from floors with a smaller number."""

ROOF = f"{PACKAGE}/__init__.py"
"""Lists the public names of all floors: above them all."""

RUNS_TEXT = {"eval", "exec", "sympify", "parse_expr"}
PICKLES = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
MAY_RUN_TEXT = {
    "chainrule/backends/numpy.py": "runs the program it writes, from node numbers alone",
}
"""Path to reason: the only files that may run text, which they wrote themselves."""

HEAVY = {
    "cyclopts", "gymnasium", "latex2mathml", "markdown_it", "mdit_py_plugins", "mpmath", "rich",
    "ruamel", "safetensors", "scipy", "sklearn", "sympy", "torch",
}  # fmt: skip
"""Imported when first needed, never by `import chainrule`."""

FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITION = FUNCTION | ast.ClassDef
Rule = Callable[[str, str], Iterator[str]]


def too_long(path: str, text: str) -> Iterator[str]:
    """Files and functions that nobody reads in one go; decorators do not count."""
    if (lines := len(text.splitlines())) > MAX_FILE:
        yield f"{path}: {lines} lines, at most {MAX_FILE}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, FUNCTION):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION:
                yield f"{path}:{node.lineno} {node.name}: {lines} lines, at most {MAX_FUNCTION}"


def imported(path: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of whatever is imported anywhere, in functions too."""
    package = path.split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def floor_of(parts: list[str]) -> str:
    """The floor of a module; what stands beside the floors belongs to the roof."""
    return parts[1] if len(parts) > 1 and parts[1] in FLOORS else "roof"


def upward_imports(path: str, text: str) -> Iterator[str]:
    """Imports of a floor that is not below: type-checking and lazy ones are imports like others."""
    own = floor_of(path.split("/"))
    if own == "roof":
        return
    for line, name in imported(path, ast.parse(text)):
        parts = name.split(".")
        target = floor_of(parts)
        if parts[0] == PACKAGE and target != own and not FLOORS.get(target, 99) < FLOORS[own]:
            yield f"{path}:{line} {own} imports {name}, of the floor {target}, which is not below"


def undocumented(path: str, text: str) -> Iterator[str]:
    """Modules, and public functions and classes of modules, without a docstring."""
    tree = ast.parse(text)
    if not ast.get_docstring(tree):
        yield f"{path}: the module has no docstring"
    for node in tree.body:
        if isinstance(node, DEFINITION) and node.name[0] != "_" and not ast.get_docstring(node):
            yield f"{path}:{node.lineno} {node.name} has no docstring"


def runs_text(path: str, text: str) -> Iterator[str]:
    """Whatever turns text or bytes from elsewhere into code.

    A bare ``eval`` is refused wherever it stands, and a method of that name (``net.eval()``) is
    welcome unless it is the one of ``builtins``.
    """
    tree = ast.parse(text)
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name in RUNS_TEXT:
                yield f"{path}:{node.lineno} runs text: {name}"
            case ast.Attribute(value=owner, attr=name) if name in RUNS_TEXT:
                if name not in {"eval", "exec"} or ast.unparse(owner) == "builtins":
                    yield f"{path}:{node.lineno} runs text: {ast.unparse(node)}"
            case ast.keyword(arg="allow_pickle", value=ast.Constant(value=True)):
                yield f"{path}:{node.value.lineno} unpickles: allow_pickle=True"
    for line, name in imported(path, tree):
        if not PICKLES.isdisjoint(name.split(".")[:1]):
            yield f"{path}:{line} unpickles: {name}"
        elif name.split(".")[-1] in RUNS_TEXT:
            yield f"{path}:{line} runs text: {name}"


def op_names(texts: list[str]) -> set[str]:
    """The classes that op modules define, but for abstract ones, and every way to write the name
    of such an op."""
    names: set[str] = set()
    for tree in map(ast.parse, texts):
        for node in ast.walk(tree):
            match node:
                case ast.ClassDef(name=name, keywords=[]) if not name.startswith("_"):
                    names |= {name, name.lower(), re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()}
                case (
                    ast.Assign(targets=[ast.Name(id="name")], value=ast.Constant(value=str(name)))
                    | ast.AnnAssign(target=ast.Name(id="name"), value=ast.Constant(value=str(name)))
                ):
                    names.add(name)
    return names


def lone_notations() -> set[str]:
    """The notations that a single op has: comparing with one asks for that op."""
    owners = Counter(text for op in registry.values() for text in {op.text, op.latex} if text)
    return {text for text, count in owners.items() if count == 1}


OP_MODULES = ("chainrule.ops", "chainrule.core.structural")


def _imported_ops(tree: ast.Module) -> Iterator[str]:
    """The names that a module takes from modules of ops."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.startswith(OP_MODULES):
                yield from (alias.asname or alias.name for alias in names)


def asks_names(path: str, text: str, names: set[str]) -> Iterator[str]:
    """Readings that ask which op they see, by its name, class, notation or the op itself."""
    tree = ast.parse(text)
    ops = set(_imported_ops(tree))
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=others):
                asked = list(ast.walk(node))
                for part in (left, *others):
                    if isinstance(part, ast.Name) and part.id in ops:
                        yield f"{path}:{part.lineno} asks for the op {part.id}"
            case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[_, kinds]):
                asked = list(ast.walk(kinds))
            case ast.MatchValue(value=value) | ast.MatchClass(cls=value):
                asked = [value]
            case _:
                continue
        for part in asked:
            match part:
                case ast.Constant(value=str(name)) if name in names:
                    yield f"{path}:{part.lineno} asks for the op {name!r}"
                case ast.Name(id=name) | ast.Attribute(attr=name) if name in names:
                    if name[0].isupper():
                        yield f"{path}:{part.lineno} asks for the op {name}"


def heavy_imports(statement: str) -> set[str]:
    """Which heavy libraries a fresh Python has loaded after a statement."""
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return HEAVY & set(done.stdout.split())


def sources(*folders: str) -> dict[str, str]:
    """Path, from the root, and text of every Python file under some folders."""
    files = (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py")))
    return {file.relative_to(ROOT).as_posix(): file.read_text("utf-8") for file in files}


def bad_names(package: object) -> list[str]:
    """Names of ``__all__`` that are listed twice, do not exist or have no docstring."""
    names = list(getattr(package, "__all__", []))
    bare = [name for name in names if not getattr(getattr(package, name, None), "__doc__", None)]
    return sorted({name for name in names if names.count(name) > 1 or name in bare})


READ_GRAPHS = [f"chainrule/{name}" for name in ("core", "autograd", "backends", "analysis")]
OP_NAMES = op_names(list(sources("chainrule/ops").values())) | lone_notations()


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        (too_long, sources("chainrule", "tests", "benchmarks", "examples")),
        (upward_imports, sources("chainrule")),
        (undocumented, sources("chainrule")),
        (runs_text, {p: t for p, t in sources("chainrule").items() if p not in MAY_RUN_TEXT}),
        (partial(asks_names, names=OP_NAMES), sources("chainrule/readings")),
        # there, 'max' may be a schedule's or a size's, but an op by itself is never asked for
        (partial(asks_names, names=set()), sources(*READ_GRAPHS)),
    ],
    ids=["sizes", "floors", "docstrings", "no text run", "readings know no op", "nor do others"],
)
def test_the_project_keeps_its_rules(rule: Rule, files: dict[str, str]) -> None:
    faults = [fault for path, text in files.items() for fault in rule(path, text)]
    assert not faults, "\n" + "\n".join(faults)


def test_every_folder_is_a_floor() -> None:
    folders = {path.split("/")[1] for path in sources(PACKAGE) if path.count("/") > 1}
    assert folders <= FLOORS.keys()


def test_exemptions_are_needed() -> None:
    needed = [path for path, text in sources(PACKAGE).items() if list(runs_text(path, text))]
    assert MAY_RUN_TEXT.keys() <= set(needed)


def test_public_names_exist_and_have_docstrings() -> None:
    assert bad_names(importlib.import_module(PACKAGE)) == []


def test_a_bad_public_name_is_found() -> None:
    package = ModuleType("package")
    package.__dict__.update(__all__=["a", "b", "c", "c"], a=lambda: 0, c=int)
    assert bad_names(package) == ["a", "b", "c"]


def test_import_is_light() -> None:
    assert heavy_imports(f"import {PACKAGE}") == set()


def test_a_heavy_import_is_seen() -> None:
    assert heavy_imports("import rich") == {"rich"}


CORE = "chainrule/core/node.py"
LONG = "def f():\n" + "    x = 1\n" * MAX_FUNCTION
SHORT = "def f():\n" + "    x = 1\n" * (MAX_FUNCTION - 1)

reading_rule = partial(asks_names, names=op_names(["class MatMul(Op):\n    name = 'mm'"]))
notation_rule = partial(asks_names, names=lone_notations())


@pytest.mark.parametrize(
    ("rule", "path", "text", "fault"),
    [
        (too_long, CORE, "x = 1\n" * 401, "401 lines, at most 400"),
        (too_long, CORE, LONG, ":1 f: 61 lines, at most 60"),
        (too_long, CORE, "class A:\n    @cache\n" + indent(LONG, "    "), ":3 f: 61 lines"),
        (upward_imports, CORE, "import chainrule.ops.linear", "core imports chainrule.ops.linear"),
        (upward_imports, CORE, "from chainrule import ops", "the floor ops"),
        (upward_imports, CORE, "import chainrule as cr", "the floor roof"),
        (upward_imports, CORE, "from .. import Tensor", "the floor roof"),
        (upward_imports, CORE, "from ..ops.linear import MatMul", "chainrule.ops.linear.MatMul"),
        (upward_imports, CORE, "if TYPE_CHECKING:\n    from ..nn import Module", ":2 core"),
        (upward_imports, CORE, "def f():\n    from chainrule import nn", ":2 core"),
        (upward_imports, "chainrule/core/__init__.py", "from ..ops import relu", "the floor ops"),
        (upward_imports, "chainrule/optim/sgd.py", "from chainrule.nn import Module", "optim imp"),
        (upward_imports, "chainrule/nn/linear.py", "import chainrule.optim", "nn imports"),
        (undocumented, CORE, "x = 1", "the module has no docstring"),
        (undocumented, CORE, '"""M."""\ndef f(): ...', ":2 f has no docstring"),
        (undocumented, CORE, '"""M."""\nclass A:\n    x = 1', ":2 A has no docstring"),
        (runs_text, CORE, "eval('1')", "runs text: eval"),
        (runs_text, CORE, "run = exec", "runs text: exec"),
        (runs_text, CORE, "builtins.eval('1')", "runs text: builtins.eval"),
        (runs_text, CORE, "sympy.sympify(text)", "runs text: sympy.sympify"),
        (runs_text, CORE, "from sympy.parsing import parse_expr as read", "parse_expr"),
        (runs_text, CORE, "import pickle", "unpickles: pickle"),
        (runs_text, CORE, "from pickle import loads", "unpickles: pickle.loads"),
        (runs_text, CORE, "np.load(file, allow_pickle=True)", "allow_pickle=True"),
        (reading_rule, "r.py", "node.op.name == 'matmul'", "the op 'matmul'"),
        (reading_rule, "r.py", "name in {'mat_mul', 'x'}", "the op 'mat_mul'"),
        (reading_rule, "r.py", "node.op is registry['mm']", "the op 'mm'"),
        (reading_rule, "r.py", "isinstance(node.op, (int, ops.MatMul))", "the op MatMul"),
        (reading_rule, "r.py", "type(node.op) is MatMul", "the op MatMul"),
        (reading_rule, "r.py", "match op:\n    case MatMul(): pass", ":2 asks for the op MatMul"),
        (
            reading_rule,
            "r.py",
            "from chainrule.ops.linear import mm\nx.op is mm",
            ":2 asks for the op mm",
        ),
        (reading_rule, "r.py", "match name:\n    case 'mm': pass", ":2 asks for the op 'mm'"),
        (notation_rule, "r.py", "op.text == '{0} + {1}'", "asks for the op '{0} + {1}'"),
    ],
)
def test_a_fault_is_found(rule: Rule, path: str, text: str, fault: str) -> None:
    faults = list(rule(path, text))
    assert len(faults) == 1
    assert fault in faults[0]


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (too_long, CORE, "x = 1\n" * 400),
        (too_long, CORE, "@cache\n" * 5 + SHORT),
        (upward_imports, CORE, "from chainrule.namespaces import numpy\nimport chainrule.core.op"),
        (upward_imports, CORE, "from . import op\nfrom ..namespaces import exact\nimport numpy"),
        (upward_imports, "chainrule/cli/main.py", "from chainrule import nn, optim"),
        (upward_imports, ROOF, "from chainrule.cli import main\nfrom .ops import relu"),
        (undocumented, CORE, '"""M."""\ndef _f(): ...\nclass _A: ...'),
        (runs_text, CORE, "net.eval()\nre.compile('x')\nnp.load(file, allow_pickle=False)"),
        (reading_rule, "r.py", "isinstance(node.op, Op)\nnode.op.kind == 'contract'"),
        (reading_rule, "r.py", "print('matmul')\nops.matmul(a, b)"),
        (notation_rule, "r.py", "op.text == '{0}'\nnotation.before == '-'"),
    ],
)
def test_good_code_has_no_fault(rule: Rule, path: str, text: str) -> None:
    assert list(rule(path, text)) == []
