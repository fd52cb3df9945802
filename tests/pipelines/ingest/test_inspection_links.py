"""What the forms say only in words: which registration a report belongs to, and what a licence allows."""

import pytest

from schemas.errors import InputError

H, ID = "H33010600001", "11010519491231002X"
EXAMS = "机构编码,身份证号,就医号,检查登记日期,检查项目编码,检查项目名称,检查科室名称,检查者姓名\n"
REPORTS = "机构编码,身份证号,就医号,检查报告时间,检查部位,检查方法,检查科室名称,检查者姓名,影像编号\n"
VISIT = f"机构编码,机构名称,身份证号,门诊号,门诊日期,疾病编码ICD\n{H},第一医院,{ID},M1,2024-01-05,J18.9\n"


def exam(day, code, item, visit="M1"):
    return f"{H},{ID},{visit},{day},{code},{item},放射科,钱技师\n"


def report(at, part, method, image, visit="M1"):
    return f"{H},{ID},{visit},{at},{part},{method},放射科,钱技师,{image}\n"


@pytest.fixture
def links(bench):
    """Image number to order id, after an extract of these registrations and reports."""

    def take(exams, reports):
        folder = bench.folder / "forms"
        folder.mkdir()
        files = {"2.1": VISIT, "4.1": EXAMS + "".join(exams), "4.2": REPORTS + "".join(reports)}
        for form, text in files.items():
            (folder / f"{form}.csv").write_text(text, encoding="utf-8")
        bench.ingest(folder, "inspection")
        known = {order for (order,) in bench.rows("select order_id from main.exam_order")}
        found = dict(bench.rows("select split_part(study_uid, ':', 2), order_id from main.exam_result"))
        assert {order for order in found.values() if order is not None} <= known
        return found

    return take


def test_a_report_goes_with_the_registration_of_its_part_and_method(links):
    found = links(
        [
            exam("2024-01-05", "CT1", "胸部CT平扫"),
            exam("2024-01-05", "DR1", "胸部DR正位"),
            exam("2024-01-05", "CT2", "头部CT平扫"),
        ],
        [
            report("2024-01-05 11:00", "胸部", "CT平扫", "A"),
            report("2024-01-05 11:30", "头部", "CT平扫", "B"),
            report("2024-01-06 09:00", "胸部", "DR", "C"),
            report("2024-01-06 09:00", "腹部", "CT平扫", "D"),
        ],
    )

    at = "2024-01-05"
    assert found == {"A": f"{H}:M1|CT1|{at}", "B": f"{H}:M1|CT2|{at}", "C": f"{H}:M1|DR1|{at}", "D": None}


def test_the_newest_registration_on_or_before_the_report_counts(links):
    found = links(
        [exam("2024-01-05", "CT1", "胸部CT平扫"), exam("2024/1/8", "CT1", "胸部CT平扫")],
        [
            report("2024-01-06 11:00", "胸部", "CT平扫", "A"),
            report("20240108110000", "胸部", "CT平扫", "B"),
            report("2024-01-04 11:00", "胸部", "CT平扫", "C"),
            report("2024-01-06 11:00", "胸部", "CT平扫", "D", visit="M2"),
        ],
    )

    assert found == {"A": f"{H}:M1|CT1|2024-01-05", "B": f"{H}:M1|CT1|2024/1/8", "C": None, "D": None}


def test_two_registrations_that_fit_alike_leave_a_report_without_one(links):
    both = [exam("2024-01-05", "CT1", "胸部CT平扫"), exam("2024-01-05", "CT9", "胸部CT平扫加三维")]

    assert links(both, [report("2024-01-05 11:00", "胸部", "CT平扫", "A")]) == {"A": None}


def test_a_licence_of_the_first_form_names_its_departments(bench):
    header = "机构编码,机构名称,执业许可证号,诊疗科目,有效期起,有效期止\n"
    row = f'{H},第一医院,PDY001,"内科;临床体液、血液专业；医学影像科/CT诊断专业;某新科",2020-01-01,2025-12-31\n'
    folder = bench.folder / "forms"
    folder.mkdir()
    (folder / "1.1.csv").write_text(header + row, encoding="utf-8")
    (folder / "2.1.csv").write_text(VISIT, encoding="utf-8")

    bench.ingest(folder, "inspection")

    assert bench.rows(
        "select department_code, licence_no, licence_kind, valid_from::varchar, valid_to::varchar "
        "from main.licence order by all"
    ) == [(code, "PDY001", "practice", "2020-01-01", "2025-12-31") for code in ("03", "30.01", "32", "32.02", "某新科")]


def test_the_first_form_as_published_holds_no_licence(bench):
    folder = bench.folder / "forms"
    folder.mkdir()
    (folder / "1.1.csv").write_text(f"机构编码,机构名称,定点开始日期\n{H},第一医院,2020-01-01\n", encoding="utf-8")
    (folder / "2.1.csv").write_text(VISIT, encoding="utf-8")

    outcome = bench.ingest(folder, "inspection")

    account = next(one for one in outcome.files if one.table_name == "licence")
    assert (account.rows_in, account.set_aside) == (0, {"column_missing": 1})
    assert bench.rows("select designated_from::varchar from main.institution") == [("2020-01-01",)]


def test_a_renamed_column_of_diagnoses_stops_the_form_and_is_suggested(bench):
    folder = bench.folder / "forms"
    folder.mkdir()
    (folder / "2.1.csv").write_text(VISIT.replace("疾病编码ICD", "疾病编码ICD10"), encoding="utf-8")

    with pytest.raises(InputError, match="a column named 疾病编码ICD10"):
        bench.ingest(folder, "inspection")
