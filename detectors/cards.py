"""Cards: a detector, its resolved parameters and the pack's law and exemptions, frozen as they stand for one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from detectors.declaration import Detector
from detectors.policy import exemption_rows
from detectors.shown_by import explained
from schemas.card import Card, ExemptionText, LegalBasis, ResolvedParameter, Text
from schemas.pack import Pack


def card_of(detector: Detector, parameters: Sequence[ResolvedParameter], pack: Pack) -> Card:
    """The card of a detector under a pack; law that the pack does not hold is left out."""
    return Card(
        detector_id=detector.id,
        version=detector.version,
        status=detector.status,
        title=detector.title,
        sentence=detector.sentence,
        subject_type=detector.subject_type,
        legal_bases=_law(detector, pack),
        tables=detector.tables,
        parameters=tuple(parameters),
        evidence=detector.evidence,
        exemptions=tuple(_text(row) for row in exemption_rows(pack, detector.id)),
        innocent_explanations=tuple(map(explained, detector.innocent_explanations)),
        severity=detector.severity,
        confidence=detector.confidence,
        grade=detector.grade,
        referral_authorities=detector.referral_authorities,
        question_sql=detector.question,
        question_sha256=detector.sha256,
    )


def _law(detector: Detector, pack: Pack) -> tuple[LegalBasis, ...]:
    """Provisions that the card names, then those of the pack that name the detector or its family."""
    named = [pack.legal_bases[id_] for id_ in detector.legal_basis_ids if id_ in pack.legal_bases]
    wanted = {detector.id, f"{detector.id.partition('.')[0]}.*"}
    added = [one for one in pack.legal_bases.values() if wanted & set(one.applies_to) and one not in named]
    return (*named, *added)


def _text(row: Mapping[str, Any]) -> ExemptionText:
    return ExemptionText(
        exemption_id=row["exemption_id"],
        title=Text(en=row["title_en"], zh=row["title_zh"]),
        effect=row["effect"],
        would_hold_if=Text(en=row["would_hold_if_en"], zh=row["would_hold_if_zh"]),
        source=row["source"] or "",
    )
