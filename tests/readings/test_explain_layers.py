"""Layers are explained as a textbook writes them: by the names of gates and weights, without the
moves of entries that only a program needs."""

import re

import chainrule as cr
from chainrule import nn
from chainrule.nn import functional as F


def rows(loss: cr.Tensor) -> dict[str, str]:
    """The formula of every row."""
    found = cr.explain(loss)
    return {row.name: row.formula for row in (*found.forward, *found.adjoints)}


def test_a_convolution_and_the_largest_entries():
    net = nn.Sequential(nn.Conv2d(1, 1, 2), nn.ReLU(), nn.MaxPool2d(2))
    x = cr.rand(1, 1, 3, 3)
    y = net(x)
    J = y.sum()
    found = rows(J)
    assert found["h₀"] == "conv2d(x, weight₀, bias₀)"
    assert found["y"] == "max_pool2d(h₁, kernel_size=2)"
    assert found["h̄₁"] == "put_back(ȳ, where_largest(h₁, y))"
    assert found["∂J/∂weight₀"] == "correlation(x, h̄₀)"


def test_a_transposed_convolution():
    x, weight = cr.rand(1, 1, 2, 2), cr.rand(1, 1, 2, 2).requires_grad_()
    y = F.conv_transpose2d(x, weight, stride=2)
    J = (y * y).sum()
    assert rows(J)["∂J/∂weight"] == "correlation(ȳ, x)"


def test_a_norm_names_its_deviation():
    x = cr.tensor([1.0, 2.0, 4.0], requires_grad=True)
    y = F.layer_norm(x, (3,), eps=0)
    J = (y**3).sum()
    found = rows(J)
    assert found["centred"] == "x - mean(x, dim=0)"
    assert found["std"] == "sqrt(var(x, dim=0, correction=0))"
    assert found["x̄"] == (
        "ȳ / std - centred * (sum(ȳ * centred, dim=0) / (3 * std ** 3)) - sum(ȳ, dim=0) / (3 * std)"
    )


def test_primitives_of_a_norm_have_one_row_each():
    x = cr.tensor([1.0, 2.0, 4.0], requires_grad=True)
    y = F.layer_norm(x, (3,))
    found = cr.explain((y**3).sum(), zoom="primitives")
    names = {row.name for row in found.forward} | {"x"}
    assert not [row for row in found.forward if row.formula in names]
    said = {row.name: row.formula for row in found.forward}
    assert said["distance_from_the_mean"] == "x - mean"
    assert said["y"] == "distance_from_the_mean / standard_deviation"


def test_names_of_the_user_are_not_taken():
    std = cr.tensor([1.0, 2.0, 4.0], requires_grad=True)
    y = F.layer_norm(std, (3,))
    J = (y**3).sum()
    assert rows(J)["std′"] == "sqrt(var(std, dim=0, correction=0) + 1e-05)"


def test_dropout_has_a_mask():
    drop, x = nn.Dropout(0.5), cr.ones(4).requires_grad_()
    y = drop(x)
    J = (y * y).sum()
    found = rows(J)
    assert (found["y"], found["x̄"]) == ("x * mask", "ȳ * mask")


def test_back_through_time():
    net, x = nn.RNN(1, 2), cr.rand(3, 1)
    y, _ = net(x)
    J = (y[-1] ** 2).sum()
    found = rows(J)
    assert found["J"] == "sum(h₃ ** 2)"
    assert found["h̄₃"] == "2 * h₃"
    assert found["h̄₂"] == "ā₃ @ weight_hh_l0"
    assert found["∂J/∂weight_hh_l0"] == "ā₃ @ h₂ᵀ + ā₂ @ h₁ᵀ + ā₁ @ h₀ᵀ"
    assert found["∂J/∂weight_ih_l0"] == "Ūᵀ @ x"


