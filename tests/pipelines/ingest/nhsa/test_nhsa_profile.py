"""The platform's tables as they arrive: what each becomes, refunds, drift, accounts."""

import pytest

from schemas.errors import InputError


def lines(bench, columns="claim_line_id, voided"):
    return bench.rows(f"select {columns} from main.claim_line order by claim_line_id")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_table_of_the_platform_finds_its_place(bench, platform, encoding):
    platform.visit("M1", dscg_way="1", dscg_maindiag_code="J18.9", med_type="21", ipt_otp_no="Z1")
    platform.settle("S1", "M1", fund_pay_sumamt="210.00")
    platform.fee("L1", "S1", "M1", pric="299.995000", pric_uplmt_amt="0.00", etip_flag="1", etip_hosp_code="H9")
    platform.add("setl_list_diag_d", mdtrt_id="M1", diag_code="I10", diag_name="高血压", maindiag_flag="0")
    platform.add("setl_list_diag_d", mdtrt_id="M1", diag_code="J18.9", maindiag_flag="1", adm_cond_type="1")
    platform.add("setl_list_oprn_d", mdtrt_id="M1", oprn_oprt_code="33.24", oprn_oprt_date="2025-03-01")

    bench.ingest(platform.write(encoding=encoding), "nhsa")

    assert bench.rows("select patient_id, sex, cast(birth_date as varchar) from main.patient") == [
        ("P1", "M", "1960-01-01")
    ]
    assert bench.rows("select institution_name, level from main.institution") == [("示例市第一人民医院", "tertiary")]
    assert bench.rows(
        "select encounter_id, encounter_type, case_no, discharge_disposition, main_diagnosis_code, payer, "
        "cast(total_amount as varchar), cast(fund_amount as varchar) from main.encounter"
    ) == [("M1", "inpatient", "Z1", "home", "J18.9", "insured", "300.00", "210.00")]
    assert lines(
        bench,
        "claim_line_id, claim_id, encounter_id, item_code, cast(unit_price as varchar), price_ceiling, fund_amount, "
        "cast(in_scope_amount as varchar), ordering_practitioner_id, external_institution_id, voided",
    ) == [("L1", "S1", "M1", "CT1", "300.00", None, None, "300.00", "D001", "H9", False)]
    assert bench.rows("select sequence, diagnosis_code, present_on_admission from main.diagnosis order by all") == [
        (1, "J18.9", True),
        (2, "I10", None),
    ]
    assert bench.rows("select procedure_code, performed_at_has_time from main.procedure") == [("33.24", False)]
    assert bench.rows("select department_code, national_department_code from main.department order by all") == [
        ("0301", "03.01"),
        ("A32.02", "32.02"),
    ]
    assert bench.rows("select practitioner_id, practitioner_name from main.practitioner") == [("D001", None)]


def test_fund_is_left_to_be_estimated_from_the_settlement(bench, platform):
    platform.visit("M1")
    platform.settle("S1", "M1", "100.00", fund_pay_sumamt="70.00")
    platform.settle("S2", "M1", "50.00", fund_pay_sumamt="35.05")
    platform.settle("S3", "M1", "900.00", fund_pay_sumamt="900.00", vali_flag="0")

    bench.ingest(platform.write(), "nhsa")

    assert bench.rows("select cast(total_amount as varchar), cast(fund_amount as varchar) from main.encounter") == [
        ("150.00", "105.05")
    ]


@pytest.mark.parametrize("alias", ["feedetl_sn", "bkkp_sn", " FeeDetl_SN "])
def test_lines_are_known_by_either_name_of_their_number(bench, platform, alias):
    platform.visit("M1")
    platform.fee("L1", "S1", "M1")

    bench.ingest(platform.write(bkkp_sn=alias, inscp_amt="inscp_scp_amt", bilg_dr_code="bilg_dr_codg"), "nhsa")

    assert lines(bench, "claim_line_id, cast(in_scope_amount as varchar), ordering_practitioner_id") == [
        ("L1", "300.00", "D001")
    ]


