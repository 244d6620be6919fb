"""Working: the explanation a part asks for, or the history of its answer, in the paper's names."""

from typing import Any

from tests.papers.solving.made import paper

NETWORK = """
import chainrule

x, W1, b1 = tensor([1, 2]), parameter([[3, -1], [0, 2]]), parameter([1, 1])
u1 = W1 @ x + b1
h1 = u1.relu()
J = (h1 * h1).sum()
(slope,) = grad(J, [W1])
"""


def working(value: Any, **more: Any) -> list[tuple[str, list[str]]]:
    part = paper({"value": value, **more}, definitions=NETWORK).solve().parts[0]
    assert part.status == "answered", part.error
    return [(table.title, [line.text for line in table.lines]) for table in part.working]


def test_the_history_of_the_answer_in_the_papers_names() -> None:
    ((title, lines),) = working("J")
    assert title == "Forward"
    assert [line.split("=")[0].strip() for line in lines] == ["u₁", "h₁", "J"]
    assert lines[-1].strip().endswith("= 29")


def test_an_answer_without_a_name_is_called_answer_or_by_its_label() -> None:
    assert working("h1 * 2")[0][1][-1].strip().startswith("answer = ")
    assert working({"doubled": "h1 * 2"})[0][1][-1].strip().startswith("doubled = ")


def test_rows_are_shown_once() -> None:
    lines = [line.strip() for _, lines in working({"u": "u1", "h": "h1"}) for line in lines]
    assert len([line for line in lines if line.startswith("u₁")]) == 1


def test_an_explanation_that_is_asked_for_is_shown_whole() -> None:
    titles = [title for title, _ in working("slope", working="explain(J)")]
    assert titles == ["Forward", "Local derivatives", "Adjoints: v̄ is the derivative of J by v",
                      "Gradients of J"]  # fmt: skip


def test_several_explanations_and_texts() -> None:
    found = working("J", working="[explain(u1), 'A note\\nof two lines']")
    assert found[-1] == ("A note", ["of two lines"])


def test_no_working() -> None:
    assert working("J", working="()") == []
    assert working("1 + 1") == []


def test_solutions_show_theirs() -> None:
    search = "cr.find(lambda k: nn.Conv1d(2, 3, k), input=(2, 9), output=(3, 7), k=range(1, 5))"
    ((title, lines),) = working("1", working=search)
    assert title == "Find k in 1..4"
    assert any("k = 3" in line for line in lines)


def test_a_working_that_fails_says_why_and_the_answer_stays() -> None:
    ((title, lines),) = working("J", working="nowhere")
    assert title == "The working cannot be shown"
    assert "NameError" in lines[0]
    assert "papers/exam.md:150" in lines[1]


def test_a_long_history_is_not_explained_unasked() -> None:
    long = "y = x\nfor _ in range(500):\n    y = y * 1"
    assert working("y", python=long) == []


def test_decimals_are_rounded_at_every_step() -> None:
    python = "a = tensor([0.126])\nb = a * 1\nc = b * 100"
    part = (
        paper({"value": "c", "python": python, "arithmetic": "decimal(places=2)"}).solve().parts[0]
    )
    assert part.answer == [13.0]
    assert part.working[0].lines[-1].text.strip() == "c = b · 100 = [0.13] · 100 = [13]"


FACTS = """
slopes = tensor([3, 0])
largest = 3


def vanishes(x):
    return (x == 0).all().item()
"""


def test_a_choice_shows_what_each_option_depends_on() -> None:
    options = {"A": "vanishes(slopes) and largest > 2", "B": "not vanishes(slopes)"}
    part = paper({"kind": "choice", "options": options}, definitions=FACTS).solve().parts[0]
    ((table),) = part.working
    assert table.title == "What decides"
    assert [line.text for line in table.lines] == [
        "  A  false  vanishes(slopes) and largest > 2",
        "  B  true   not vanishes(slopes)",
        "  where vanishes(slopes) = false",
    ]


def test_a_truth_shows_what_it_was_made_from() -> None:
    part = (
        paper({"kind": "truefalse", "value": "largest - 1 > max(2, 1)"}, definitions=FACTS)
        .solve()
        .parts[0]
    )
    assert part.answer == "F"
    assert [line.text for line in part.working[0].lines] == [
        "  false  largest - 1 > max(2, 1)",
        "  where largest = 3",
        "        max(2, 1) = 2",
    ]


def test_a_claim_of_one_fact_says_it_itself() -> None:
    claims = {"It vanishes": "vanishes(slopes)"}
    part = paper({"kind": "proof", "claims": claims}, definitions=FACTS).solve().parts[0]
    assert part.answer == {"It vanishes": False}
    assert part.working == ()


def test_a_claim_shows_the_numbers_that_it_compares() -> None:
    claims = {"It is large": "largest > 2", "It vanishes not": "not vanishes(slopes)"}
    part = paper({"kind": "proof", "claims": claims}, definitions=FACTS).solve().parts[0]
    assert [line.text for line in part.working[0].lines] == [
        "  It is large",
        "    true   largest > 2",
        "  where largest = 3",
    ]


def test_rows_are_shown_once_in_several_explanations() -> None:
    found = working("J", working="[explain(h1[0]), explain(h1[1])]")
    lines = [line.strip() for title, lines in found if title == "Forward" for line in lines]
    assert len([line for line in lines if line.startswith("u₁")]) == 1


def test_long_formulas_are_not_put_into_one_another() -> None:
    symbols = "a, b, c, d = (cr.tensor(s) for s in cr.symbols('alpha b1 c1 d1'))"
    python = f"{symbols}\ny = (a + b + c + d) * (a - b - c - d)\nJ = y * y * y * y"
    part = paper({"value": "J", "python": python}).solve().parts[0]
    (table,) = part.working
    assert table.lines[-1].text.startswith("  J = y · y · y · y")
    assert table.lines[-1].text.count("=") == 2
    assert table.lines[-1].latex.count(" = ") == 2


def test_a_tensor_as_working_is_explained() -> None:
    titles = [title for title, _ in working("J", working="J")]
    assert titles[0] == "Forward"
    assert "Gradients of J" in titles


def test_what_nothing_computed_has_no_working() -> None:
    part = paper({"value": "J", "working": "W1"}, definitions=NETWORK).solve().parts[0]
    told = "\n".join(line.text for line in part.working[0].lines)
    assert "a tensor that nothing computed has no working" in told
    assert "optimizer.explain() before its step" in told


def test_working_has_no_fewer_decimals_than_the_answer() -> None:
    part = paper(
        {"kind": "numeric", "value": "y", "decimals": 6, "python": "y = tensor(1/7) * 3"}
    ).solve().parts[0]  # fmt: skip
    assert part.working[0].lines[-1].text.strip().endswith("= 0.428571")


def test_a_layer_called_with_a_call_has_no_name_made_of_both() -> None:
    norm = "y = nn.LayerNorm(2, elementwise_affine=False)(tensor([1.0, 2.0]))"
    part = paper({"value": "y", "kind": "numeric", "python": norm}).solve().parts[0]
    assert "tensor" not in part.working[0].lines[0].text
