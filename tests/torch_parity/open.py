"""What is open: names that are not there yet, and rows that do not agree yet.

Each entry is tested to be true, so that the lists can only shrink.  They are written by
`python -m tests.torch_parity.refresh`, and that is for whoever made them shorter.
"""

MISSING: set[str] = set()

DISAGREES: dict[str, str] = {
    "logsumexp": "not refused, Tensor.logsumexp: RuntimeError: output with shape [] doesn't match",
    "var": "gradient values, Tensor.var: [[[inf, -inf], [inf, -inf]], [[inf, inf], [inf, -i / [[[0",
    "var#2": "refused, Tensor.var: float64 () nan / ShapeError: var: the variance of 0 with correc",
    "linalg.norm": "gradient missing, torch.linalg.norm: None / tensor([])",
    "cumsum": "not refused, Tensor.cumprod_: RuntimeError: Bad in-place call: input tensor dtyp /",
    "cummax": "refused, Tensor.cummax: float32 (0,) [], int64 (0,) [] / DimError: cummax: there is",
    "unique": "gradient errors, torch.unique: NotImplementedError('the derivative for '_unique2' /",
    "unique#2": "gradient errors, Tensor.unique: NotImplementedError('the derivative for 'unique_d",
    "addr": "gradient errors, torch.addr: RuntimeError('addmv input tensors must have the sa / (te",
    "F.bilinear": "values, F.bilinear: [[nan, nan], [nan, nan]] / [[-inf, nan], [nan, nan]]",
    "F.triplet_margin_loss": "gradient values, F.triplet_margin_loss: [[0.0], [0.875]] / [[0.0], [",
}

UNNAMED: dict[str, str] = {
    "logsumexp": "not refused, Tensor.logsumexp: RuntimeError: output with shape [] doesn't match",
    "var": "gradient values, Tensor.var: [[[inf, -inf], [inf, -inf]], [[inf, inf], [inf, -i / [[[0",
    "var#2": "refused, Tensor.var: float64 () nan / ShapeError: var: the variance of 0 with correc",
    "cumsum": "not refused, Tensor.cumprod_: RuntimeError: Bad in-place call: input tensor dtyp /",
    "cummax": "refused, Tensor.cummax: float32 (0,) [], int64 (0,) [] / DimError: cummax: there is",
    "unique": "gradient errors, torch.unique: NotImplementedError('the derivative for '_unique2' /",
    "addr": "gradient errors, torch.addr: RuntimeError('addmv input tensors must have the sa / (te",
    "F.triplet_margin_loss": "gradient values, F.triplet_margin_loss: [[0.0], [0.875]] / [[0.0], [",
}
