"""A network of three layers, solved with its working: question 2 of an exam paper.

Two inputs, hidden layers of three and two tanh neurons, one sigmoid output, a target of 0.  Run it,
or ask for any part of the answer: ``chainrule explain examples/three_layers.py:cost``.
"""

import chainrule as cr
from chainrule import nn, optim
from chainrule.nn import functional as F

cr.set_default_dtype(cr.float64)


def parameter(*rows):
    return nn.Parameter(cr.tensor(rows))


class ThreeLayers(nn.Module):
    """Layers u = Wᵀ h + b, with the weights that the question gives."""

    def __init__(self):
        super().__init__()
        self.W1 = parameter([3.2, -2.4, -2.1], [-1.2, -1.4, 2.6])
        self.W2 = parameter([3.0, 0.0], [-2.4, -4.2], [-3.0, 2.5])
        self.W3 = parameter([2.0], [-1.0])
        self.b1 = parameter(0.5, 0.5, 0.5)
        self.b2 = parameter(0.5, 0.5)
        self.b3 = parameter(0.5)

    def forward(self, x):
        u1 = self.W1.T @ x + self.b1
        h1 = u1.tanh()
        u2 = self.W2.T @ h1 + self.b2
        h2 = u2.tanh()
        u3 = self.W3.T @ h2 + self.b3
        y = u3.sigmoid()
        return y


net = ThreeLayers()


def cost():
    x = cr.tensor([1.0, 2.0])
    d = cr.tensor([0.0])
    J = F.binary_cross_entropy(net(x), d)
    return J


def learn(lr=0.1):
    """One step of stochastic gradient descent; returns the cost before it."""
    optimizer = optim.SGD(net.parameters(), lr=lr)
    J = cost()
    optimizer.zero_grad()
    J.backward()
    optimizer.step()
    return J


if __name__ == "__main__":
    print(cr.explain(cost()))
    before = learn()
    print(f"\nOne step against the gradient takes J from {before:.4f} to {cost():.4f}.")
    for name, value in net.named_parameters():
        print(f"{name} = {value.tolist()}")
