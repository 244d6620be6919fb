"""Ops that hold graphs or mark values.

* `loop` and `scan`: a step repeated along an axis; `custom`: rules of the user's own;
* `stable`: what keeps floats from overflowing, and marks of quantities worth showing.
"""
