"""Data sets by name, and the text: what is in them, and what is refused."""

import sys

import numpy as np
import pytest
import sklearn.datasets

import chainrule as cr
from chainrule import data
from chainrule.core.errors import ArgumentError
from chainrule.data.sets import GENERATED, MEASURED


@pytest.mark.parametrize("name", MEASURED)
def test_measured(name):
    x, y = data.load(name)
    found = getattr(sklearn.datasets, f"load_{name}")()
    scale = 16 if name == "digits" else 1
    assert (x.numpy() == (found.data / scale).astype(np.float32)).all()
    assert (y.numpy() == found.target.astype(y.dtype.numpy)).all()
    assert x.dtype is cr.float32
    assert y.dtype is (cr.float32 if name in ("diabetes", "linnerud") else cr.int64)
    assert len(x) == len(y)


@pytest.mark.parametrize("name", GENERATED)
def test_generated(name):
    x, y = data.load(name, seed=4, n_samples=30)
    assert x.shape[0] == y.shape[0] == 30
    assert x.dtype is cr.float32
    assert y.dtype is (cr.float32 if name in ("swiss_roll", "regression") else cr.int64)
    again, _ = data.load(name, seed=4, n_samples=30)
    other, _ = data.load(name, seed=5, n_samples=30)
    assert x.tolist() == again.tolist() != other.tolist()
    assert data.load(name)[0].tolist() == data.load(name, seed=0)[0].tolist()


@pytest.mark.parametrize(
    ("name", "options", "fact"),
    [
        ("california", {}, "there is no data set 'california'"),
        ("iris", {"seed": 1}, "'iris' has no option 'seed': it was measured"),
        ("moons", {"samples": 1}, "'moons' has no option 'samples'"),
        ("moons", {"random_state": 1}, "'moons' has no option 'random_state'"),
        ("moons", {"n_samples": -1}, "'moons' is not made with these options: "),
    ],
)
def test_what_is_refused(name, options, fact):
    with pytest.raises(ArgumentError) as raised:
        data.load(name, **options)
    assert raised.value.fact.startswith(fact)


def test_the_names_are_told():
    with pytest.raises(ArgumentError) as raised:
        data.load("mnist")
    assert raised.value.expected == (
        "digits, iris, wine, breast_cancer, diabetes, linnerud, moons, circles, blobs, "
        "swiss_roll, regression"
    )


def test_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"pip install 'chainrule\[data\]'"):
        data.load("moons")


# -- text ----------------------------------------------------------------------------------------


def test_the_text_comes_back():
    numbers, letters = data.load_text()
    text = letters.decode(numbers)
    assert numbers.dtype is cr.int64
    assert numbers.shape == (len(text),)
    assert len(text) > 10_000
    assert set(text) == set(letters.characters)
    assert (numbers.min().item(), numbers.max().item()) == (0, len(letters) - 1)
    assert letters.encode(text).tolist() == numbers.tolist()
    assert all(character in letters for character in "Tobias")


def test_what_is_not_in_a_vocabulary():
    letters = data.Vocabulary("abc")
    with pytest.raises(ArgumentError) as raised:
        letters.encode("abx")
    assert raised.value.fact == "the character 'x', at 2, is not in the vocabulary"
    for numbers in ([3], [-1], cr.tensor([5]), [0.5]):
        with pytest.raises(ArgumentError, match="is the number of no character"):
            letters.decode(numbers)
    assert letters.encode("").shape == (0,)
    assert letters.decode(cr.tensor(2)) == "c"
