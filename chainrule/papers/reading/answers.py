"""What a part asks, out of the YAML of its answer: which keys there are, and which go together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.papers.arithmetic import arithmetic_of
from chainrule.papers.paper import KINDS, Asked, Code, Option
from chainrule.papers.reading.code import computes
from chainrule.papers.reading.scalars import (
    FLAGS,
    error,
    flag,
    known_keys,
    mapping,
    number,
    scalar,
    sequence,
    text,
    whole,
    word,
)
from chainrule.papers.reading.yaml import Mapping, Node, Sequence, described
from chainrule.papers.wording import nearest

KEYS = {
    "kind": "what is asked for",
    "value": "the expression that is the answer, or expressions by label",
    "options": "of a choice: letter, and what it says and the predicate that decides it",
    "choose": "of a choice: `one` option holds, or `all` that hold are wanted",
    "holds": "of a truefalse: the predicate; the answer is T or F",
    "claims": "of a proof or an explanation: sentences, each with the predicate that tests it",
    "readings": "instead of value: expressions by reading, where there are several",
    "likely": "the reading that is compared with what was published",
    "also": "further figures by label, under other conventions",
    "decimals": "how many decimals the answer is written and compared with",
    "figures": "how many significant figures, instead of decimals",
    "tolerance": "how far the published number may be away",
    "unit": "what a number counts: bytes, M, …",
    "arithmetic": "exact, float64, float32, decimal(places=2) or decimal(figures=3)",
    "working": "an expression whose explanation is the working, or false for none; by default how "
    "the answer comes about, of a choice what decides it",
    "unaffected": "givens on which the answer does not depend",
    "seconds": "how long the part may take",
    "published": "the published answer, as it is printed",
    "means": "which claims a published answer in words makes; it agrees where they hold",
    "derivation": "instead of a computation: what has to be derived; the part waits",
    "experiment": "instead of a computation: the claim to be tested; the part waits",
}
"""Every key of an answer, and what it says."""

SOURCES = ("value", "options", "holds", "claims", "readings", "derivation", "experiment")
ONLY = {"options": ("choice",), "choose": ("choice",), "holds": ("truefalse",),
        "claims": ("proof", "explanation"), "means": ("proof", "explanation")}  # fmt: skip
"""Keys that compute an answer or say what it waits for; keys of some kinds only."""

_NEEDED = {"choice": ("options", "value"), "truefalse": ("holds",)}
"""What an answer of some kinds has, or what stands in its place; readings always may."""


@dataclass(frozen=True)
class Scope:
    """What expressions of a part may name: ``known`` as `code.computes` has it, and ``givens``.

    Unless that is ``complete``, nobody knows what else is there.
    """

    file: str
    known: Collection[str]
    complete: bool
    givens: Collection[str] = field(default=())


def answer(node: Mapping, line: int, scope: Scope) -> Asked:
    r"""What a part asks; ``line`` is that of its fence.  Raises PaperError.

    >>> from chainrule.papers.reading.yaml import read
    >>> node = read("kind: exact\nvalue: 2 * k", "exam.md", 7)
    >>> answer(node, 6, Scope("exam.md", {"k"}, True, {"k"})).values
    {'': Code(text='2 * k', line=8)}
    """
    return _Answer(node, line, scope).asked()


class _Answer:
    """One answer being read."""

    def __init__(self, node: Mapping, line: int, scope: Scope) -> None:
        self.node, self.line, self.scope, self.file = node, line, scope, scope.file
        known_keys(node, "an answer", KEYS, self.file)
        if "kind" not in node.items:
            raise error("the answer has no kind", node, self.file, expected=", ".join(KINDS))
        self.kind = word(node.items["kind"], "the kind of an answer", KINDS, self.file)

    def __contains__(self, key: str) -> bool:
        return key in self.node.items

    def __getitem__(self, key: str) -> Node:
        return self.node.items[key]

    def asked(self) -> Asked:
        self.fits()
        more: dict[str, Any] = {}
        for key in ("derivation", "experiment", "unit"):
            if key in self:
                more[key] = text(self[key], key, self.file)
        for key, most in (("decimals", 30), ("figures", 30)):
            if key in self:
                least = 0 if key == "decimals" else 1
                more[key] = whole(self[key], key, self.file, least, most)
        for key in ("tolerance", "seconds"):
            if key in self:
                more[key] = self.positive(key)
        if "choose" in self:
            more["choose"] = word(self["choose"], "choose", ("one", "all"), self.file)
        return Asked(
            self.kind,
            self.line,
            values=self.values(),
            readings=self.readings(),
            likely=self.likely(),
            also=self.labelled("also"),
            options=self.options(),
            claims=self.labelled("claims"),
            working=self.working(),
            arithmetic=self.arithmetic(),
            unaffected=self.unaffected(),
            published=self.published(),
            means=self.means(),
            **more,
        )

    def fits(self) -> None:
        """Refuse keys that contradict each other, or the kind."""
        there = [key for key in SOURCES if key in self]
        for key, kinds in ONLY.items():
            if key in self and self.kind not in kinds:
                raise self.at(
                    key,
                    f"the kind {self.kind} has no {key}",
                    hint=f"{key} belong{'s' * (key[-1] != 's')} to {' and '.join(kinds)}",
                )
        waits = [key for key in ("derivation", "experiment") if key in self]
        if waits and len(there) > 1:
            other = next(key for key in there if key != waits[0])
            raise self.at(waits[0], f"{waits[0]} stands beside {other}",
                          hint="a part computes its answer, or says what it waits for")  # fmt: skip
        needed, *more = _NEEDED.get(self.kind, ("",))
        if not waits and needed and not {needed, "readings", *more} & {*self.node.items}:
            raise error(f"the kind {self.kind} needs {needed}", self.node, self.file,
                        hint=KEYS[needed])  # fmt: skip
        if not there:
            fact = "the answer is not computed"
            if "published" in self:
                fact = "what was published stands alone: nothing computes it"
            raise error(fact, self.node, self.file, expected=f"one of {', '.join(SOURCES)}")
        for one, two in (("value", "readings"), ("value", "options"), ("value", "holds"),
                         ("decimals", "figures")):  # fmt: skip
            if one in self and two in self:
                raise self.at(two, f"{two} stands beside {one}", hint="say one of the two")
        if "likely" in self and "readings" not in self:
            raise self.at("likely", "likely chooses among readings, and there are none")

    def at(self, key: str, fact: str, **more: str | None) -> Any:
        return error(fact, self.node.keys[key], self.file, **more)

    def positive(self, key: str) -> Any:
        found = number(self[key], key, self.file)
        if found <= 0 or (key == "seconds" and found > 600):
            raise error(
                f"{key} is {found}",
                self[key],
                self.file,
                expected="a number above 0" + ", at most 600" * (key == "seconds"),
            )
        return float(found) if key == "seconds" else found

    def code(self, node: Node, what: str) -> Code:
        """An expression that names something of the question."""
        if isinstance(node, Sequence | Mapping):
            raise error(f"{what} is {described(node)}, not an expression", node, self.file,
                        hint='brackets and braces of Python stand in quotes: "[a, b]"')  # fmt: skip
        code = Code(node.text.strip(), node.line)
        if node.plain and node.text in FLAGS:
            raise error(f"{what} is {node.text}: it would be typed in, not computed", node,
                        self.file, hint="write an expression that says when it is so")  # fmt: skip
        computes(code, what, self.scope.known, self.scope.complete, self.file)
        return code

    def labelled(self, key: str) -> dict[str, Code]:
        """Expressions by label."""
        if key not in self:
            return {}
        form = "sentence: predicate" if key == "claims" else "label: expression"
        found = mapping(self[key], key, self.file, form)
        if not found.items:
            raise error(f"{key} is empty", found, self.file)
        return {label: self.code(node, f"{key} {label[:40]!r}")
                for label, node in found.items.items()}  # fmt: skip

    def values(self) -> dict[str, Code]:
        for key in ("value", "holds"):
            if key in self:
                if isinstance(self[key], Mapping):
                    return self.labelled(key)
                return {"": self.code(self[key], key)}
        return {}

    def readings(self) -> dict[str, dict[str, Code]]:
        if "readings" not in self:
            return {}
        found = {}
        for label, node in mapping(self["readings"], "readings", self.file).items.items():
            what = f"the reading {label[:40]!r}"
            if isinstance(node, Mapping):
                found[label] = {name: self.code(part, f"{name[:40]!r} of {what}")
                                for name, part in node.items.items()}  # fmt: skip
            else:
                found[label] = {"": self.code(node, what)}
        if len(found) < 2:
            raise self.at("readings", f"there is {'one reading' if found else 'no reading'}",
                          hint="an answer that can be read in one way has a value")  # fmt: skip
        return found

    def likely(self) -> str | None:
        if "likely" not in self:
            return None
        labels = list(mapping(self["readings"], "readings", self.file).items)
        return word(self["likely"], "likely", labels, self.file)

    def options(self) -> tuple[Option, ...]:
        if "options" not in self:
            return ()
        found = []
        form = "{says: text, holds: predicate}"
        lettered = mapping(self["options"], "options", self.file, f"A: {form}")
        for letter, node in lettered.items.items():
            what = f"the option {letter[:40]!r}"
            keys = mapping(node, what, self.file, form)
            known_keys(keys, what, ("says", "holds"), self.file)
            for key in ("says", "holds"):
                if key not in keys.items:
                    raise error(f"{what} has no {key}", node, self.file,
                                expected=form)  # fmt: skip
            says = text(keys.items["says"], f"says of {what}", self.file)
            found.append(Option(letter, says, self.code(keys.items["holds"], f"holds of {what}")))
        if len(found) < 2:
            raise self.at("options", "a choice has at least two options")
        return tuple(found)

    def working(self) -> Code | None:
        """The expression to explain; for none, an empty tuple: there is nothing to explain."""
        if "working" not in self:
            return None
        node = scalar(self["working"], "working", self.file)
        if node.plain and node.text in FLAGS:
            if flag(node, "working", self.file):
                return None
            return Code("()", node.line)
        return self.code(node, "working")

    def arithmetic(self) -> str | None:
        if "arithmetic" not in self:
            return None
        found = text(self["arithmetic"], "arithmetic", self.file)
        try:
            return arithmetic_of(found).name
        except ArgumentError as problem:
            raise error(problem.fact, self["arithmetic"], self.file, expected=problem.expected,
                        hint=problem.hint) from None  # fmt: skip

    def unaffected(self) -> tuple[str, ...]:
        if "unaffected" not in self:
            return ()
        found = []
        for item in sequence(self["unaffected"], "unaffected", self.file).items:
            name = text(item, "unaffected", self.file)
            if name not in self.scope.givens and self.scope.complete:
                raise error(f"unaffected names {name[:40]!r}, which is not given", item, self.file,
                            expected=", ".join(self.scope.givens) or "the name of a given",
                            hint=nearest(name, self.scope.givens))  # fmt: skip
            found.append(name)
        return tuple(found)

    def published(self) -> Any:
        if "published" not in self:
            return None
        found = printed(self["published"], self.file)
        if self.kind == "truefalse":
            return self.verdict(found)
        letters = list(self.node.items["options"].items) if "options" in self else []  # type: ignore[union-attr]
        if letters and isinstance(found, str | list):
            said = [found] if isinstance(found, str) else found
            for letter in said:
                if letter not in letters:
                    raise self.at("published", f"{letter!r} is none of the options",
                                  expected=", ".join(letters))  # fmt: skip
        return found

    def verdict(self, found: Any) -> Any:
        """T or F, as it was published, by label where there are several."""
        if isinstance(found, dict):
            return {label: self.verdict(part) for label, part in found.items()}
        if isinstance(found, bool):
            return "T" if found else "F"
        if str(found).lower() not in ("t", "f", "true", "false"):
            raise self.at("published", f"{str(found)[:40]!r} is neither true nor false",
                          expected="T or F")  # fmt: skip
        return found

    def means(self) -> tuple[str, ...]:
        """The claims that the published answer makes."""
        if "means" not in self:
            return ()
        for key in ("claims", "published"):
            if key not in self:
                raise self.at("means", f"means says what was published of the claims: there is "
                              f"no {key}")  # fmt: skip
        claims = list(mapping(self["claims"], "claims", self.file).items)
        items = self["means"].items if isinstance(self["means"], Sequence) else [self["means"]]
        return tuple(word(item, "means", claims, self.file) for item in items)


def printed(node: Node, file: str) -> Any:
    """What was published, as it was printed: text, true or false, lists and mappings of them.

    Numbers stay text: 0.50 has two decimals.
    """
    if isinstance(node, Sequence):
        return [printed(item, file) for item in sequence(node, "published", file).items]
    if isinstance(node, Mapping):
        return {label: printed(item, file) for label, item in node.items.items()}
    if node.plain and node.text in FLAGS:
        return FLAGS[node.text]
    return text(node, "published", file)
