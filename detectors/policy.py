"""A policy pack in the engine: its tables as schema ``pack``, its word lists as small tables beside them."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from detectors.engines.protocol import Engine
from schemas.pack import LENDER, Pack, load_pack
from schemas.policy_rules import NOT_TESTED

IMAGING_MODALITIES = ("CT", "MR", "DR", "US", "MG", "NM", "PETCT", "PETMR", "DSA")
"""Modalities that cannot be compared without a body part, unless a pack says otherwise (``imaging_modalities``)."""

WORD_LISTS = {
    "exam_charge_category": ("exam_charge_categories", "charge_category", ()),
    "non_exam_charge_category": ("non_exam_charge_categories", "charge_category", ()),
    "inconclusive_word": ("inconclusive_diagnosis_words", "word", ()),
    "part_modality": ("imaging_modalities", "modality", IMAGING_MODALITIES),
}
"""Table of schema pack → (top-level key of thresholds.toml, its column, words where the pack has no such key)."""


def load_policy(engine: Engine, pack: Pack) -> None:
    """Put every table and word list of a resolved pack into schema ``pack``.

    A word list that no pack of the chain sets is lent by cn-national: it keeps drugs and beds out of the examinations.
    """
    for name, frame in sorted(pack.tables.items()):
        engine.put(f"pack.{name}", frame.to_arrow())
    lender = load_pack(LENDER)
    for table, (key, column, default) in WORD_LISTS.items():
        words: Sequence[str] = pack.thresholds.get(key) or lender.thresholds.get(key, default)
        engine.put(f"pack.{table}", pa.table({column: pa.array(sorted({word.lower() for word in words}), pa.string())}))


def exemption_rows(pack: Pack, detector_id: str) -> list[dict[str, object]]:
    """Rows of exemptions.csv that apply to a detector, in the order in which they are tried.

    A row for the detector itself wins over a row of the same exemption for a glob such as ``repeat.*``; with the
    effect ``not_tested`` it takes the exemption away.
    """
    best: dict[object, tuple[int, dict[str, object]]] = {}
    for row in pack.tables["exemptions"].to_dicts():
        fit = _fits(detector_id, str(row["detector_id"]))
        if fit > best.get(row["exemption_id"], (0, row))[0]:
            best[row["exemption_id"]] = fit, row
    tested = [row for _, row in best.values() if row["effect"] != NOT_TESTED]
    return sorted(tested, key=lambda row: (int(str(row["position"])), str(row["exemption_id"])))


def _fits(detector_id: str, glob: str) -> int:
    """2 for the detector itself, 1 for a glob that covers it, 0 otherwise."""
    if glob == detector_id:
        return 2
    return int(glob == "*" or (glob.endswith(".*") and detector_id.startswith(glob[:-1])))
