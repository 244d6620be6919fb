"""Losses against PyTorch: values, gradients, types, modules, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule.core.errors import (
    ArgumentError,
    CaptureError,
    ChainruleError,
    DTypeError,
    ShapeError,
    ValueCheckError,
)

F, TF = cr.nn.functional, torch.nn.functional
RNG = np.random.default_rng(0)
X = RNG.uniform(-2, 2, (4, 3))
Y = RNG.uniform(-2, 2, (4, 3))
Z = RNG.uniform(-2, 2, (4, 3))
P = RNG.uniform(0.05, 0.95, (4, 3))
T = RNG.uniform(0.05, 0.95, (4, 3))
SIGNS = np.where(RNG.random((4, 3)) < 0.5, -1.0, 1.0)
COUNTS = RNG.integers(0, 5, (4, 3)).astype(float)
CLASSES = np.array([0, 2, 1, 2])
PADDED = np.array([0, -100, 1, 2])
IMAGES = RNG.uniform(-2, 2, (2, 3, 2, 2))
PIXELS = RNG.integers(0, 3, (2, 2, 2))
W = np.array([0.5, 2.0, 0.0])
CHANCES = P / P.sum(1, keepdims=True)

Case = tuple[str, tuple[Any, ...], dict[str, Any]]
CASES: list[Case] = [
    ("l1_loss", (X, Y), {}),
    ("l1_loss", (X, Y), {"weight": P}),
    ("mse_loss", (X, Y), {}),
    ("mse_loss", (X, Y), {"weight": P}),
    ("smooth_l1_loss", (X, Y), {}),
    ("smooth_l1_loss", (X, Y), {"beta": 0.3}),
    ("smooth_l1_loss", (X, Y), {"beta": 0.0}),
    ("huber_loss", (X, Y), {}),
    ("huber_loss", (X, Y), {"delta": 0.3}),
    ("huber_loss", (X, Y), {"weight": P}),
    ("nll_loss", (X, CLASSES), {}),
    ("nll_loss", (X, CLASSES), {"weight": W}),
    ("nll_loss", (X, PADDED), {"weight": W}),
    ("nll_loss", (X, CLASSES), {"ignore_index": 2}),
    ("nll_loss", (IMAGES, PIXELS), {"weight": W, "ignore_index": 1}),
    ("nll_loss", (X[0], CLASSES[1]), {}),
    ("cross_entropy", (X, CLASSES), {}),
    ("cross_entropy", (X, PADDED), {}),
    ("cross_entropy", (X, CLASSES), {"weight": W, "label_smoothing": 0.1}),
    ("cross_entropy", (X, PADDED), {"label_smoothing": 0.3}),
    ("cross_entropy", (X, CLASSES), {"label_smoothing": 1.0}),
    ("cross_entropy", (IMAGES, PIXELS), {"weight": W, "ignore_index": 0, "label_smoothing": 0.2}),
    ("cross_entropy", (X, CHANCES), {}),
    ("cross_entropy", (X, CHANCES), {"weight": W, "label_smoothing": 0.2}),
    ("cross_entropy", (X[0], CLASSES[0]), {"label_smoothing": 0.2}),
    ("binary_cross_entropy", (P, T), {}),
    ("binary_cross_entropy", (P, T), {"weight": W}),
    ("binary_cross_entropy_with_logits", (X, T), {}),
    ("binary_cross_entropy_with_logits", (X * 500, T), {}),
    ("binary_cross_entropy_with_logits", (X, T), {"weight": W}),
    ("binary_cross_entropy_with_logits", (X, T), {"pos_weight": W}),
    ("binary_cross_entropy_with_logits", (X * 500, T), {"pos_weight": W, "weight": P}),
    ("kl_div", (X, T), {}),
    ("kl_div", (X, Y), {"log_target": True}),
    ("hinge_embedding_loss", (X, SIGNS), {}),
    ("hinge_embedding_loss", (X, SIGNS), {"margin": 0.5}),
    ("margin_ranking_loss", (X, Y, SIGNS), {}),
    ("margin_ranking_loss", (X, X, SIGNS), {}),
    ("margin_ranking_loss", (X, Y, SIGNS), {"margin": 0.5}),
    ("cosine_embedding_loss", (X, Y, SIGNS[:, 0]), {}),
    ("cosine_embedding_loss", (X, Y, SIGNS[:, 1]), {"margin": -0.3}),
    ("cosine_embedding_loss", (X[0], Y[0], SIGNS[0, 0]), {}),
    ("soft_margin_loss", (X, SIGNS.astype(int)), {}),
    ("multi_margin_loss", (X, CLASSES), {}),
    ("multi_margin_loss", (X, CLASSES), {"p": 2, "margin": 0.5, "weight": W}),
    ("multi_margin_loss", (X[0], CLASSES[0]), {}),
    ("multilabel_soft_margin_loss", (X, (SIGNS > 0) * 1.0), {}),
    ("multilabel_soft_margin_loss", (X, (SIGNS > 0) * 1.0), {"weight": W}),
    ("poisson_nll_loss", (X, COUNTS), {}),
    ("poisson_nll_loss", (X, COUNTS), {"full": True}),
    ("poisson_nll_loss", (P, COUNTS), {"log_input": False, "eps": 1e-3}),
    ("gaussian_nll_loss", (X, Y, P), {}),
    ("gaussian_nll_loss", (X, Y, P[:, :1]), {"full": True}),
    ("gaussian_nll_loss", (X, Y, P[:, 0]), {}),
    ("gaussian_nll_loss", (X, Y, P), {"eps": 0.5}),
    ("triplet_margin_loss", (X, Y, Z), {}),
    ("triplet_margin_loss", (X, Y, Z), {"p": 1.0, "swap": True, "margin": 2.0}),
    ("triplet_margin_loss", (X[0], Y[0], Z[0]), {"p": 3.0}),
]
MEASURES: list[Case] = [
    ("cosine_similarity", (X, Y), {}),
    ("cosine_similarity", (X, Y[0]), {"dim": -1}),
    ("cosine_similarity", (X * np.array([[1], [0], [1e-9], [1]]), Y), {"dim": 1}),
    ("pairwise_distance", (X, Y), {}),
    ("pairwise_distance", (X, Y[0]), {"p": 1.0, "keepdim": True}),
    ("pairwise_distance", (X, Y), {"p": 0.0}),
    ("pairwise_distance", (X[0, 0], Y[0, 0]), {}),
    ("pairwise_distance", (X, Y), {"p": float("inf")}),
    ("pairwise_distance", (X, Y), {"p": 3.0, "eps": 0.0}),
]


def computed(lib: Any, case: Case, dtype: str, **more: Any) -> tuple[Any, list[Any]]:
    """The value, and the gradients of all floating operands, of ``lib``."""
    name, operands, named = case

    def given(x: Any) -> Any:
        if not isinstance(x, np.ndarray | np.generic):
            return x
        if x.dtype.kind == "i":
            return lib.tensor(np.asarray(x))
        return lib.tensor(np.asarray(x, dtype))

    tensors = [given(x) for x in operands]
    smooth = [t.requires_grad_() for t in tensors if t.dtype in (lib.float32, lib.float64)]
    keywords = {key: given(value) for key, value in named.items()}
    loss = getattr(lib.nn.functional, name)(*tensors, **keywords, **more)
    (loss * (loss.detach() + 1)).sum().backward()
    return loss.detach(), [t.grad for t in smooth]


def agree(ours: Any, theirs: Any, dtype: str, tolerance: float) -> None:
    """Type, shape, and entries relative to the largest."""
    if ours is None or theirs is None:  # where the slope is 0 everywhere, one of them says nothing
        assert all(found is None or not np.any(found.tolist()) for found in (ours, theirs))
        return
    theirs = np.asarray(theirs)
    assert np.asarray(ours).dtype == theirs.dtype == np.dtype(dtype)
    scale = np.abs(theirs[np.isfinite(theirs)]).max(initial=1.0)
    np.testing.assert_allclose(np.asarray(ours) / scale, theirs / scale, rtol=0, atol=tolerance)


def ids(case: Any) -> str:
    return f"{case[0]}{''.join(f'-{key}' for key in case[2])}" if isinstance(case, tuple) else case


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("case", CASES, ids=ids)
def test_loss_is_torch(case: Case, reduction: str, dtype: str) -> None:
    ours, gradients = computed(cr, case, dtype, reduction=reduction)
    theirs, wanted = computed(torch, case, dtype, reduction=reduction)
    tolerance = 1e-12 if dtype == "float64" else 1e-5
    agree(ours, theirs, dtype, tolerance)
    for g, w in zip(gradients, wanted, strict=True):
        if w is not None and w.isnan().any():
            assert case[0] == "poisson_nll_loss"  # PyTorch's 0 * NaN, for counts of 0
            g, w = (np.where(w.isnan(), 0, np.asarray(x)) for x in (g, w))
        agree(g, w, dtype, tolerance)


@pytest.mark.parametrize("case", MEASURES, ids=ids)
def test_measure_is_torch(case: Case) -> None:
    ours, gradients = computed(cr, case, "float64")
    theirs, wanted = computed(torch, case, "float64")
    for a, b in zip([ours, *gradients], [theirs, *wanted], strict=True):
        agree(a, b, "float64", 1e-12)


def test_kl_div_by_the_batch() -> None:
    case: Case = ("kl_div", (X, T), {"reduction": "batchmean"})
    agree(computed(cr, case, "float64")[0], computed(torch, case, "float64")[0], "float64", 1e-12)
    with_zero = F.kl_div(cr.tensor([-1.0, -2.0]), cr.tensor([0.0, 1.0]), reduction="none")
    assert with_zero.tolist() == [0, 2]


@pytest.mark.parametrize("name", ["nll_loss", "cross_entropy"])
def test_all_ignored(name: str) -> None:
    """0 / 0: NaN in floats, as in PyTorch, and refused in exact arithmetic; the sum is 0."""
    x, t = cr.tensor(X, requires_grad=True), cr.tensor([-100] * 4)
    assert np.isnan(getattr(F, name)(x, t).item())
    assert getattr(F, name)(x, t, reduction="sum").item() == 0
    with pytest.raises(ValueCheckError):
        getattr(F, name)(cr.tensor([[1, 2]], dtype=cr.exact), cr.tensor([-100]))


def test_ignored_while_captured() -> None:
    """A compiled loss ignores padding, too, though it was captured without."""
    step = cr.compile(lambda x, t: F.cross_entropy(x, t))
    for t in (CLASSES, PADDED):
        theirs = TF.cross_entropy(torch.tensor(X), torch.tensor(t)).item()
        assert step(cr.tensor(X), cr.tensor(t)).item() == pytest.approx(theirs, rel=1e-12)
    assert step.captures == 1


def test_far_logits() -> None:
    x = cr.tensor([1000.0, -1000.0, 1000.0, -1000.0], requires_grad=True)
    t = cr.tensor([0.0, 1.0, 1.0, 0.0])
    loss = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    assert loss.tolist() == [1000, 1000, 0, 0]
    loss.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1, -1, 0, 0]
    margins = F.soft_margin_loss(x, cr.tensor([1.0, 1.0, -1.0, -1.0]), reduction="none")
    assert margins.tolist() == [0, 1000, 1000, 0]


def test_log_of_zero_probability() -> None:
    p, t = np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0, 1.0])
    case: Case = ("binary_cross_entropy", (p, t), {"reduction": "none"})
    (ours, (g, _)), (theirs, (w, _)) = (computed(lib, case, "float64") for lib in (cr, torch))
    assert ours.tolist() == theirs.tolist() == [100, 100, 0, 0]
    np.testing.assert_allclose(np.asarray(g), np.asarray(w), rtol=1e-8)  # its 1e-12 is a float32


# -- exact arithmetic ------------------------------------------------------------------------------


def fractions(*entries: Any) -> cr.Tensor:
    return cr.tensor([Fraction(e) for e in entries], dtype=cr.exact, requires_grad=True)


def test_exact_cross_entropy() -> None:
    import sympy

    x = cr.tensor([[0, 0, 0]], dtype=cr.exact, requires_grad=True)
    loss = F.cross_entropy(x, cr.tensor([1]), label_smoothing=0.5)
    assert sympy.simplify(loss.item() - sympy.log(3)) == 0
    loss.backward()
    assert x.grad is not None
    third = Fraction(1, 3)
    assert x.grad.tolist() == [[third - third / 2, third - third / 2 - Fraction(1, 2),
                                third - third / 2]]  # fmt: skip


def test_exact_nll_weighted() -> None:
    x = cr.tensor([[-1, -2], [-3, -4]], dtype=cr.exact)
    loss = F.nll_loss(x, cr.tensor([0, 1]), cr.tensor([1, 3], dtype=cr.exact))
    assert loss.item() == Fraction(1 + 12, 4)


def test_exact_logits_and_margins() -> None:
    import sympy

    x = fractions(0, 2)
    loss = F.binary_cross_entropy_with_logits(x, fractions(1, 1), reduction="sum")
    assert sympy.simplify(loss.item() - sympy.log(2) - sympy.log(1 + sympy.exp(-2))) == 0
    loss.backward()
    assert x.grad is not None
    assert x.grad.tolist()[0] == Fraction(-1, 2)
    t = fractions(1, -1)
    assert F.hinge_loss(fractions("1/4", "1/2"), t, reduction="none").tolist() == [
        Fraction(3, 4), Fraction(3, 2),
    ]  # fmt: skip
    assert F.huber_loss(fractions("1/2", 3), fractions(0, 0), delta=0.5).item() == Fraction(3, 4)
    p = fractions("1/2", "1/2")
    assert F.kl_div(p.log(), p, reduction="sum").item() == 0
    assert F.cosine_similarity(fractions(3, 4), fractions(4, 3), dim=0).item() == Fraction(24, 25)


def test_symbolic_logit() -> None:
    """The loss of a symbol is one formula, without cases."""
    z = cr.symbols("z").requires_grad_()
    loss = F.binary_cross_entropy_with_logits(z, cr.tensor(1, dtype=cr.exact))
    assert str(loss.item()) == "-z + log(exp(z) + 1)"


def test_hinge_loss_by_hand() -> None:
    x = cr.tensor([0.25, 1.0, -2.0, 3.0], requires_grad=True)
    loss = F.hinge_loss(x, cr.tensor([1.0, 1.0, 1.0, -1.0]), reduction="none")
    assert loss.tolist() == [0.75, 0, 3, 4]
    loss.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [-1, 0, -1, 1]


# -- modules ---------------------------------------------------------------------------------------

MODULES: list[tuple[str, dict[str, Any], tuple[Any, ...]]] = [
    ("L1Loss", {}, (X, Y)), ("MSELoss", {}, (X, Y)), ("SmoothL1Loss", {"beta": 0.5}, (X, Y)),
    ("HuberLoss", {"delta": 0.5}, (X, Y)),
    ("NLLLoss", {"weight": W, "ignore_index": 1}, (X, CLASSES)),
    ("CrossEntropyLoss", {"weight": W, "label_smoothing": 0.1}, (X, PADDED)),
    ("BCELoss", {"weight": W}, (P, T)),
    ("BCEWithLogitsLoss", {"weight": W, "pos_weight": P}, (X, T)),
    ("KLDivLoss", {"reduction": "batchmean"}, (X, T)), ("KLDivLoss", {"log_target": True}, (X, Y)),
    ("PoissonNLLLoss", {"full": True}, (X, COUNTS)),
    ("GaussianNLLLoss", {"full": True}, (X, Y, P)),
    ("MultiLabelSoftMarginLoss", {"weight": W}, (X, (SIGNS > 0) * 1.0)),
    ("HingeEmbeddingLoss", {"margin": 0.5}, (X, SIGNS)),
    ("MarginRankingLoss", {"margin": 0.5}, (X, Y, SIGNS)), ("SoftMarginLoss", {}, (X, SIGNS)),
    ("MultiMarginLoss", {"p": 2, "weight": W}, (X, CLASSES)),
    ("CosineEmbeddingLoss", {"margin": 0.1}, (X, Y, SIGNS[:, 0])),
    ("TripletMarginLoss", {"swap": True, "p": 1.0}, (X, Y, Z)),
    ("CosineSimilarity", {"dim": 0}, (X, Y)), ("PairwiseDistance", {"p": 1.0}, (X, Y)),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize(("name", "made", "operands"), MODULES)
def test_module_is_torch(name: str, made: dict[str, Any], operands: tuple[Any, ...]) -> None:
    found = []
    for lib in (cr, torch):
        given = {k: lib.tensor(v) if isinstance(v, np.ndarray) else v for k, v in made.items()}
        module = getattr(lib.nn, name)(**given)
        value = np.asarray(module(*(lib.tensor(x) for x in operands)))
        found.append((value, sorted(module.state_dict())))
    (ours, keys), (theirs, wanted) = found
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert keys == wanted


# -- refused ---------------------------------------------------------------------------------------

x2, c2 = cr.tensor(X), cr.tensor(CLASSES)
REFUSED: list[tuple[Callable[[], Any], type[ChainruleError], str]] = [
    (lambda: F.mse_loss(x2, x2, size_average=False), ArgumentError, 'write reduction="sum"'),
    (lambda: F.l1_loss(x2, x2, reduce=False), ArgumentError, 'write reduction="none"'),
    (lambda: cr.nn.NLLLoss(reduce=True), ArgumentError, 'write reduction="mean"'),
    (lambda: F.mse_loss(x2, x2, reduction="batchmean"), ArgumentError, "reduction is 'batchmean'"),
    (lambda: cr.nn.MSELoss("sum"), ArgumentError, "write reduction='sum'"),
    (lambda: cr.nn.BCELoss("sum"), ArgumentError, "write reduction='sum'"),
    (lambda: cr.nn.KLDivLoss(reduction="all"), ArgumentError, "reduction is 'all'"),
    (lambda: F.huber_loss(x2, x2, weight=x2[0]), ShapeError, "weight has shape"),
    (lambda: F.smooth_l1_loss(x2, x2, beta=-1.0), ArgumentError, "beta is -1.0"),
    (lambda: F.huber_loss(x2, x2, delta=0.0), ArgumentError, "delta is 0.0"),
    (lambda: F.mse_loss(x2, x2[0]), ShapeError, "nothing is broadcast in a loss"),
    (lambda: F.mse_loss(c2, c2), DTypeError, "floating or exact type, not int64"),
    (lambda: F.nll_loss(x2, c2.int()), DTypeError, "of type int64, not int32"),
    (lambda: F.nll_loss(x2, c2, cr.tensor(W).float()), DTypeError, "weight is of type float32"),
    (lambda: F.nll_loss(x2, c2, cr.tensor(W)[:2]), ShapeError, "there are 3 classes"),
    (lambda: F.nll_loss(x2, c2 + 1), ValueCheckError, "among the classes 0 … 2"),
    (lambda: F.nll_loss(x2, c2[:3]), ShapeError, "target has shape"),
    (lambda: F.cross_entropy(c2, c2), DTypeError, "floating"),
    (lambda: F.cross_entropy(x2, c2, label_smoothing=1.5), ArgumentError, "label_smoothing is 1.5"),
    (lambda: F.cross_entropy(x2, x2, ignore_index=1), ArgumentError, "no ignore_index"),
    (lambda: F.multi_margin_loss(x2, c2, p=3), ArgumentError, "p is 3"),
    (lambda: F.multi_margin_loss(x2[None], c2), ShapeError, "input has 3 axes"),
    (lambda: F.binary_cross_entropy(x2, x2), ValueCheckError, "were these logits"),
    (lambda: F.binary_cross_entropy(cr.tensor(P), x2), ValueCheckError, "target is outside"),
    (lambda: F.binary_cross_entropy(cr.tensor(P), cr.tensor(T).float()), DTypeError, "of type"),
    (lambda: F.binary_cross_entropy(cr.tensor(P), cr.tensor(T), x2[:2]), ShapeError, "repeated to"),
    (lambda: F.binary_cross_entropy_with_logits(x2, x2.long()), DTypeError, "target of binary"),
    (lambda: F.kl_div(x2, x2.long()), DTypeError, "target of kl_div"),
    (lambda: F.gaussian_nll_loss(x2, x2, x2[0]), ShapeError, "var has shape"),
    (lambda: F.gaussian_nll_loss(x2, x2, -1.0), ValueCheckError, "variance is negative"),
    (lambda: F.triplet_margin_loss(x2, x2, x2, margin=0.0), ArgumentError, "margin is 0.0"),
    (lambda: F.cosine_embedding_loss(x2, x2, c2[:3]), ShapeError, "target has shape"),
    (lambda: F.one_hot(cr.zeros(0, dtype=cr.int64)), ArgumentError, "number of classes"),
    (lambda: F.mse_loss(x2[:0], x2[:0]), ShapeError, "mean loss of an empty batch"),
    (lambda: F.mse_loss(x2[:0], x2[:0], weight=x2[:0]), ShapeError, "mean loss of an empty batch"),
    (lambda: F.huber_loss(x2[:0], x2[:0], weight=x2[:0]), ShapeError, "loss of an empty batch"),
    (lambda: F.mse_loss(x2, x2 > 0, weight=x2), DTypeError, "mse_loss subtracts"),
    (lambda: F.l1_loss(x2 > 0, x2), DTypeError, "l1_loss subtracts, and bools are no numbers"),
    (lambda: F.smooth_l1_loss(x2, x2 > 0), DTypeError, "smooth_l1_loss subtracts"),
    (lambda: F.margin_ranking_loss(x2, x2, x2 > 0), DTypeError, "margin_ranking_loss subtracts"),
    (lambda: F.pairwise_distance(x2, x2 > 0), DTypeError, "pairwise_distance subtracts"),
    (lambda: F.poisson_nll_loss(x2 > 0, x2, log_input=False), DTypeError, "nll_loss subtracts"),
    (lambda: F.multilabel_soft_margin_loss(x2, x2 > 0), DTypeError, "margin_loss subtracts"),
    (lambda: F.gaussian_nll_loss(x2 > 0, x2, 1.0), DTypeError, "gaussian_nll_loss subtracts"),
    (lambda: F.gaussian_nll_loss(x2, x2, x2.long()), DTypeError, "var of gaussian_nll_loss"),
    (lambda: F.multi_margin_loss(x2, c2.to(cr.uint8)), DTypeError, "type int64, not uint8"),
    (lambda: F.binary_cross_entropy(cr.tensor(P) * float("nan"), cr.tensor(T)), ValueCheckError,
     "a probability is outside"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), REFUSED)
def test_refused(call: Callable[[], Any], error: type[ChainruleError], words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_a_number_for_the_variance_stays_one() -> None:
    for x in (cr.tensor([-1]), cr.tensor([-1.0])):
        loss = F.gaussian_nll_loss(x, cr.tensor([1.0]), 0.5)
        assert loss.item() == pytest.approx((np.log(0.5) + 4 / 0.5) / 2, rel=1e-6)


def test_the_distance_of_equal_vectors_has_the_derivative_zero() -> None:
    x = cr.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
    F.pairwise_distance(x, cr.tensor([[1.0, 2.0], [0.0, 1.0]]), eps=0.0).sum().backward()
    np.testing.assert_allclose(np.asarray(x.grad), [[0, 0], [0.6, 0.8]], rtol=1e-6)


@pytest.mark.parametrize("loss", ["smooth_l1_loss", "huber_loss"])
def test_the_derivative_at_nan_is_nan(loss: str) -> None:
    x = cr.tensor([float("nan"), 0.25], requires_grad=True)
    getattr(F, loss)(x, cr.zeros(2), reduction="sum").backward()
    np.testing.assert_array_equal(np.asarray(x.grad), [np.nan, 0.25])


def test_one_hot_without_classes_is_not_captured() -> None:
    with pytest.raises(CaptureError, match="one_hot"):
        cr.capture(lambda x: F.one_hot(x), cr.spec(3, dtype=cr.int64))
