"""Ops that move entries and compute nothing: one family a file.

* `primitive`: reshape, permute, expand, slice, pad, cat, of which the others are made;
* `views`, `diagonals`: results that share their operand's storage;
* `moves`, `arranging`, `splitting`: stack, repeat, roll; functions of several of these;
* `pieces`: rows and equal parts, each an output of its own;
* `borders`: entries beyond the edge, as it is mirrored, repeated or gone round.
"""
