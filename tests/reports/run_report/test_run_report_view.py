from pathlib import Path

from reports.run_folder import read_run
from reports.run_report.not_runnable import reason_in_words, wanted_files, would_make_it_run
from reports.run_report.view import months_between, run_report


def test_quiet_months_are_not_left_out() -> None:
    assert months_between(["2025-02", "2024-11"]) == ("2024-11", "2024-12", "2025-01", "2025-02")
    assert months_between([]) == ()


def test_what_is_missing_is_told_as_files_to_deliver() -> None:
    text = would_make_it_run("missing exam_order.performed_at, consent or exam_result")
    assert text is not None
    assert text.en == "the file exam_order with the column performed_at and the file consent or the file exam_result"
    assert text.zh == "文件 exam_order（含 performed_at 列）、文件 consent或文件 exam_result"


def test_another_reason_names_no_file() -> None:
    assert would_make_it_run("constraint ended_not_before_started failed") is None
    assert would_make_it_run(None) is None


def test_reasons_are_told_in_both_languages() -> None:
    assert reason_in_words("missing consent").zh == "缺少 consent"
    off = reason_in_words("switched off by quality check key_is_unique on exam_order")
    assert off.zh == "因 exam_order 的质量检查 key_is_unique 未通过而停用"
    few = reason_in_words("not judged: 3 with too few cases, 2 with too few peers")
    assert few.zh == "未判断：3个例数不足、2个同行不足"
    assert reason_in_words("something new").zh == "something new"
    assert reason_in_words(None).en == "–"


def test_the_file_that_most_detectors_lack_alone_comes_first() -> None:
    told = wanted_files({"a": "missing consent", "b": "missing consent, device", "c": "missing device", "d": None,
                         "e": "missing device", "f": "switched off by quality check x on y"})  # fmt: skip
    assert [(one.file.en, one.detector_ids, one.alone) for one in told] == [
        ("the file device", ("b", "c", "e"), 2),
        ("the file consent", ("a", "b"), 1),
    ]


def test_the_matrix_holds_what_has_leads_and_names_what_has_none(run: Path) -> None:
    matrix = run_report(read_run(run), ()).matrix
    assert [column[0] for column in matrix.columns] == [
        "ordering.outlier_practitioner",
        "readmission.cycle",
        "repeat.same_institution",
    ]
    assert [(row.institution_id, row.total, [cell.leads for cell in row.cells]) for row in matrix.rows] == [
        ("HI001", 3, [1, 1, 1]),
        ("HI002", 1, [0, 0, 1]),
    ]
    assert (matrix.left_out, matrix.quiet, matrix.shades) == (0, (), ((2, 1, 1),))


def test_coverage_names_the_months_and_the_institutions_without_data(run: Path) -> None:
    covered = run_report(read_run(run), ()).coverage
    assert (covered.months[0], covered.months[-1]) == ("2025-01", "2025-12")
    assert covered.known == covered.examined + len(covered.unseen)
    for row in covered.rows:
        assert row.months + len(row.missing) == len(covered.months)
    missing = [len(row.missing) for row in covered.rows]
    assert missing == sorted(missing, reverse=True)
