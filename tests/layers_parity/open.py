"""What is open: names that are not there yet, and rows that do not agree yet.

Each entry is tested to be true, so that the lists can only shrink.  They are written by
`python -m tests.layers_parity.refresh`, and that is for whoever made them shorter.
"""

# fmt: off
MISSING = {
    "nn.Bilinear", "nn.Unflatten", "nn.ChannelShuffle", "F.channel_shuffle",
    "torch.channel_shuffle", "nn.Softmax2d", "nn.Conv1d", "nn.Conv2d", "nn.Conv3d", "F.conv2d",
    "F.conv3d", "torch.conv1d", "torch.conv2d", "torch.conv3d", "nn.ConvTranspose1d",
    "nn.ConvTranspose2d", "nn.ConvTranspose3d", "F.conv_transpose1d", "F.conv_transpose2d",
    "F.conv_transpose3d", "torch.conv_transpose1d", "torch.conv_transpose2d",
    "torch.conv_transpose3d", "nn.Unfold", "F.unfold", "nn.Fold", "F.fold", "nn.PixelShuffle",
    "F.pixel_shuffle", "torch.pixel_shuffle", "nn.PixelUnshuffle", "F.pixel_unshuffle",
    "torch.pixel_unshuffle", "nn.ReflectionPad1d", "nn.ReflectionPad2d", "nn.ReflectionPad3d",
    "nn.ReplicationPad1d", "nn.ReplicationPad2d", "nn.ReplicationPad3d", "nn.CircularPad1d",
    "nn.CircularPad2d", "nn.CircularPad3d", "nn.ConstantPad1d", "nn.ConstantPad2d",
    "nn.ConstantPad3d", "nn.ZeroPad1d", "nn.ZeroPad2d", "nn.ZeroPad3d", "nn.MaxPool1d",
    "nn.MaxPool2d", "nn.MaxPool3d", "F.max_pool1d", "F.max_pool2d", "F.max_pool3d",
    "torch.max_pool1d", "torch.max_pool2d", "torch.max_pool3d", "F.max_pool1d_with_indices",
    "F.max_pool2d_with_indices", "F.max_pool3d_with_indices", "torch.max_pool1d_with_indices",
    "nn.AvgPool1d", "nn.AvgPool2d", "nn.AvgPool3d", "F.avg_pool1d", "F.avg_pool2d",
    "F.avg_pool3d", "torch.avg_pool1d", "nn.LPPool1d", "nn.LPPool2d", "nn.LPPool3d",
    "F.lp_pool1d", "F.lp_pool2d", "F.lp_pool3d", "nn.AdaptiveAvgPool1d", "nn.AdaptiveAvgPool2d",
    "nn.AdaptiveAvgPool3d", "F.adaptive_avg_pool1d", "F.adaptive_avg_pool2d",
    "F.adaptive_avg_pool3d", "torch.adaptive_avg_pool1d", "nn.AdaptiveMaxPool1d",
    "nn.AdaptiveMaxPool2d", "nn.AdaptiveMaxPool3d", "F.adaptive_max_pool1d",
    "F.adaptive_max_pool2d", "F.adaptive_max_pool3d", "F.adaptive_max_pool1d_with_indices",
    "F.adaptive_max_pool2d_with_indices", "F.adaptive_max_pool3d_with_indices",
    "torch.adaptive_max_pool1d", "nn.MaxUnpool1d", "nn.MaxUnpool2d", "nn.MaxUnpool3d",
    "F.max_unpool1d", "F.max_unpool2d", "F.max_unpool3d", "F.interpolate", "nn.Upsample",
    "F.upsample", "nn.UpsamplingNearest2d", "nn.UpsamplingBilinear2d", "F.upsample_nearest",
    "F.upsample_bilinear", "F.grid_sample", "F.affine_grid", "nn.BatchNorm2d", "nn.BatchNorm3d",
    "nn.InstanceNorm1d", "nn.InstanceNorm2d", "nn.InstanceNorm3d", "F.instance_norm",
    "nn.LayerNorm", "nn.RMSNorm", "F.layer_norm", "torch.layer_norm", "F.rms_norm",
    "torch.rms_norm", "nn.GroupNorm", "F.group_norm", "torch.group_norm",
    "nn.LocalResponseNorm", "F.local_response_norm", "nn.Dropout1d", "nn.Dropout2d",
    "nn.Dropout3d", "nn.AlphaDropout", "nn.FeatureAlphaDropout", "F.dropout1d", "F.dropout2d",
    "F.dropout3d", "F.alpha_dropout", "F.feature_alpha_dropout", "nn.RNN", "nn.GRU", "nn.LSTM",
    "nn.RNNCell", "nn.GRUCell", "nn.LSTMCell", "nn.utils.rnn.pack_padded_sequence",
    "nn.utils.rnn.pad_packed_sequence", "nn.utils.rnn.pad_sequence",
    "nn.utils.rnn.pack_sequence", "nn.utils.rnn.unpad_sequence", "nn.Embedding",
    "torch.embedding", "nn.Embedding.from_pretrained", "nn.EmbeddingBag.from_pretrained",
    "nn.EmbeddingBag", "F.embedding_bag", "F.scaled_dot_product_attention",
    "nn.MultiheadAttention", "nn.TransformerEncoderLayer", "nn.TransformerDecoderLayer",
    "nn.TransformerEncoder", "nn.TransformerDecoder", "nn.Transformer",
    "nn.Transformer.generate_square_subsequent_mask",
}
# fmt: on

DISAGREES: dict[str, str] = {
    "F.pad": "refused, F.pad: no error / ArgumentError: pad has no mode 'circular' expected",
    "nn.BatchNorm1d": "bare error, nn.BatchNorm1d: no error / TypeError: BatchNorm1d.__init__()",
    "nn.Dropout": "repr, nn.Dropout: Dropout(p=0, inplace=False) / Dropout(p=0)",
    "F.dropout": "bare error, F.dropout: no error / TypeError: dropout() got an unexpected keywo",
    "F.embedding": "refused, F.embedding: no error / ArgumentError: embedding has no max_norm: a",
}
