"""Modules against PyTorch's: registration, walking, modes, saving, printing."""

import copy

import pytest
import torch

import chainrule as cr
from chainrule import nn
from chainrule.core.errors import ArgumentError
from chainrule.core.state import state
from chainrule.nn.checkpoint import StateDictError


class Block(nn.Module):
    """One of everything, in both frameworks' words."""

    def __init__(self, n):
        super().__init__()
        self.inner = n.Sequential(n.Linear(2, 3), n.BatchNorm1d(3), n.Tanh())
        self.layers = n.ModuleList([n.Linear(3, 3), n.ReLU()])
        self.head = n.Linear(3, 1, bias=False)
        self.again = self.head

    def forward(self, x):
        x = self.inner(x)
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


class TorchBlock(torch.nn.Module):
    __init__ = Block.__init__
    forward = Block.forward


# `super()` in the shared __init__ belongs to Block: PyTorch's twin gets one of its own.
def torch_block():
    class Twin(torch.nn.Module):
        def __init__(self):
            super().__init__()
            n = torch.nn
            self.inner = n.Sequential(n.Linear(2, 3), n.BatchNorm1d(3), n.Tanh())
            self.layers = n.ModuleList([n.Linear(3, 3), n.ReLU()])
            self.head = n.Linear(3, 1, bias=False)
            self.again = self.head

        forward = Block.forward

    Twin.__name__ = "Block"
    return Twin()
