"""The arithmetics in which a graph can run: one namespace of primitives each."""
