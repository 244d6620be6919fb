"""Ops along axes: one family a file.

* `reductions`, `truth`, `deviation`, `extremes`: many entries become one; `cumulative`: one each;
* `sorting`, `quantiles`, `search`, `distinct`: what order says.
"""