def test_each_table_that_a_file_feeds_has_an_account_that_adds_up(bench, platform):
    platform.visit("M1")
    platform.visit("M2", psn_no="P2", gend="2")
    platform.visit("M3", med_type="41")
    platform.visit("M4", vali_flag="0")
    for at in range(5):
        platform.fee(f"L{at}", "S1", "M1", cnt="x" if at == 4 else "1", bilg_dr_code="" if at == 3 else "D001")

    outcome = bench.ingest(platform.write(prefix="202503_"), "nhsa")

    accounts = {(file.source_file, file.table_name): file for file in outcome.files}
    for account in accounts.values():
        assert account.rows_in == account.accepted + account.quarantined + account.duplicate + account.superseded
    encounters = accounts["202503_mdtrt_d.csv", "encounter"]
    assert (encounters.rows_in, encounters.accepted, encounters.set_aside) == (2, 2, {"drugstore": 1, "void": 1})
    patients = accounts["202503_mdtrt_d.csv", "patient"]
    assert (patients.rows_in, patients.accepted, patients.duplicate) == (4, 2, 2)
    claims = accounts["202503_fee_list_d.csv", "claim_line"]
    assert (claims.rows_in, claims.accepted, claims.quarantine_reasons) == (5, 4, {"bad_number": 1})
    doctors = accounts["202503_fee_list_d.csv", "practitioner"]
    assert doctors.set_aside == {"no_practitioner": 6}
    assert doctors.rows_in + 6 == 2 * 5
    assert "pt" in claims.unknown_columns
    assert ",bad_number,quantity," in bench.quarantine(outcome, "202503_fee_list_d.csv.claim_line")


def test_monthly_files_are_all_read_and_lead_back_to_their_lines(bench, new_platform):
    for month in ("01", "02"):
        platform = new_platform()
        platform.visit(f"M{month}", begntime=f"2025-{month}-01 08:00:00", endtime=f"2025-{month}-01 09:00:00")
        platform.fee(f"L{month}a", "S1", f"M{month}", at=f"2025-{month}-01 08:30:00")
        platform.fee(f"L{month}b", "S1", f"M{month}", at=f"2025-{month}-01 08:40:00")
        folder = platform.write(prefix=f"2025{month}_")

    bench.ingest(folder, "nhsa")

    assert lines(bench, "claim_line_id, source_file, source_row") == [
        ("L01a", "202501_fee_list_d.csv", 2),
        ("L01b", "202501_fee_list_d.csv", 3),
        ("L02a", "202502_fee_list_d.csv", 2),
        ("L02b", "202502_fee_list_d.csv", 3),
    ]


def test_without_visits_settlements_tell_of_encounters_and_without_those_fee_lines(
    bench, make_bench, platform, tmp_path
):
    platform.settle("S1", "M1", begndate="2025-03-01", enddate="2025-03-04", med_type="21", gend="2")
    platform.settle("S2", "M1", "-300.00", refd_setl_flag="1", init_setl_id="S1", begndate="2025-03-01")
    platform.fee("L1", "S1", "M1", med_type="21")

    bench.ingest(platform.write(), "nhsa")
    assert bench.rows("select encounter_id, encounter_type, ended_at is null from main.encounter") == [
        ("M1", "inpatient", False)
    ]

    other = make_bench(tmp_path / "other")
    other.ingest(platform.write("other/fees", only=("fee_list_d",)), "nhsa")
    assert other.rows("select encounter_id, encounter_type, ended_at is null from main.encounter") == [
        ("M1", "inpatient", True)
    ]
    other.connection.close()


def test_an_unknown_kind_of_visit_is_quarantined_not_guessed(bench, platform):
    platform.visit("M1", med_type="77")
    platform.visit("M2", med_type="2101")

    outcome = bench.ingest(platform.write(), "nhsa")

    assert bench.rows("select encounter_id, encounter_type from main.encounter") == [("M2", "inpatient")]
    assert {f.table_name: f.quarantine_reasons for f in outcome.files}["encounter"] == {"bad_choice": 1}


def test_reversals_keep_their_pointer_their_sign_and_their_void_flag(bench, platform):
    platform.visit("M1")
    platform.fee("L1", "S1", "M1")
    platform.fee("L2", "S1", "M1", cnt="-1", det_item_fee_sumamt="-300.00", init_feedetl_sn="L1")
    platform.fee("L3", "S1", "M1", vali_flag="0", init_feedetl_sn="L3")

    bench.ingest(platform.write(), "nhsa")

    assert lines(bench, "claim_line_id, cast(quantity as varchar), reverses_claim_line_id, voided") == [
        ("L1", "1.0000", None, False),
        ("L2", "-1.0000", "L1", False),
        ("L3", "1.0000", None, True),
    ]


