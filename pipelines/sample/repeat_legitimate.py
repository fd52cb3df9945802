"""Repeats that the record explains: at least one chart for each exemption that the national pack knows."""

from __future__ import annotations

from dataclasses import replace

from pipelines.sample import orders
from pipelines.sample.cases import CYCLE, FIRST_EXAM, REPEAT, Case, Exam, Note, Pair, Verdict, Visit, by_day, pair_case
from pipelines.sample.encounters import EMERGENCY, INPATIENT, OUTPATIENT, TRANSFER
from pipelines.sample.exams import Items
from pipelines.sample.institutions import LABORATORY
from pipelines.sample.moments import DAY, HOUR

_STAYS = (INPATIENT, INPATIENT)


def repeat_legitimate(items: Items) -> list[Case]:
    """A chart for each way in which the record can explain a repeat; the label is the exemption's id."""
    return [
        *_interventions(items),
        *_new_illness(items),
        *_fast_changing(items),
        *_results(items),
        *_other_reasons(items),
        _moved(items),
    ]


def _share(items: Items, concept: str, setting: str, share: float) -> int:
    minutes = round(items.interval(concept, setting) * share)
    return minutes if setting == "inpatient" else by_day(minutes)


def _interventions(items: Items) -> list[Case]:
    """An operation or a transfusion lies between the two examinations."""
    liver = Pair("liver", "K80.2", _share(items, "liver", "inpatient", 0.6), kinds=_STAYS)
    blood = Pair("blood_count", "M51.2",
                 _share(items, "blood_count", "inpatient", 0.7), kinds=_STAYS)  # fmt: skip
    operation = Note("v1", "51.23", "腹腔镜胆囊切除术", FIRST_EXAM + liver.gap // 2)
    transfusion = Note("v1", "99.04", "红细胞输注", FIRST_EXAM + blood.gap // 2)
    stated = replace(liver, second={"reason": "3"})
    return [
        pair_case("operation", liver, "legitimate", "operation_between", procedures=(operation,)),
        pair_case("operation_and_reason", stated, "legitimate", "operation_between", procedures=(operation,)),
        pair_case("transfusion", blood, "legitimate", "transfusion_between", procedures=(transfusion,)),
    ]


def _new_illness(items: Items) -> list[Case]:
    """The later visit is for an acute illness that the patient did not have."""
    chest = Pair("chest_ct", "K29.5", _share(items, "chest_ct", "inpatient", 0.5),
                 kinds=(OUTPATIENT, INPATIENT), second_visit={"code": "J15.9", "name": "细菌性肺炎"})  # fmt: skip
    heart = Pair("heart_us", "I10", _share(items, "heart_us", "inpatient", 0.4),
                 kinds=(OUTPATIENT, INPATIENT), second_visit={"code": "I21.9", "name": "急性心肌梗死"})  # fmt: skip
    head = Pair("head_ct", "G43.9", _share(items, "head_ct", "outpatient", 0.3))
    injury = Note("v2", "S06.0", "脑震荡", FIRST_EXAM + head.gap - 30)
    return [
        pair_case("new_pneumonia", chest, "legitimate", "new_acute_diagnosis"),
        pair_case("new_infarction", heart, "legitimate", "new_acute_diagnosis"),
        pair_case("new_injury", head, "legitimate", "new_acute_diagnosis", diagnoses=(injury,)),
    ]


def _fast_changing(items: Items) -> list[Case]:
    """Series that the illness calls for, and fast-changing items in emergency and intensive care."""
    troponin = Pair("troponin", "R07.4", 3 * HOUR, kinds=(EMERGENCY, EMERGENCY))
    glucose = Pair("glucose", "E11.9", 5 * HOUR, kinds=_STAYS)
    protein = Pair("crp", "J18.9", _share(items, "crp", "inpatient", 0.5), kinds=_STAYS)
    blood = Pair("blood_count", "R10.4", 2 * HOUR, kinds=(EMERGENCY, EMERGENCY))
    salts = Pair("electrolytes", "I10", 6 * HOUR, "intensive_care", kinds=_STAYS)
    return [
        pair_case("troponin_series", troponin, "legitimate", "serial_by_design"),
        pair_case("glucose_series", glucose, "legitimate", "serial_by_design"),
        pair_case("protein_series", protein, "legitimate", "serial_by_design"),
        pair_case("emergency_blood_count", blood, "legitimate", "emergency_fast_changing"),
        pair_case("intensive_care_electrolytes", salts, "legitimate", "icu_fast_changing"),
    ]


def _results(items: Items) -> list[Case]:
    """The earlier result was abnormal, and moved by more than the reference change where the pack has one."""
    sugar = Pair("hba1c", "E11.9", _share(items, "hba1c", "outpatient", 0.5),
                 first={"abnormal": 1, "level": 1.9}, second={"level": 1.2})  # fmt: skip
    film = Pair("knee_film", "M17.9", _share(items, "knee_film", "outpatient", 0.5),
                first={"abnormal": 1, "side": 1}, second={"abnormal": 1, "side": 1})  # fmt: skip
    return [
        pair_case("abnormal_then_changed", sugar, "legitimate", "abnormal_index_result"),
        pair_case("positive_film", film, "legitimate", "abnormal_index_result"),
    ]


def _other_reasons(items: Items) -> list[Case]:
    """A failed study between, an outside laboratory, an appraisal."""
    scan = Pair("spine_mr", "M51.2", _share(items, "spine_mr", "outpatient", 0.4))
    sent = {"performing": LABORATORY}
    outside = Pair("vitamin_d", "M54.5", _share(items, "vitamin_d", "outpatient", 0.4),
                   first=sent, second=sent)  # fmt: skip
    appraisal = Pair("head_mr", "G43.9", _share(items, "head_mr", "outpatient", 0.5),
                     second={"reason": "5"}, second_visit={"code": "Z04.5", "name": "事故后的检查和观察"})  # fmt: skip
    failed = pair_case("failed_study", scan, "legitimate", "failed_index_study")
    attempt = Exam("xf", "v2", "spine_mr", FIRST_EXAM + scan.gap - 15, status=orders.FAILED, charge=orders.UNCHARGED)
    return [
        replace(failed, exams=(*failed.exams, attempt)),
        pair_case("sent_outside", outside, "legitimate", "external_examination"),
        pair_case("appraisal", appraisal, "legitimate", "appraisal"),
    ]


def _moved(items: Items) -> Case:
    """Transferred between departments: a repeat and a readmission, both explained."""
    gap = _share(items, "liver", "inpatient", 0.5)
    later = FIRST_EXAM + gap
    first = Visit("v1", FIRST_EXAM - 20 * HOUR, later - 3 * HOUR, INPATIENT, "gastroenterology", "K29.5", "慢性胃炎",
                  disposition=TRANSFER)  # fmt: skip
    second = Visit("v2", later - 2 * HOUR, later + 3 * DAY, INPATIENT, "cardiology", "I10", "原发性高血压",
                   came_from="v1")  # fmt: skip
    exams = (Exam("x1", "v1", "liver", FIRST_EXAM), Exam("x2", "v2", "liver", later))
    verdicts = (
        Verdict("legitimate", REPEAT, "x2", "x1", "transfer_between"),
        Verdict("legitimate", CYCLE, "v2", "v1", "transfer"),
    )
    return Case("moved_between_departments", (first, second), exams, verdicts)
