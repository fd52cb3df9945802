"""The step that takes an extract in; apart from the other steps, so that ``ingest`` starts without the detectors."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from pipelines.ingest import BatchOutcome, ingest_extract
from pipelines.ingest.completeness import declare_complete
from pipelines.ingest.scratch import private_spill
from pipelines.open_warehouse import ingest_memory_limit, warehouse
from pipelines.protection import protection_of
from pipelines.settings import RunSettings
from schemas.errors import UsageError

Progress = Callable[[str], None]
"""Told in a few words what is being done."""


def silent(_: str) -> None:
    """No progress."""


def take_in(settings: RunSettings, progress: Progress = silent) -> BatchOutcome:
    """Ingest the extract; see ``pipelines.ingest``. Memory is bounded, also where no limit was asked for.

    Raises:
        UsageError: no extract was named, or the extract needs more memory than it may take.
    """
    if settings.extract is None:
        raise UsageError("an extract is needed", allowed="--extract DIR", where="--extract")
    protection = protection_of(settings)
    bounded = settings.model_copy(update={"memory_limit": settings.memory_limit or ingest_memory_limit()})
    try:
        with private_spill(settings.workspace), warehouse(bounded) as connection:
            outcome = ingest_extract(
                connection,
                settings.extract,
                settings.profile,
                workspace=settings.workspace,
                protection=protection,
                on_file=progress,
            )
            declare_complete(connection, settings.complete, outcome.batch_id)
    except duckdb.OutOfMemoryException:
        raise UsageError(
            "the extract needs more memory than it may take, even with what was spilled to the disk",
            got=bounded.memory_limit or "",
            allowed="a larger --memory-limit, such as 4GB",
            where="--memory-limit",
        ) from None
    for name in outcome.ignored:
        progress(f"ignored {name}: the profile knows no such file or sheet")
    return outcome
