"""Proposals as rows of a worksheet, with what must be looked at in any case."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipelines.suggest.local_items import LocalItem
from pipelines.suggest.propose import Proposal, Proposer
from reports.lists.safe_text import safe_text

Row = dict[str, Any]

WORKSHEET = (
    "local_item_code",
    "local_item_name",
    "item_code",
    "item_name",
    "confidence",
    "runner_up_item_code",
    "runner_up_item_name",
    "runner_up_confidence",
    "rows",
    "note",
    "accept",
    "valid_from",
    "valid_to",
    "source",
)
"""Columns for an analyst, who writes 1 under ``accept``; the pack takes only those of ``ITEM_MAP_COLUMNS``."""

ITEM_MAP_COLUMNS = ("local_item_code", "local_item_name", "item_code", "valid_from", "valid_to", "source")

NO_NAME = "the extract never names this item"
NO_PROPOSAL = "no item of the pack fits the name"
SEVERAL_THINGS = "the code goes by names that mean different items"
ODD_CODE = "a spreadsheet would change this code"

_SPOILT_BY_SPREADSHEETS = re.compile(r"\d+(\.\d+)?[eE]\+\d+")


@dataclass(frozen=True)
class ItemProposal:
    """A local item, what is proposed for it, and why it must be looked at in any case (empty where it need not be)."""

    local: LocalItem
    proposal: Proposal
    note: str


def propose_items(proposer: Proposer, items: Iterable[LocalItem]) -> tuple[ItemProposal, ...]:
    """A proposal for each local item, in their order; by its most frequent name, and checked against the others."""
    return tuple(_proposed(proposer, item) for item in items)


def _proposed(proposer: Proposer, item: LocalItem) -> ItemProposal:
    proposals = [proposer.propose(name) for name in item.names]
    if not proposals:
        return ItemProposal(item, Proposal(()), NO_NAME)
    (first, *others) = proposals
    return ItemProposal(item, first, _note(item, first, others))


def _note(item: LocalItem, first: Proposal, others: list[Proposal]) -> str:
    code = item.item_code
    if first.best is None:
        return NO_PROPOSAL
    if any(_question_of(other) != _question_of(first) for other in others):
        return SEVERAL_THINGS
    return ODD_CODE if is_odd(code) else ""


def _question_of(proposal: Proposal) -> tuple[str, str | None] | None:
    """What a proposal's item answers: family and body part; methods of one analyte are the same."""
    return None if proposal.best is None else (proposal.best[0].family, proposal.best[0].part)


def is_odd(code: str) -> bool:
    """Whether a spreadsheet, or the quotes that keep it from running a cell, would change a code."""
    return safe_text(code) != code or code.strip() != code or _SPOILT_BY_SPREADSHEETS.fullmatch(code) is not None


def worksheet_row(one: ItemProposal, source: str) -> Row:
    """A row for an analyst: the proposal, its runner-up, how many rows hang on it, and what to look at."""
    row: Row = dict.fromkeys(WORKSHEET)
    row |= {
        "local_item_code": one.local.item_code,
        "local_item_name": one.local.names[0] if one.local.names else None,
        "rows": one.local.rows,
        "note": one.note,
        "source": source,
    }
    for prefix, found in (("", one.proposal.best), ("runner_up_", one.proposal.runner_up)):
        if found is not None:
            item, confidence = found
            row[f"{prefix}item_code"], row[f"{prefix}item_name"] = item.item_code, item.item_name
            row[f"{prefix}confidence"] = confidence
    return row
