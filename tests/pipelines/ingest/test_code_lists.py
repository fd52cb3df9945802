"""Codes of the shipped profiles that were compared with published lists."""

import pytest

from schemas.profile import load_profile


def mapping(profile, table, source):
    return next(one for one in load_profile(profile).table if (one.name, one.from_) == (table, source))


@pytest.mark.parametrize("source", ["mdtrt_d", "setl_d", "fee_list_d"])
def test_a_stay_for_one_disease_is_a_stay_wherever_visits_come_from(source):
    kinds = mapping("nhsa", "encounter", source).columns["encounter_type"]

    assert {kinds.map[code] for code in ("21", "26")} == {"inpatient"}
    assert kinds.map["28"] == "day_case"
    assert "10" not in kinds.map
    assert "99" not in kinds.map


def test_levels_are_read_only_where_their_codes_mean_one_thing():
    level = mapping("nhsa", "institution", "mdtrt_d").columns["level"]

    assert [level.map[code] for code in ("01", "04", "05", "08", "11")] == [
        "tertiary",
        "tertiary",
        "secondary",
        "primary",
        "ungraded",
    ]
    assert "1" not in level.map
    assert "level" not in mapping("nhsa", "institution", "setl_d").columns


def test_a_visit_to_long_term_care_is_no_stay_and_leaving_against_advice_is_told():
    visits = mapping("omop", "encounter", "visit_occurrence")

    assert "42898160" not in visits.columns["encounter_type"].map
    assert visits.where[0].not_in == ("42898160",)
    assert visits.columns["discharge_disposition"].map["4021968"] == "against_advice"
