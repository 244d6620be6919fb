"""What happened in training, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chainrule.core.errors import ArgumentError

MOST_ROWS = 16
"""How many epochs the short form of a history shows."""


class History:
    """One row of numbers for each epoch: ``epoch``, ``loss``, the metrics, the same of the
    validation data as ``val_…``, the learning rate ``lr``, and ``seconds``.

    A column is found by its name, a row by its number.

    >>> history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
    >>> history["loss"], history[-1]
    ([0.5, 0.25], {'epoch': 2, 'loss': 0.25})
    >>> print(history)
    epoch  loss
        1   0.5
        2  0.25
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        self.rows: list[dict[str, Any]] = [dict(row) for row in rows]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __getitem__(self, key: str | int) -> Any:
        if isinstance(key, int):
            return self.rows[key]
        if key not in self.columns:
            raise ArgumentError(
                f"the history has no column {key!r}", expected=", ".join(self.columns) or "no rows"
            )
        return [row.get(key) for row in self.rows]

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in the order in which they came."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def append(self, row: Mapping[str, Any]) -> None:
        """Add the row of another epoch."""
        self.rows.append(dict(row))

    def to_dict(self) -> dict[str, list[Any]]:
        """The columns by name: what a data frame is made from."""
        return {name: self[name] for name in self.columns}

    def __str__(self) -> str:
        return self._table(self.rows)

    def __repr__(self) -> str:
        """The table, of a long history its first and last rows."""
        if len(self.rows) <= MOST_ROWS:
            return self._table(self.rows)
        half = MOST_ROWS // 2
        dots = dict.fromkeys(self.columns, "…")
        return self._table([*self.rows[:half], dots, *self.rows[-half:]])

    def _table(self, rows: list[dict[str, Any]]) -> str:
        if not rows:
            return "no epochs yet"
        names = self.columns
        lines = [names, *([figure(row.get(name)) for name in names] for row in rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(names))]
        return "\n".join(
            "  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True))
            for line in lines
        )


def figure(value: Any) -> str:
    """A number as people read it: four digits, whole numbers in full.

    >>> figure(0.123456), figure(12), figure(None)
    ('0.1235', '12', '')
    """
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
