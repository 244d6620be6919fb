"""A network of three layers, solved with its working: an exam question.

Two inputs, hidden layers of three and of two tanh neurons, a sigmoid output; the target is 0, the
cost J the cross-entropy.  Any part can be asked for by itself:

    chainrule explain examples/three_layers.py:cost
"""

import chainrule as cr
from chainrule import nn, optim
from chainrule.nn import functional as F

LEARNING_RATE = 0.1


def vector(*entries):
    return cr.tensor(entries, dtype=cr.float64)


class ThreeLayers(nn.Module):
    """Layers u = Wᵀh + b, with the weights that the question gives."""

    def __init__(self):
        super().__init__()
        self.W1 = nn.Parameter(vector([3.2, -2.4, -2.1], [-1.2, -1.4, 2.6]))
        self.b1 = nn.Parameter(vector(0.5, 0.5, 0.5))
        self.W2 = nn.Parameter(vector([3.0, 0.0], [-2.4, -4.2], [-3.0, 2.5]))
        self.b2 = nn.Parameter(vector(0.5, 0.5))
        self.W3 = nn.Parameter(vector([2.0], [-1.0]))
        self.b3 = nn.Parameter(vector(0.5))

    def forward(self, x):
        u1 = self.W1.T @ x + self.b1
        h1 = u1.tanh()
        u2 = self.W2.T @ h1 + self.b2
        h2 = u2.tanh()
        u3 = self.W3.T @ h2 + self.b3
        y = u3.sigmoid()
        return y


net = ThreeLayers()
optimizer = optim.SGD(net.parameters(), lr=LEARNING_RATE)


def cost():
    x, d = vector(1.0, 2.0), vector(0.0)
    J = F.binary_cross_entropy(net(x), d)
    return J


def step():
    """One step of stochastic gradient descent; returns the cost before it."""
    optimizer.zero_grad()
    J = cost()
    J.backward()
    optimizer.step()
    return J


if __name__ == "__main__":
    print(cr.explain(cost()))
    print(f"\nOne step takes J from {step():.4f} to {cost():.4f}.")
