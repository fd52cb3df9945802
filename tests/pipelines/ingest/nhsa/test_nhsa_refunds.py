"""Refunds of the platform's settlements: whole, partial, late, withdrawn, and marks without a refund."""

import pytest


def lines(bench, columns="claim_line_id, voided"):
    return bench.rows(f"select {columns} from main.claim_line order by claim_line_id")


def refunded(platform, amount="-300.00", line="-300.00"):
    platform.visit("M1")
    platform.settle("S1", "M1")
    platform.fee("L1", "S1", "M1")
    platform.settle("S2", "M1", amount, refd_setl_flag="1", init_setl_id="S1")
    platform.fee("L2", "S2", "M1", cnt="-1", det_item_fee_sumamt=line)
    platform.settle("S3", "M1")
    platform.fee("L3", "S3", "M1")


def test_a_whole_refund_voids_both_settlements_and_leaves_the_new_one(bench, platform):
    refunded(platform)

    outcome = bench.ingest(platform.write(), "nhsa")

    assert outcome.refunds == {"whole": 1}
    assert lines(bench) == [("L1", True), ("L2", True), ("L3", False)]


def test_a_partial_refund_voids_nothing(bench, platform):
    refunded(platform, "-100.00", "-100.00")

    outcome = bench.ingest(platform.write(), "nhsa")

    assert outcome.refunds == {"partial": 1}
    assert lines(bench) == [("L1", False), ("L2", False), ("L3", False)]


def test_a_settlement_marked_as_refunded_is_void_where_no_refund_names_it(bench, platform):
    platform.visit("M1")
    platform.settle("S1", "M1", refd_setl_flag="1")
    platform.fee("L1", "S1", "M1")

    outcome = bench.ingest(platform.write(), "nhsa")

    assert outcome.refunds == {"marked": 1}
    assert lines(bench) == [("L1", True)]


def test_a_refund_of_nothing_known_is_an_orphan_and_voids_nothing_that_is_there(bench, platform):
    platform.visit("M1")
    platform.settle("S2", "M1", "-300.00", refd_setl_flag="1", init_setl_id="S0")
    platform.settle("S4", "M1", "-300.00", refd_setl_flag="1")
    platform.fee("L2", "S2", "M1", cnt="-1", det_item_fee_sumamt="-300.00")
    platform.fee("L3", "S3", "M1")

    outcome = bench.ingest(platform.write(), "nhsa")

    assert outcome.refunds == {"orphan": 2}
    assert lines(bench) == [("L2", False), ("L3", False)]


def test_a_refund_finds_lines_of_an_earlier_batch_and_the_old_ones_stay_traceable(bench, new_platform):
    first = new_platform()
    first.visit("M1")
    first.settle("S1", "M1")
    first.fee("L1", "S1", "M1")
    bench.ingest(first.write("january"), "nhsa")
    later = new_platform()
    later.settle("S2", "M1", "-300.00", refd_setl_flag="1", init_setl_id="S1")

    outcome = bench.ingest(later.write("february"), "nhsa")

    assert outcome.refunds == {"whole": 1}
    assert lines(bench) == [("L1", True)]
    assert bench.rows("select claim_line_id, voided, superseded_by_batch_id from superseded.claim_line") == [
        ("L1", False, outcome.batch_id)
    ]


def test_a_refund_that_came_first_finds_its_settlement_in_a_later_batch(bench, new_platform):
    early = new_platform()
    early.visit("M1")
    early.settle("S2", "M1", "-300.00", refd_setl_flag="1", init_setl_id="S1")
    early.fee("L2", "S2", "M1", cnt="-1", det_item_fee_sumamt="-300.00")
    bench.ingest(early.write("early"), "nhsa")
    late = new_platform()
    late.settle("S1", "M1")
    late.fee("L1", "S1", "M1")

    outcome = bench.ingest(late.write("late"), "nhsa")

    assert outcome.refunds == {"whole": 1}
    assert lines(bench) == [("L1", True), ("L2", True)]


def test_lines_that_were_voided_come_again_as_duplicates(bench, new_platform):
    platform = new_platform()
    refunded(platform)
    bench.ingest(platform.write("once"), "nhsa")
    platform.fee("L4", "S3", "M1", at="2025-03-02 09:00:00")

    outcome = bench.ingest(platform.write("again", only=("fee_list_d",)), "nhsa")

    account = next(file for file in outcome.files if file.table_name == "claim_line")
    assert (account.accepted, account.duplicate) == (1, 3)
    assert lines(bench) == [("L1", True), ("L2", True), ("L3", False), ("L4", False)]


@pytest.mark.parametrize("withdrawal", [{"refd_setl_flag": "0"}, {"refd_setl_flag": "1", "vali_flag": "0"}])
def test_a_refund_that_is_withdrawn_gives_the_lines_back_as_they_were(bench, new_platform, withdrawal):
    first = new_platform()
    refunded(first)
    first.fee("L9", "S1", "M1", at="2025-03-01 10:00:00", vali_flag="0")
    bench.ingest(first.write("march"), "nhsa")
    assert lines(bench) == [("L1", True), ("L2", True), ("L3", False), ("L9", True)]
    newer = new_platform()
    newer.settle("S2", "M1", "-300.00", init_setl_id="S1", **withdrawal)

    outcome = bench.ingest(newer.write("april"), "nhsa")

    assert outcome.refunds == {"withdrawn": 1}
    assert lines(bench) == [("L1", False), ("L2", False), ("L3", False), ("L9", True)]
    assert bench.rows("select claim_line_id, voided from superseded.claim_line order by all") == [
        ("L1", True),
        ("L2", True),
    ]
    assert bench.rows("select * from ledger.void_line") == []


def test_a_withdrawn_refund_that_comes_back_voids_again(bench, new_platform):
    first = new_platform()
    refunded(first)
    bench.ingest(first.write("march"), "nhsa")
    for name, flag in (("april", "0"), ("may", "1")):
        newer = new_platform()
        newer.settle("S2", "M1", "-300.00", init_setl_id="S1", refd_setl_flag=flag, memo=name)
        outcome = bench.ingest(newer.write(name), "nhsa")

    assert outcome.refunds == {"whole": 1}
    assert lines(bench) == [("L1", True), ("L2", True), ("L3", False)]


def test_a_mark_of_refund_that_is_taken_off_gives_the_lines_back(bench, new_platform):
    for name, flag in (("march", "1"), ("april", "0")):
        platform = new_platform()
        platform.visit("M1")
        platform.settle("S1", "M1", refd_setl_flag=flag)
        platform.fee("L1", "S1", "M1")
        outcome = bench.ingest(platform.write(name), "nhsa")

    assert outcome.refunds == {"withdrawn": 1}
    assert lines(bench) == [("L1", False)]


def test_a_mark_still_voids_lines_that_come_beside_another_refund(bench, new_platform):
    first = new_platform()
    first.visit("M1")
    first.settle("S1", "M1", refd_setl_flag="1")
    bench.ingest(first.write("march"), "nhsa")
    later = new_platform()
    later.settle("S7", "M1", "-300.00", refd_setl_flag="1", init_setl_id="S6")
    later.fee("L1", "S1", "M1")

    bench.ingest(later.write("april"), "nhsa")

    assert lines(bench) == [("L1", True)]
