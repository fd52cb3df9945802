"""``ingest``: take an extract in and account for every row."""

from __future__ import annotations

import typer

from pipelines.commands.options import (
    DEFAULT_WORKSPACE,
    CompleteOption,
    ExtractOption,
    JsonOption,
    KeyOption,
    MemoryOption,
    NoVaultOption,
    ProfileOption,
    ThreadsOption,
    VaultOption,
    WorkspaceOption,
)
from pipelines.console import progressing, say, show, show_json
from schemas.errors import OK
from schemas.quality import FileAccount


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(ingest)


def ingest(
    extract: ExtractOption,
    profile: ProfileOption,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    key_file: KeyOption = None,
    vault: VaultOption = None,
    no_vault: NoVaultOption = False,
    complete: CompleteOption = None,
    threads: ThreadsOption = None,
    memory_limit: MemoryOption = None,
    json: JsonOption = False,
) -> int:
    """Take an extract in and account for every row; judge nothing."""
    # Not from the steps: those bring every detector, which takes a second.
    from pipelines.ingest.completeness import check_tables
    from pipelines.ingest.sources import require_folder
    from pipelines.intake import take_in
    from pipelines.settings import RunSettings
    from pipelines.workspace import Workspace

    settings = RunSettings(
        workspace=workspace,
        extract=extract,
        profile=profile,
        key_file=key_file,
        vault=vault,
        keep_vault=not no_vault,
        complete=tuple(complete or ()),
        threads=threads,
        memory_limit=memory_limit,
    ).checked()
    check_tables(settings.complete)
    require_folder(extract)
    with Workspace(workspace).locked(), progressing("ingest") as (step, _):
        outcome = take_in(settings, step)
    if json:
        show_json(
            {
                "batch_id": outcome.batch_id,
                "is_new": outcome.is_new,
                "files": [f.model_dump() for f in outcome.files],
                "ignored": list(outcome.ignored),
                "refunds": outcome.refunds,
            }
        )
        return OK
    for file in outcome.files:
        show(
            f"{_label(file)}: {file.rows_in} rows in = {file.accepted} accepted + {file.quarantined} quarantined "
            f"+ {file.duplicate} duplicate + {file.superseded} superseded"
            + "".join(f"; {count} set aside ({kind})" for kind, count in sorted(file.set_aside.items()))
        )
    for name in outcome.ignored:
        show(f"{name}: ignored, the profile knows no such file or sheet")
    if outcome.refunds:
        show(f"refunded settlements: {', '.join(f'{kind} {n}' for kind, n in sorted(outcome.refunds.items()))}")
    say(f"batch {outcome.batch_id}" + ("" if outcome.is_new else " was already there; nothing changed"))
    return OK


def _label(file: FileAccount) -> str:
    is_named_so = file.source_file.lower().startswith(f"{file.table_name}.")
    return file.source_file if is_named_so else f"{file.source_file} to {file.table_name}"
