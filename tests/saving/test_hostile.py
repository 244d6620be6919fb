"""Files that are cut off, damaged, foreign or made to harm: a clear error, and no wrong value."""

import io
import json
import zipfile

import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule.core.errors import CheckpointError
from chainrule.saving.format import MOST_HEADER, _digest

OBJECT = {"w": cr.tensor([[1.0, -2.5], [0.0, 3.0]]), "b": [cr.tensor(True), (3, 0.5, "ä", None)]}


def saved(obj=OBJECT):
    file = io.BytesIO()
    cr.save(obj, file)
    return file.getvalue()


DATA = saved()


def refused(data):
    with pytest.raises(CheckpointError) as raised:
        cr.load(io.BytesIO(data))
    return raised.value.fact


def file_of(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(dtype="F32", shape=(1,), offsets=(0, 4)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def test_cut_off_at_every_length():
    for n in range(len(DATA)):
        refused(DATA[:n])
    refused(DATA + b"\0")


def test_every_single_bit():
    for i in range(8 * len(DATA)):
        damaged = bytearray(DATA)
        damaged[i // 8] ^= 1 << i % 8
        refused(bytes(damaged))


@given(st.data())
def test_several_bytes(data):
    damaged = bytearray(DATA)
    places = st.integers(0, len(DATA) - 1)
    for i in data.draw(st.lists(places, min_size=1, max_size=8, unique=True)):
        damaged[i] = data.draw(st.integers(0, 255).filter(lambda x, i=i: x != DATA[i]))
    refused(bytes(damaged))


def test_a_header_may_be_as_long_as_a_pickle_begins():
    for n in range(640):
        assert cr.load(io.BytesIO(saved("a" * n))) == "a" * n


@given(st.binary(max_size=200))
def test_any_bytes(data):
    refused(data)


def test_pickles_and_other_formats():
    fact = "this is a zip archive, as torch.save (with a pickle inside) and np.savez write it"
    for legacy, expected in ((False, fact), (True, "this is a pickle")):
        file = io.BytesIO()
        torch.save({"w": torch.ones(2)}, file, _use_new_zipfile_serialization=not legacy)
        assert refused(file.getvalue()) == f"{expected}, which is not read"
    array, archive = io.BytesIO(), io.BytesIO()
    np.save(array, np.ones(2))
    assert refused(array.getvalue()) == "this is an array in NumPy's own format, which is not read"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a", "b")
    assert refused(archive.getvalue()).startswith("this is a zip archive")
    with pytest.raises(CheckpointError) as raised:
        cr.load(io.BytesIO(b"\x80\x04K\x01."))
    assert raised.value.hint == (
        "a pickle can run any code when it is loaded;\n"
        "convert it where it was made: safetensors.torch.save_file(model.state_dict(), path)"
    )


@pytest.mark.parametrize(
    ("data", "fact"),
    [
        (b"", "the file is empty"),
        (b"hello world", "this is no safetensors file"),
        (b'{"a": 1}', "this is no safetensors file"),
        (b"(lp0\nI1\na.", "this is no safetensors file"),
        ((2**63).to_bytes(8, "little") + b"{}", f"the header claims {2**63} bytes"),
        ((MOST_HEADER + 1).to_bytes(8, "little") + b"{}", "the header claims 50000001 bytes"),
        ((50).to_bytes(8, "little") + b"{}", "the file is cut off: 10 bytes, and its header alone"),
        (file_of(b'{"a":' * 5000), "the file is damaged, or no safetensors file: its header is"),
        (file_of(b'{"a":' * 500000), "the file is damaged, or no safetensors file: its header is"),
        (file_of({"a": entry()}, b""), "the file is damaged, or no safetensors file: "),
        (file_of({"a": entry()}, b"12345678"), "the file is damaged, or no safetensors file: "),
        (
            file_of({"a": entry(), "b": entry(offsets=(2, 6))}, b"123456"),
            "the file is damaged, or no safetensors file: ",
        ),
        (file_of({"a": entry(shape=(2**62, 4))}, b"1234"), "the file is damaged, or no "),
        (file_of({"a": 3}), "the file is damaged, or no safetensors file: "),
        (file_of({"__metadata__": {"a": 3}}), "the file is damaged, or no safetensors file: "),
        (file_of({"__metadata__": 3}), "the file is damaged, or no safetensors file: "),
        (
            file_of(b'{"a":%b,"a":%b}' % ((json.dumps(entry()).encode(),) * 2), b"1234"),
            "the file is damaged, or no safetensors file: a name comes twice in its header",
        ),
        (
            file_of({"a": entry("BOOL", (2,), (0, 2))}, b"\1\2"),
            "the file is damaged: 'a' holds bools other than 0 and 1",
        ),
        (file_of({"a": entry(shape=(0, 2**62, 2**62), offsets=(0, 0))}), "'a' has the shape [0, "),
        (file_of({"a": entry(shape=(1,) * 99)}, b"1234"), "'a' has the shape [1, 1"),
        (
            file_of({"a": entry("BF16", (2,))}, b"1234"),
            "'a' is of type BF16, which chainrule does not have",
        ),
    ],
)
def test_foreign_and_hostile_files(data, fact):
    assert refused(data).startswith(fact)


def forged(structure, arrays=None, version=1):
    """A file with a structure of our choice, and a checksum that is right."""
    arrays = arrays or {}
    text = structure if isinstance(structure, str) else json.dumps(structure)
    digest = _digest(text, arrays)
    value = f'{{"chainrule":{version},"sha256":"{digest}","object":{text}}}'
    return safetensors.numpy.save(arrays, metadata={"chainrule": value})


def test_a_forged_file_without_a_fault_loads():
    assert cr.load(io.BytesIO(forged({"dict": [["a", {"tuple": [1]}]]}))) == {"a": (1,)}


@pytest.mark.parametrize(
    "structure",
    [
        {"tensor": "a", "dtype": "float32", "kind": []},
        {"dict": [["a", 1], ["a", 2]]},
        {"dict": [[[1], 2]]},
        {"dict": 3},
        {"dict": [1]},
        {"tuple": 3},
        {"numpy": ["object", 1]},
        {"numpy": ["float32", []]},
        {"int": "ten"},
        {"int": 3},
        {"float": "0.5"},
        {"complex": [1]},
        {"fraction": "1/0"},
        {"fraction": "0x1/0x0"},
        {"fraction": 1},
        {"dtype": "object"},
        {"call": "print"},
        {},
        {"a": 1, "b": 2},
        {"kind": []},
        {"exact": ["0x1"], "shape": [2], "kind": []},
        {"exact": ["x"], "shape": [1], "kind": []},
        {"tensor": ["x"], "dtype": "float32", "kind": []},
        "[" * 400 + "]" * 400,
        "[" * 100000 + "]" * 100000,
        "nonsense",
    ],
    ids=lambda s: str(s)[:30],
)
def test_forged_structures(structure):
    assert refused(forged(structure)).startswith("the file is damaged: ")


def test_forged_tensors():
    floats = {"a": np.ones(2, np.float32)}
    kind = {"tensor": "a", "dtype": "int64", "kind": []}
    assert "float32 where int64 belongs" in refused(forged(kind, floats))
    assert refused(forged([], floats)) == (
        "the file is damaged: it holds 'a', which has no place in it"
    )
    wrong = {"tensor": "a", "dtype": "int64", "kind": ["grad"]}
    refused(forged(wrong, {"a": np.ones(2, np.int64)}))
    pairs = {"tensor": "a", "dtype": "complex128", "kind": []}
    refused(forged(pairs, {"a": np.ones(3)}))


def test_a_newer_format():
    assert refused(forged(1, version=2)) == (
        "the file was written by another version of chainrule (format 2)"
    )


def test_the_error_names_the_file(tmp_path):
    path = tmp_path / "net.pt"
    path.write_bytes(DATA[:-1])
    with pytest.raises(CheckpointError, match=r"^net.pt: the file is damaged"):
        cr.load(path)


def test_too_much_beside_tensors(monkeypatch):
    monkeypatch.setattr("chainrule.saving.format.MOST_HEADER", 1000)
    with pytest.raises(CheckpointError) as raised:
        cr.save(list(range(1000)), io.BytesIO())
    assert raised.value.fact.startswith("what is saved beside tensors takes")
