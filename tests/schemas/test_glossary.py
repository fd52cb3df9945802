"""Every domain noun of the declarations has its line in GLOSSARY.md, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from schemas.card import Authority, Grade, Level, Status, SubjectType
from schemas.pack import load_pack
from schemas.policy_rules import HAPPENING_KINDS
from schemas.policy_tables import POLICY_TABLES
from schemas.table import Severity, Table
from schemas.tables import TABLES

TEXT = (Path(__file__).parents[2] / "GLOSSARY.md").read_text(encoding="utf-8")
NAMES = set(re.findall(r"`([^`]+)`", TEXT))
LINES = [line for line in TEXT.splitlines() if line.startswith("|") and not line.startswith(("| English", "|---"))]


def choices_of(table: Table) -> set[str]:
    """Values of the table's closed lists that are words (the six national situations are numbers)."""
    return {choice for column in table.columns for choice in column.choices if not choice.isdigit()}


@pytest.mark.parametrize("table", [*TABLES.values(), *POLICY_TABLES.values()], ids=lambda table: table.name)
def test_a_table_and_its_closed_lists_are_explained(table: Table) -> None:
    assert {table.name} | choices_of(table) <= NAMES


def test_words_of_findings_and_leads_are_explained() -> None:
    words = {word for literal in (Authority, Grade, Level, Status, SubjectType) for word in get_args(literal)}
    assert words | {severity.value for severity in Severity} <= NAMES


def test_every_exemption_and_happening_is_explained() -> None:
    exemptions = set(load_pack("cn-national").tables["exemptions"]["exemption_id"])
    assert exemptions | set(HAPPENING_KINDS) <= NAMES


def test_every_line_has_english_chinese_and_a_meaning() -> None:
    for line in LINES:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert len(cells) == 3, line
        assert all(cells), line
        assert re.search("[一-鿿]|[A-Z]{2}", cells[1]), line


def test_no_word_is_explained_twice_in_one_theme() -> None:
    for theme in TEXT.split("\n## ")[1:]:
        words = [line.split("|")[1].strip() for line in theme.splitlines() if line in LINES]
        assert len(words) == len(set(words))
