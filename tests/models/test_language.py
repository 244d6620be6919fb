"""GPT and BERT: names and layouts as published, numbers as PyTorch's own encoder layers give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import chainrule as cr
from chainrule import models, optim
from chainrule.core.errors import ArgumentError
from chainrule.nn import functional as F
from tests.core.mistakes import mistake

SMALL = {"vocab_size": 11, "n_positions": 8, "n_embd": 12, "n_layer": 2, "n_head": 3}
TINY = {"vocab_size": 13, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3,
        "intermediate_size": 20, "max_position_embeddings": 8}  # fmt: skip
TOKENS = torch.tensor([[1, 4, 9, 0, 2], [3, 3, 7, 10, 5]])


def randomised(net: Any) -> dict[str, torch.Tensor]:
    """Float64 values for all weights, and the same for PyTorch."""
    cr.manual_seed(0)
    net.double().eval()
    with cr.no_grad():
        for p in net.parameters():
            p.normal_(0, 0.3)
    return {name: torch.tensor(value.numpy()) for name, value in net.state_dict().items()}


def layer(d: int, wide: int, activation: Any, eps: float, first: bool) -> torch.nn.Module:
    return torch.nn.TransformerEncoderLayer(
        d, 3, wide, 0.0, activation, eps, batch_first=True, norm_first=first, dtype=torch.float64
    )


def tanh_gelu(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.gelu(x, approximate="tanh")


def gpt_by_pytorch(w: dict[str, torch.Tensor], tokens: torch.Tensor) -> torch.Tensor:
    table = w["transformer.wte.weight"]
    x = table[tokens] + w["transformer.wpe.weight"][: tokens.shape[1]]
    mask = torch.nn.Transformer.generate_square_subsequent_mask(tokens.shape[1]).double()
    for i in range(2):
        at = f"transformer.h.{i}."
        block = layer(12, 48, tanh_gelu, 1e-5, True).eval()
        names = {"self_attn.in_proj_": "attn.c_attn.", "self_attn.out_proj.": "attn.c_proj.",
                 "linear1.": "mlp.c_fc.", "linear2.": "mlp.c_proj.", "norm1.": "ln_1.",
                 "norm2.": "ln_2."}  # fmt: skip
        block.load_state_dict(
            {ours + part: w[at + name + part].swapaxes(0, -1)
             for ours, name in names.items() for part in ("weight", "bias")}
        )  # fmt: skip
        x = block(x, src_mask=mask)
    ends = w["transformer.ln_f.weight"], w["transformer.ln_f.bias"]
    return torch.nn.functional.layer_norm(x, (12,), *ends) @ table.T


def test_gpt_gives_pytorchs_numbers() -> None:
    net = models.gpt2(**SMALL)
    w = randomised(net)
    with torch.no_grad():
        wanted = gpt_by_pytorch(w, TOKENS)
    found = net(cr.tensor(TOKENS.numpy())).detach().numpy()
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-10 * float(wanted.abs().max()))


def test_gpt_looks_back_only() -> None:
    net = models.gpt2(**SMALL).eval()
    tokens = cr.tensor(TOKENS.numpy())
    before = net(tokens)
    tokens[:, 3] = 6
    after = net(tokens)
    assert before[:, :3].tolist() == after[:, :3].tolist()
    assert before[:, 3].tolist() != after[:, 3].tolist()


def test_published_names_of_gpt2() -> None:
    with cr.device("meta"):
        saved = models.gpt2().state_dict()
    assert saved["transformer.h.11.attn.c_attn.weight"].shape == (768, 2304)
    assert saved["transformer.h.0.mlp.c_proj.bias"].shape == (768,)
    assert len(saved) == 2 + 12 * 12 + 2 + 1
    assert saved["lm_head.weight"].shape == saved["transformer.wte.weight"].shape == (50257, 768)


def test_the_table_of_tokens_is_tied() -> None:
    net = models.gpt2(**SMALL)
    assert net.lm_head.weight is net.transformer.wte.weight
    assert len(list(net.parameters())) == 2 + 12 * 2 + 2
    with cr.device("meta"):
        other = models.gpt2(**SMALL)
    other.load_state_dict(net.state_dict(), assign=True)
    assert other.lm_head.weight is other.transformer.wte.weight
    tokens = cr.tensor(TOKENS.numpy())
    assert other.eval()(tokens).tolist() == net.eval()(tokens).tolist()


def test_shapes_without_weights() -> None:
    with cr.device("meta"):
        gpt, bert = models.gpt2(), models.bert_base()
    tokens = cr.zeros(2, 16, dtype=cr.int64, device="meta")
    assert gpt(tokens).shape == (2, 16, 50257)
    found = bert(tokens, cr.ones_like(tokens))
    assert found.last_hidden_state.shape == (2, 16, 768) and found.pooler_output.shape == (2, 768)
    found.pooler_output.sum().backward()
    assert bert.embeddings.word_embeddings.weight.grad.is_meta


def test_gpt_learns_a_sequence_and_tells_it() -> None:
    cr.manual_seed(0)
    net = models.gpt2(**SMALL, dropout=0.0)
    told = cr.tensor([[1, 5, 2, 8, 3, 9, 4, 0]])
    optimizer = optim.AdamW(net.parameters(), lr=0.02)
    for _ in range(40):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(told[:, :-1])[0], told[0, 1:])
        loss.backward()
        optimizer.step()
    assert float(loss) < 0.05
    net.eval()
    assert net.generate(told[:, :2], 6, temperature=0).tolist() == told.tolist()
    assert net.generate(told[:, :2], 6, top_k=1).tolist() == told.tolist()
    assert net.generate(told, 3, temperature=2.0).shape == (1, 11)


def test_weights_start_small() -> None:
    cr.manual_seed(0)
    net = models.gpt2(vocab_size=50, n_positions=8, n_embd=64, n_layer=8, n_head=4)
    block = net.transformer.h[0]
    assert float(block.mlp.c_fc.weight.std()) == pytest.approx(0.02, rel=0.03)
    assert float(block.mlp.c_proj.weight.std()) == pytest.approx(0.02 / 4, rel=0.03)
    assert float(block.attn.c_attn.bias.abs().max()) == 0


def bert_by_pytorch(
    w: dict[str, torch.Tensor], tokens: torch.Tensor, types: torch.Tensor, mask: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    def norm(x: torch.Tensor, at: str) -> torch.Tensor:
        scale = w[f"{at}.LayerNorm.weight"], w[f"{at}.LayerNorm.bias"]
        return torch.nn.functional.layer_norm(x, (12,), *scale, eps=1e-12)

    e = "embeddings."
    x = w[e + "word_embeddings.weight"][tokens] + w[e + "token_type_embeddings.weight"][types]
    x = norm(x + w[e + "position_embeddings.weight"][: tokens.shape[1]], "embeddings")
    for i in range(2):
        at = f"encoder.layer.{i}."
        block = layer(12, 20, "gelu", 1e-12, False).eval()
        saved = {}
        for part in ("weight", "bias"):
            three = [w[f"{at}attention.self.{n}.{part}"] for n in ("query", "key", "value")]
            saved[f"self_attn.in_proj_{part}"] = torch.cat(three)
            for name, ours in (
                ("self_attn.out_proj", "attention.output.dense"),
                ("norm1", "attention.output.LayerNorm"), ("linear1", "intermediate.dense"),
                ("linear2", "output.dense"), ("norm2", "output.LayerNorm"),
            ):  # fmt: skip
                saved[f"{name}.{part}"] = w[f"{at}{ours}.{part}"]
        block.load_state_dict(saved)
        block.train()  # the fast path would cut padding off
        x = block(x, src_key_padding_mask=mask == 0)
    return x, torch.tanh(x[:, 0] @ w["pooler.dense.weight"].T + w["pooler.dense.bias"])


def test_bert_gives_pytorchs_numbers() -> None:
    net = models.bert_base(**TINY)
    w = randomised(net)
    types = torch.tensor([[0, 0, 0, 1, 1], [0, 1, 1, 1, 1]])
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    with torch.no_grad():
        wanted = bert_by_pytorch(w, TOKENS, types, mask)
    found = net(*(cr.tensor(t.numpy()) for t in (TOKENS, mask, types)))
    for ours, theirs in zip(found, wanted, strict=True):
        scale = 1e-10 * float(theirs.abs().max())
        np.testing.assert_allclose(ours.detach().numpy(), theirs, rtol=0, atol=scale)
    tokens = cr.tensor(TOKENS.numpy())
    alone = net(tokens, types=cr.zeros_like(tokens)).pooler_output
    assert net(tokens).pooler_output.tolist() == alone.tolist()


def test_published_names_of_bert() -> None:
    with cr.device("meta"):
        saved = models.bert_base().state_dict()
    assert saved["encoder.layer.11.attention.self.query.weight"].shape == (768, 768)
    assert saved["encoder.layer.0.attention.output.LayerNorm.bias"].shape == (768,)
    assert saved["embeddings.token_type_embeddings.weight"].shape == (2, 768)
    assert saved["pooler.dense.weight"].shape == (768, 768)
    assert len(saved) == 5 + 12 * 16 + 2


# -- mistakes --------------------------------------------------------------------------------------


@mistake
def test_heads_that_do_not_divide() -> None:
    """ArgumentError: 5 heads do not share out 12 features
    expected  n_embd a multiple of n_head
    """
    models.gpt2(**{**SMALL, "n_head": 5})


@mistake
def test_heads_of_bert_that_do_not_divide() -> None:
    """ArgumentError: 5 heads do not share out 12 features
    expected  hidden_size a multiple of num_attention_heads
    """
    models.bert_base(**{**TINY, "num_attention_heads": 5})


@mistake
def test_more_tokens_than_positions() -> None:
    """ShapeError: these are no sequences of at most 8 tokens
    got       tokens (1, 9)
    expected  (n, t)
    hint      tokens[:, -n:] keeps the last n
    """
    models.gpt2(**SMALL)(cr.zeros(1, 9, dtype=cr.int64))


@mistake
def test_a_single_sentence_without_a_batch() -> None:
    """ShapeError: these are no sequences of at most 8 tokens
    got       tokens (5,)
    expected  (n, t)
    """
    models.bert_base(**TINY)(cr.zeros(5, dtype=cr.int64))


@mistake
def test_a_temperature_below_zero() -> None:
    """ArgumentError: temperature is -1
    expected  a number from 0
    """
    models.gpt2(**SMALL).generate(cr.zeros(1, 2, dtype=cr.int64), 1, temperature=-1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"count": -1}, "count is -1"),
        ({"count": 2.0}, "count is 2.0"),
        ({"count": 1, "top_k": 0}, "top_k is 0"),
        ({"count": 1, "temperature": float("nan")}, "temperature is nan"),
        ({"count": 1, "tokens": cr.zeros(1, 0, dtype=cr.int64)}, r"tokens of shape \(1, 0\)"),
        ({"count": 1, "tokens": cr.tensor([1, 2])}, r"tokens of shape \(2,\)"),
    ],
)
def test_what_nothing_can_be_generated_from(options: dict[str, Any], words: str) -> None:
    given = {"tokens": cr.zeros(1, 2, dtype=cr.int64), **options}
    with pytest.raises(ArgumentError, match=words):
        models.gpt2(**SMALL).generate(**given)


def test_no_heads_at_all() -> None:
    with pytest.raises(ArgumentError, match="0 heads do not share out"):
        models.gpt2(**{**SMALL, "n_head": 0})
    with pytest.raises(ArgumentError, match="0 heads do not share out"):
        models.bert_base(**{**TINY, "num_attention_heads": 0})


def test_the_row_of_padding_starts_as_zero() -> None:
    table = models.bert_base(**TINY).embeddings.word_embeddings.weight
    assert not table[0].any() and bool(table[1:].abs().sum(1).all())
