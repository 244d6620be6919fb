"""An example and its PyTorch twin, side by side, from the same weights and on the same batches.

    python examples/twin.py cnn_digits [steps]

The twin is the example itself with its import lines changed: `import chainrule as cr` becomes
`import torch as cr`, and `nn`, `optim` and `functional` come from torch.
"""

import re
import sys
import time
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = ("cnn_digits", "gru_digits", "transformer_digits", "gpt")


def with_torch(text):
    """The text of an example, with PyTorch's import lines."""
    text = re.sub(r"(?m)^import chainrule as cr$", "import torch as cr", text)
    return re.sub(r"(?m)^from chainrule(\.nn)? import", r"from torch\1 import", text)


class TwinLoader(SourceFileLoader):
    """Loads an example as its twin."""

    def get_code(self, fullname):
        return self.source_to_code(with_torch(self.get_source(fullname)), self.path)


def load(name, loader=SourceFileLoader):
    """An example as a module."""
    spec = spec_from_loader(name, loader(name, str(HERE / f"{name}.py")))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compare(name, steps=300):
    """The losses of an example and of its twin, and the seconds that each took."""
    ours, theirs = load(name), load(name, TwinLoader)
    ours.cr.manual_seed(0)
    net, twin = ours.Net(), theirs.Net()
    twin.load_state_dict({k: theirs.cr.tensor(w.numpy()) for k, w in net.state_dict().items()})
    begin = time.perf_counter()
    losses = ours.train(net, steps)
    middle = time.perf_counter()
    twin_losses = theirs.train(twin, steps, compile=False)
    return losses, twin_losses, middle - begin, time.perf_counter() - middle


def main(name, steps=300):
    losses, twin_losses, seconds, twin_seconds = compare(name, int(steps))
    print("  step  chainrule   PyTorch")
    for i in [0, *range(len(losses) // 6, len(losses), len(losses) // 6 or 1)]:
        print(f"{i:6} {losses[i]:10.5f} {twin_losses[i]:9.5f}")
    print(f"  last {losses[-1]:10.5f} {twin_losses[-1]:9.5f}")
    print(f"  time {seconds:8.1f} s {twin_seconds:7.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
