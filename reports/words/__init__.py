"""Every word of the pages that is not data, in English and Chinese.

Keys are ``place.name``. Names in braces are filled by ``reports.pages.filled``; both sides name the same ones (a test
holds them to it, and to there being no key that no page uses).
"""

from __future__ import annotations

from reports.words.confirmation_words import CONFIRMATION_WORDS
from reports.words.evidence_words import EVIDENCE_WORDS
from reports.words.policy_words import POLICY_WORDS
from reports.words.ranking_words import RANKING_WORDS
from reports.words.report_words import REPORT_WORDS
from reports.words.shared_words import SHARED_WORDS
from reports.words.sharing_words import SHARING_WORDS
from schemas.card import Text

_WORDS = (
    CONFIRMATION_WORDS | EVIDENCE_WORDS | POLICY_WORDS | RANKING_WORDS | REPORT_WORDS | SHARED_WORDS | SHARING_WORDS
)


def word(key: str) -> Text:
    """The words under a key; KeyError where there are none."""
    en, zh = _WORDS[key]
    return Text(en=en, zh=zh)


def keys() -> tuple[str, ...]:
    """All keys, sorted."""
    return tuple(sorted(_WORDS))
