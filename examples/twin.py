"""An example and its PyTorch twin, side by side, from the same weights and on the same batches.

    python examples/twin.py cnn_digits [steps]

The twin is the example itself, with three kinds of import lines changed: `import chainrule as cr`
becomes `import torch as cr`, and `nn`, `optim` and `functional` come from torch.
"""

import re
import sys
import time
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
EXAMPLES = ("cnn_digits", "gru_digits", "transformer_digits", "gpt")


def example(name, library="chainrule"):
    """An example as a module; with library="torch", its twin."""
    path = HERE / f"{name}.py"
    text = path.read_text("utf-8")
    if library == "torch":
        text = re.sub(r"^import chainrule as cr$", "import torch as cr", text, flags=re.MULTILINE)
        text = re.sub(r"^from chainrule(\.nn)? import", r"from torch\1 import", text, flags=re.M)
    module = ModuleType(name)
    module.__file__ = str(path)
    exec(compile(text, path.name, "exec"), vars(module))
    return module


def compare(name, steps=300, compile=True):
    """The losses of an example and of its twin, and the seconds that each took."""
    ours, theirs = example(name), example(name, "torch")
    ours.cr.manual_seed(0)
    net = ours.Net()
    weights = {key: theirs.cr.tensor(x.numpy().copy()) for key, x in net.state_dict().items()}
    twin = theirs.Net()
    twin.load_state_dict(weights)
    begun = time.perf_counter()
    first = ours.train(net, steps, compile=compile)
    between = time.perf_counter()
    second = theirs.train(twin, steps, compile=False)
    return first, second, between - begun, time.perf_counter() - between


def main(name, steps=300):
    ours, theirs, seconds, twin_seconds = compare(name, steps)
    print("  step  chainrule   PyTorch")
    for i in sorted({0, *range(steps // 6 - 1, steps, max(steps // 6, 1)), steps - 1}):
        print(f"{i + 1:6} {ours[i]:10.5f} {theirs[i]:9.5f}")
    print(f"  time {seconds:8.1f} s {twin_seconds:7.1f} s")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
