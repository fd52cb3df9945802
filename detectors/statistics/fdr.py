"""False discovery: what share of a list is expected to be innocent.

Source: Benjamini Y, Hochberg Y, Controlling the false discovery rate, J R Stat Soc B 1995;57:289-300.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detectors.statistics.funnel import Floats


def q_values(p_values: npt.ArrayLike) -> Floats:
    """Benjamini-Hochberg q-values: q of the i-th smallest p is min over j >= i of p_j m / j, at most 1.

    Args:
        p_values: all tests of one family (detector x peer group), each 0 to 1, shape (m,).

    Returns:
        q-values in the order of the input, shape (m,); equal p give equal q.

    Raises:
        ValueError: where a p-value is missing or outside 0 to 1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if np.any(~((p >= 0) & (p <= 1))):
        raise ValueError("p-values lie between 0 and 1")
    order = np.argsort(p, kind="stable")
    stepped = p[order] * p.size / np.arange(1, p.size + 1)
    q = np.empty_like(p)
    q[order] = np.minimum(1.0, np.minimum.accumulate(stepped[::-1])[::-1])
    return q
