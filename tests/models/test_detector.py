"""The grid detector: one pass, boxes by hand, overlaps by brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest

import chainrule as cr
from chainrule import models
from chainrule.core.errors import ShapeError
from chainrule.models.detector import Detections
from tests.core.mistakes import mistake


def test_one_pass_finds_all_boxes() -> None:
    """Paper 1, question 11 d: one call, a grid of 7 by 7 cells of 30 numbers, 98 boxes."""
    calls = []

    class Counted(models.GridDetector):
        def forward(self, x: cr.Tensor) -> cr.Tensor:
            calls.append(x.shape)
            return super().forward(x)

    with cr.device("meta"):
        small = models.grid_detector()
        net = Counted(small.backbone, 512)
        x = cr.empty(1, 3, 448, 448)
        found = net.detect(x)
        raw = small(x)
    assert len(calls) == 1 and raw.shape == (1, 30, 7, 7)
    assert found.boxes.shape == (1, 98, 4) and found.classes.shape == (1, 98, 20)


def by_hand(raw: np.ndarray, boxes: int) -> Detections:
    s = raw.shape[-1]
    sigmoid = lambda v: 1 / (1 + math.exp(-v))  # noqa: E731
    corners, sure, classes = [], [], []
    for row in range(s):
        for column in range(s):
            cell = raw[0, :, row, column]
            scores = np.exp(cell[boxes * 5 :])
            for b in range(boxes):
                x, y, w, h, c = (sigmoid(v) for v in cell[b * 5 : b * 5 + 5])
                middle = (column + x) / s, (row + y) / s
                half = w * w / 2, h * h / 2
                corners.append([middle[0] - half[0], middle[1] - half[1],
                                middle[0] + half[0], middle[1] + half[1]])  # fmt: skip
                sure.append(c)
                classes.append(scores / scores.sum())
    return Detections(*(np.array([part]) for part in (corners, sure, classes)))


def test_decoding() -> None:
    rng = np.random.default_rng(0)
    raw = rng.standard_normal((1, 2 * 5 + 3, 4, 4))
    found = models.GridHead(6, boxes=2, classes=3).decode(cr.tensor(raw))
    for ours, wanted in zip(found, by_hand(raw, 2), strict=True):
        np.testing.assert_allclose(ours.numpy(), wanted, rtol=1e-12)


def test_boxes_of_a_cell_share_its_class() -> None:
    """Paper 1, question 11 e: two objects in one cell cannot be of two classes."""
    head = models.GridHead(6, boxes=2, classes=3)
    found = head.decode(head(cr.randn(1, 6, 4, 4)))
    pairs = found.classes.reshape(16, 2, 3)
    assert pairs[:, 0].tolist() == pairs[:, 1].tolist()
    assert cr.allclose(found.classes.sum(-1), cr.ones(1, 32))


def test_gradients_reach_the_backbone() -> None:
    net = models.grid_detector(1, 2, widths=(4, 6))
    found = net.detect(cr.randn(2, 3, 16, 16))
    (found.boxes.sum() + found.confidence.sum() + (found.classes**2).sum()).backward()
    assert all(p.grad is not None and p.grad.shape == p.shape for p in net.parameters())


def test_overlaps() -> None:
    rng = np.random.default_rng(1)
    first, second = (np.sort(rng.uniform(0, 9, (4, 2, 2)), 1).reshape(4, 4) for _ in range(2))
    found = models.overlap(cr.tensor(first), cr.tensor(second)).numpy()
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            wide = max(0, min(a[2], b[2]) - max(a[0], b[0]))
            high = max(0, min(a[3], b[3]) - max(a[1], b[1]))
            both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
            assert found[i, j] == pytest.approx(wide * high / (both - wide * high))


def test_the_best_boxes_remain() -> None:
    boxes = cr.tensor([[0.0, 0, 4, 4], [0, 0, 4, 3], [5, 5, 9, 9], [5, 6, 9, 9], [0, 0, 4, 2]])
    scores = cr.tensor([0.6, 0.9, 0.2, 0.8, 0.5])
    assert models.keep_best(boxes, scores) == [1, 3]
    assert models.keep_best(boxes, scores, threshold=0.7) == [1, 3, 4]
    assert models.keep_best(boxes, scores, threshold=1.0, least=0.55) == [1, 3, 0]


@mistake
def test_no_boxes() -> None:
    """ArgumentError: 0 boxes and 3 classes
    expected  one or more
    """
    models.GridHead(6, boxes=0, classes=3)


@mistake
def test_maps_of_another_head() -> None:
    """ShapeError: these are no maps of this head
    got       raw (1, 12, 4, 4)
    expected  (n, 13, s, s)
    """
    models.GridHead(6, boxes=2, classes=3).decode(cr.zeros(1, 12, 4, 4))


@mistake
def test_scores_of_other_boxes() -> None:
    """ShapeError: boxes and scores are not those of one image
    got       boxes (3, 4), scores (2,)
    expected  boxes (n, 4), scores (n)
    """
    models.keep_best(cr.zeros(3, 4), cr.zeros(2))


def test_boxes_without_area() -> None:
    points = cr.tensor([[0.2] * 4, [0.7] * 4, [0.0, 0.0, 1.0, 1.0]])
    assert models.overlap(points, points).tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 1]]
    assert models.keep_best(points, cr.tensor([0.9, 0.8, 0.7])) == [0, 1, 2]


def test_maps_without_a_batch() -> None:
    with pytest.raises(ShapeError, match="no maps of this head"):
        models.GridHead(6, boxes=2, classes=3).decode(cr.zeros(13, 4, 4))
