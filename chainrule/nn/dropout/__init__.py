"""Dropout: noise in training, as `modules` and `functions`."""
