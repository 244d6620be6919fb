"""Networks for images: published sizes, torchvision's names, and PyTorch's numbers."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import models, nn
from chainrule.models import parts
from tests.core.mistakes import mistake
from tests.models import twins

PUBLISHED = {
    "lenet5": 61_706, "alexnet": 61_100_840, "vgg11": 132_863_336, "vgg11_bn": 132_868_840,
    "vgg13": 133_047_848, "vgg13_bn": 133_053_736, "vgg16": 138_357_544, "vgg16_bn": 138_365_992,
    "vgg19": 143_667_240, "vgg19_bn": 143_678_248, "resnet18": 11_689_512,
    "resnet34": 21_797_672, "resnet50": 25_557_032, "resnet101": 44_549_160,
    "resnet152": 60_192_808, "resnext50_32x4d": 25_028_904, "wide_resnet50_2": 68_883_240,
    "mobilenet_v1": 4_231_976, "mobilenet_v2": 3_504_872, "bert_base": 109_482_240,
    "gpt2": 124_439_808,
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_as_many_as_published(name: str) -> None:
    with cr.device("meta"):
        net = getattr(models, name)()
    assert sum(p.numel() for p in net.parameters()) == PUBLISHED[name]
    assert all(t.is_meta for t in (*net.parameters(), *net.buffers()))


BUILT = """
import resource, sys
import chainrule as cr

def peak():
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

before = peak()
with cr.device("meta"):
    for name in sys.argv[1:]:
        net = getattr(cr.models, name)()
        print(name, sum(p.numel() for p in net.parameters()), peak() - before)
"""


def test_they_are_built_without_memory() -> None:
    names = ["alexnet", "vgg16", "resnet18", "resnet50", "mobilenet_v2", "bert_base", "gpt2"]
    done = subprocess.run([sys.executable, "-c", BUILT, *names], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        name, count, grown = line.split()
        assert int(count) == PUBLISHED[name] and int(grown) < 100e6
    assert len(done.stdout.splitlines()) == len(names)


SIZES = [(name, 28 if name == "lenet5" else 224) for name in PUBLISHED if "bert" not in name]


@pytest.mark.parametrize(("name", "size"), [s for s in SIZES if s[0] != "gpt2"])
def test_scores_of_an_image(name: str, size: int) -> None:
    with cr.device("meta"):
        net = getattr(models, name)(num_classes=7)
        scores = net(cr.empty(2, 1 if name == "lenet5" else 3, size, size))
    assert scores.is_meta and scores.shape == (2, 7)


PAIRS: dict[str, tuple[Callable[[], Any], Callable[[], Any], int]] = {
    "lenet5": (models.lenet5, twins.lenet5, 28),
    "alexnet": (
        lambda: models.alexnet(num_classes=5, width=1 / 32), lambda: twins.alexnet(1 / 32, 5), 96
    ),
    "vgg16": (
        lambda: models.vgg16(num_classes=5, width=1 / 32),
        lambda: twins.vgg(twins.VGG16, False, 1 / 32, 5), 32,
    ),
    "vgg11_bn": (
        lambda: models.vgg11_bn(num_classes=5, width=1 / 32),
        lambda: twins.vgg(twins.VGG11, True, 1 / 32, 5), 48,
    ),
    "resnet18": (
        lambda: models.resnet18(num_classes=5, width=1 / 16),
        lambda: twins.resnet((2, 2, 2, 2), False, 1 / 16, 5), 64,
    ),
    "resnet50": (
        lambda: models.resnet50(num_classes=5, width=1 / 16),
        lambda: twins.resnet((3, 4, 6, 3), True, 1 / 16, 5), 64,
    ),
    "mobilenet_v1": (
        lambda: models.mobilenet_v1(num_classes=5, width_mult=1 / 8),
        lambda: twins.mobilenet_v1(1 / 8, 5), 64,
    ),
    "mobilenet_v2": (
        lambda: models.mobilenet_v2(num_classes=5, width_mult=0.25),
        lambda: twins.mobilenet_v2([8, 8, 8, 8, 16, 24, 40, 80, 1280], 5), 64,
    ),
}  # fmt: skip


def carried(ours: Any, theirs: Any) -> None:
    """Both in float64, with weights and statistics of PyTorch's."""
    ours.double()
    theirs.double()
    with torch.no_grad():
        for name, value in theirs.state_dict().items():
            if name.endswith("running_var"):
                value.uniform_(0.5, 2)
            elif name.endswith("running_mean"):
                value.normal_(0, 0.1)
    saved = {name: value.numpy() for name, value in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(saved)
    ours.load_state_dict(saved)


def close(found: Any, wanted: Any) -> None:
    """Equal to 1e-10 of the largest magnitude."""
    expected = wanted.detach().numpy()
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=0, atol=1e-10 * scale)


@pytest.mark.parametrize("name", PAIRS)
def test_weights_of_pytorch_give_its_scores(name: str) -> None:
    make, make_twin, size = PAIRS[name]
    torch.manual_seed(0)
    ours, theirs = make(), make_twin()
    carried(ours, theirs)
    channels = 1 if name == "lenet5" else 3
    x = torch.randn(2, channels, size, size, dtype=torch.float64)
    with torch.no_grad(), cr.no_grad():
        close(ours.eval()(cr.tensor(x.numpy())), theirs.eval()(x))


