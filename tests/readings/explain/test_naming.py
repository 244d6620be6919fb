"""Names in LaTeX."""

import pytest

from chainrule.readings.explain.naming import escaped, latex_name


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("x", "x"),
        ("alpha", r"\alpha"),
        ("α", r"\alpha"),
        ("W1", "W_{1}"),
        ("h₁₂", "h_{12}"),
        ("h_prev", r"h_{\mathrm{prev}}"),
        ("W_hh", "W_{hh}"),
        ("x_1_2", "x_{1,2}"),
        ("delta_h1", r"\delta_{h1}"),
        ("hidden", r"\mathrm{hidden}"),
        ("fc1", r"\mathrm{fc}_{1}"),
        ("weight₀", r"\mathrm{weight}_{0}"),
        ("theta′", r"\theta'"),
        ("ū1", r"\bar{u}_{1}"),
        ("h̄", r"\bar{h}"),
        ("h⁽¹⁾₂", "h^{(1)}_{2}"),
        ("∂J/∂h", r"\frac{\partial J}{\partial h}"),
        ("∂h1/∂u_t", r"\frac{\partial h_{1}}{\partial u_{t}}"),
        ("fc1.weight", r"\text{fc1.weight}"),
        ("speed {of} light", r"\text{speed \{of\} light}"),
    ],
)
def test_names(name, latex):
    assert latex_name(name) == latex


def test_what_latex_would_not_take_for_a_letter_is_escaped():
    assert escaped(r"a\b^~$") == r"a\backslash b\hat{}\tilde{}\$"
