"""finfo and iinfo beside PyTorch's."""

import pytest
import torch

import chainrule as cr

FLOATS = ("float16", "float32", "float64", "complex64", "complex128")
WHOLE = ("uint8", "int8", "int16", "int32", "int64")


@pytest.mark.parametrize("name", FLOATS)
def test_finfo(name):
    ours, theirs = cr.finfo(getattr(cr, name)), torch.finfo(getattr(torch, name))
    for part in ("bits", "eps", "max", "min", "tiny", "smallest_normal", "resolution", "dtype"):
        assert getattr(ours, part) == getattr(theirs, part), part
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("name", WHOLE)
def test_iinfo(name):
    ours, theirs = cr.iinfo(getattr(cr, name)), torch.iinfo(getattr(torch, name))
    for part in ("bits", "max", "min", "dtype"):
        assert getattr(ours, part) == getattr(theirs, part), part
    assert repr(ours) == f"iinfo(min={ours.min}, max={ours.max}, dtype={name})"


def test_the_default_type():
    assert cr.finfo().dtype == torch.finfo().dtype == "float32"


def test_other_types_are_refused():
    with pytest.raises(TypeError, match="finfo is about floating-point types") as info:
        cr.finfo(cr.int64)
    assert "iinfo is about whole numbers" in str(info.value)
    with pytest.raises(TypeError, match="iinfo is about whole numbers"):
        cr.iinfo(cr.bool)
    with pytest.raises(TypeError, match="finfo is about floating-point types"):
        cr.finfo(cr.exact)
