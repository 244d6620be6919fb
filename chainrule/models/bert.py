"""BERT: a stack of attention that looks both ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from chainrule import nn
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Tensor
from chainrule.models.parts import refuse_weights
from chainrule.nn import functional as F
from chainrule.nn import init
from chainrule.ops.creation import arange, zeros_like


@dataclass(frozen=True)
class BertConfig:
    """The sizes of a `Bert`; by default those of BERT-base, uncased."""

    vocab_size: int = 30522
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    dropout: float = 0.1
    layer_norm_eps: float = 1e-12


class Hidden(NamedTuple):
    """What a `Bert` makes of tokens: a row for each (n, t, d), and one for each sequence (n, d)."""

    last_hidden_state: Tensor
    pooler_output: Tensor


class Embeddings(nn.Module):
    """The sum of three tables: of tokens, of positions, of the sentence that a token belongs to."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        d = config.hidden_size
        self.word_embeddings = nn.Embedding(config.vocab_size, d, padding_idx=0)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, d)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, d)
        self.LayerNorm = nn.LayerNorm(d, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, tokens: Tensor, types: Tensor) -> Tensor:
        positions = arange(tokens.shape[1], device=tokens.device)
        words = self.word_embeddings(tokens) + self.token_type_embeddings(types)
        made: Tensor = self.dropout(self.LayerNorm(words + self.position_embeddings(positions)))
        return made


class SelfAttention(nn.Module):
    """Each position attends to all, with several heads; the heads side by side, not mixed yet.

    Raises ArgumentError for heads that do not divide the features.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        d = config.hidden_size
        self.heads, self.rate = config.num_attention_heads, config.dropout
        if self.heads < 1 or d % self.heads:
            raise ArgumentError(
                f"{self.heads} heads do not share out {d} features",
                expected="hidden_size a multiple of num_attention_heads",
            )
        self.query, self.key, self.value = (nn.Linear(d, d) for _ in range(3))

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        n, t, d = x.shape
        q, k, v = (
            layer(x).reshape(n, t, self.heads, d // self.heads).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        heads = F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, dropout_p=self.rate if self.training else 0.0
        )
        joined: Tensor = heads.transpose(1, 2).reshape(n, t, d)
        return joined


class Output(nn.Module):
    """norm(x + linear(h)): the norm comes last."""

    def __init__(self, inputs: int, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(inputs, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, h: Tensor, x: Tensor) -> Tensor:
        made: Tensor = self.LayerNorm(x + self.dropout(self.dense(h)))
        return made


class Attention(nn.Module):
    """`SelfAttention`, then its heads mixed and added to x; its names are the published ones."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.self = SelfAttention(config)
        self.output = Output(config.hidden_size, config)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        made: Tensor = self.output(self.self(x, mask), x)
        return made


class Intermediate(nn.Module):
    """gelu(linear(x)), wider than x."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.intermediate_size)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = F.gelu(self.dense(x))
        return made


class Layer(nn.Module):
    """Attention, then two linear layers, each added to what came in and normalised."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.attention = Attention(config)
        self.intermediate = Intermediate(config)
        self.output = Output(config.intermediate_size, config)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        a = self.attention(x, mask)
        made: Tensor = self.output(self.intermediate(a), a)
        return made


class Encoder(nn.Module):
    """Layers one after the other."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.layer = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        for layer in self.layer:
            x = layer(x, mask)
        return x


class Pooler(nn.Module):
    """tanh(linear(first row)): one row for each sequence."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.dense(x[:, 0]).tanh()
        return made


class Bert(nn.Module):
    """The encoder of Devlin and others, BERT (2019), with the published names of its weights.

    ``mask`` (n, t) is 1 where there is a token and 0 where there is padding, ``types`` (n, t) the
    number of its sentence.  Shapes: tokens (n, t) -> (n, t, d) and (n, d).  Raises ShapeError for
    tokens of another rank and for more than there are positions.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.encoder = Encoder(config)
        self.pooler = Pooler(config)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                init.normal_(module.weight, 0.0, 0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                init.zeros_(module.bias)
        with no_grad():
            self.embeddings.word_embeddings.weight[0] = 0  # the row of padding

    def forward(
        self, tokens: Tensor, mask: Tensor | None = None, types: Tensor | None = None
    ) -> Hidden:
        longest = self.config.max_position_embeddings
        if tokens.ndim != 2 or tokens.shape[1] > longest:
            raise ShapeError(
                f"these are no sequences of at most {longest} tokens",
                got=f"tokens {tokens.shape}", expected="(n, t)",
            )  # fmt: skip
        seen = None if mask is None else mask.bool().unsqueeze(1).unsqueeze(1)
        x = self.embeddings(tokens, zeros_like(tokens) if types is None else types)
        x = self.encoder(x, seen)
        return Hidden(x, self.pooler(x))


def bert_base(*, weights: Any = None, **kwargs: Any) -> Bert:
    """`Bert` of the size of BERT-base, 109,482,240 parameters, or with other numbers of a
    `BertConfig`.

    >>> import chainrule as cr
    >>> with cr.device("meta"):
    ...     net = cr.models.bert_base()
    >>> sum(p.numel() for p in net.parameters())
    109482240
    """
    refuse_weights("bert_base", weights)
    return Bert(BertConfig(**kwargs))
