"""Words that a reviewer chooses from: verdicts, reason codes, and the two axes of necessity and regularity.

One list for everything that asks for a verdict or shows one: the workbook, the case store, the evidence page.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.card import Text


@dataclass(frozen=True)
class Code:
    """A code with its words."""

    code: str
    title: Text


@dataclass(frozen=True)
class VerdictCode(Code):
    """A verdict; ``outcome`` is what it says to the ranking (one of ``schemas.verdict.OUTCOMES``)."""

    outcome: str
    meaning: Text


@dataclass(frozen=True)
class ReasonCode(Code):
    """Why a verdict was given.

    Attributes:
        verdicts: verdicts that it may stand with.
        needs_exemption: whether the exemption that held must be named.
        needs_note: whether the reason must be told in the note.
    """

    verdicts: tuple[str, ...]
    needs_exemption: bool = False
    needs_note: bool = False


def _text(en: str, zh: str) -> Text:
    return Text(en=en, zh=zh)


VERDICTS = (
    VerdictCode(
        "substantiated",
        _text("substantiated", "属实"),
        "substantiated",
        _text("The records confirm what the lead says.", "病历等材料证实线索所述情形。"),
    ),
    VerdictCode(
        "partly_substantiated",
        _text("partly substantiated", "部分属实"),
        "partly_substantiated",
        _text("The records confirm a part of it.", "病历等材料证实其中一部分。"),
    ),
    VerdictCode(
        "justified",
        _text("justified", "合理"),
        "unsubstantiated",
        _text("The examination or stay was justified, or the lead is wrong.", "检查或住院合理，或线索有误。"),
    ),
    VerdictCode(
        "inconclusive",
        _text("inconclusive", "无法认定"),
        "undetermined",
        _text("The records allow no judgement.", "现有材料不足以作出判断。"),
    ),
    VerdictCode(
        "needs_records",
        _text("needs records", "需调阅病历"),
        "undetermined",
        _text("Records must be seen first.", "须先调阅病历、影像或其他材料。"),
    ),
)
"""The verdicts of a review (DOMAIN §5), with 部分属实 for a lead of which only some findings hold."""

_CONFIRMING = ("substantiated", "partly_substantiated")
_JUSTIFIED = ("justified",)
_OPEN = ("inconclusive", "needs_records")

REASONS = (
    ReasonCode("no_indication_on_record", _text("no indication on record", "病历未见检查指征"), _CONFIRMING),
    ReasonCode("reason_not_supported", _text("stated reason not supported", "所载理由不成立"), _CONFIRMING),
    ReasonCode("usable_result_ignored", _text("a usable result was at hand", "已有可用结果未采用"), _CONFIRMING),
    ReasonCode("stay_was_split", _text("one illness, split into stays", "同一病程被分解住院"), _CONFIRMING),
    ReasonCode("charged_not_performed", _text("charged and not performed", "收费而未实施"), _CONFIRMING),
    ReasonCode("outside_qualification", _text("outside licence or qualification", "超出执业资质或范围"), _CONFIRMING),
    ReasonCode("pattern_confirmed", _text("records confirm the pattern", "抽查病历证实该规律"), _CONFIRMING),
    ReasonCode("exemption_holds", _text("an exemption holds", "豁免情形成立"), _JUSTIFIED, needs_exemption=True),
    ReasonCode("medical_need_documented", _text("medical need is documented", "病历载明医疗需要"), _JUSTIFIED),
    ReasonCode("policy_allows", _text("policy allows it", "政策允许"), _JUSTIFIED),
    ReasonCode("data_error", _text("the data are wrong", "数据有误"), _JUSTIFIED),
    ReasonCode("rule_not_applicable", _text("the rule does not apply here", "规则不适用"), _JUSTIFIED),
    ReasonCode("records_ambiguous", _text("records are ambiguous", "病历记载不清"), ("inconclusive",)),
    ReasonCode("experts_disagree", _text("experts disagree", "专家意见不一"), ("inconclusive",)),
    ReasonCode("chart_needed", _text("the chart must be seen", "须调阅病历"), ("needs_records",)),
    ReasonCode("images_needed", _text("images or reports must be seen", "须调阅影像或报告"), ("needs_records",)),
    ReasonCode("reply_awaited", _text("the institution's reply is awaited", "待机构说明"), _OPEN),
    ReasonCode(
        "other",
        _text("other, told in the note", "其他（须写说明）"),
        (*_CONFIRMING, *_JUSTIFIED, *_OPEN),
        needs_note=True,
    ),
)
"""Why a verdict was given. Source: the six situations of re-examination and the conduct of the national action."""

NECESSITY = (
    Code("necessary", _text("necessary", "必要")),
    Code("unnecessary", _text("unnecessary", "不必要")),
    Code("unclear", _text("unclear", "不明确")),
)
"""First axis of an opinion on an examination (检查必要性)."""

REGULARITY = (
    Code("regular", _text("regular", "规范")),
    Code("irregular", _text("irregular", "不规范")),
    Code("unclear", _text("unclear", "不明确")),
)
"""Second axis (检查规范性)."""

VERDICT_BY_CODE = {one.code: one for one in VERDICTS}
REASON_BY_CODE = {one.code: one for one in REASONS}
