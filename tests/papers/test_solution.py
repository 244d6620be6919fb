"""What a solution says of itself: its answer as data, a drawing as a picture."""

from __future__ import annotations

import chainrule as cr
from chainrule.papers.paper import Asked, Part
from chainrule.papers.printing.html import value_html
from chainrule.papers.printing.pictures import picture
from chainrule.papers.solution import ANSWERED, PartSolution, Value
from chainrule.papers.solving.answers import value_of


def part(asked: Asked) -> Part:
    return Part("1a", 1, "", "", None, (), asked)


def test_of_several_readings_the_answer_is_the_likely_one() -> None:
    readings = {"one": {"": Value(3, "3")}, "another": {"": Value(4, "4")}}
    likely = PartSolution(part(Asked("exact", 1, likely="another")), ANSWERED, readings=readings)
    assert likely.answer == 4
    assert PartSolution(part(Asked("exact", 1)), ANSWERED, readings=readings).answer is None


def test_a_drawing_is_text_as_data_and_a_picture_on_a_page() -> None:
    x = cr.tensor(2.0, requires_grad=True)
    found = value_of(cr.draw(x.exp()), Asked("drawing", 1))
    assert found.data == found.text == str(cr.draw(x.exp()))
    assert found.picture.startswith("<svg")
    assert picture(found.picture) in value_html(found)
    assert "<path" in value_html(found)
    assert value_of(x.detach(), Asked("exact", 1)).picture == ""
