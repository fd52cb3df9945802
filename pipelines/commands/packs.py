"""``pack show / check``: policy packs as a run would use them."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.console import show, show_json, show_table
from schemas.errors import OK

app = typer.Typer(help="Policy packs.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="PACK", help="A name or a folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("show")
def show_(pack: NameArgument = "cn-national", json: JsonOption = False) -> int:
    """A pack with its overlays resolved: chain, hash, rows of each table, thresholds."""
    from schemas.pack import load_pack

    policy = load_pack(pack)
    rows = {name: frame.height for name, frame in sorted(policy.tables.items())}
    if json:
        show_json({**policy.identity.model_dump(), "rows": rows, "parameters": policy.parameters})
        return OK
    show(f"{policy.name} {policy.version}  {' ← '.join(reversed(policy.identity.chain))}\nsha256 {policy.sha256}")
    show_table("tables", ("table", "rows"), list(rows.items()))
    for detector_id, parameters in sorted(policy.parameters.items()):
        show("\n".join(f"{detector_id}.{name} = {value}" for name, value in sorted(parameters.items())))
    return OK


@app.command("check")
def check(pack: NameArgument) -> int:
    """Check a pack: every file, line and key, and every detector parameter it sets."""
    from detectors.catalogue import load_catalogue
    from detectors.settings import resolve
    from schemas.pack import load_pack

    policy = load_pack(pack)
    resolve(load_catalogue(), policy.parameters)
    show(f"{policy.name} {policy.version}: {sum(frame.height for frame in policy.tables.values())} rows are well")
    return OK
