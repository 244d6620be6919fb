"""Networks that papers are about, one architecture a file, under torchvision's names where it has
them; ``with cr.device("meta"):`` builds any of them without its weights.

>>> import chainrule as cr
>>> with cr.device("meta"):
...     net = cr.models.vgg16()
>>> sum(p.numel() for p in net.parameters()), net.features[0]
(138357544, Conv2d(3, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)))
"""

from chainrule.models.alexnet import AlexNet, alexnet
from chainrule.models.autoencoder import (
    Autoencoder,
    autoencoder,
    overcomplete_autoencoder,
    sparse_autoencoder,
    sparsity_penalty,
)
from chainrule.models.bert import Bert, BertConfig, bert_base
from chainrule.models.detector import GridDetector, GridHead, grid_detector, keep_best, overlap
from chainrule.models.gan import (
    GAN,
    discriminator_loss,
    gan,
    generator_loss,
    modes_covered,
    ring,
    ring_samples,
)
from chainrule.models.gpt import GPT, GPTConfig, gpt2
from chainrule.models.highway import Highway, HighwayLayer, highway
from chainrule.models.lenet import LeNet5, lenet5
from chainrule.models.mobilenet_v1 import MobileNetV1, mobilenet_v1
from chainrule.models.mobilenet_v2 import MobileNetV2, mobilenet_v2
from chainrule.models.resnet import (
    ResNet,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
    resnext50_32x4d,
    wide_resnet50_2,
)
from chainrule.models.stacked import StackedAutoencoder, stacked_autoencoder
from chainrule.models.variational import (
    VariationalAutoencoder,
    kl_to_standard,
    variational_autoencoder,
)
from chainrule.models.vgg import (
    VGG,
    vgg11,
    vgg11_bn,
    vgg13,
    vgg13_bn,
    vgg16,
    vgg16_bn,
    vgg19,
    vgg19_bn,
)

__all__ = [
    "AlexNet", "alexnet", "Autoencoder", "autoencoder", "Bert", "bert_base", "BertConfig",
    "discriminator_loss", "GAN", "gan", "generator_loss", "GPT", "gpt2", "GPTConfig",
    "grid_detector", "GridDetector", "GridHead", "Highway", "highway", "HighwayLayer", "keep_best",
    "kl_to_standard", "LeNet5", "lenet5", "mobilenet_v1", "mobilenet_v2", "MobileNetV1",
    "MobileNetV2", "modes_covered", "overcomplete_autoencoder", "overlap", "ResNet", "resnet101",
    "resnet152", "resnet18", "resnet34", "resnet50", "resnext50_32x4d", "ring", "ring_samples",
    "sparse_autoencoder", "sparsity_penalty", "stacked_autoencoder", "StackedAutoencoder",
    "variational_autoencoder", "VariationalAutoencoder", "VGG", "vgg11", "vgg11_bn", "vgg13",
    "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn", "wide_resnet50_2",
]  # fmt: skip
