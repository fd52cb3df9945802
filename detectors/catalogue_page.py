"""The detector catalogue for readers, from cards and specs: ``python -m detectors.catalogue_page`` rewrites it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from detectors.ascii_tables import Row
from detectors.cards import card_of
from detectors.catalogue import SHIPPED
from detectors.declaration import Detector
from detectors.settings import resolve
from detectors.specs import Case, Spec, read_spec
from schemas.card import Card, ExemptionText, Explanation, LegalBasis, ResolvedParameter, Text
from schemas.pack import load_pack

CATALOGUE_PATH = Path(__file__).with_name("CATALOGUE.md")
SPECS_FOLDER = Path(__file__).parents[1] / "tests" / "detectors"
"""Where the specs lie in a checkout: ``<family>/<name>.toml``."""

_INTRODUCTION = """\
# Detectors 规则目录

Written by `python -m detectors.catalogue_page` from the cards, the policy pack cn-national and the specs; a test fails
when it is stale. A finding says that something is *worth a look* (疑似), never that a rule was broken; exemptions are
answered for every finding and kept, and an exempt finding is counted and never ranks.
本页由卡片、全国策略包与测试用例生成。结果均为疑似线索，须经审核；豁免情形逐条回答并保留，豁免项计数但不参与排序。
"""

_LEVELS = {"low": "low 低", "medium": "medium 中", "high": "high 高"}
_GRADES = {"suspected": "suspected 疑点", "clue": "clue 线索"}
_EFFECTS = {"clears": "clears 排除", "weakens": "weakens 减弱"}


def render(specs_folder: Path = SPECS_FOLDER, detectors: Sequence[Detector] = SHIPPED) -> str:
    """The whole catalogue as Markdown, detectors in the order of their ids.

    Args:
        specs_folder: holds ``<family>/<name>.toml`` for each detector; a detector without a spec is told so.
        detectors: which detectors.
    """
    pack = load_pack("cn-national")
    in_order = sorted(detectors, key=lambda detector: detector.id)
    parameters = resolve(in_order, {})
    parts = [_INTRODUCTION, _contents(in_order)]
    for detector in in_order:
        spec_path = specs_folder / f"{detector.id.replace('.', '/')}.toml"
        spec = read_spec(spec_path) if spec_path.exists() else None
        parts.append("\n".join(_section(card_of(detector, parameters[detector.id], pack), detector, spec)))
    return "\n".join(parts)


def main(arguments: Sequence[str]) -> None:
    """Rewrite CATALOGUE.md, from the specs of another folder where one is named, and print its path."""
    CATALOGUE_PATH.write_text(render(Path(arguments[0]) if arguments else SPECS_FOLDER), encoding="utf-8")
    sys.stdout.write(f"{CATALOGUE_PATH}\n")


def _contents(detectors: Iterable[Detector]) -> str:
    rows = ((f"[{d.id}](#{d.id.replace('.', '')})", d.title.zh, d.title.en, _GRADES[d.grade]) for d in detectors)
    return "\n".join(_table(("Detector 规则", "标题", "Title", "Grade 级别"), rows))


def _section(card: Card, detector: Detector, spec: Spec | None) -> Iterator[str]:
    yield f"\n## {card.detector_id}\n"
    yield f"**{card.title.zh}** · {card.title.en}\n"
    yield f"> {card.sentence.zh}\n>\n> {card.sentence.en}\n"
    yield from _table(("", ""), _facts(card, detector))
    yield "\n### Parameters 参数\n"
    yield from _table(("Name 名称", "Default 默认", "Bounds 范围", "Why 理由"), map(_parameter, card.parameters))
    yield "\n### Exemptions 豁免情形\n"
    if card.exemptions:
        yield from _table(
            ("Exemption 豁免", "Holds where 成立条件", "Effect 作用", "Source 来源"), map(_exemption, card.exemptions)
        )
    else:
        yield "None: what might explain it needs a reviewer. 无：可能的解释须由审核人员判断。"
    yield "\n### What else could explain it 其他可能解释\n"
    yield from map(_explanation, card.innocent_explanations)
    yield "\n### Provisions 依据\n"
    yield from map(_legal_basis, card.legal_bases)
    yield "\n### Cases 用例\n"
    if spec is None:
        yield "This detector has no spec. 此规则尚无用例。"
    else:
        yield from _table(("Case 用例", "Covers 覆盖", "Expected 预期"), (_case(case) for case in spec.cases))
    yield ""


def _facts(card: Card, detector: Detector) -> Iterator[tuple[str, str]]:
    yield "Version and status 版本与状态", f"{card.version}, {card.status}"
    yield "About 对象", card.subject_type
    severity, confidence = _LEVELS[card.severity], _LEVELS[card.confidence]
    yield "Severity, confidence, grade 严重度、可信度、级别", f"{severity}, {confidence}, {_GRADES[card.grade]}"
    yield "Reads 读取", ", ".join(f"`{table}`" for table in card.tables)
    yield "Needs 需要", "; ".join(" or ".join(f"`{one}`" for one in need) for need in detector.needs)
    yield "Could be taken up by 可移送", ", ".join(card.referral_authorities)


def _parameter(parameter: ResolvedParameter) -> tuple[str, ...]:
    unit = f" {parameter.unit}" if parameter.unit else ""
    low, high = ("…" if bound is None else f"{bound:,.12g}" for bound in (parameter.minimum, parameter.maximum))
    return f"`{parameter.name}`", f"{parameter.default}{unit}", f"{low} to {high}", _both(parameter.why)


def _exemption(exemption: ExemptionText) -> tuple[str, ...]:
    name = f"`{exemption.exemption_id}`<br>{_both(exemption.title)}"
    return name, _both(exemption.would_hold_if), _EFFECTS[exemption.effect], exemption.source


def _explanation(told: Explanation) -> str:
    records = "; ".join(f"{record.zh} {record.en}" for record in told.shown_by)
    return f"- {told.zh} {told.en}" + (f" *可证明 shown by: {records}*" if records else "")


def _legal_basis(basis: LegalBasis) -> str:
    until = f" until {basis.in_force_to}" if basis.in_force_to else ""
    in_force = f"in force from {basis.in_force_from}{until}"
    words = "its words are in the pack 条文已收录" if basis.wordings else "its words are not in the pack 条文未收录"
    return f"- {basis.title.zh} {basis.article} · {basis.title.en} ({in_force}; {basis.source.en}; {words})"


def _case(case: Case) -> tuple[str, ...]:
    changed = ", ".join(f"{name} = {value}" for name, value in sorted(case.settings.items()))
    title = f"`{case.id}` {case.title}" + (f" ({changed})" if changed else "")
    return title, case.covers, "<br>".join(map(_expected, case.expected)) or "no finding 无"


def _expected(row: Row) -> str:
    return ", ".join(f"{name} {'null' if value is None else value}" for name, value in row.items())


def _both(text: Text) -> str:
    return f"{text.zh}<br>{text.en}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        cells = (cell.replace("|", "\\|") for cell in row)
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main(sys.argv[1:])