def test_a_loss_of_all_steps():
    net, x = nn.RNN(1, 2, bidirectional=True), cr.rand(2, 1)
    y, _ = net(x)
    J = (y**2).sum()
    found = rows(J)
    assert found["∂J/∂h⁽²⁾₁"] == "2 * h⁽²⁾₁"
    assert found["∂J/∂h⁽¹⁾₁"] == "2 * h⁽¹⁾₁ + ∂J/∂a⁽¹⁾₂ @ weight_hh_l0"


def test_of_two_changes_of_shape_the_last_one_counts():
    a = cr.rand(2, 3).requires_grad_()
    y = a.exp().reshape(3, 2).reshape(6)
    z = a.exp().mT.reshape(2, 3)
    J = (y**2).sum() + (z**3).sum()
    found = cr.explain(J)
    assert not any("reshape(reshape(" in row.formula for row in found.adjoints)


def test_what_is_not_the_whole_of_a_part_stays_an_entry():
    a, b = (cr.rand(2).requires_grad_() for _ in range(2))
    y = cr.cat([a, b]) * 2
    J = (y[1:3] ** 2).sum()
    found = cr.explain(J)
    assert found.forward[-1].formula == "sum(y[1:3] ** 2)"
    assert float(found.gradients[0].value[0]) == 0


def test_the_gates_of_an_lstm():
    cell, x = nn.LSTMCell(2, 2), cr.rand(2)
    h, _ = cell(x)
    J = (h**2).sum()
    found = rows(J)
    assert found["u"] == "x @ weight_ihᵀ + (bias_ih + bias_hh)"
    assert found["a"] == "u + h₀ @ weight_hhᵀ"
    assert found["c"] == "f * c₀ + i * g"
    assert found["h"] == "o * tanh(c)"
    assert found["ō"] == "h̄ * tanh(c)"


def test_what_a_layer_is_called_with_keeps_its_name():
    x, h0, c0 = cr.rand(2), cr.rand(1), cr.rand(1)
    h, _ = nn.LSTMCell(2, 1, bias=False)(x, (h0, c0))
    found = rows(h.sum())
    assert (found["u"], found["a"]) == ("x @ weight_ihᵀ", "u + h0 @ weight_hhᵀ")
    assert found["c"] == "f * c0 + i * g"
    state = cr.rand(1)
    h = nn.GRUCell(2, 1)(x, state)
    assert rows(h.sum())["h"] == "(1 - z) * n + z * state"
    a, b = cr.rand(2, 1, 2), cr.rand(3, 1, 2)
    y, _ = nn.MultiheadAttention(2, 2)(a, b, b)
    assert "reshape(b₁ @ W_kᵀ + b_k" in rows(y.sum())["k"]


def test_a_few_numbers_without_a_name_are_written_out():
    z = cr.tensor([[1.0, 2.0]], requires_grad=True)
    J = F.cross_entropy(z, cr.tensor([1]))
    assert rows(J)["J"] == "cross_entropy(z, [1])"


def test_attention_has_weights():
    q, k, v = (cr.rand(2, 2).requires_grad_() for _ in range(3))
    y = F.scaled_dot_product_attention(q, k, v)
    J = (y**2).sum()
    found = rows(J)
    assert found["weights"] == "attention_weights(q, k)"
    assert found["v̄"] == "weightsᵀ @ ȳ"
    assert re.match(r"\(weights \* \(ȳ @ vᵀ - sum\(", found["q̄"])


def test_what_is_put_together_and_taken_out_again_is_what_it_was():
    a, b = (cr.rand(2).requires_grad_() for _ in range(2))
    both = cr.cat([a, b])
    J = (both[:2] * 3 + both[2:]).sum()
    found = rows(J)
    assert "place" not in found["ā"] + found["b̄"]


def test_entries_beside_a_border_that_is_not_zero_stay():
    a = cr.rand(2).requires_grad_()
    y = F.pad(a, (1, 1), value=2.0)
    J = (y**2).sum()
    assert "value=2.0" in rows(J)["y"]
