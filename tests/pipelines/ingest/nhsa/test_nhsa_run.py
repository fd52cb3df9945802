"""From the platform's tables to findings: a repeat is found, an examination that was refunded never is."""

import json

import polars as pl


def test_a_repeat_is_found_and_a_refunded_examination_never(platform, call, pack, tmp_path):
    for visit, patient in (("M1", "P1"), ("M2", "P2"), ("M3", "P3"), ("M4", "P4")):
        platform.visit(visit, psn_no=patient)
        platform.settle(f"S{visit}", visit, "600.00", psn_no=patient, fund_pay_sumamt="400.01")
        for line, hour in (("a", "09"), ("b", "15")):
            platform.fee(f"{visit}{line}", f"S{visit}", visit, at=f"2025-03-01 {hour}:00:00", psn_no=patient)
    # M2: the second line is reversed by a line that names it; M3: the whole settlement is refunded, and its lines with
    # it; M4: refunded without any line of the refund, and only one of the two examinations is charged again.
    platform.fee(
        "M2c", "SM2", "M2", psn_no="P2", cnt="-1", det_item_fee_sumamt="-300.00", inscp_amt="-300.00",
        init_feedetl_sn="M2b", at="2025-03-01 16:00:00",
    )  # fmt: skip
    platform.settle("SR3", "M3", "-600.00", psn_no="P3", refd_setl_flag="1", init_setl_id="SM3")
    for line, hour in (("c", "09"), ("d", "15")):
        platform.fee(
            f"M3{line}", "SR3", "M3", psn_no="P3", cnt="-1", det_item_fee_sumamt="-300.00",
            at=f"2025-03-01 {hour}:00:00",
        )  # fmt: skip
    platform.settle("SR4", "M4", "-600.00", psn_no="P4", refd_setl_flag="1", init_setl_id="SM4")
    platform.settle("SN4", "M4", "300.00", psn_no="P4", fund_pay_sumamt="200.00")
    platform.fee("M4n", "SN4", "M4", psn_no="P4", at="2025-03-01 09:00:00")
    # A CT of the chest is one item of the pack here, so that no body part is asked for.
    (pack / "exam_items.csv").write_text(
        "item_code,item_name,family,modality,body_part\nCT1,胸部CT平扫,chest_ct,CT,chest\n", encoding="utf-8"
    )
    workspace = tmp_path / "workspace"

    called = call(
        "run", "--extract", platform.write(), "--profile", "nhsa", "--pack", pack, "--direct", "--json",
        "--workspace", workspace, "--only", "repeat.same_institution",
    )  # fmt: skip

    assert called.code in (0, 6), called.err
    run = workspace / "runs" / (workspace / "runs" / "latest").read_text().strip()
    findings = pl.read_parquet(run / "findings.parquet")
    assert findings.select("index_event_id", "flagged_event_id").rows() == [("M1a", "M1b")]
    assert json.loads(findings["evidence"][0])["is_fund_estimated"] is True
    # 400.01 for two like lines: whole fen, and no fen is lost.
    assert str(findings["fund_amount_at_issue"][0]) in ("200.00", "200.01")
