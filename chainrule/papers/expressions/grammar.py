"""The grammar of formulas: a parser by precedence, within limits.

A product may be written without a sign where nobody can misread it: ``2x``, ``3(a + b)``,
``(a + b)(a - b)``.  Where it could be misread, ``1/2x``, it is refused.
"""

from __future__ import annotations

from chainrule.papers.expressions.errors import ExpressionError
from chainrule.papers.expressions.tokens import ACCENTS, Token, greek, tokens
from chainrule.papers.expressions.trees import (
    Binary,
    Call,
    Name,
    Number,
    Relation,
    Row,
    Tree,
    Unary,
    height,
)

DEEPEST, TALLEST = 64, 250
"""How deep brackets, signs and powers may lie in each other, and how many operations may be done
one after the other."""

FUNCTIONS = {
    "abs": (1, 1), "ceil": (1, 1), "cos": (1, 1), "cosh": (1, 1), "exp": (1, 1), "floor": (1, 1),
    "ln": (1, 1), "log": (1, 2), "log10": (1, 1), "log2": (1, 1), "max": (1, 64), "min": (1, 64),
    "relu": (1, 1), "sigmoid": (1, 1), "sin": (1, 1), "sinh": (1, 1), "sqrt": (1, 2), "tan": (1, 1),
    "tanh": (1, 1),
}  # fmt: skip
"""Functions by name, with the fewest and the most arguments; ``log(x, base)``, ``sqrt(x, n)``."""

RELATIONS = {"=", "!=", "<", "<=", ">", ">="}
_SUMS, _PRODUCTS = {"+", "-"}, {"*", "/"}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_SUBSCRIPT = {"number", "name", "command"}
_STYLES = {"mathrm", "mathbf", "mathit", "boldsymbol", "text", "operatorname"}


def parse(text: str) -> Tree:
    r"""The tree of a formula; raises ExpressionError.

    >>> print(parse("2x^2 + \\frac{1}{2}"), parse("σ' = -3**2"), sep="   ")
    2*x^2 + 1/2   sigma' = -3^2
    """
    plain = text.strip()
    for sign in ("$$", "$"):
        if len(plain) > 2 * len(sign) and plain.startswith(sign) and plain.endswith(sign):
            plain = plain[len(sign) : -len(sign)]
    return _Parser(plain).whole()


