"""Drawings on a page: SVG of lines, boxes and words, and of nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from xml.etree import ElementTree as ET

_NAMESPACE = "{http://www.w3.org/2000/svg}"
_ELEMENTS = {
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text",
    "tspan", "title",
}  # fmt: skip
_ATTRIBUTES = {
    "viewBox", "width", "height", "role", "aria-label", "font-family", "font-size", "font-weight",
    "font-style", "text-anchor", "dominant-baseline", "d", "x", "y", "dx", "dy", "rx", "ry", "r",
    "cx", "cy", "x1", "y1", "x2", "y2", "points", "fill", "stroke", "stroke-width", "opacity",
    "stroke-dasharray", "transform", "style", "fill-opacity",
}  # fmt: skip
_LOADS = re.compile(r"url|import|expression|javascript|[\\@<>&]", re.IGNORECASE)


def picture(svg: str) -> str:
    """A drawing as SVG that can do nothing but be seen; empty where it is no drawing.

    >>> picture('<svg xmlns="http://www.w3.org/2000/svg" onload="f()"><script>f()</script></svg>')
    '<svg></svg>'
    >>> picture("<svg>")
    ''
    """
    if "<!" in svg or "<?" in svg:
        return ""
    try:
        root = ET.fromstring(svg)
        return "".join(_markup(root)) if root.tag in ("svg", f"{_NAMESPACE}svg") else ""
    except (ET.ParseError, RecursionError):
        return ""


def _markup(element: ET.Element) -> Iterator[str]:
    tag = str(element.tag).removeprefix(_NAMESPACE)
    if tag not in _ELEMENTS:
        return
    given = "".join(
        f' {name}="{escape(value)}"'
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and (name == "aria-label" or not _LOADS.search(value))
    )
    yield f"<{tag}{given}>{escape((element.text or '').strip())}"
    for part in element:
        yield from _markup(part)
        yield escape((part.tail or "").strip())
    yield f"</{tag}>"
