"""What the case store knew of a lead: verdicts, the institution's reply, ledger entries on the same subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.rows import Lead, Review
from reports.terms import term
from reports.words import word
from schemas.card import Text


@dataclass(frozen=True)
class CaseFile:
    """The reviews of one lead and of its subject.

    Attributes:
        verdicts: on the lead or one of its findings, oldest first.
        replies: what the institution answered.
        ledger: ledger entries on the lead.
        earlier: verdicts and ledger entries on other leads of the same subject, such as a patient's other years.
        chain_head: newest hash of the audit chain when the reviews were written; None where there is none.
    """

    verdicts: tuple[Review, ...]
    replies: tuple[Review, ...]
    ledger: tuple[Review, ...]
    earlier: tuple[Review, ...]
    chain_head: str | None

    @property
    def state(self) -> Text:
        """How far the review is, in a word: the newest verdict on the lead, else on one of its findings, else none."""
        if not self.verdicts:
            return word("lead.unreviewed")
        whole = [one for one in self.verdicts if one.finding_id is None]
        newest = (whole or self.verdicts)[-1]
        verdict, stage = term("verdict", newest.verdict), term("stage", newest.stage)
        return Text(en=f"{verdict.en} ({stage.en})", zh=f"{verdict.zh}（{stage.zh}）") if newest.stage else verdict


class Reviews:
    """The reviews of a run by subject, so that a page looks up and never scans."""

    def __init__(self, rows: Sequence[Review]) -> None:
        self._head = next((row.chain_head for row in reversed(rows) if row.chain_head), None)
        self._by_subject: dict[tuple[str, str], list[Review]] = {}
        for row in rows:
            self._by_subject.setdefault(_who(row.subject_type, row.subject_id), []).append(row)

    def of(self, lead: Lead) -> CaseFile:
        """The case file of a lead."""
        rows = self._by_subject.get(_who(lead.subject_type, lead.subject_id), [])
        own = [row for row in rows if row.lead_id == lead.lead_id]
        return CaseFile(
            verdicts=tuple(row for row in own if row.kind == "verdict"),
            replies=tuple(row for row in own if row.kind == "reply"),
            ledger=tuple(row for row in own if row.kind == "ledger"),
            earlier=tuple(row for row in rows if row.lead_id != lead.lead_id and row.kind != "reply"),
            chain_head=self._head,
        )


def _who(subject_type: str, subject_id: str) -> tuple[str, str]:
    """A subject over all years and institutions: a patient episode's is its patient."""
    is_episode = subject_type == "patient_episode"
    return subject_type, subject_id.partition("|")[0] if is_episode else subject_id
