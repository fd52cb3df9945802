"""Workbooks that hold several tables, several sheets of one table, or the older format."""

import io
import shutil
from pathlib import Path

import openpyxl
import pytest

from schemas.errors import InputError

OLD = Path(__file__).with_name("old_workbook.xls")
"""Patients, institutions and encounters as sheets in the format of 1997, and a sheet of notes."""

H = ["H33010600001", "第一医院"]
ID = "11010519491231002X"
VISITS = [
    ["填表说明：请如实填报", None],
    ["可空", "字符型", "字符型", "字符型", "字符型", "日期型", "字符型", "字符型"],
    ["序号", "机构编码", "机构名称", "身份证号", "门诊号", "门诊日期", "疾病编码ICD", "次要诊断组合"],
    ["1", *H, ID, "M1", "2024-01-05", "J18.9#I10", "E11.9"],
    ["2", *H, ID, "M2", "2024-01-06", "I10", None],
]
EXAMS = ["序号", "机构编码", "身份证号", "就医号", "检查登记日期", "检查项目编码", "检查项目名称"]


def exam(number, visit, day):
    return [number, H[0], ID, visit, day, "210300001", "胸部CT平扫"]


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def folder_with(bench, **files):
    folder = bench.folder / f"extract{len(list(bench.folder.iterdir()))}"
    folder.mkdir()
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_bytes(content)
    return folder


ALL = {
    "封面": [["某市第一医院 提取数据"]],
    "2.1-机构门诊就医提取表": VISITS,
    "4.1-机构检查登记提取表": [EXAMS, exam("1", "M1", "2024-01-05"), ["合计"]],
    "4.1-机构检查登记提取表(续)": [EXAMS, exam("2", "M1", "2024-01-05"), exam("3", "M2", "2024-01-06")],
}


def test_all_forms_as_sheets_of_one_workbook(bench):
    outcome = bench.ingest(folder_with(bench, 全部数据__xlsx=workbook(**ALL)), "inspection")

    assert outcome.ignored == ("全部数据.xlsx, sheet 封面",)
    named = {one.source_file for one in outcome.files}
    assert named == {f"全部数据.xlsx#{name}" for name in list(ALL)[1:]}
    for one in outcome.files:
        assert one.rows_in == one.accepted + one.quarantined + one.duplicate + one.superseded, one
    assert bench.rows("select source_file, source_row from main.encounter order by all") == [
        ("全部数据.xlsx#2.1-机构门诊就医提取表", 4),
        ("全部数据.xlsx#2.1-机构门诊就医提取表", 5),
    ]


def test_numbers_of_equal_rows_run_on_over_the_sheets_of_one_form(bench):
    bench.ingest(folder_with(bench, 全部数据__xlsx=workbook(**ALL)), "inspection")

    h, at = f"{H[0]}:M", "210300001|2024-01-0"
    assert bench.rows("select order_id from main.exam_order order by all") == [
        (f"{h}1|{at}5",),
        (f"{h}1|{at}5|2",),
        (f"{h}2|{at}6",),
    ]


def test_the_same_workbook_again_changes_nothing(bench):
    content = workbook(**ALL)
    bench.ingest(folder_with(bench, a__xlsx=content), "inspection")
    before = bench.dump()

    again = bench.ingest(folder_with(bench, b__xlsx=content), "inspection")

    assert not again.is_new
    assert bench.dump() == before


def test_sheets_without_a_telling_name_are_told_by_their_headers(bench):
    sheets = {"Sheet1": VISITS, "Sheet2": [EXAMS, exam("1", "M1", "2024-01-05")], "Sheet3": [["统计", "1"]]}

    outcome = bench.ingest(folder_with(bench, 某院__xlsx=workbook(**sheets)), "inspection")

    assert bench.rows("select count(*) from main.encounter") == [(2,)]
    assert bench.rows("select count(*) from main.exam_order") == [(1,)]
    assert outcome.ignored == ("某院.xlsx, sheet Sheet3",)


