"""Readings: what a graph is turned into.  None of them knows an op by name."""