@pytest.mark.parametrize("name", ["vgg11_bn", "resnet18", "mobilenet_v2"])
def test_a_training_step_is_that_of_pytorch(name: str) -> None:
    make, make_twin, size = PAIRS[name]
    torch.manual_seed(1)
    ours, theirs = make(), make_twin()
    carried(ours, theirs)
    for net in (*ours.modules(), *theirs.modules()):
        if hasattr(net, "p"):
            net.p = 0.0
    x, target = torch.randn(4, 3, size, size, dtype=torch.float64), torch.tensor([0, 1, 2, 4])
    torch.nn.functional.cross_entropy(theirs(x), target).backward()
    loss = nn.functional.cross_entropy(ours(cr.tensor(x.numpy())), cr.tensor(target.numpy()))
    loss.backward()
    wanted = dict(theirs.named_parameters())
    largest = max(float(p.grad.abs().max()) for p in wanted.values())
    for path, param in ours.named_parameters():
        expected = wanted[path].grad.numpy()
        np.testing.assert_allclose(param.grad.numpy(), expected, rtol=0, atol=1e-9 * largest)
    buffers = dict(theirs.named_buffers())
    for path, buffer in ours.named_buffers():
        np.testing.assert_allclose(buffer.numpy(), buffers[path].numpy(), rtol=1e-9, atol=1e-12)


def test_names_that_torchvision_publishes() -> None:
    with cr.device("meta"):
        found = {name: getattr(models, name)().state_dict() for name in PUBLISHED}
    assert found["alexnet"]["features.10.weight"].shape == (256, 256, 3, 3)
    assert found["alexnet"]["classifier.6.weight"].shape == (1000, 4096)
    assert found["vgg16"]["features.28.weight"].shape == (512, 512, 3, 3)
    assert found["vgg16_bn"]["features.41.running_var"].shape == (512,)
    assert found["resnet18"]["layer4.0.downsample.1.num_batches_tracked"].shape == ()
    assert found["resnet50"]["layer3.5.conv3.weight"].shape == (1024, 256, 1, 1)
    assert found["resnext50_32x4d"]["layer1.0.conv2.weight"].shape == (128, 4, 3, 3)
    assert found["mobilenet_v2"]["features.17.conv.2.weight"].shape == (320, 960, 1, 1)
    assert found["mobilenet_v2"]["features.18.1.running_mean"].shape == (1280,)


def test_the_pooled_head_is_an_average() -> None:
    """Paper 1, question 11 c: a window of the size of the map, then as many inputs as channels."""
    z = cr.randn(2, 16, 7, 7, dtype=cr.float64)
    head = nn.Sequential(nn.AvgPool2d(7), nn.Flatten(), nn.Linear(16, 3, dtype=cr.float64))
    assert head(z).shape == (2, 3)
    mean = z.mean((2, 3))
    assert float((head[0](z).flatten(1) - mean).abs().max()) < 1e-12
    assert float((nn.AdaptiveAvgPool2d(1)(z).flatten(1) - mean).abs().max()) < 1e-12


def test_how_they_start() -> None:
    cr.manual_seed(0)
    net = models.resnet18(width=1 / 4, zero_init_residual=True)
    assert net.layer2[0].bn2.weight.tolist() == [0.0] * 32
    assert net.layer2[0].bn1.weight.tolist() == [1.0] * 32
    wanted = math.sqrt(2 / (9 * 128))
    assert float(net.layer4[0].conv2.weight.std()) == pytest.approx(wanted, rel=0.02)
    assert net.layer1[0](cr.ones(1, 16, 4, 4)).tolist() == cr.ones(1, 16, 4, 4).tolist()
    bound = 1 / math.sqrt(128)
    assert float(net.fc.weight.abs().max()) <= bound
    assert float(models.vgg11(width=1 / 32).classifier[6].bias.abs().max()) == 0


def test_widths() -> None:
    assert [parts.rounded(n) for n in (1, 8, 11, 12, 17, 33)] == [8, 8, 16, 16, 16, 32]


def test_weights_of_another_width_do_not_fit() -> None:
    net = models.mobilenet_v2(width_mult=0.25)
    with pytest.raises(cr.nn.checkpoint.StateDictError, match="do not fit into MobileNetV2"):
        net.load_state_dict(models.mobilenet_v2(width_mult=0.5).state_dict())


@mistake
def test_pretrained_weights() -> None:
    """ArgumentError: resnet18 comes without pretrained weights
    got       weights='DEFAULT'
    expected  weights=None
    hint      load a file: net.load_state_dict(cr.load('weights.safetensors'))
    """
    models.resnet18(weights="DEFAULT")


@mistake
def test_an_unknown_stride() -> None:
    """ArgumentError: stride is 3
    expected  1 or 2
    """
    models.mobilenet_v2.__globals__["InvertedResidual"](8, 8, 3, 6)