def test_a_workbook_named_as_a_form_may_hold_it_as_several_sheets(bench):
    visits = folder_with(bench, **{"2.1-机构门诊就医提取表__xlsx": workbook(Sheet1=VISITS)})
    sheets = {"Sheet1": [EXAMS, exam("1", "M1", "2024-01-05")], "Sheet2": [EXAMS, exam("2", "M2", "2024-01-06")]}
    (visits / "4.1-机构检查登记提取表.xlsx").write_bytes(workbook(**sheets))

    bench.ingest(visits, "inspection")

    assert bench.rows("select source_file from main.exam_order order by all") == [
        ("4.1-机构检查登记提取表.xlsx#Sheet1",),
        ("4.1-机构检查登记提取表.xlsx#Sheet2",),
    ]


def test_quarantine_of_a_sheet_keeps_its_row(bench):
    bad = ["9", *H, ID, "M9", "昨天", "I10", None]
    folder = folder_with(bench, all__xlsx=workbook(**{**ALL, "2.1-机构门诊就医提取表": [*VISITS, bad]}))

    outcome = bench.ingest(folder, "inspection")

    text = bench.quarantine(outcome, "all.xlsx#2.1-机构门诊就医提取表.encounter")
    assert "昨天" in text
    assert bench.rows("select count(*) from main.encounter") == [(2,)]


def test_tables_as_sheets_of_an_old_workbook(bench):
    shutil.copy(OLD, folder_with(bench) / "hospital.xls")
    folder = next(bench.folder.glob("extract*"))

    outcome = bench.ingest(folder)

    assert outcome.ignored == ("hospital.xls, sheet 说明",)
    assert bench.rows("select patient_id, sex, birth_date::varchar from main.patient order by all") == [
        ("P1", "M", "1960-01-02"),
        ("P2", "F", None),
    ]
    assert bench.account(outcome, "patient").quarantine_reasons == {"mangled_id": 1}
    assert bench.rows("select started_at::varchar, started_at_has_time, total_amount::varchar from main.encounter") == [
        ("2024-01-05 08:30:00", True, "12.50"),
        ("2024-01-06 00:00:00", False, "0.10"),
    ]


@pytest.mark.parametrize("suffix", ["txt", "tsv"])
def test_text_of_other_endings_is_read_where_it_is_named_as_a_table(bench, suffix):
    content = b"patient_id\tsex\nP7\tM\n"

    outcome = bench.ingest(bench.extract(patient__csv=None, **{f"patient__{suffix}": content, "notes__txt": b"x"}))

    assert bench.rows("select patient_id from main.patient") == [("P7",)]
    assert outcome.ignored == ("notes.txt",)


def test_two_files_of_one_table_are_still_refused(bench):
    with pytest.raises(InputError, match="two files hold the table patient"):
        bench.ingest(bench.extract(patient__txt="patient_id\nP7\n"))


def test_what_a_spreadsheet_or_a_mac_leaves_beside_the_files_is_ignored(bench):
    folder = folder_with(bench, all__xlsx=workbook(**ALL))
    for name in ("~$all.xlsx", "~$4.1-机构检查登记提取表.xlsx", "._2.1-机构门诊就医提取表.csv"):
        (folder / name).write_bytes(b"\x00\x05\x16\x07")

    outcome = bench.ingest(folder, "inspection")

    assert bench.rows("select count(*) from main.encounter") == [(2,)]
    assert {"~$all.xlsx", "~$4.1-机构检查登记提取表.xlsx", "._2.1-机构门诊就医提取表.csv"} <= set(outcome.ignored)


def test_a_workbook_with_a_password_is_not_passed_over(bench):
    folder = folder_with(bench, all__xlsx=workbook(**ALL), 住院数据__xlsx=b"\xd0\xcf\x11\xe0 encrypted")

    with pytest.raises(InputError, match="cannot be read as a workbook"):
        bench.ingest(folder, "inspection")
