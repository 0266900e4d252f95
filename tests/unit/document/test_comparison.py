"""Each row of the comparison page names a test case."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs/comparison-of-documents.md").read_text()


def test_comparison_rows_name_existing_cases():
    rows = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")][1:]
    cases = {case["why"] for case in yaml.safe_load((ROOT / "tests/cases/document/same.yaml").read_text())}
    assert len(rows) > 20
    assert all(len(row) == 6 for row in rows)
    assert {row[-1] for row in rows} <= cases
    assert all(row[1].startswith("yes") for row in rows)
