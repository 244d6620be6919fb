"""Positions described: texts, targets and operands of what a user wrote."""

from __future__ import annotations

import itertools
import linecache
import sys
import textwrap
from pathlib import Path
from types import FrameType, SimpleNamespace

import pytest

import chainrule.core.source as source_module
from chainrule.core.source import Position, Source, describe, here, target_of, text_of, user_frame

PACKAGE = Path(source_module.__file__).parent.parent
cells = itertools.count()


class Value:
    """Stands for a tensor: every operation notes where it was called."""

    seen: list[Position]

    def __init__(self, seen: list[Position]) -> None:
        self.seen = seen

    def _note(self, *_: object, **__: object) -> Value:
        frame = sys._getframe(1)
        self.seen.append((frame.f_code, frame.f_lasti))
        return Value(self.seen)

    __add__ = __radd__ = __mul__ = __rmul__ = __matmul__ = __neg__ = __lt__ = __getitem__ = _note
    __call__ = sum = relu = größe = _note

    @property
    def mT(self) -> Value:
        frame = sys._getframe(1)
        self.seen.append((frame.f_code, frame.f_lasti))
        return Value(self.seen)

    def __iter__(self):
        return iter([Value(self.seen), Value(self.seen)])


def positions(text: str, filename: str | None = None) -> list[Position]:
    """Run the text as a notebook cell and say where its operations were called."""
    text = textwrap.dedent(text).strip() + "\n"
    if filename is None:
        filename = f"<cell {next(cells)}>"
        lines = text.splitlines(keepends=True)
        linecache.cache[filename] = (len(text), None, lines, filename)
    seen: list[Position] = []
    names: dict[str, object] = {name: Value(seen) for name in ("x", "W", "b", "f", "g", "größe")}
    names["self"] = SimpleNamespace(layer=SimpleNamespace(), act=Value(seen), h=Value(seen))
    names["cache"] = {}
    exec(compile(text, filename, "exec"), names)
    return seen


def sources(text: str) -> list[Source]:
    found = [describe(position) for position in positions(text)]
    assert None not in found
    return [source for source in found if source is not None]


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("h = x @ W", ["h"]),
        ("h = (x @ W)", ["h"]),
        ("h = x @ W + b", [None, "h"]),
        ("h: object = -x", ["h"]),
        ("h = k = f(x)", ["h"]),
        ("self.h = f(x)", ["h"]),
        ("self.layer.h = f(x)", ["layer.h"]),
        ("cache['h'] = f(x)", ["cache['h']"]),
        ("y = g(h := f(x))", ["h", "y"]),
        ("x += b", ["x"]),
        ("x += f(b)", [None, "x"]),
        ("self.h += b", ["h"]),
        ("h, k = f(x), g(x)", ["h", "k"]),
        ("(h, [k, l]) = f(x), (g(x), x @ W)", ["h", "k", "l"]),
        ("pair = h, k = f(x), g(x)", ["h", "k"]),
        ("h, k = f(x)", ["h, k"]),
        ("h, *rest = f(x), g(x), x @ W", ["h", None, None]),
        ("h, *rest = x, f(x)", [None]),
        ("h = x, f(x)", [None]),
        ("h, k = *f(x), ", [None]),
        ("f(x)", [None]),
        ("h = [f(x)]", [None]),
        ("def forward(x): return x.relu()\nh = forward(x)", [None]),
        ("h = [f(x) for _ in range(2)]", [None, None]),
        ("h = (lambda x: x @ W)(x)", [None]),
        ("for _ in range(2): h = f(x)", ["h", "h"]),
        ("h = x[0]", ["h"]),
        ("h = x < b", ["h"]),
        ("h = x.mT", ["h"]),
        ("größe = x @ W; ĥ = größe.größe()", ["größe", "ĥ"]),
    ],
)
def test_target(text, targets):
    assert [source.target for source in sources(text)] == targets


@pytest.mark.parametrize(
    ("text", "expression", "operands"),
    [
        ("h = x @ W", "x @ W", ("x", "W")),
        ("h = (2 * 3) * x", "(2 * 3) * x", ("2 * 3", "x")),
        ("h = -x", "-x", ("x",)),
        ("h = f(x, W, bias=b)", "f(x, W, bias=b)", ("x", "W", "b")),
        ("h = x.sum(0, keepdim=True)", "x.sum(0, keepdim=True)", ("x", "0", "True")),
        ("h = self.act(x)", "self.act(x)", ("x",)),
        ("h = x < b", "x < b", ("x", "b")),
        ("h = x[1:, 0]", "x[1:, 0]", ("x",)),
        ("h = x.mT", "x.mT", ("x",)),
        ("x += b", "x += b", ("x", "b")),
        ("'äöü'; h = größe @ x", "größe @ x", ("größe", "x")),
        ("h = f(*[x, b])", "f(*[x, b])", ("*[x, b]",)),
    ],
)
def test_expression_and_operands(text, expression, operands):
    (source,) = sources(text)
    assert (source.expression, source.operands) == (expression, operands)


