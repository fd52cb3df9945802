import numpy as np
import pytest

from detectors.statistics.exact import over_dispersed_upper_tail
from detectors.statistics.peers import (
    NO_GROUP,
    adjusted_z,
    choose_tiers,
    q_with_one_replaced,
    stand_among_peers,
    upper_tail,
)


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
