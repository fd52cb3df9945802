"""P(substantiated) from verdicts: boosted trees that are monotone where they should be, made probabilities afterwards.

scikit-learn's histogram gradient boosting, fitted on older verdicts and calibrated on newer ones; one thread and a
fixed seed, so that equal verdicts give equal probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from detectors.leads.features import FEATURES

Floats = npt.NDArray[np.float64]

RECIPE: Mapping[str, float | int] = {
    "max_iter": 80,
    "learning_rate": 0.08,
    "max_leaf_nodes": 6,
    "min_samples_leaf": 15,
    "l2_regularization": 1.0,
}
"""Small trees, few of them: a few hundred verdicts must not be learned by heart."""

ISOTONIC_FROM = 1_000
"""Verdicts to calibrate on from which the isotonic curve is used; below it bends to single verdicts. Source:
scikit-learn's user guide, Probability calibration."""

Method = Literal["isotonic", "sigmoid"]


@dataclass(frozen=True, eq=False)
class Classifier:
    """A fitted and calibrated model.

    Attributes:
        model: scikit-learn's.
        columns: features that the older verdicts knew anything of, in their order; it sees no other.
        method: how its scores were made probabilities.
        is_rising: whether a higher score means a higher probability, without which no direction of a feature holds.
    """

    model: Any
    columns: tuple[str, ...]
    method: Method
    is_rising: bool

    def probabilities(self, rows: pl.DataFrame) -> Floats:
        """P(substantiated) of each row, 0 to 1, shape (rows,).

        Args:
            rows: one column a feature of ``FEATURES``; null = not known.
        """
        from threadpoolctl import threadpool_limits

        if rows.is_empty():
            return np.empty(0, dtype=np.float64)
        with threadpool_limits(limits=1):
            return np.asarray(self.model.predict_proba(_matrix(rows, self.columns))[:, 1], dtype=np.float64)


def fitted(older: pl.DataFrame, newer: pl.DataFrame) -> Classifier:
    """A model of the older verdicts, its scores made probabilities by the newer ones.

    Args:
        older: one column a feature, and ``is_substantiated``; in a fixed order, both outcomes among them.
        newer: as ``older``.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.frozen import FrozenEstimator
    from threadpoolctl import threadpool_limits

    columns = tuple(name for name in FEATURES if older[name].drop_nulls().len())
    seen, later = _matrix(older, columns), _matrix(newer, columns)
    method: Method = "isotonic" if newer.height >= ISOTONIC_FROM else "sigmoid"
    trees = HistGradientBoostingClassifier(
        **RECIPE, early_stopping=False, random_state=0, monotonic_cst=[FEATURES[name] for name in columns]
    )
    with threadpool_limits(limits=1):
        trees.fit(seen, _outcomes(older))
        model = CalibratedClassifierCV(FrozenEstimator(trees), method=method, ensemble=False)
        model.fit(later, _outcomes(newer))
        scores, said = (one.predict_proba(later)[:, 1] for one in (trees, model))
    return Classifier(model, columns, method, bool(said[scores.argmax()] >= said[scores.argmin()]))


def model_identity(verdicts_sha256: str) -> dict[str, str]:
    """What decides the classifier beside the findings: features, recipe, verdicts, library."""
    return {
        "features": " ".join(f"{name}:{direction:+d}" for name, direction in FEATURES.items()),
        "recipe": " ".join(f"{name}={value}" for name, value in sorted(RECIPE.items())),
        "scikit-learn": version("scikit-learn"),
        "verdicts_sha256": verdicts_sha256,
    }


def _matrix(rows: pl.DataFrame, columns: tuple[str, ...]) -> Floats:
    """These features in their order, shape (rows, columns); NaN where not known."""
    return np.column_stack([rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in columns])


def _outcomes(rows: pl.DataFrame) -> npt.NDArray[np.int64]:
    return rows["is_substantiated"].to_numpy().astype(np.int64)
