"""Cards: a detector, its resolved parameters and the pack's law and exemptions, frozen as they stand for one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from detectors.declaration import Detector
from detectors.policy import exemption_rows
from detectors.shown_by import explained
from schemas.card import Card, ExemptionText, LegalBasis, ResolvedParameter, Text
from schemas.errors import SettingError
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


def check_law(catalogue: Sequence[Detector], pack: Pack) -> None:
    """Checks that the law's ``applies_to`` names detectors or families, and that exemptions rest on law of the pack.

    Raises:
        SettingError: a provision or an exemption names what there is not, and so would be shown nowhere.
    """
    own = pl.col("pack_source").is_in([link.name for link in pack.chain])
    cited = pack.tables["exemptions"].filter(own)["legal_basis_id"].drop_nulls()
    for name in sorted(set(cited) - set(pack.legal_bases)):
        raise SettingError(
            "an exemption rests on a provision that the pack does not hold",
            got=name,
            allowed=", ".join(sorted(pack.legal_bases)),
            where="exemptions.csv of the pack, column legal_basis_id",
        )
    known = {detector.id for detector in catalogue} | {_family(detector.id) for detector in catalogue}
    for basis_id, basis in pack.legal_bases.items():
        for name in sorted(set(basis.applies_to) - known):
            raise SettingError(
                "a provision applies to no detector",
                got=name,
                allowed=", ".join(sorted(known)),
                where=f"legal_basis.toml of the pack, key {basis_id}.applies_to",
            )


def _family(detector_id: str) -> str:
    return f"{detector_id.partition('.')[0]}.*"


def _law(detector: Detector, pack: Pack) -> tuple[LegalBasis, ...]:
    """Provisions that the card names, then those of the pack that name the detector or its family."""
    named = [pack.legal_bases[id_] for id_ in detector.legal_basis_ids if id_ in pack.legal_bases]
    wanted = {detector.id, _family(detector.id)}
    added = [one for one in pack.legal_bases.values() if wanted & set(one.applies_to) and one not in named]
    return (*named, *added)


def _text(row: Mapping[str, Any]) -> ExemptionText:
    return ExemptionText(
        exemption_id=row["exemption_id"],
        title=Text(en=row["title_en"], zh=row["title_zh"]),
        effect=row["effect"],
        would_hold_if=Text(en=row["would_hold_if_en"], zh=row["would_hold_if_zh"]),
        source=row["source"] or "",
        basis_id=row["legal_basis_id"],
        item=row["legal_basis_item"],
    )
