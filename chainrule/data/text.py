"""A text to learn from, character by character, and the numbers of its characters."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chainrule.core import dtypes as dt
from chainrule.core.errors import ArgumentError
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import tensor

FILE = "lamplighter.txt"
"""A tale that was written for this project; the licence of the project is its licence."""


class Vocabulary:
    """The characters of a text, each with a number: its place in their sorted order.

    >>> letters = Vocabulary("abracadabra")
    >>> len(letters), letters.encode("bad").tolist(), letters.decode([1, 0, 3])
    (5, [1, 0, 3], 'bad')
    """

    def __init__(self, text: Iterable[str]) -> None:
        self.characters = "".join(sorted(set(text)))
        self.numbers = {character: i for i, character in enumerate(self.characters)}

    def __len__(self) -> int:
        return len(self.characters)

    def __contains__(self, character: str) -> bool:
        return character in self.numbers

    def encode(self, text: str) -> Tensor:
        """The numbers (n) of the characters of a text, int64; raises ArgumentError for others."""
        for i, character in enumerate(text):
            if character not in self.numbers:
                raise ArgumentError(
                    f"the character {character!r}, at {i}, is not in the vocabulary",
                    expected=repr(self.characters),
                )
        return tensor([self.numbers[character] for character in text], dt.int64)

    def decode(self, numbers: Any) -> str:
        """The text of these numbers, a tensor (n) or a list; raises ArgumentError for others."""
        listed = numbers.reshape(-1).tolist() if isinstance(numbers, Tensor) else list(numbers)
        for number in listed:
            if isinstance(number, float) or not 0 <= number < len(self):
                raise ArgumentError(
                    f"{number} is the number of no character", expected=f"0 … {len(self) - 1}"
                )
        return "".join(self.characters[number] for number in listed)


def load_text() -> tuple[Tensor, Vocabulary]:
    """A tale as the numbers (n) of its characters, int64, and the vocabulary that they are from.

    >>> import chainrule as cr
    >>> numbers, letters = cr.data.load_text()
    >>> letters.decode(numbers[:15])
    'The Lamplighter'
    """
    text = Path(__file__).with_name(FILE).read_text("utf-8")
    vocabulary = Vocabulary(text)
    return vocabulary.encode(text), vocabulary
