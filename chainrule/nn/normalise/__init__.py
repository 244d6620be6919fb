"""Normalisation, one layer a file, and all as `functions`; `norm` is what they share."""
