"""Solving: every part of a paper computed in a process of its own, and what comes back read."""

from __future__ import annotations

from chainrule.papers.solving.schedule import solve

__all__ = ["solve"]
