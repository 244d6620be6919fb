"""Saving and loading: what comes back, what others can read, and what is refused."""

import contextlib
import io
import math
import os
import stat
import subprocess
import sys
from collections import OrderedDict
from fractions import Fraction

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule import nn
from chainrule.core.dtypes import DTYPES
from chainrule.core.errors import ArgumentError, CheckpointError
from chainrule.saving import structure


def through(obj):
    """The object, saved and loaded."""
    file = io.BytesIO()
    cr.save(obj, file)
    file.seek(0)
    return cr.load(file)


def same(a, b):
    """Whether two objects are equal in values, types, order and, of tensors, bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, cr.Tensor):
        kinds = (a.dtype, a.shape, a.requires_grad) == (b.dtype, b.shape, b.requires_grad)
        x, y = a.detach().numpy(), b.detach().numpy()
        if a.dtype is cr.exact:
            return kinds and x.ravel().tolist() == y.ravel().tolist()
        return kinds and x.tobytes() == y.tobytes()
    if isinstance(a, dict):
        return same([*a.items()], [*b.items()])
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return repr(a) == repr(b) if isinstance(a, float | complex | np.generic) else a == b


@pytest.mark.parametrize("shape", [(), (3,), (0,), (2, 0, 3), (2, 3)])
@pytest.mark.parametrize("name", DTYPES)
def test_every_type_and_shape(name, shape):
    values = np.arange(-1, math.prod(shape) - 1).reshape(shape)
    made = cr.tensor(values.astype(np.int64)).to(DTYPES[name])
    assert same(through(made), made)


def test_a_transposed_tensor_and_extreme_values():
    made = cr.tensor([[math.nan, math.inf, -0.0], [5e-324, -math.inf, 0.1]], dtype=cr.float64)
    assert same(through(made.mT), made.mT)


def test_everything_that_can_be_saved():
    obj = {
        "state": {0: {"step": 3, "exp_avg": cr.ones(2)}, 1: {}},
        -1: (1, [2.5, None, True, ()], "é\ud800 \n"),
        "numbers": [math.nan, math.inf, -math.inf, -0.0, 5e-324, 2**63, -(2**20000), 1 - 2j],
        "numpy": [np.float32(0.1), np.float64(math.nan), np.int8(-3), np.bool_(True)],
        "numpy half": np.float16(math.inf),
        "exact": [Fraction(-1, 3), cr.tensor([1, 2], dtype=cr.exact) / 3],
        "long": Fraction(10**5000 + 1, 3**9000),
        None: cr.float32,
        2.5: cr.tensor(1.0, requires_grad=True),
        False: [nn.Parameter(cr.zeros(1)), nn.Parameter(cr.zeros(1), requires_grad=False)],
        "": {},
    }
    assert same(through(obj), obj)


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(trees)
def test_any_tree(tree):
    assert same(through(tree), tree)


def test_dicts_of_other_classes_become_plain():
    assert through(OrderedDict(b=1, a=2)) == {"b": 1, "a": 2}


def test_tied_weights():
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    net[1].weight = net[0].weight
    loaded = through(net.state_dict())
    assert same(loaded, net.state_dict())
    other = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    other[1].weight = other[0].weight
    other.load_state_dict(loaded)
    assert other[1].weight is other[0].weight
    assert other[0].weight.tolist() == net[0].weight.tolist()


def test_names_that_meet_in_the_file():
    obj = {"a": {"b": cr.ones(1)}, "a.b": cr.zeros(1), "__metadata__": cr.ones(2)}
    assert same(through(obj), obj)


# -- with others ---------------------------------------------------------------------------------


def test_others_read_a_state_dict_under_its_names(tmp_path):
    net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    cr.save(net.state_dict(), tmp_path / "net")
    theirs = safetensors.torch.load_file(tmp_path / "net")
    assert {k: (v.numpy().tolist(), str(v.dtype)[6:]) for k, v in theirs.items()} == {
        k: (v.tolist(), v.dtype.name) for k, v in net.state_dict().items()
    }
    twin = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    twin.load_state_dict(theirs)


def test_files_of_others_are_dicts_of_tensors(tmp_path):
    twin = torch.nn.Linear(3, 2)
    safetensors.torch.save_file(twin.state_dict(), tmp_path / "t", metadata={"format": "pt"})
    loaded = cr.load(tmp_path / "t")
    net = nn.Linear(3, 2)
    net.load_state_dict(loaded)
    assert net.weight.tolist() == twin.weight.tolist()
    assert net.weight.dtype is cr.float32


def test_a_script_written_for_pytorch(tmp_path):
    lines = """
