"""Ops that compute entry by entry: one family a file.

* `elementary`, `arithmetic`, `logarithms`, `trigonometry`, `special`, `complex`: of numbers;
* `compare`, `predicates`, `bounds`, `signs`, `rounding`: order and what follows from it;
* `rectifiers`, `activations`, `piecewise`, `abstract`: what networks bend with;
* `variants`: functions that take one of several ops.
"""
