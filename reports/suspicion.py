"""A lead's title before a verdict: always a suspicion, never a judgement."""

from __future__ import annotations

import re

from reports.words import word
from schemas.card import Text

_UNREVIEWED = re.compile(r"^\s*(疑似|indicators consistent with)\s*[:：]?\s*", re.IGNORECASE)


def suspicion(title: Text) -> Text:
    """The title as a suspicion, whether or not it already reads as one: ``疑似…``, ``Indicators consistent with …``."""
    en, zh = _UNREVIEWED.sub("", title.en), _UNREVIEWED.sub("", title.zh)
    lowered = en[:1].lower() + en[1:] if en[1:2].islower() else en
    prefix = word("lead.suspicion")
    return Text(en=f"{prefix.en} {lowered}", zh=f"{prefix.zh}{zh}")