model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(3, 2))
torch.save(model.state_dict(), path)
again = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(3, 2))
again.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
assert torch.equal(again(x), model(x))
optimizer = torch.optim.Adam(again.parameters(), lr=0.5)
again(x).sum().backward(); optimizer.step()
torch.save({"epoch": 1, "model": again.state_dict(), "optimizer": optimizer.state_dict()}, path)
checkpoint = torch.load(path)
optimizer.load_state_dict(checkpoint["optimizer"])
assert checkpoint["optimizer"]["param_groups"][0]["lr"] == 0.5
"""
    names = {"torch": cr, "path": str(tmp_path / "model.pt"), "x": cr.ones(1, 4)}
    exec(compile(lines, "script", "exec"), names)


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("obj", "fact", "hint"),
    [
        (nn.Linear(1, 1), "the object is of type Linear, which cannot be saved", "x.state_dict()"),
        ({"a": [np.ones(2)]}, "the object['a'][0] is of type ndarray, which", "cr.tensor(x)"),
        ({"a": {1, 2}}, "the object['a'] is of type set, which cannot be saved", "never code"),
        ([print], "the object[0] is of type builtin_function_or_method", "never code"),
        (b"x", "the object is of type bytes, which cannot be saved", "never code"),
        ({(1, 2): 3}, "a key of the object is of type tuple", ""),
    ],
)
def test_objects_that_cannot_be_saved(obj, fact, hint, tmp_path):
    with pytest.raises(CheckpointError) as raised:
        cr.save(obj, tmp_path / "a")
    assert raised.value.fact.startswith(fact)
    assert hint in (raised.value.hint or "")
    assert not any(tmp_path.iterdir())


def test_exact_roots_and_symbols_are_refused():
    root = cr.tensor(2, dtype=cr.exact).sqrt()
    for value, text in ((root, "sqrt(2)"), (cr.symbols("x"), "x")):
        with pytest.raises(CheckpointError) as raised:
            cr.save({"w": value}, io.BytesIO())
        assert raised.value.fact == (
            f"the exact tensor the object['w'] holds {text}: only fractions are saved"
        )


def test_what_contains_itself_is_refused():
    obj = []
    obj.append(obj)
    with pytest.raises(CheckpointError, match="nested more than 64 levels deep, or contains"):
        cr.save(obj, io.BytesIO())
    deep = []
    for _ in range(structure.MOST_DEPTH - 1):
        deep = [deep]
    assert through(deep) == deep


def test_arguments(tmp_path):
    cr.save(1, tmp_path / "a")
    assert cr.load(tmp_path / "a", "cpu", weights_only=True) == 1
    with pytest.raises(ArgumentError, match="map_location is 'cuda'"):
        cr.load(tmp_path / "a", map_location="cuda")
    with pytest.raises(ArgumentError, match=r"weights_only is False: .* can run any code"):
        cr.load(tmp_path / "a", weights_only=False)
    with pytest.raises(ArgumentError, match="a file is a path or an open file, not a int"):
        cr.load(3)
    with pytest.raises(ArgumentError, match="the file is open for text"):
        cr.load(io.StringIO("x"))


# -- files ---------------------------------------------------------------------------------------


def test_links_and_permissions_stay(tmp_path):
    cr.save(1, tmp_path / "file")
    assert stat.S_IMODE(os.stat(tmp_path / "file").st_mode) == 0o666 & ~_umask()
    (tmp_path / "file").chmod(0o600)
    (tmp_path / "link").symlink_to("file")
    cr.save(2, str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert cr.load(tmp_path / "file") == 2
    assert stat.S_IMODE(os.stat(tmp_path / "file").st_mode) == 0o600


def _umask():
    old = os.umask(0)
    os.umask(old)
    return old


def test_names_as_long_as_names_can_be(tmp_path):
    cr.save(1, tmp_path / ("é" * 127))
    assert cr.load(tmp_path / ("é" * 127)) == 1


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, what in ((tmp_path, "a directory"), (tmp_path / "pipe", "no ordinary file")):
        for use in (cr.load, lambda p: cr.save(1, p)):
            with pytest.raises(CheckpointError) as raised:
                use(path)
            assert raised.value.fact == f"{path} is {what}"
    with pytest.raises(FileNotFoundError):
        cr.load(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError):
        cr.save(1, tmp_path / "no folder" / "a")


def test_temporary_files_of_dead_writers_are_removed(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    dead = process.pid
    left = [f".a.{dead}-0123abcd.tmp", f".a.{os.getpid()}-0123abcd.tmp"]
    kept = [f".b.{dead}-0123abcd.tmp", f".a.{os.getppid()}-0123abcd.tmp", ".a.tmp", ".a.1.tmp"]
    for name in (*left, *kept):
        (tmp_path / name).touch()
    cr.save(1, tmp_path / "a")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*kept, "a"])


CALLS = ("open", "write", "fsync", "replace", "close", "fchmod", "listdir", "stat")


class Failing:
    """Lets the n-th call of the operating system fail, before or after it is carried out."""

    def __init__(self, monkeypatch, n, late):
        self.left = n
        for name in CALLS:
            monkeypatch.setattr(os, name, self._failing(getattr(os, name), late))

    def dead(self, path):
        raise OSError(5, "killed")

    def _failing(self, call, late):
        def wrapped(*args, **kwargs):
            self.left -= 1
            if self.left == 0 and not late:
                raise OSError(28, "No space left on device")
            made = call(*args, **kwargs)
            if self.left == 0:
                raise OSError(5, "Input/output error")
            return made

        return wrapped


@pytest.mark.parametrize("late", [False, True])
def test_each_call_of_the_system_may_fail(tmp_path, monkeypatch, late):
    old, new = {"w": cr.zeros(500)}, {"w": cr.ones(500)}
    path, n, failures = tmp_path / "a", 0, 0
    while True:
        n += 1
        cr.save(old, path)
        with monkeypatch.context() as patch:
            failing = Failing(patch, n, late)
            try:
                cr.save(new, path)
            except OSError:
                failures += 1
        assert same(cr.load(path), old) or same(cr.load(path), new), n
        if failing.left > 0:
            break
    assert failures >= 6
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert same(cr.load(path), new)


def test_killed_at_each_call_of_the_system(tmp_path, monkeypatch):
    """As `Failing`, but nothing is tidied up any more."""
    old, new = {"w": cr.zeros(500)}, {"w": cr.ones(500)}
    path, n, left = tmp_path / "a", 0, 0
    while True:
        n += 1
        cr.save(old, path)
        assert [p.name for p in tmp_path.iterdir()] == ["a"]  # of the one before, too
        with monkeypatch.context() as patch:
            failing = Failing(patch, n, late=True)
            patch.setattr(os, "unlink", failing.dead)
            with contextlib.suppress(OSError):
                cr.save(new, path)
        left += len(list(tmp_path.iterdir())) - 1
        assert same(cr.load(path), old) or same(cr.load(path), new), n
        if failing.left > 0:
            break
    assert left >= 3


def test_a_short_write_is_continued(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:100]))
    made = {"w": cr.arange(300)}
    cr.save(made, tmp_path / "a")
    assert same(cr.load(tmp_path / "a"), made)


def test_a_model_takes_all_or_nothing(tmp_path):
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    before = through(net.state_dict())
    state = {**before, "1.weight": cr.ones(1, 4), "2.weight": cr.ones(1)}
    del state["0.bias"]
    cr.save(state, tmp_path / "a")
    with pytest.raises(RuntimeError) as raised:
        net.load_state_dict(cr.load(tmp_path / "a"))
    assert raised.value.got == (
        "1.weight has shape (1, 3), and (1, 4) was saved; 0.bias was not saved; "
        "2.weight was saved, and is not in the module"
    )
    assert same(net.state_dict(), before)


def test_numpy_reads_it_too(tmp_path):
    cr.save({"w": cr.arange(3)}, tmp_path / "a")
    assert safetensors.numpy.load_file(tmp_path / "a")["w"].tolist() == [0, 1, 2]
