"""The committed catalogue page says what cards, pack and specs say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from detectors.catalogue import SHIPPED
from detectors.catalogue_page import CATALOGUE_PATH, SPECS_FOLDER, render
from detectors.specs import read_spec

HERE = Path(__file__).parent


def test_the_committed_page_is_current() -> None:
    assert CATALOGUE_PATH.read_text(encoding="utf-8") == render(), "stale: run `python -m detectors.catalogue_page`"


def test_specs_are_looked_for_where_they_lie() -> None:
    assert SPECS_FOLDER == HERE


def test_every_parameter_exemption_explanation_and_case_is_told() -> None:
    text = render()
    for detector in SHIPPED:
        spec = read_spec(HERE / f"{detector.id.replace('.', '/')}.toml")
        told = [
            *(f"| `{parameter.name}` |" for parameter in detector.parameters),
            *(f"| `{exemption_id}`<br>" for exemption_id in detector.exemption_ids),
            *(f"- {explanation.zh} {explanation.en}" for explanation in detector.innocent_explanations),
            *(f"| `{case.id}` {case.title}" for case in spec.cases),
        ]
        assert [piece for piece in told if piece not in text] == []


def test_a_changed_card_or_a_missing_spec_makes_another_page(tmp_path: Path) -> None:
    changed = replace(SHIPPED[0], innocent_explanations=SHIPPED[0].innocent_explanations[1:])
    assert render(detectors=(changed, *SHIPPED[1:])) != render()
    assert "has no spec" in render(tmp_path)
