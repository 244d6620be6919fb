"""What is open: names that are not there yet, and rows that do not agree yet.

Each entry is tested to be true, so that the lists can only shrink.  They are written by
`python -m tests.layers_parity.refresh`, and that is for whoever made them shorter.
"""

# fmt: off
MISSING = {
    "nn.Bilinear", "nn.Softmax2d", "F.max_pool1d_with_indices", "F.max_pool2d_with_indices",
    "F.max_pool3d_with_indices", "F.adaptive_max_pool1d_with_indices",
    "F.adaptive_max_pool2d_with_indices", "F.adaptive_max_pool3d_with_indices", "F.upsample",
    "F.upsample_nearest", "F.upsample_bilinear", "F.grid_sample", "F.affine_grid",
    "torch.embedding", "nn.EmbeddingBag.from_pretrained", "nn.EmbeddingBag", "F.embedding_bag",
}
# fmt: on

DISAGREES: dict[str, str] = {
    "nn.Conv1d": "bare error, nn.Conv1d: no error / TypeError: reshape() takes exactly 1 argumen",
    "nn.ReflectionPad1d": "refused, nn.ReflectionPad3d: no error / ShapeError: reflection_pad: a",
    "nn.MaxUnpool1d": "train: gradient of operand 0 values, nn.MaxUnpool2d: [[[-0.95992988545247",
    "F.interpolate": "result values, F.interpolate: [[[[[-0.9535514712333679, -0.953551471233367",
    "nn.InstanceNorm1d": "refused, nn.InstanceNorm2d: no error / ShapeError: instance_norm: an e",
    "nn.TransformerEncoder": "repr, nn.TransformerEncoder: TransformerEncoder( (layers): ModuleL",
    "nn.TransformerDecoder": "repr, nn.TransformerDecoder: TransformerDecoder( (layers): ModuleL",
    "nn.Transformer": "repr, nn.Transformer: Transformer( (encoder): TransformerEncoder( / Trans",
}
