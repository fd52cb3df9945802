"""Numbers that run on over the files of one extract, and tables of hints that a file has nothing for."""

import pytest

from pipelines.ingest import ingest_extract

SETTLED = (
    "setl_id,mdtrt_id,psn_no,fixmedins_code,fixmedins_name,med_type,begndate\nS1,M1,P1,H1,第一医院,21,2024-01-05\n"
)
DIAGNOSES = "mdtrt_id,maindiag_flag,diag_code,diag_name\n"


@pytest.fixture
def take_in(bench):
    def take(**files):
        folder = bench.folder / f"extract{len(list(bench.folder.iterdir()))}"
        folder.mkdir()
        for name, text in {"setl_d": SETTLED, **files}.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return ingest_extract(bench.connection, folder, "nhsa", workspace=bench.workspace)

    return take


def test_diagnoses_of_one_visit_in_two_files_are_all_kept_and_the_main_one_is_first(bench, take_in):
    outcome = take_in(
        setl_list_diag_d_01=f"{DIAGNOSES}M1,0,I10,高血压\nM1,0,E11.9,糖尿病\n",
        setl_list_diag_d_02=f"{DIAGNOSES}M1,1,J18.9,肺炎\nM2,1,K35,阑尾炎\n",
    )

    assert bench.rows("select encounter_id, sequence, diagnosis_code from main.diagnosis order by all") == [
        ("M1", 1, "J18.9"),
        ("M1", 2, "I10"),
        ("M1", 3, "E11.9"),
        ("M2", 1, "K35"),
    ]
    assert sum(one.accepted for one in outcome.files if one.table_name == "diagnosis") == 4


def test_the_files_again_beside_a_new_one_are_duplicates(bench, take_in):
    first = f"{DIAGNOSES}M1,1,J18.9,肺炎\n"
    take_in(setl_list_diag_d_01=first)

    outcome = take_in(setl_list_diag_d_01=first, setl_list_diag_d_02=f"{DIAGNOSES}M1,0,I10,高血压\n")

    counted = {one.source_file: (one.accepted, one.duplicate) for one in outcome.files if one.table_name == "diagnosis"}
    assert counted == {"setl_list_diag_d_01.csv": (0, 1), "setl_list_diag_d_02.csv": (1, 0)}
    assert bench.rows("select sequence, diagnosis_code from main.diagnosis order by all") == [(1, "J18.9"), (2, "I10")]


def test_a_file_without_the_columns_of_a_table_of_hints_is_taken_in_all_the_same(bench, take_in):
    lines = (
        "feedetl_sn,setl_id,mdtrt_id,psn_no,fixmedins_code,fee_ocur_time,cnt,pric,det_item_fee_sumamt,hilist_code\n"
        "L1,S1,M1,P1,H1,2024-01-05 08:00:00,1,25,25,250101015\n"
    )

    outcome = take_in(fee_list_d=lines)

    accounts = {(one.source_file, one.table_name): one for one in outcome.files}
    assert accounts["fee_list_d.csv", "claim_line"].accepted == 1
    departments = accounts["fee_list_d.csv", "department"]
    assert (departments.rows_in, departments.set_aside) == (0, {"column_missing": 2})
    assert bench.rows("select count(*) from main.department") == [(0,)]
