"""What the registry-wide tests share: rewritten assertions, and a summary that counts."""

from typing import Any

import pytest

pytest.register_assert_rewrite(
    "tests.registry.form",
    "tests.registry.shapes",
    "tests.registry.derivatives",
    "tests.registry.graphs",
)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many ops and cases there are, and how many cases went well."""
    from tests.registry.sampling import cases

    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if "test_registry.py::test_case" in report.nodeid
    ]
    if reports:
        found = cases()
        ops = len({op for _, op, _ in found})
        good = sum(report.passed for report in reports)
        terminalreporter.write_line(
            f"registry: {ops} ops, {len(found)} examples, {good} of {len(reports)} cases hold"
        )
