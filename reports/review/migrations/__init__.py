"""Alembic migrations of the case store; `versions/` holds one file a step, applied by ``reports.review.store``."""
