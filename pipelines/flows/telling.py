"""Whom the flow tells what it is doing; a module of its own, since a served flow is pickled with its own globals."""

from __future__ import annotations

from contextvars import ContextVar

from pipelines import steps

progress: ContextVar[steps.Progress] = ContextVar("progress", default=steps.silent)
"""Told in a few words; the command line sets it."""
