"""GPT-2: a stack of attention that looks back, which predicts the next token."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from chainrule import nn
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.state import no_grad
from chainrule.core.tensor import Parameter, Tensor
from chainrule.models.parts import refuse_weights
from chainrule.nn import functional as F
from chainrule.nn import init
from chainrule.ops.creation import arange, empty, multinomial, zeros
from chainrule.ops.shape.primitive import cat


@dataclass(frozen=True)
class GPTConfig:
    """The sizes of a `GPT`; by default those of the smallest GPT-2."""

    vocab_size: int = 50257
    n_positions: int = 1024
    n_embd: int = 768
    n_layer: int = 12
    n_head: int = 12
    dropout: float = 0.1
    layer_norm_epsilon: float = 1e-5


class Projection(nn.Module):
    """x W + b, with W as (inputs, outputs): so the published weights of GPT-2 lie."""

    def __init__(self, inputs: int, outputs: int, std: float = 0.02) -> None:
        super().__init__()
        self.weight = Parameter(init.normal_(empty(inputs, outputs), 0.0, std))
        self.bias = Parameter(zeros(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + self.bias


class Attention(nn.Module):
    """Each position attends to itself and to those before it, with several heads.

    Shapes: x (n, t, d) -> (n, t, d).  Raises ArgumentError for heads that do not divide d.
    """

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        if config.n_head < 1 or config.n_embd % config.n_head:
            raise ArgumentError(
                f"{config.n_head} heads do not share out {config.n_embd} features",
                expected="n_embd a multiple of n_head",
            )
        d, std = config.n_embd, 0.02 / math.sqrt(2 * config.n_layer)
        self.n_head, self.dropout = config.n_head, config.dropout
        self.c_attn = Projection(d, 3 * d)
        self.c_proj = Projection(d, d, std)
        self.resid_dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        n, t, d = x.shape
        q, k, v = (
            part.reshape(n, t, self.n_head, d // self.n_head).transpose(1, 2)
            for part in self.c_attn(x).split(d, 2)
        )
        heads = F.scaled_dot_product_attention(
            q, k, v, dropout_p=self.dropout if self.training else 0.0, is_causal=True
        )
        joined = heads.transpose(1, 2).reshape(n, t, d)
        made: Tensor = self.resid_dropout(self.c_proj(joined))
        return made


class MLP(nn.Module):
    """Two projections with GELU, in its form with tanh, between them; four times as wide inside."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        d, std = config.n_embd, 0.02 / math.sqrt(2 * config.n_layer)
        self.c_fc = Projection(d, 4 * d)
        self.act = nn.GELU(approximate="tanh")
        self.c_proj = Projection(4 * d, d, std)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.dropout(self.c_proj(self.act(self.c_fc(x))))
        return made


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x)): the norm comes first."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.attn = Attention(config)
        self.ln_2 = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.mlp = MLP(config)

    def forward(self, x: Tensor) -> Tensor:
        h = x + self.attn(self.ln_1(x))
        made: Tensor = h + self.mlp(self.ln_2(h))
        return made


class Trunk(nn.Module):
    """Token and position embeddings, blocks, and a last norm: what comes before the scores."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.wpe = nn.Embedding(config.n_positions, config.n_embd)
        for table in (self.wte, self.wpe):
            init.normal_(table.weight, 0.0, 0.02)
        self.drop = nn.Dropout(config.dropout)
        self.h = nn.ModuleList(Block(config) for _ in range(config.n_layer))
        self.ln_f = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)

    def forward(self, tokens: Tensor) -> Tensor:
        positions = arange(tokens.shape[1], device=tokens.device)
        x = self.drop(self.wte(tokens) + self.wpe(positions))
        for block in self.h:
            x = block(x)
        made: Tensor = self.ln_f(x)
        return made


class GPT(nn.Module):
    """A language model of Radford and others, Language models are unsupervised multitask learners
    (2019), with the published names and layouts of its weights.

    The scores of the next token are products with the table of tokens itself: ``lm_head.weight`` is
    ``transformer.wte.weight``.  Shapes: tokens (n, t) -> scores (n, t, vocab_size).  Raises
    ShapeError for tokens of another rank and for more than there are positions.
    """

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.transformer = Trunk(config)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False, device="meta")
        self.lm_head.weight = self.transformer.wte.weight

    def forward(self, tokens: Tensor) -> Tensor:
        if tokens.ndim != 2 or tokens.shape[1] > self.config.n_positions:
            raise ShapeError(
                f"these are no sequences of at most {self.config.n_positions} tokens",
                got=f"tokens {tokens.shape}", expected="(n, t)",
                hint="tokens[:, -n:] keeps the last n",
            )  # fmt: skip
        scores: Tensor = self.lm_head(self.transformer(tokens))
        return scores

    def generate(
        self,
        tokens: Tensor,
        count: int,
        temperature: float = 1.0,
        top_k: int | None = None,
        generator: Any = None,
    ) -> Tensor:
        """``tokens`` and ``count`` more, each drawn from what the model expects next: from all
        tokens, or the ``top_k`` likeliest; the likeliest itself with ``temperature`` 0.

        Raises ArgumentError for a negative temperature, for counts that are none, and for tokens
        of which there are none to go on from.
        """
        if not temperature >= 0:
            raise ArgumentError(f"temperature is {temperature}", expected="a number from 0")
        _require_counts(count, top_k)
        if tokens.ndim != 2 or not tokens.shape[1]:
            raise ArgumentError(f"tokens of shape {tokens.shape}", expected="(n, t), t from 1")
        with no_grad():
            for _ in range(count):
                scores = self(tokens[:, -self.config.n_positions :])[:, -1]
                following = _chosen(scores, temperature, top_k, generator)
                tokens = cat([tokens, following], dim=1)
        return tokens


def _require_counts(count: Any, top_k: Any) -> None:
    """Raise ArgumentError unless there are so many tokens to make, and to choose from."""
    if type(count) is not int or count < 0:
        raise ArgumentError(f"count is {count!r}", expected="a whole number from 0")
    if top_k is not None and (type(top_k) is not int or top_k < 1):
        raise ArgumentError(f"top_k is {top_k!r}", expected="a whole number from 1, or None")


def _chosen(scores: Tensor, temperature: float, top_k: int | None, generator: Any) -> Tensor:
    """One token for each row of scores: (n, vocab) -> (n, 1)."""
    if temperature == 0:
        likeliest: Tensor = scores.argmax(-1, keepdim=True)
        return likeliest
    scores = scores / temperature
    if top_k is not None:
        least = scores.topk(min(top_k, scores.shape[-1])).values[:, -1:]
        scores = scores.masked_fill(scores < least, -math.inf)
    return multinomial(scores.softmax(-1), 1, generator=generator)


def gpt2(*, weights: Any = None, **kwargs: Any) -> GPT:
    """`GPT` of the size of GPT-2 small, 124,439,808 parameters, or with other numbers of a
    `GPTConfig`.

    >>> import chainrule as cr
    >>> with cr.device("meta"):
    ...     net = cr.models.gpt2()
    >>> sum(p.numel() for p in net.parameters())
    124439808
    """
    refuse_weights("gpt2", weights)
    return GPT(GPTConfig(**kwargs))
