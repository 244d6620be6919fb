"""Losses and distances."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.torch_parity.drawing import FLOATS, MOST, Draw, Sample
from tests.torch_parity.table import Arguments, Call, Family, Note, accepts, differs, refuses

family = Family("Losses")
row = family.row

OLD = {
    "size_average": "deprecated in PyTorch: say `reduction`",
    "reduce": "deprecated in PyTorch: say `reduction`",
}
NOISE = 8.0


def _mean(call: Call) -> bool:
    return call.kwargs.get("reduction", "mean") in ("mean", "batchmean")


def _floating(*given: Any) -> bool:
    return any(sample.floating for sample in given)


def _alike(count: int) -> Note:
    """The first operands have one shape."""
    return refuses(
        "nothing is broadcast in a loss: input and target have one shape (PyTorch broadcasts, for "
        "some losses with a warning)",
        lambda call: len({sample.shape for sample in call.args[:count]}) > 1,
    )


BROADCAST, ALL_ALIKE = _alike(2), _alike(3)
EMPTY = refuses(
    "the mean loss of an empty batch does not exist; PyTorch's is NaN",
    lambda call: _mean(call) and not call.args[0].array.size,
)
WHOLE = refuses(
    "a loss is a floating number: one of input and target is floating",
    lambda call: not _floating(*call.args[:2]),
)
WHOLE_INPUT = refuses(
    "a loss is a floating number, of the type of its input",
    lambda call: not _floating(call.args[0]),
)
USUAL = (BROADCAST, EMPTY, WHOLE)


def _bools(call: Call) -> bool:
    return "bool" in (call.args[0].dtype, call.args[1].dtype)


def _special(call: Call) -> bool:
    return any(s.floating and not np.isfinite(s.array).all() for s in call.samples())


SPECIAL = differs(
    "of infinite and undefined numbers, both are not finite, or the same, but not always alike",
    _special,
)
SPECIAL_GRADIENT = Note(
    "gradient differs",
    "at NaN, hinges have the derivative of their slope; PyTorch's is 0",
    _special,
)


def _reduction(d: Draw, **more: Any) -> dict[str, Any]:
    return d.some(reduction=d.mostly(("sum", "none", "mean"), ("median",)), **more)


def _same(
    d: Draw, low: float = -3, high: float = 3, target: Any = None, grad: bool | None = None
) -> tuple[Sample, Sample]:
    """Predictions, and targets of the same shape and type, mostly."""
    x = d.tensor(dtypes=MOST, low=low, high=high)
    shape = d.mostly((x.shape,), ((1,), (2,)))
    a, b = (low, high) if target is None else target
    return x, d.tensor(shape, d.mostly((x.dtype,), ("float64",)), a, b, grad=grad)


@row("F.mse_loss F.l1_loss", *USUAL, noise=NOISE, unsupported=OLD)  # fmt: skip
def _(d: Draw) -> Arguments:
    x, y = _same(d)
    weight = d.tensor(d.one(x.shape, (1,)), x.dtype, 0, 2, grad=False)
    return (x, y), {**_reduction(d), **({"weight": weight} if d.one(0, 0, 1) else {})}


BOOLS = refuses("bools are no numbers, and not subtracted", _bools)


@row("F.smooth_l1_loss", *USUAL, BOOLS, noise=NOISE, unsupported=OLD)
def _(d: Draw) -> Arguments:
    return _same(d), _reduction(d, beta=d.one(0.5, 2.0, 0.0, -1.0))


def _unlike(call: Call) -> bool:
    return call.args[0].dtype != call.args[1].dtype


@row("F.huber_loss", *USUAL,
     Note("gradient differs", "of input and target of two types PyTorch's raises", _unlike),
     noise=NOISE)  # fmt: skip
def _(d: Draw) -> Arguments:
    x, y = _same(d)
    weight = d.tensor(d.one(x.shape, (1,)), x.dtype, 0, 2, grad=False)
    more = {"weight": weight} if d.one(0, 0, 1) else {}
    return (x, y), {**_reduction(d, delta=d.one(0.5, 2.0, 0.0, -1.0)), **more}


def _large(call: Call) -> bool:
    return any(not (np.abs(sample.array) < 100).all() for sample in call.args)


@row(
    "F.soft_margin_loss",
    *USUAL,
    accepts("a target may ask for a gradient", "with respect to argument 'target'"),
    differs(
        "it does not overflow; PyTorch's is infinite from 89 on in float32, 710 in float64", _large
    ),
    noise=NOISE,
    unsupported=OLD,
)
def _(d: Draw) -> Arguments:
    return _same(d, grad=d.mostly((False,), (None,))), _reduction(d)


@row("F.hinge_embedding_loss", *USUAL, WHOLE_INPUT, SPECIAL_GRADIENT,
     noise=NOISE, unsupported=OLD)  # fmt: skip
def _(d: Draw) -> Arguments:
    x, y = _same(d)
    sign = Sample((y.array > 0).astype(y.array.dtype) * 2 - 1 if y.dtype != "bool" else y.array)
    return (x, d.one(sign, sign, y)), _reduction(d, margin=d.one(0.5, 2.0, 0))


@row("F.binary_cross_entropy", *USUAL, noise=NOISE, unsupported=OLD)  # fmt: skip
def _(d: Draw) -> Arguments:
    x, y = _same(d, d.mostly((0,), (-0.5,)), 1, (0, 1))
    weight = d.tensor(d.one(x.shape, x.shape[-1:], ()), x.dtype, 0, 2, grad=False)
    return (x, y), _reduction(d, weight=weight)


@row("F.binary_cross_entropy_with_logits", *USUAL, SPECIAL,
     differs("input and target of two types have the loss in their common one; in PyTorch a "
             "float32 target makes it float32", _unlike), noise=NOISE, unsupported=OLD)  # fmt: skip
def _(d: Draw) -> Arguments:
    x, y = _same(d, -5, 5, (0, 1))
    weight = d.tensor(d.one(x.shape, x.shape[-1:], ()), x.dtype, 0, 2, grad=False)
    positive = d.tensor(d.one(x.shape[-1:], x.shape, ()), x.dtype, 0, 2, grad=False)
    return (x, y), _reduction(d, weight=weight, pos_weight=positive)


def _zero_target(call: Call) -> bool:
    return bool((call.args[1].array == 0).any()) and not call.kwargs.get("log_target")


@row(
    "F.kl_div",
    *USUAL,
    Note(
        "gradient differs",
        "where a target is 0, and 0 ln 0 stands for 0, the derivative by the "
        "target is minus the input; PyTorch's is NaN",
        _zero_target,
    ),
    noise=NOISE,
    unsupported=OLD,
)
def _(d: Draw) -> Arguments:
    logs = d.flag()
    x, y = _same(d, -3, 0, (-3, 0) if logs else (0, 1))
    how = d.one("batchmean", "sum", "none", "mean", "median")
    return (x, y), {**d.some(reduction=how), **({"log_target": True} if logs else {})}


def _classes(d: Draw, low: float = -3) -> tuple[Sample, Sample, int]:
    """Scores (n, c, ...) and class numbers (n, ...)."""
    shape = d.mostly(((2, 3), (3,), (1, 2), (0, 3), (2, 3, 2), (2, 3, 2, 2), (2, 1)), ((),))
    x = d.tensor(shape, FLOATS, low, 3 if low else 0)
    c = shape[1] if len(shape) > 1 else (shape[0] if shape else 1)
    wanted = (shape[0], *shape[2:]) if len(shape) > 1 else ()
    slack = d.mostly((0,), (1,))
    found = d.mostly((wanted,), ((2,),))
    target = d.indices(found, c, d.mostly(("int64",), ("uint8", "float32", "int32")), slack)
    return x, target, c


BYTES = accepts("class numbers of type uint8 are taken for every shape of the input",
                "expected scalar type Long but found Byte")  # fmt: skip


@row("F.nll_loss", EMPTY, BYTES, SPECIAL, noise=NOISE, unsupported=OLD)
def _(d: Draw) -> Arguments:
    x, target, c = _classes(d)
    weight = d.tensor((d.mostly((c,), (c + 1,)),), x.dtype, 0, 2, grad=False)
    return (x, target), _reduction(d, weight=weight, ignore_index=d.one(0, 1, -1))


def _nothing_weighs(call: Call) -> bool:
    weight = call.kwargs.get("weight")
    smoothed = bool(call.kwargs.get("label_smoothing"))
    return weight is not None and smoothed and _mean(call) and not weight.array.all()


@row(
    "F.cross_entropy",
    EMPTY,
    BYTES,
    SPECIAL,
    differs(
        "the mean of smoothed losses of targets that all weigh nothing is infinite; PyTorch's "
        "is NaN",
        _nothing_weighs,
    ),
    noise=NOISE,
    unsupported=OLD,
)
def _(d: Draw) -> Arguments:
    x, target, c = _classes(d)
    weight = d.tensor((d.mostly((c,), (c + 1,)),), x.dtype, 0, 2, grad=False)
    options = {"weight": weight, "label_smoothing": d.one(0.1, 0.5, 0.0, 1.0, 1.5)}
    return (x, target), _reduction(d, **options, ignore_index=d.one(0, 1, -1))


@row(
    "F.cross_entropy",
    EMPTY,
    SPECIAL,
    noise=NOISE,
    unsupported={**OLD, "ignore_index": "for class numbers only"},
)
def _(d: Draw) -> Arguments:
    x, _, c = _classes(d)
    target = d.tensor(d.one(x.shape, x.shape, x.shape, (2, 2)), d.one(x.dtype, x.dtype, "float64"),
                      0, 1)  # fmt: skip
    weight = d.tensor((c,), x.dtype, 0, 2, grad=False)
    return (x, target), _reduction(d, weight=weight, label_smoothing=d.one(0.1, 0.5, 0.0))


@row("F.margin_ranking_loss", ALL_ALIKE, EMPTY, WHOLE, SPECIAL,
     noise=NOISE, unsupported=OLD)  # fmt: skip
def _(d: Draw) -> Arguments:
    x, y = _same(d)
    sign = d.tensor(d.one(x.shape, x.shape, (1,)), x.dtype, -1, 1)
    return (x, y, sign), _reduction(d, margin=d.one(0.5, 1, 0))


@row("F.cosine_similarity torch.cosine_similarity", noise=8 * NOISE)
def _(d: Draw) -> Arguments:
    a, b = d.pair(MOST)
    b = d.tensor(b.shape, d.one(a.dtype, a.dtype, b.dtype))
    rank = max(a.ndim, b.ndim)
    return (a, b), d.some(dim=d.dim(rank), eps=d.one(1e-3, 2.0))


@row("F.pairwise_distance torch.pairwise_distance",
     SPECIAL,
     Note("gradient differs", "for p=0 it is 0; PyTorch has none for the second operand",
          lambda call: call.kwargs.get("p") == 0), noise=NOISE)  # fmt: skip
def _(d: Draw) -> Arguments:
    a, b = d.pair(MOST)
    b = d.tensor(b.shape, d.one(a.dtype, a.dtype, b.dtype))
    return (a, b), d.some(p=d.one(1.0, 2.0, 3.0, float("inf"), 0.0), eps=d.one(0.5, 0.0),
                          keepdim=d.flag())  # fmt: skip


@row("F.cosine_embedding_loss", BROADCAST, EMPTY, noise=NOISE, unsupported=OLD)
def _(d: Draw) -> Arguments:
    name = d.dtype(FLOATS)
    shape = d.one((2, 3), (3,), (2, 1), (0, 2), (2, 2, 2))
    a, b = d.tensor(shape, name), d.tensor(d.one(shape, shape, (2, 3)), name)
    sign = Sample(d.random.integers(0, 2, d.one(shape[:-1], shape[:-1], (2,))) * 2 - 1)
    return (a, b, sign), _reduction(d, margin=d.one(0.5, -0.5, 0))


@row(
    "F.multi_margin_loss",
    EMPTY,
    refuses(
        "scores have an axis of classes; PyTorch takes a number for one class",
        lambda call: not call.args[0].shape,
    ),
    refuses(
        "class numbers are of type int64, also where there are none",
        lambda call: call.args[1].dtype != "int64",
    ),
    differs(
        "of no scores the sum is 0; PyTorch's is whatever was in the memory",
        lambda call: not call.args[0].array.size,
    ),
    SPECIAL,
    noise=NOISE,
    unsupported=OLD,
)
def _(d: Draw) -> Arguments:
    x, target, c = _classes(d)
    weight = d.tensor((d.mostly((c,), (c + 1,)),), x.dtype, 0, 2, grad=False)
    return (x, target), _reduction(
        d, p=d.mostly((1, 2), (3,)), margin=d.one(0.5, 2.0), weight=weight
    )


@row("F.multilabel_soft_margin_loss", *USUAL, SPECIAL, noise=NOISE, unsupported=OLD)
def _(d: Draw) -> Arguments:
    x = d.tensor(d.one((2, 3), (3,), (1, 1)), FLOATS)
    y = d.tensor(d.one(x.shape, x.shape, (2,)), x.dtype, 0, 1)
    weight = d.tensor(x.shape[-1:], x.dtype, 0, 2, grad=False)
    return (x, y), _reduction(d, weight=weight)


def _full_of_few(call: Call) -> bool:
    return bool(call.kwargs.get("full")) and not (call.args[1].array > 0).all()


@row("F.poisson_nll_loss", *USUAL,
     differs("whole numbers become the type of the target; in PyTorch float32",
             lambda call: not call.args[0].floating),
     Note("gradient differs", "Stirling's terms, which `full` adds above 1, have the derivative 0 "
          "by targets of 0 and below; PyTorch's is NaN", _full_of_few),
     noise=NOISE, unsupported=OLD)  # fmt: skip
def _(d: Draw) -> Arguments:
    x, y = _same(d, d.one(-2, 0), 3, (0, 4))
    return (x, y), _reduction(d, log_input=d.flag(), full=d.flag(), eps=d.one(1e-3, 0.5))


@row(
    "F.gaussian_nll_loss",
    BROADCAST,
    EMPTY,
    differs(
        "a variance that is a number has the type of the input; in PyTorch, beside whole "
        "numbers, float32",
        lambda call: not call.args[0].floating and not isinstance(call.args[2], Sample),
    ),
    noise=NOISE,
)
def _(d: Draw) -> Arguments:
    x, y = _same(d)
    var = d.tensor(d.one(x.shape, (*x.shape[:-1], 1), x.shape[:-1], (2,)), x.dtype,
                   d.one(0, 0, -0.5), 3)  # fmt: skip
    scale = d.one(var, var, 1.5)
    return (x, y, scale), _reduction(d, full=d.flag(), eps=d.one(1e-3, 0.5))


@row(
    "F.triplet_margin_loss",
    ALL_ALIKE,
    EMPTY,
    SPECIAL,
    Note(
        "gradient differs",
        "at the kink, rounded roots may be on either side of it",
        lambda call: call.kwargs.get("p") == 3,
    ),
    Note(
        "gradient differs",
        "with `eps=0`, the derivative at distance 0 is NaN; PyTorch's is 0",
        lambda call: call.kwargs.get("eps") == 0,
    ),
    noise=NOISE,
    unsupported=OLD,
)
def _(d: Draw) -> Arguments:
    name = d.dtype(FLOATS)
    shape = d.one((2, 3), (3,), (2, 1), (0, 2))
    given = [d.tensor(d.one(shape, shape, shape, (1, 3)), name) for _ in range(3)]
    options = {"margin": d.one(0.5, 2.0), "p": d.one(1.0, 2.0, 3.0), "swap": d.flag()}
    return tuple(given), _reduction(d, **options, eps=d.one(1e-3, 0.0))
