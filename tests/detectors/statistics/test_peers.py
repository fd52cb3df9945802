import numpy as np
import pytest

from detectors.statistics.exact import over_dispersed_upper_tail
from detectors.statistics.peers import (
    ALLOWANCE,
    NO_GROUP,
    adjusted_z,
    cells_apart,
    choose_tiers,
    q_with_one_replaced,
    stand_among_peers,
    stand_by_share,
    upper_tail,
    upper_tail_among,
)
from detectors.statistics.spread import practice_variance


def test_a_unit_rolls_up_only_as_far_as_it_must() -> None:
    fine, coarse = np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0])
    enough = np.array([True, True, True, True])
    assert choose_tiers([fine, coarse], [enough, enough], 2).tolist() == [0, 0, 0, 1]
    assert choose_tiers([fine, coarse], [enough, enough], 3).tolist() == [1, 1, 1, 1]
    assert choose_tiers([fine, coarse], [enough, enough], 4).tolist() == [NO_GROUP] * 4


def test_those_without_enough_data_are_neither_judged_nor_peers() -> None:
    group, enough = np.array([0, 0, 0]), np.array([True, True, False])
    assert choose_tiers([group], [enough], 1).tolist() == [0, 0, NO_GROUP]
    assert choose_tiers([group], [enough], 2).tolist() == [NO_GROUP] * 3


def test_small_expected_counts_get_the_exact_tail() -> None:
    p = upper_tail([20, 200], [10.0, 100.0], 0.02)
    assert p[0] == over_dispersed_upper_tail([20], [10.0], 0.02)[0]
    assert adjusted_z([200], [100.0], 0.0)[0] == pytest.approx(2 * (np.sqrt(200) - 10))


def test_one_who_stands_out_among_equals_is_found() -> None:
    standing = stand_among_peers([100] * 30 + [250], [100.0] * 31)
    assert standing.q[-1] < 0.001
    assert standing.q[:-1].min() > 0.2
    assert standing.ratio[-1] == 2.5
    assert standing.probability[-1] > 0.9
    assert 1.5 < standing.shrunk[-1] < 2.5


def test_replacing_a_p_by_itself_changes_no_q() -> None:
    standing = stand_among_peers([90, 110, 180], [100.0] * 3)
    assert q_with_one_replaced(standing.p, 2, float(standing.p[2])) == standing.q[2]


def test_the_variance_between_cells_by_hand() -> None:
    cell = np.array([0] * 7 + [1] * 7 + [2])
    observed, elsewhere = np.array([200] * 7 + [50] * 7 + [300]), np.full(15, 100.0)
    # the two filled cells: y = sqrt(2) and sqrt(1/2), around 1; chance is next to nothing with 700 expected each
    by_hand = (np.sqrt(2) - 1) ** 2 + (1 - np.sqrt(0.5)) ** 2
    assert cells_apart(cell, observed, observed, elsewhere) == pytest.approx(by_hand, rel=0.01)


def test_cells_are_taken_to_differ_at_least_as_their_members_do() -> None:
    cell, observed = np.array([0] * 9 + [1]), np.array([50, 60, 70, 80, 100, 120, 130, 140, 150, 100])
    expected = np.full(10, 100.0)
    between_members = practice_variance(observed, expected) / 4
    assert cells_apart(cell, observed, expected, np.full(10, np.nan)) == between_members > 0


def test_where_neither_cells_nor_members_differ_there_is_no_variance() -> None:
    alike = np.full(5, 100)
    assert cells_apart(np.array([0, 0, 1, 1, 2]), alike, alike, alike) == 0.0


def test_extra_variance_makes_its_bearer_less_certain_and_nobody_else() -> None:
    observed, expected = [90, 110, 95, 105, 220], [100.0] * 5
    plain = stand_among_peers(observed, expected)
    allowed = stand_among_peers(observed, expected, extra_variance=[0, 0, 0, 0, 0.1])
    assert allowed.z[-1] < plain.z[-1]
    assert allowed.p[:-1].tolist() == plain.p[:-1].tolist()


def test_fewer_members_say_less_of_how_members_differ() -> None:
    p = [float(upper_tail_among([200], [100.0], 0.02, members)[0]) for members in (10, 40, 10_000)]
    assert p[0] > p[1] > p[2]
    assert p[2] == pytest.approx(float(over_dispersed_upper_tail([200], [100.0], ALLOWANCE * 0.02)[0]), rel=0.01)


def test_a_share_that_stands_out_among_equals_is_found() -> None:
    standing = stand_by_share([20] * 30 + [60], [100] * 31, [20.0] * 31)
    assert standing.q[-1] < 0.001
    assert standing.q[:-1].min() > 0.2
    assert standing.ratio[-1] == pytest.approx(3)
    assert standing.probability[-1] > 0.9
    assert 1.5 < standing.shrunk[-1] < 3
