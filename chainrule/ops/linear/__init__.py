"""Products: one family a file.

* `matmul`, `contract`, `products`, `chains`: of matrices, by axis names, of vectors, of many;
* `linalg`, `cofactors`: determinants, inverses, linear systems; `norms`: lengths.
"""