class _Parser:
    """One pass over the tokens of a formula, with one token in view."""

    def __init__(self, text: str) -> None:
        self.text, self.depth = text, 0
        self.rest = list(tokens(text))
        self.place = 0

    @property
    def token(self) -> Token:
        return self.rest[self.place]

    def next(self) -> Token:
        token = self.token
        self.place += token.kind != "end"
        return token

    def sees(self, *signs: str) -> bool:
        return self.token.kind == "sign" and self.token.text in signs

    def expect(self, sign: str) -> None:
        if not self.sees(sign):
            raise self.error(f"{sign} is missing", f"there is {self.told()} in its place")
        self.next()

    def told(self) -> str:
        return "the end" if self.token.kind == "end" else repr(self.token.text)

    def error(self, fact: str, hint: str | None = None) -> ExpressionError:
        return ExpressionError(fact, text=self.text, column=self.token.column, hint=hint)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionError(
                "the formula is nested too deeply",
                text=self.text,
                column=self.token.column,
                expected=f"at most {DEEPEST} levels",
            )

    def whole(self) -> Tree:
        """The formula from its first token to its last."""
        if self.token.kind == "end":
            raise self.error("the formula is empty")
        tree = self.sum()
        if self.token.kind == "sign" and self.token.text in RELATIONS:
            tree = Relation(self.next().text, tree, self.sum())
            if self.token.text in RELATIONS:
                raise self.error("there are two comparisons", "write one at a time")
        if self.token.kind != "end":
            raise self.error(f"{self.told()} is not understood here")
        if height(tree) > TALLEST:
            raise ExpressionError("the formula is too long", text=self.text,
                                  expected=f"at most {TALLEST} operations in a row")  # fmt: skip
        return tree

    def sum(self) -> Tree:
        self.deeper()
        tree = self.product()
        while self.sees(*_SUMS):
            tree = Binary(self.next().text, tree, self.product())
        self.depth -= 1
        return tree

    def product(self) -> Tree:
        tree, divided = self.signed(), False
        while True:
            if self.sees(*_PRODUCTS):
                sign = self.next().text
                tree, divided = Binary(sign, tree, self.signed()), sign == "/"
            elif self.adjacent():
                if divided:
                    raise self.error(
                        "what is divided by is not clear", "1/2x: write 1/(2x), or x/2"
                    )
                tree = Binary("*", tree, self.power())
            else:
                return tree

    def adjacent(self) -> bool:
        """Whether a factor follows without a sign; raises where that could be misread."""
        before = self.rest[self.place - 1]
        after_bracket = before.kind == "sign" and before.text in (")", "}")
        raised = self.place > 1 and self.rest[self.place - 2][:2] == ("sign", "^")
        if before.kind == "number" and self.token.kind == "number":
            raise self.error("two numbers stand side by side", "write an operator between them")
        if not (self.sees("(") or self.token.kind in ("name", "command")):
            return False
        if self.token.kind == "command" and self.token.text in ("end", "\\"):
            return False
        if raised:
            raise self.error("where the exponent ends is not clear", "2^3x: write 2^3*x or 2^(3x)")
        if before.kind == "number" or after_bracket:
            return True
        if self.sees("("):
            hint = f"write a product as {before.text}*(…); functions: {', '.join(FUNCTIONS)}"
            raise self.error(f"{before.text} is not a function", hint)
        raise self.error("an operator is missing", "write a product with *")

    def signed(self) -> Tree:
        self.deeper()
        if self.sees("-"):
            self.next()
            tree: Tree = Unary(self.signed())
        elif self.sees("+"):
            self.next()
            tree = self.signed()
        else:
            tree = self.power()
        self.depth -= 1
        return tree

    def power(self) -> Tree:
        tree = self.atom()
        if self.sees("^"):
            self.next()
            return Binary("^", tree, self.braced() if self.sees("{") else self.signed())
        return tree

    def braced(self) -> Tree:
        """What stands in the braces of LaTeX."""
        self.expect("{")
        tree = self.sum()
        self.expect("}")
        return tree

    def atom(self) -> Tree:
        token = self.token
        if token.kind == "number":
            return Number(self.next().text)
        if token.kind == "name":
            return self.named(self.next().text)
        if token.kind == "command":
            return self.command(self.next())
        if self.sees("(", "[", "{"):
            return self.bracket()
        raise self.error(f"a number, a name or a bracket is missing: there is {self.told()}")

    def bracket(self) -> Tree:
        opening = self.next()
        entries = self.listed(_CLOSING[opening.text], opening.column)
        return entries[0] if opening.text != "[" and len(entries) == 1 else Row(entries)

    def listed(self, closing: str, column: int) -> tuple[Tree, ...]:
        """Trees with commas between them, up to the closing bracket."""
        entries = [self.sum()]
        while self.sees(","):
            self.next()
            entries.append(self.sum())
        if not self.sees(closing):
            raise ExpressionError("a bracket is never closed" if self.token.kind == "end" else
                                  f"{self.told()} stands where a bracket is to be closed",
                                  text=self.text, column=column)  # fmt: skip
        self.next()
        return tuple(entries)

    def named(self, name: str) -> Tree:
        """A name with its subscript and primes, or a function."""
        if name in FUNCTIONS:
            return self.call(name)
        if name.startswith("log_") and name[4:].isdecimal():
            return self.call("log", (Number(name[4:]),))
        if self.sees("_"):
            self.next()
            name = f"{name}_{self.subscript()}"
        while self.sees("'"):
            self.next()
            name += "'"
        return Name(name)

    def subscript(self) -> str:
        """``_1``, ``_{12}``, ``_{t-1}``: its characters, without brackets and spaces."""
        if not self.sees("{"):
            if self.token.kind not in _SUBSCRIPT:
                raise self.error("a subscript is missing")
            return self.next().text
        self.next()
        told = []
        while not self.sees("}"):
            if not (self.sees("+", "-", ",") or self.token.kind in _SUBSCRIPT):
                raise self.error("a subscript is not understood", "a name, a number or t-1")
            told.append(self.next().text)
        self.next()
        if not (text := "".join(told).replace(",", "")):
            raise self.error("a subscript is empty")
        return text

    def call(self, function: str, base: tuple[Tree, ...] = ()) -> Tree:
        if function == "sqrt" and self.sees("["):  # \sqrt[3]{x}
            self.next()
            base = (self.sum(),)
            self.expect("]")
        if function == "log" and self.sees("_"):
            self.next()
            base = (self.braced() if self.sees("{") else self.atom(),)
        if self.sees("(", "{"):
            opening = self.next()
            arguments = self.listed(_CLOSING[opening.text], opening.column)
        else:
            self.deeper()
            arguments = (self.power(),)
            self.depth -= 1
            if self.token.kind in ("name", "command", "number") and self.token.text != "end":
                raise self.error(
                    f"what {function} is taken of is not clear", f"write {function}(…)"
                )
        arguments += base
        least, most = FUNCTIONS[function]
        if not least <= len(arguments) <= most:
            raise self.error(f"{function} takes {least if least == most else f'{least} to {most}'}"
                             f" argument{'s' * (most > 1)}, not {len(arguments)}")  # fmt: skip
        return Call(function, arguments)

    def command(self, token: Token) -> Tree:
        """LaTeX: fractions, functions, accents, styles, matrices, Greek letters."""
        word = token.text
        if word in ("frac", "dfrac", "tfrac"):
            return Binary("/", self.braced(), self.braced())
        if word == "begin":
            return self.matrix()
        if word in ACCENTS or word in _STYLES:
            self.expect("{")
            inner = self.next()
            self.expect("}")
            return self.named(f"{inner.text}_{ACCENTS[word]}" if word in ACCENTS else inner.text)
        word = {"varepsilon": "epsilon", "varphi": "phi", "vartheta": "theta"}.get(word, word)
        if word in FUNCTIONS or word in _GREEK:
            return self.named(word)
        raise ExpressionError(f"\\{word} is not understood", text=self.text, column=token.column)

    def matrix(self) -> Tree:
        r"""``\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}``; of one column, a vector."""
        kind = self.environment()
        rows = [[self.sum()]]
        while not (self.token.kind == "command" and self.token.text == "end"):
            if self.token.kind == "command" and self.token.text == "\\":
                self.next()
                rows.append([self.sum()])
            else:
                self.expect("&")
                rows[-1].append(self.sum())
        self.next()
        if self.environment() != kind:
            raise self.error(f"\\begin{{{kind}}} is closed by another name")
        if {len(row) for row in rows} == {1}:
            return Row(tuple(row[0] for row in rows))
        return Row(tuple(Row(tuple(row)) for row in rows))

    def environment(self) -> str:
        self.expect("{")
        name = self.next().text
        if name not in ("matrix", "pmatrix", "bmatrix"):
            raise self.error(f"\\begin{{{name}}} is not understood", "pmatrix or bmatrix")
        self.expect("}")
        return name


_GREEK = {greek(chr(code)) for code in range(0x391, 0x3CA) if chr(code).isalpha()}
