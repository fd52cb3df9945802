"""A lead's title before a verdict: always a suspicion, never a judgement."""

from __future__ import annotations

import re

from reports.words import word
from schemas.card import Text

_UNREVIEWED = re.compile(r"^\s*(疑似|indicators consistent with)\s*[:：]?\s*", re.IGNORECASE)
_CAPITAL = re.compile(r"(?:^|(?<=\s\+\s))[A-Z](?=[a-z])")
"""First letter of a title, and of each that is joined to it; an abbreviation's is followed by another capital."""


def suspicion(title: Text) -> Text:
    """The title as a suspicion, whether or not it already reads as one: ``疑似…``, ``Indicators consistent with: …``.

    In English a colon parts the two, since some titles are things (``repeat examination``) and some are sentences
    (``doctor orders far more from one month on``).
    """
    en, zh = _UNREVIEWED.sub("", title.en), _UNREVIEWED.sub("", title.zh)
    prefix = word("lead.suspicion")
    return Text(en=f"{prefix.en} {_CAPITAL.sub(lambda found: found[0].lower(), en)}", zh=f"{prefix.zh}{zh}")