def test_the_same_files_again_change_nothing_and_one_more_file_adds_only_itself(bench, new_platform):
    platform = new_platform()
    platform.visit("M1")
    platform.fee("L1", "S1", "M1")
    folder = platform.write("extract")
    assert bench.ingest(folder, "nhsa").is_new
    before = bench.dump()
    assert not bench.ingest(folder, "nhsa").is_new
    assert bench.dump() == before
    more = new_platform()
    more.fee("L2", "S1", "M1", at="2025-03-05 09:00:00")
    more.write("extract", prefix="more_")

    outcome = bench.ingest(folder, "nhsa")

    account = {file.source_file: file for file in outcome.files if file.table_name == "claim_line"}
    assert (account["fee_list_d.csv"].accepted, account["fee_list_d.csv"].duplicate) == (0, 1)
    assert account["more_fee_list_d.csv"].accepted == 1


def test_a_missing_required_column_stops_the_batch_and_names_the_nearest(bench, platform):
    platform.visit("M1")
    platform.fee("L1", "S1", "M1")

    with pytest.raises(InputError) as caught:
        bench.ingest(platform.write(fee_ocur_time="fee_ocur_tm"), "nhsa")

    assert caught.value.got == "a column named fee_ocur_tm"
    assert "fee_list_d.csv" in str(caught.value)
    assert bench.rows("select 1 from ledger.batch") == []


def test_a_retyped_column_stops_the_batch_before_a_write(bench, platform):
    platform.visit("M1")
    for at in range(40):
        platform.fee(f"L{at}", "S1", "M1", at="一月" if at < 21 else "2025-03-01")

    with pytest.raises(InputError, match="charged_at of claim_line no longer holds"):
        bench.ingest(platform.write(), "nhsa")

    assert bench.rows("select 1 from ledger.batch") == []
    assert bench.rows("select table_name from duckdb_tables() where temporary") == []


def test_half_of_the_values_may_fail_and_are_quarantined(bench, platform):
    platform.visit("M1")
    for at in range(40):
        platform.fee(f"L{at}", "S1", "M1", at="一月" if at < 20 else "2025-03-01")

    outcome = bench.ingest(platform.write(), "nhsa")

    assert next(f for f in outcome.files if f.table_name == "claim_line").quarantined == 20


def test_a_ragged_line_is_quarantined_in_every_table_that_its_file_feeds(bench, platform):
    platform.visit("M1")
    platform.fee("L1", "S1", "M1")
    folder = platform.write()
    with (folder / "fee_list_d.csv").open("a") as stream:
        stream.write("L2,S1\n")

    outcome = bench.ingest(folder, "nhsa")

    fed = [file for file in outcome.files if file.source_file == "fee_list_d.csv"]
    assert len(fed) > 1
    for file in fed:
        assert file.quarantine_reasons.get("ragged_row", 0) >= 1, file
        assert file.rows_in == file.accepted + file.quarantined + file.duplicate


def test_a_line_that_is_not_settled_yet_is_kept_and_takes_its_settlement_later(bench, new_platform):
    for name, settlement in (("january", ""), ("february", "S1")):
        platform = new_platform()
        platform.visit("M1")
        platform.settle("S1", "M1")
        platform.fee("L1", settlement, "M1")
        bench.ingest(platform.write(name), "nhsa")
        assert bench.rows("select claim_id from main.claim_line") == [(settlement or "M1",)]


def test_what_is_whole_may_be_said_in_a_file_beside_the_platforms_tables(bench, platform):
    platform.visit("M1")
    platform.settle("S1", "M1")
    folder = platform.write()
    (folder / "extract_scope.csv").write_text(
        "table_name,institution_id,period_from,period_to,is_complete\nclaim_line,H33010600001,2025-01-01,2025-12-31,1\n",
        encoding="utf-8",
    )

    outcome = bench.ingest(folder, "nhsa")

    assert outcome.ignored == ()
    assert bench.rows("select table_name, institution_id, period_to::varchar, is_complete from main.extract_scope") == [
        ("claim_line", "H33010600001", "2025-12-31", True)
    ]
