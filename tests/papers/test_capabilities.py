"""What papers ask of a framework, and the parts in which an independent program checks it.

Each capability stands with parts that need it, and the test that solves such a part with other
givens, or other definitions, beside a program that has nothing of chainrule in it.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest

from tests.papers.here import paper

SHAPE, STEP = "test_the_shape_of_a_convolution", "test_a_step_with_momentum"
OPERATIONS, SINE = "test_operations_of_both_ways_one_by_one", "test_a_step_down_a_sine"
NORM, CONVOLVED = "test_batch_norm_of_two", "test_the_largest_of_a_convolution"
BACK, POLICY = "test_backpropagation_by_pytorch", "test_a_step_of_a_policy"
DROPOUT, MASKS = "test_what_dropout_returns_on_average", "test_a_scale_for_masks"
ROUNDED, JORDAN = "test_backpropagation_rounded_at_every_step", "test_a_jordan_network_by_pytorch"
NUMPY, INDICES = "test_lines_of_numpy", "test_lines_with_indices"
BLANKS, COMPLEX = "test_blanks_by_going_through_all", "test_how_small_a_complex_step_has_to_be"

CAPABILITIES: dict[str, dict[str, str]] = {
    "C01 shapes forward, with numbers and letters": {
        "0 2": SHAPE, "0 5a": SHAPE, "1 4b": "test_shapes_of_a_perceptron",
        "1 10a": "test_size_of_a_convolution",
        "1 11b": "test_a_convnet_with_numbers_and_with_letters",
    },
    "C02 sizes solved for": {
        "1 11c": "test_the_head_of_a_resnet", "3 2a": "test_padding_memory_and_applications",
        "4 3a-i": "test_unknowns_and_parameters_by_trying_all",
    },
    "C03 parameters counted": {
        "0 5b": "test_parameters_of_both_ways", "0 5d": "test_parameters_of_both_ways",
        "1 4a": "test_parameters_of_a_perceptron", "4 1a-i": "test_parameters_of_a_perceptron",
        "1 11a": "test_a_convnet_with_numbers_and_with_letters",
        "4 3a-ii": "test_unknowns_and_parameters_by_trying_all",
    },
    "C04 operations counted under a convention": {
        "0 5c": OPERATIONS, "0 5e": OPERATIONS, "3 2c": "test_operations_one_by_one",
        "3 2d": "test_padding_memory_and_applications",
        "4 3b-ii": "test_operations_of_a_separable_convolution_one_by_one",
    },
    "C05 types and bytes": {
        "3 2b": "test_padding_memory_and_applications",
        "4 1a-ii": "test_a_literal_has_the_shape_and_whole_numbers",
    },
    "C06 convolutions": {
        "1 10b": "test_a_convolution", "3 8": CONVOLVED, "0 5d": "test_parameters_of_both_ways",
    },
    "C07 pooling": {"1 10c": "test_max_pooling", "3 8": CONVOLVED},
    "C08 norms, their statistics, with eps and without": {
        "0 4a": "test_means_of_norms", "0 4b": "test_means_of_norms", "0 4c": "test_means_of_norms",
        "1 8a": "test_layer_norm", "1 8b": "test_batch_norm", "3 4": NORM,
        "1 8c": "test_batch_norm_in_evaluation", "2 1a": INDICES,
    },
    "C09 exact arithmetic": {"0 7": "test_attention", "1 8a": "test_layer_norm", "3 1b": SINE},
    "C10 adjoints as equations": {
        "1 5g": "test_closed_adjoints_are_the_gradients_of_pytorch", "2 1b": INDICES,
    },
    "C11 gradients of everything on the way": {
        "4 2b": BACK, "4 2e": BACK, "4 2f": BACK, "3 1d": SINE,
    },
    "C12 Jacobians": {
        "3 5": "test_jacobian_in_the_scale", "3 6": "test_jacobian_in_the_shift",
    },
    "C13 derivatives in letters": {
        "0 1a": STEP, "0 6": "test_what_is_passed_back", "2 4": "test_where_the_slopes_cancel",
        "4 1b-i": "test_gradients_of_a_linear_layer",
    },
    "C14 derivatives of derivatives": {"1 12b": "test_derivatives_of_a_cube", "2 5": COMPLEX},
    "C15 complex numbers": {"2 5": COMPLEX},
    "C16 graphs": {
        "3 1a": "test_drawn_graphs_compute_what_they_should",
        "3 1c": "test_drawn_graphs_compute_what_they_should",
    },
    "C17 graphs with blanks": {"1 5a": BLANKS, "1 5d": BLANKS, "1 5e": BLANKS},
    "C18 optimizers and their conventions": {
        "0 1a": STEP, "0 1b": STEP, "1 6a": "test_the_rule_is_momentum", "3 7b": POLICY,
        "0 1c": "test_corrected_the_velocity_of_equal_gradients_is_the_gradient",
    },
    "C19 equal optimizers": {
        "1 6a": "test_the_rule_is_momentum", "2 2": "test_velocity_and_smoothing",
    },
    "C20 convergence of an iteration": {
        "3 9a": "test_convergence_by_running_it", "3 9b": "test_the_best_rate_by_trying_many",
    },
    "C21 initialisers": {
        "0 3": "test_all_signs_of_weights_keep_the_second_moments",
        "1 7a": "test_mean_square_behind_a_layer",
    },
    "C22 moments": {
        "1 7a": "test_mean_square_behind_a_layer", "2 6a": "test_mean_and_variance_of_a_unit",
        "2 3": "test_a_window_that_sees_so_many",
    },
    "C23 masks": {"1 9a": DROPOUT, "1 9b": "test_what_dropout_on_logits_leaves", "2 8": MASKS},
    "C24 every step rounded": {
        "4 2b": ROUNDED, "4 2e": ROUNDED,
        "4 4a": "test_a_jordan_network_rounded_at_every_step",
    },
    "C25 recurrent networks": {"3 10": "test_every_wiring_unrolled", "4 4a": JORDAN},
    "C26 attention and positions": {
        "0 7": "test_attention", "4 4c-ii": "test_the_code_of_a_position_to_30_digits",
    },
    "C27 losses": {
        "1 9b": "test_what_dropout_on_logits_leaves", "3 1c": SINE, "4 2c": BACK,
        "4 1b-i": "test_gradients_of_a_linear_layer",
    },
    "C28 policy gradients": {"3 7a": POLICY, "3 7b": POLICY},
    "C29 code": {"2 1b": INDICES, "2 1c": NUMPY, "3 3a": "test_pseudocode_is_run"},
    "C30 activations in pieces": {
        "3 3b": "test_pseudocode_is_run", "1 3e": "test_straight_pieces_of_rectifiers",
    },
    "C31 steps of training, looked into": {
        "4 1a-iii": "test_neurons_that_start_apart_stay_apart",
        "1 3a": "test_gradients_through_sigmoids", "1 9c": "test_a_unit_that_is_fitted_to_noise",
        "1 3c": "test_slopes_of_the_squared_error_and_of_cross_entropy",
        "4 1a-iv": "test_lines_fitted_to_some_examples",
        "4 1a-vii": "test_gradients_of_small_batches",
    },
    "C32 operators as matrices": {
        "1 3d": "test_linear_operators_are_matrices",
    },
    "C33 invariance": {"1 11f": "test_what_the_maps_of_a_convnet_do_not_see"},
    "C34 kinds of networks": {
        "1 11c": "test_the_head_of_a_resnet", "1 11d": "test_passes_of_a_detector",
        "2 7": "test_what_is_left_behind_gates",
    },
    "C35 penalties": {
        "2 4": "test_of_two_points_the_smaller_is_a_maximum",
        "4 1b-ii": "test_gradients_of_a_linear_layer",
    },
    "C36 several readings": {
        "3 10": "test_every_wiring_unrolled", "1 4a": "test_parameters_of_a_perceptron",
        "1 5c": BLANKS, "1 11a": "test_a_convnet_with_numbers_and_with_letters",
    },
    "C37 options that are tried": {
        "1 8c": "test_batch_norm_in_evaluation", "1 3a": "test_gradients_through_sigmoids",
        "1 11f": "test_what_the_maps_of_a_convnet_do_not_see",
    },
}  # fmt: skip

CHECKS = sorted({(part, test) for parts in CAPABILITIES.values() for part, test in parts.items()})
READING = {"chainrule.papers.expressions", "chainrule.papers.printing.words", "chainrule.papers"}
"""What a test may use of chainrule: givens and papers are read, and answers are printed."""


def modules(number: str) -> list[Any]:
    """The modules with the tests of a paper."""
    names = [f"test_paper_{number}"] + ["test_experiments"] * (number in "14")
    names += ["test_decimals"] * (number == "4")
    return [importlib.import_module(f"tests.papers.{name}") for name in names]


def test_every_capability_has_its_parts() -> None:
    assert [name[:3] for name in CAPABILITIES] == [f"C{i:02}" for i in range(1, 38)]
    assert all(CAPABILITIES.values())
    assert len({part for part, _ in CHECKS}) >= 25


@pytest.mark.parametrize(("part", "test"), CHECKS)
def test_the_part_is_answered_and_checked(part: str, test: str) -> None:
    number, id = part.split()
    asked = paper(number).part(id).asked
    assert not asked.derivation
    assert not asked.experiment
    found = [getattr(module, test) for module in modules(number) if hasattr(module, test)]
    assert found, f"paper {number} has no {test}"
    source = inspect.getsource(found[0])
    assert f'"{id}"' in source, f"{test} does not solve {part}"


@pytest.mark.parametrize(("part", "test"), CHECKS)
def test_the_givens_are_others(part: str, test: str) -> None:
    """Somewhere the part is solved with more than its name."""
    number = part.split()[0]
    (module,) = (module for module in modules(number) if hasattr(module, test))
    calls = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(getattr(module, test))))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and (node.func.id if isinstance(node.func, ast.Name) else node.func.attr)
        in ("solved", "answer", "whole", "solution", "also", "solve", "rewritten")
    ]
    assert any(len(call.args) > 2 or call.keywords for call in calls)


@pytest.mark.parametrize("number", "01234")
def test_the_other_program_has_nothing_of_chainrule(number: str) -> None:
    for module in modules(number):
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        names |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        assert {name for name in names if str(name).startswith("chainrule")} <= READING
