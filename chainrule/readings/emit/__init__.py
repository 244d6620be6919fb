"""Emitting: a network as code and as formulas of its entries, forward and backward."""
