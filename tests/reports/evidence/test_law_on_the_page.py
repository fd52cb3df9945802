"""The law of a page: the words in force on the day in question, and nothing where they are not held."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from reports.evidence.finding_block import block
from reports.evidence.law import FOLDED_FROM, Provision, provisions
from reports.evidence.peers import Peers
from reports.render import render_run
from reports.rows import Finding, rows_of
from reports.run_folder import read_run
from schemas.card import Card, LegalBasis, Text, Wording

COPY = Text(en="a copy", zh="一份副本")
LAW = LegalBasis(
    basis_id="law",
    title=Text(en="Law", zh="某法"),
    article="第二条",
    in_force_from=date(2015, 1, 1),
    source=COPY,
    wordings=(
        Wording(
            in_force_from=date(2016, 1, 1),
            in_force_to=date(2022, 5, 1),
            text_zh="旧条文。",
            source=COPY,
            article="第三条",
        ),
        Wording(in_force_from=date(2022, 5, 1), text_zh="新条文。", source=COPY, text_checked="one_copy"),
    ),
)


def on(finding: Finding, card: Card, days: Sequence[str | None]) -> Provision:
    """The law of a lead with one finding on each of the days."""
    own = card.model_copy(update={"legal_bases": (LAW,)})
    told = [replace(finding, occurred_at=datetime.fromisoformat(f"{day}T23:59") if day else None) for day in days]
    (law,) = provisions((one, own) for one in told)
    return law


@pytest.mark.parametrize(
    ("days", "article", "words", "is_whole"),
    [
        (["2022-04-30"], "第三条", ["旧条文。"], True),
        (["2022-05-01"], "第二条", ["新条文。"], True),
        (["2022-04-30", "2022-05-01"], "第三条、第二条", ["旧条文。", "新条文。"], True),
        (["2015-12-31"], "第二条", [], False),
        (["2015-12-31", "2016-01-01"], "第二条、第三条", ["旧条文。"], False),
        ([None], "第三条、第二条", ["旧条文。", "新条文。"], True),
    ],
    ids=["last day", "first day", "both sides of a revision", "not held", "held in part", "no day"],
)
def test_the_words_are_those_in_force_on_the_days_in_question(
    run: Path, days: list[str | None], article: str, words: list[str], is_whole: bool
) -> None:
    read = read_run(run)
    finding, *_ = rows_of(Finding, read.findings)
    law = on(finding, read.cards[finding.detector_id], days)
    assert (law.article, [one.wording.text_zh for one in law.wordings], law.is_whole) == (article, words, is_whole)
    for held in law.wordings:
        assert held.first is None or held.first <= date(2022, 5, 1)
        assert held.last is None or held.wording.in_force_from <= held.last


@pytest.mark.parametrize(
    ("evidence", "article", "words", "is_whole", "first"),
    [
        ({"period": "2021Q3-2022Q2"}, "第三条、第二条", ["旧条文。", "新条文。"], True, date(2021, 7, 1)),
        ({"period": "2022.05-2022.06"}, "第二条", ["新条文。"], True, date(2022, 5, 1)),
        ({"period": "2014.12-2022.06"}, "第二条、第三条", ["旧条文。", "新条文。"], False, date(2015, 1, 1)),
        ({"period": "2022-06-30"}, "第二条", ["新条文。"], True, date(2022, 6, 30)),
        ({"period": "2023Q1-2023Q4"}, "第二条", ["新条文。"], True, date(2022, 6, 30)),
    ],
    ids=["across a revision", "after it", "begun before the law", "one day", "period after the day"],
)
def test_a_finding_about_a_period_shows_every_wording_in_force_in_it(
    run: Path, evidence: dict[str, str], article: str, words: list[str], is_whole: bool, first: date
) -> None:
    read = read_run(run)
    finding = replace(
        next(iter(rows_of(Finding, read.findings))),
        occurred_at=datetime.fromisoformat("2022-06-30"),
        evidence=json.dumps(evidence),
    )
    card = read.cards[finding.detector_id].model_copy(update={"legal_bases": (LAW,)})
    (law,) = provisions([(finding, card)])
    assert (law.article, [one.wording.text_zh for one in law.wordings], law.is_whole) == (article, words, is_whole)
    assert (law.first, law.last) == (first, date(2022, 6, 30))
    assert block(finding, card, (), Peers(read.denominators), read.names).laws == ((LAW, article),)


@pytest.mark.parametrize(
    ("day", "cited"),
    [("2022-04-30", "第三条（二）"), ("2022-05-01", "第二条（二）"), ("2014-12-31", None)],
    ids=["old number", "new number", "not in force"],
)
def test_an_exemption_cites_the_item_of_the_law_in_force_on_the_day(run: Path, day: str, cited: str | None) -> None:
    read = read_run(run)
    finding = replace(next(iter(rows_of(Finding, read.findings))), occurred_at=datetime.fromisoformat(day))
    card = read.cards[finding.detector_id].model_copy(update={"legal_bases": (LAW,)})
    made = block(finding, card, (), Peers(read.denominators), read.names)
    exemption = card.exemptions[0].model_copy(update={"basis_id": "law", "item": "（二）"})
    assert made.cited(exemption) == cited
    assert made.cited(exemption.model_copy(update={"basis_id": None})) is None


def test_a_page_quotes_the_article_with_its_source_and_folds_only_long_ones(own_run: Path) -> None:
    long = LAW.wordings[1].model_copy(update={"text_zh": "不得重复检查。<b>" * FOLDED_FROM})
    short = LAW.model_copy(update={"basis_id": "short"})
    bases = [LAW.model_copy(update={"wordings": (long,)}), short]
    cards: list[dict[str, Any]] = json.loads((own_run / "cards.json").read_text(encoding="utf-8"))
    for card in cards:
        card["legal_bases"] = [basis.model_dump(mode="json") for basis in bases]
    (own_run / "cards.json").write_text(json.dumps(cards), encoding="utf-8")
    render_run(own_run)
    page = next((own_run / "report/leads").glob("*.html")).read_text(encoding="utf-8")
    folded, _, open_ = page.partition('id="law-short"')
    assert "不得重复检查。&lt;b&gt;" in folded
    assert '<details class="words">' in folded.partition('id="law-law"')[2]
    assert '<details class="words">' not in open_.partition("</section>")[0]
    assert all(words in open_ for words in ("新条文。", "《某法》第二条", "一份副本", "仅据一份副本"))
    assert "本系统未收录" not in open_.partition("</section>")[0]
