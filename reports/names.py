"""Words for codes of the policy pack and the register: families, body parts, departments; and of whole peer groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from reports.terms import code_in_words, is_term, term
from schemas.card import Text

BETWEEN = " × "
"""Stands between the parts of a peer group: level, national department, setting."""

NAMED_COLUMNS = ("family", "body_part")
"""Evidence columns whose values have names in the run, under the same kind."""

TERM_OF_COLUMN = {
    "modality": "modality",
    "index_modality": "modality",
    "laterality": "laterality",
    "setting": "setting",
    "level": "level",
    "claimed_reason": "situation",
    "subject": "subject",
    "direction": "direction",
    "measured": "measured",
    "money_counted_in": "measured",
    "charge_window": "charge_window",
}
"""Evidence columns whose values are a closed choice, with its list in ``reports.terms``."""

_SNAKE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")


@dataclass(frozen=True)
class Names:
    """Names by kind and code, as evidence/names.parquet holds them; a code that has none is shown as it is."""

    by_code: Mapping[tuple[str, str], Text]

    def of(self, kind: str, code: str | None) -> Text:
        """A code in words; itself where the run has no name for it, a dash for None.

        Args:
            kind: one of ``schemas.evidence.NAME_KINDS``.
            code: the code as it stands in the data.
        """
        if code is None:
            return Text(en="–", zh="–")
        return self.by_code.get((kind, code)) or _plain(code)

    def department(self, institution_id: str | None, code: str) -> Text:
        """A hospital's own department, its code behind its name; the code alone where the register has no name."""
        named = self.by_code.get(("department", f"{institution_id}|{code}")) or self.by_code.get(
            ("national_department", code)
        )
        return Text(en=f"{named.en} ({code})", zh=f"{named.zh}（{code}）") if named else Text(en=code, zh=code)

    def value(self, column: str, code: str) -> Text:
        """The text value of an evidence column in words."""
        if column in NAMED_COLUMNS:
            return self.of(column, code)
        if column.endswith("institution_id"):
            return self.of("institution", code)
        if column == "stratum":
            return self._stratum(code)
        if column in TERM_OF_COLUMN:
            return term(TERM_OF_COLUMN[column], code)
        return code_in_words(code)

    def peer_group(self, told: str) -> Text:
        """``tertiary × 03.04 × outpatient`` in words, part by part."""
        parts = [self._part_of_group(part) for part in told.split(BETWEEN)]
        return Text(en=BETWEEN.join(part.en for part in parts), zh=BETWEEN.join(part.zh for part in parts))

    def _part_of_group(self, part: str) -> Text:
        for kind in ("level", "setting", "stratum", "subject"):
            if is_term(kind, part):
                return term(kind, part)
        return self.of("national_department", part)

    def _stratum(self, code: str) -> Text:
        """``outpatient × abdomen`` in words: a setting, then a body part; a diagnosis group as it is."""
        parts = [
            term(kind, part) if (kind := _kind_of(part)) else self.by_code.get(("body_part", part)) or _plain(part)
            for part in code.split(BETWEEN)
        ]
        return Text(en=BETWEEN.join(part.en for part in parts), zh=BETWEEN.join(part.zh for part in parts))


def _kind_of(part: str) -> str | None:
    """Which list of codes a part of a stratum stands in, None where in none."""
    return next((kind for kind in ("setting", "stratum") if is_term(kind, part)), None)


def with_institutions(names: Names, institutions: Mapping[str, str]) -> Names:
    """Names that also tell institutions, by their id, under the kind ``institution``."""
    told = {("institution", id_): Text(en=name, zh=name) for id_, name in institutions.items()}
    return Names({**names.by_code, **told})


NO_NAMES = Names({})
"""Shows every code as it is."""


def names_of(frame: pl.DataFrame) -> Names:
    """Names out of the rows of evidence/names.parquet."""
    rows = frame.select("kind", "code", "name_en", "name_zh").iter_rows()
    return Names({(kind, code): Text(en=en, zh=zh) for kind, code, en, zh in rows})


def _plain(code: str) -> Text:
    text = code.replace("_", " ") if _SNAKE.fullmatch(code) else code
    return Text(en=text, zh=text)