def test_an_imported_module_is_no_receiver():
    text = "import operator as op\nimport os.path\nh = op.add(x, b)"
    names: dict[str, object] = {"x": 1, "b": 2}
    filename = f"<cell {next(cells)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    code = compile(text, filename, "exec")
    exec(code, names)
    found = [describe((code, offset)) for offset in range(0, len(code.co_code), 2)]
    calls = [source for source in found if source and source.expression == "op.add(x, b)"]
    assert calls[0].operands == ("x", "b")


def test_several_lines_read_as_one():
    product, total = sources(
        """
        h = (
            x @ W  # the weighted input
            + b)
        """
    )
    assert (product.expression, product.line, product.target) == ("x @ W", 2, None)
    assert (total.expression, total.line, total.target) == ("x @ W + b", 2, "h")
    assert product.text == total.text == "h = x @ W + b"


def test_a_chain_of_methods_over_lines():
    first, second, third, fourth = sources(
        """
        h = (
            x.relu()
            .größe(
                0,
            )
            .mT
            .sum(0)
        )
        """
    )
    assert first.expression == "x.relu()"
    assert second.expression == "x.relu().größe(0)"
    assert third.expression == "x.relu().größe(0).mT"
    assert fourth.expression == "x.relu().größe(0).mT.sum(0)"
    assert fourth.operands == ("x.relu().größe(0).mT", "0")
    assert [s.target for s in (first, second, third, fourth)] == [None, None, None, "h"]


def test_text_is_the_statement_and_the_head_of_a_compound_one():
    found = sources(
        """
        def forward(x):
            y = x @ W; z = y + b  # a comment
            for row in f(x):
                pass
            return g(z)
        forward(x)
        """
    )
    assert [source.text for source in found] == [
        "y = x @ W",
        "z = y + b",
        "for row in f(x):",
        "return g(z)",
    ]
    assert {source.function for source in found} == {"forward"}
    assert [source.line for source in found] == [2, 2, 3, 5]


def test_long_text_is_shortened():
    (source,) = sources(f"h = f(x, {'word ' * 40!r})")
    assert len(source.text) == 100
    assert source.text.endswith("…")


def test_a_sum_of_many_lines():
    found = positions("h = (x\n" + "+ b\n" * 900 + ")")
    assert describe(found[0]).expression == "x + b"
    assert target_of(found[-1]) == "h"


def test_a_file_that_changed_is_read_again(tmp_path):
    path = tmp_path / "demo.py"
    for text in ("h = f(x)\n", "the_sum = x + b\n"):
        path.write_text(text, encoding="utf-8")
        (position,) = positions(text, str(path))
        assert text_of(position) == text.strip()


@pytest.mark.parametrize("filename", ["<string>", "<stdin>", "/no/such/file.py"])
def test_without_source_the_line_is_known(filename):
    (position,) = positions("1\nh = f(x)", filename)
    assert describe(position) == Source(filename, 2, function="<module>")
    assert text_of(position) == ""
    assert target_of(position) is None


def test_source_that_is_not_python_gives_its_line():
    filename = f"<cell {next(cells)}>"
    (position,) = positions("h = f(x)", filename)
    linecache.cache[filename] = (9, None, ["h = f(x)) !\n"], filename)
    assert describe(position) == Source(filename, 1, "h = f(x)) !", "<module>")


def test_nothing_known():
    code = compile("x", "<string>", "eval")
    assert describe(None) is None
    assert describe((code, 10_000)) is None
    assert describe((code, -1)) is None or isinstance(describe((code, -1)), Source)
    assert text_of(None) == ""
    assert target_of(None) is None


def inside(text: str) -> dict[str, object]:
    """Names defined by a file that would lie in the package."""
    names: dict[str, object] = {"here": here, "user_frame": user_frame}
    exec(compile(text, str(PACKAGE / "ops" / "imagined.py"), "exec"), names)
    return names


def test_here_is_the_nearest_line_outside_the_package():
    op = inside("def low(): return here()\ndef op(a, b): return low()")["op"]
    h = op(1, 2)
    assert text_of(h) == "h = op(1, 2)"
    assert target_of(h) == "h"
    assert describe(h).operands == ("1", "2")
    assert describe(h).function == "test_here_is_the_nearest_line_outside_the_package"


def test_user_frame_from_outside_and_inside():
    mine, nested = user_frame(), inside("def op(): return user_frame()")["op"]()
    assert isinstance(mine, FrameType)
    assert mine is nested is sys._getframe()


def test_equal_code_in_two_files_is_told_apart():
    text = "def op(): return user_frame()"
    ours, theirs = inside(text)["op"], {"user_frame": user_frame}
    exec(compile(text, f"{PACKAGE}_plugin/imagined.py", "exec"), theirs)
    assert ours() is sys._getframe()
    assert theirs["op"]().f_code.co_name == "op"


def test_a_cell_of_a_notebook_knows_the_imports_of_others():
    """Each cell is a file of its own; without that, ``cr`` would be an operand of ``cr.exp(x)``."""
    cells = ["import chainrule as cr", "x = cr.tensor(0.0, requires_grad=True)", "y = cr.exp(x)",
             "told = str(cr.explain(y))"]  # fmt: skip
    space: dict[str, object] = {}
    for i, cell in enumerate(cells):
        name = f"<cell {i}>"
        linecache.cache[name] = (len(cell), None, [cell + "\n"], name)
        exec(compile(cell, name, "exec"), space)
    assert "y = exp(x) = exp(0) = 1" in str(space["told"])
