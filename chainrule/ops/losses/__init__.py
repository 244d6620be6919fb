"""Losses: one family a file.

* `common`: softmax, and what all losses share;
* `regression_losses`, `class_losses`, `probability_losses`, `margin_losses`.
"""
