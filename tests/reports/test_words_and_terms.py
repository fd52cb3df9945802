import re
import string
from pathlib import Path

import reports
from detectors.leads.features import FEATURES
from reports.pages import filled
from reports.run_report.finding_changes import CAUSES
from reports.suspicion import suspicion
from reports.terms import term
from reports.words import keys, word
from schemas.card import Text
from schemas.review_snapshot import REVIEW_STAGES

ROOM = Path(reports.__file__).parent
KEY = re.compile(r"""["']((?:[a-z]+)\.[a-z_0-9]+)["']""")
BUILT = (
    {"changes.new", "changes.grown", "changes.withdrawn", "changes.changed"}
    | {f"cause.{name}" for name in CAUSES}
    | {"piling.days", "piling.pct"}
    | {"related.patient", "related.practitioner", "related.institution"}
    | {f"input.{name}" for name in ("probability", "value_yuan", "count_weight", "grade_weight", "review_weight")}
    | {f"basis.{name}" for name in ("prior", "reviews", "classifier")}
    | {f"feature.{name}" for name in FEATURES}
    | {f"ranking.kind_{name}" for name in ("confidence", "floor_yuan", "grade", "review")}
    | {
        f"ranking.{name}"
        for name in ("no_verdicts", "too_few_verdicts", "priors_not_beaten", "classifier_better", "up", "down", "free")
    }
    | {f"policy.{name}" for name in ("added", "removed", "changed", "by_pack", "by_set")}
)


def _used() -> set[str]:
    files = [*ROOM.rglob("*.j2"), *(path for path in ROOM.rglob("*.py") if path.parent.name != "words")]
    return {key for path in files for key in KEY.findall(path.read_text(encoding="utf-8"))}


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_word_is_used_and_stands_in_both_languages() -> None:
    assert set(keys()) - _used() - BUILT == set()
    for key in keys():
        text = word(key)
        assert text.en, key
        assert text.zh, key
        assert _names(text.en) == _names(text.zh), key


def test_no_word_accuses_before_a_verdict() -> None:
    for key in keys():
        assert "违规" not in word(key).zh
        assert "violation" not in word(key).en.lower()


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert term("happening", "a_new_kind") == Text(en="a_new_kind", zh="a_new_kind")


def test_every_stage_of_a_review_has_words() -> None:
    assert not [stage for stage in REVIEW_STAGES if term("stage", stage).zh == stage]


def test_filled_words_escape_what_comes_from_data() -> None:
    markup = filled("detectors.would_run", files="<b>x</b>")
    assert "&lt;b&gt;x" in markup
    assert "<b>" not in markup


def test_a_title_reads_as_a_suspicion_whether_or_not_it_did() -> None:
    plain = Text(en="Repeat examination", zh="重复检查")
    of_old = Text(en="Indicators consistent with repeat examination", zh="疑似重复检查")
    marked = Text(en="Indicators consistent with: repeat examination", zh="疑似重复检查")
    assert suspicion(plain) == suspicion(of_old) == suspicion(marked) == marked


def test_a_title_that_is_a_sentence_and_titles_joined_to_one_stand_behind_the_colon() -> None:
    both = Text(en="Doctor orders far more + CT twice + Split stay", zh="开单骤增、两次CT、分解住院")
    assert suspicion(both) == Text(
        en="Indicators consistent with: doctor orders far more + CT twice + split stay",
        zh="疑似开单骤增、两次CT、分解住院",
    )


def test_an_abbreviation_keeps_its_capitals() -> None:
    assert suspicion(Text(en="CT twice", zh="两次CT")).en == "Indicators consistent with: CT twice"
