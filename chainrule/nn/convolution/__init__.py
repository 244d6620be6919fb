"""Convolution and what surrounds it: borders, windows as columns."""
