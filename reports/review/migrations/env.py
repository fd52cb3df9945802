"""Runs the migrations over the connection that ``reports.review.store`` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from reports.review.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
