"""A detector that looks at an image once: every cell of a grid proposes boxes."""

from __future__ import annotations

from typing import NamedTuple

from chainrule import nn
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tensor import Tensor
from chainrule.ops.creation import arange
from chainrule.ops.elementwise.elementary import where
from chainrule.ops.shape.moves import stack


class Detections(NamedTuple):
    """Boxes (n, grid * grid * boxes, 4) as left, top, right, bottom in shares of the image; how
    sure each is that it holds an object (n, grid * grid * boxes); and the probability of
    each class (n, grid * grid * boxes, classes), the same for all boxes of a cell."""

    boxes: Tensor
    confidence: Tensor
    classes: Tensor


class GridHead(nn.Module):
    """A 1 by 1 convolution that reads, in each cell of a grid of maps, ``boxes`` times (4 + 1)
    numbers and ``classes`` scores, of Redmon and others, You only look once (2016).

    Shapes: (n, channels, s, s) -> (n, boxes * 5 + classes, s, s).
    """

    def __init__(self, channels: int, boxes: int = 2, classes: int = 20) -> None:
        super().__init__()
        if boxes < 1 or classes < 1:
            raise ArgumentError(f"{boxes} boxes and {classes} classes", expected="one or more")
        self.boxes, self.classes = boxes, classes
        self.conv = nn.Conv2d(channels, boxes * 5 + classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        raw: Tensor = self.conv(x)
        return raw

    def decode(self, raw: Tensor) -> Detections:
        """Boxes, confidences and class probabilities of all cells.

        Of the five numbers (x, y, w, h, c) of a box, sigmoid(x) and sigmoid(y) say where in its
        cell the middle lies, sigmoid(w)² and sigmoid(h)² are the shares of the image that it is
        wide and high (the network speaks of square roots, so that small boxes count), and
        sigmoid(c) is the confidence.  Softmax of the scores gives the classes.  Raises ShapeError
        for maps of another depth, or that are not square.
        """
        n, depth, rows, columns = raw.shape if raw.ndim == 4 else (0, 0, 0, 0)
        if depth != self.boxes * 5 + self.classes or rows != columns:
            raise ShapeError(
                "these are no maps of this head",
                got=f"raw {raw.shape}",
                expected=f"(n, {self.boxes * 5 + self.classes}, s, s)",
            )
        cells = raw.permute(0, 2, 3, 1)
        numbers = cells[..., : self.boxes * 5].reshape(n, rows, columns, self.boxes, 5).sigmoid()
        row = arange(rows, dtype=raw.dtype, device=raw.device).reshape(rows, 1, 1)
        column = arange(columns, dtype=raw.dtype, device=raw.device).reshape(1, columns, 1)
        x = (column + numbers[..., 0]) / columns
        y = (row + numbers[..., 1]) / rows
        w, h = numbers[..., 2] ** 2, numbers[..., 3] ** 2
        corners = stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], dim=-1)
        likely = cells[..., self.boxes * 5 :].softmax(-1).unsqueeze(3)
        shared = likely.expand(n, rows, columns, self.boxes, self.classes)
        return Detections(
            corners.reshape(n, -1, 4), numbers[..., 4].reshape(n, -1),
            shared.reshape(n, -1, self.classes),
        )  # fmt: skip


class GridDetector(nn.Module):
    """A ``backbone`` that turns an image into a grid of maps, and a `GridHead` that reads all boxes
    of all cells from it: one pass, however many objects there are.

    What one cell cannot say: all its boxes share one class, so that of two objects whose middles
    lie in the same cell one is lost.

    >>> import chainrule as cr
    >>> with cr.device("meta"):
    ...     net = cr.models.grid_detector()
    ...     found = net.detect(cr.empty(1, 3, 448, 448))
    >>> net(cr.empty(1, 3, 448, 448, device="meta")).shape, found.boxes.shape
    ((1, 30, 7, 7), (1, 98, 4))
    """

    def __init__(
        self, backbone: nn.Module, channels: int, boxes: int = 2, classes: int = 20
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = GridHead(channels, boxes, classes)

    def forward(self, x: Tensor) -> Tensor:
        raw: Tensor = self.head(self.backbone(x))
        return raw

    def detect(self, x: Tensor) -> Detections:
        """The boxes of all cells, likely or not: see `keep_best`."""
        return self.head.decode(self(x))


def overlap(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union of each box in ``a`` with each in ``b``: (n, 4), (m, 4) -> (n, m);
    0 for two boxes without area.

    >>> import chainrule as cr
    >>> overlap(cr.tensor([[0.0, 0.0, 2.0, 2.0]]), cr.tensor([[1.0, 0.0, 3.0, 2.0]])).tolist()
    [[0.3333333432674408]]
    """
    first, second = a.unsqueeze(1), b.unsqueeze(0)
    left_top = first[..., :2].maximum(second[..., :2])
    right_bottom = first[..., 2:].minimum(second[..., 2:])
    common = (right_bottom - left_top).clamp(min=0).prod(-1)
    areas = [(box[..., 2:] - box[..., :2]).clamp(min=0).prod(-1) for box in (first, second)]
    union = areas[0] + areas[1] - common
    found: Tensor = common / where(union > 0, union, 1)
    return found


def keep_best(
    boxes: Tensor, scores: Tensor, threshold: float = 0.5, least: float = 0.0
) -> list[int]:
    """Which boxes of one image remain: the best first, each unless it overlaps a better one by
    more than ``threshold``, and only above the score ``least`` (non-maximum suppression).

    Shapes: boxes (n, 4), scores (n).  Raises ShapeError for others.

    >>> import chainrule as cr
    >>> boxes = cr.tensor([[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.0], [0.5, 0.5, 0.6, 0.6]])
    >>> keep_best(boxes, cr.tensor([0.8, 0.9, 0.3]))
    [1, 2]
    """
    if boxes.ndim != 2 or boxes.shape[1] != 4 or scores.shape != boxes.shape[:1]:
        raise ShapeError(
            "boxes and scores are not those of one image",
            got=f"boxes {boxes.shape}, scores {scores.shape}",
            expected="boxes (n, 4), scores (n)",
        )
    shared, sure = overlap(boxes, boxes).tolist(), scores.tolist()
    kept: list[int] = []
    for i in sorted(range(len(sure)), key=lambda i: -sure[i]):
        if sure[i] > least and all(shared[i][j] <= threshold for j in kept):
            kept.append(i)
    return kept


def grid_detector(
    boxes: int = 2, classes: int = 20, *, widths: tuple[int, ...] = (16, 32, 64, 128, 256, 512)
) -> GridDetector:
    """`GridDetector` on convolutions that each halve the image: 64 pixels a cell with the six
    ``widths``, so that 448 by 448 pixels have 7 by 7 cells."""
    layers: list[nn.Module] = []
    for before, after in zip((3, *widths[:-1]), widths, strict=True):
        layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.LeakyReLU(0.1)]
    return GridDetector(nn.Sequential(*layers), widths[-1], boxes, classes)
