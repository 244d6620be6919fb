"""The command line: what it prints, and how it ends."""

import json

import pytest

from chainrule.cli import main
from chainrule.cli.failure import Failure

NETWORK = """\
import chainrule as cr

x = cr.tensor(3.0, requires_grad=True)
y = x * x
count = 3

def loss():
    z = y * 2
    return z

def scaled(by):
    return y * by

def broken():
    return cr.ones(2) @ cr.ones(3)

def nothing_back():
    pass

def divides():
    return 1 / 0

if __name__ == "__main__":
    raise SystemExit("run as a script")
"""


@pytest.fixture
def net(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(NETWORK)
    return path


def told(capsys):
    """What was printed for the user, and what was wrong."""
    found = capsys.readouterr()
    return found.out, found.err


def test_a_tensor_is_explained(net, capsys):
    assert main(["explain", f"{net}:y"]) == 0
    out, err = told(capsys)
    assert "  y = x * x = 3 * 3 = 9" in out
    assert "  x̄ = x + x = 3 + 3 = 6" in out
    assert err == ""


def test_a_function_is_called(net, capsys):
    assert main(["explain", f"{net}:loss", "--decimals", "1"]) == 0
    assert "z = y * 2 = 9 * 2 = 18" in told(capsys)[0]


def test_json(net, capsys):
    assert main(["explain", f"{net}:loss", "--json"]) == 0
    found = json.loads(told(capsys)[0])
    assert found["loss"] == "z"
    assert found["gradients"][0]["value"] == 12.0


def test_zoom(net, capsys):
    assert main(["explain", f"{net}:loss", "--zoom", "primitives"]) == 0
    assert "Forward" in told(capsys)[0]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([":y"], 2, "does not say what to explain"),
        (["nowhere.py:y"], 2, "there is no file nowhere.py"),
        (["{net}:nothing"], 2, "has no nothing\n  hint      it has x, y, loss, scaled, broken"),
        (["{net}:count"], 2, "count is a value of type int, not a tensor"),
        (["{net}:nothing_back"], 2, "nothing_back returned None, not a tensor"),
        (["{net}:scaled"], 2, "scaled() needs arguments: by"),
        (["{net}:y", "--zoom", "near"], 2, "near"),
        (["{net}:y", "--decimals", "-1"], 2, "decimals are counted from 0"),
        (["{net}:y", "--colour"], 2, "--colour"),
        ([], 2, "target"),
        (["{net}:broken"], 1, "ShapeError: matmul:"),
        (["{net}:divides"], 1, "net.py at line 21: ZeroDivisionError: division by zero"),
    ],
)
def test_what_goes_wrong_is_said_on_one_line(net, capsys, arguments, code, said):
    assert main(["explain", *(a.format(net=net) for a in arguments)]) == code
    out, err = told(capsys)
    assert err.startswith("chainrule: ")
    assert said in err
    assert "Traceback" not in err
    assert out == ""


def test_an_error_while_the_file_is_run(tmp_path, capsys):
    (tmp_path / "bad.py").write_text("import chainrule\nraise ValueError('no weights')\n")
    assert main(["explain", f"{tmp_path / 'bad.py'}:y"]) == 1
    assert "bad.py at line 2: ValueError: no weights" in told(capsys)[1]


def test_a_file_that_is_not_python(tmp_path, capsys):
    (tmp_path / "bad.py").write_text("x = (\n")
    assert main(["explain", f"{tmp_path / 'bad.py'}:x"]) == 1
    assert "bad.py at line 1: SyntaxError" in told(capsys)[1]


def test_a_tensor_without_history(net, capsys):
    assert main(["explain", f"{net}:x"]) == 1
    err = told(capsys)[1]
    assert "net.py:x: this tensor has no history to explain\n  hint" in err
    assert "  at  " not in err


def test_debug_keeps_the_traceback(net):
    with pytest.raises(Failure) as caught:
        main(["explain", f"{net}:divides", "--debug"])
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_help_and_version(capsys):
    assert main(["--help"]) == 0
    out, _ = told(capsys)
    assert "explain" in out
    assert "demo" in out
    assert main(["explain", "--help"]) == 0
    assert "is run" in told(capsys)[0]
    assert main(["--version"]) == 0


def test_an_unknown_command(capsys):
    assert main(["train"]) == 2
    assert "train" in told(capsys)[1]
