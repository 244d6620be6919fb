"""Accounting: how many operations a graph takes, forward and backward, by kind and by purpose."""

from chainrule.readings.account.account import Account, Entry, account
from chainrule.readings.account.adjoint import adjoint_of
from chainrule.readings.account.working import Product, products_of

__all__ = ["Account", "Entry", "Product", "account", "adjoint_of", "products_of"]
