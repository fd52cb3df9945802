import pytest

from reports.names import NO_NAMES, Names
from schemas.card import Text

NAMES = Names(
    {
        ("family", "lipid_panel"): Text(en="lipid panel", zh="血脂组合"),
        ("national_department", "03.04"): Text(en="cardiology", zh="心血管内科"),
        ("department", "H1|K04"): Text(en="cardiology", zh="心内一科"),
    }
)


def test_a_code_without_a_name_is_shown_as_it_is() -> None:
    assert NAMES.of("family", "lipid_panel").zh == "血脂组合"
    assert NAMES.of("family", "knee_mr") == Text(en="knee mr", zh="knee mr")
    assert NO_NAMES.of("family", "=X1") == Text(en="=X1", zh="=X1")
    assert NAMES.of("family", None).en == "–"


def test_a_peer_group_is_told_part_by_part() -> None:
    assert NAMES.peer_group("tertiary × 03.04 × outpatient") == Text(
        en="tertiary × cardiology × out-patient", zh="三级 × 心血管内科 × 门诊"
    )
    assert NAMES.peer_group("unknown × 99.9") == Text(en="not on record × 99.9", zh="未记录 × 99.9")


def test_a_department_keeps_its_code_beside_its_own_or_its_national_name() -> None:
    assert NAMES.department("H1", "K04") == Text(en="cardiology (K04)", zh="心内一科（K04）")
    assert NAMES.department("H2", "03.04").zh == "心血管内科（03.04）"
    assert NAMES.department("H2", "K04") == Text(en="K04", zh="K04")


@pytest.mark.parametrize(
    ("column", "value", "zh"),
    [
        ("family", "lipid_panel", "血脂组合"),
        ("modality", "MR", "磁共振"),
        ("laterality", "B", "双侧"),
        ("setting", "inpatient", "住院"),
        ("claimed_reason", "4", "急诊急救"),
        ("stratum", "other", "其余"),
        ("stratum", "I10", "I10"),
        ("tier", "2-7", "2–7天"),
        ("item_name", "胸部CT平扫", "胸部CT平扫"),
    ],
)
def test_values_of_evidence_are_told_in_words(column: str, value: str, zh: str) -> None:
    assert NAMES.value(column, value).zh == zh
