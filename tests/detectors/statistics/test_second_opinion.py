import numpy as np

from detectors.statistics.second_opinion import LEAST_MEMBERS, second_opinions

FEATURES = ("volume", "cost", "share")


def _members(n: int = 60) -> np.ndarray:
    z = np.random.default_rng(3).standard_normal((n, 3))
    z[0] = (0.1, 6.0, 0.2)
    return z


def test_who_is_far_out_in_one_measure_comes_first_and_that_measure_drives_it() -> None:
    (opinion,) = second_opinions(_members(), FEATURES, np.array([0]))
    assert (opinion.place, opinion.members) == (1, 60)
    assert opinion.score > 0.55
    assert opinion.drivers[0].feature == "cost"
    assert opinion.drivers[0].contribution > 0
    assert {driver.feature for driver in opinion.drivers} == set(FEATURES)


def test_the_order_of_members_is_irrelevant() -> None:
    z, dice = _members(), np.random.default_rng(4)
    before = second_opinions(z, FEATURES, np.array([0, 7]))
    order = dice.permutation(len(z))
    places = np.argsort(order)
    assert second_opinions(z[order], FEATURES, places[[0, 7]]) == before


def test_a_measure_that_nobody_has_of_a_member_is_ordinary() -> None:
    z = _members()
    z[5, 1] = np.nan
    (opinion,) = second_opinions(z, FEATURES, np.array([5]))
    assert next(driver.z for driver in opinion.drivers if driver.feature == "cost") == 0


def test_few_members_and_no_question_give_no_opinion() -> None:
    assert second_opinions(_members(LEAST_MEMBERS - 1), FEATURES, np.array([0])) == []
    assert second_opinions(_members(), FEATURES, np.array([], dtype=np.int64)) == []
