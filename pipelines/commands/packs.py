"""``pack show / diff / check``: policy packs as a run would use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.console import say, show, show_json, show_table
from schemas.errors import OK, UsageError

if TYPE_CHECKING:
    from schemas.pack import Pack

app = typer.Typer(help="Policy packs.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="PACK", help="A name or a folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("show")
def show_(
    pack: NameArgument = "cn-national",
    table: Annotated[str | None, typer.Option("--table", help="Print this table's rows.")] = None,
    on: Annotated[str | None, typer.Option("--on", help="Only rows in force on this day, YYYY-MM-DD.")] = None,
    json: JsonOption = False,
) -> int:
    """A pack with its overlays resolved: chain, hash, rows of each table, thresholds; or the rows of one table."""
    from schemas.pack import load_pack

    policy = load_pack(pack)
    if table is not None:
        return _show_rows(policy, table, on, json)
    if on is not None:
        raise UsageError("--on needs --table", got="--on alone", allowed="--table NAME --on YYYY-MM-DD", where="--on")
    rows = {name: frame.height for name, frame in sorted(policy.tables.items())}
    left_out = _left_out(policy)
    if json:
        skipped = [dict(zip(("published_list", "reason", "rows"), row, strict=True)) for row in left_out]
        show_json(
            {**policy.identity.model_dump(), "rows": rows, "skipped_rules": skipped, "parameters": policy.parameters}
        )
        return OK
    show(f"{policy.name} {policy.version}  {' ← '.join(reversed(policy.identity.chain))}\nsha256 {policy.sha256}")
    show_table("tables", ("table", "rows"), list(rows.items()))
    if left_out:
        show_table("published rules left out", ("list", "concerns", "rows"), left_out)
    for detector_id, parameters in sorted(policy.parameters.items()):
        show("\n".join(f"{detector_id}.{name} = {value}" for name, value in sorted(parameters.items())))
    return OK


def _left_out(policy: Pack) -> list[tuple[str, str, int]]:
    """Rows of skipped_rules.csv by published list and by what they concern instead of an examination."""
    from collections import Counter

    counted = Counter(policy.tables["skipped_rules"].select("published_list", "reason").rows())
    return [(name, reason, count) for (name, reason), count in sorted(counted.items())]


def _show_rows(policy: Pack, table: str, on: str | None, as_json: bool) -> int:
    """Rows of one table with the pack that each comes from; columns without any value are left out."""
    from pipelines.settings import parse_date
    from schemas.pack import in_force

    if table not in policy.tables:
        raise UsageError("no such table", got=table, allowed=", ".join(sorted(policy.tables)), where="--table")
    frame = policy.tables[table]
    if on is not None:
        frame = in_force(frame, parse_date(on, "--on"))
    if as_json:
        show_json(frame.to_dicts())
        return OK
    filled = [name for name in frame.columns if frame[name].null_count() < frame.height]
    show_table(f"{table} of {policy.name} {policy.version}", filled, frame.select(filled).rows())
    return OK


@app.command("diff")
def diff(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="A name or a folder.")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="A name or a folder.")],
    json: JsonOption = False,
) -> int:
    """What the second pack says otherwise than the first: rows by key and period, settings, parameters, law."""
    from schemas.pack import load_pack
    from schemas.pack_diff import diff_packs

    packs = [load_pack(name) for name in (first, second)]
    found = diff_packs(*packs)
    if json:
        show_json([one.model_dump() for one in found])
        return OK
    rows = [(one.part, one.key, one.kind, _words(one.before), _words(one.after)) for one in found]
    heads = [f"{pack.name} {pack.version}" for pack in packs]
    if rows:
        show_table(f"{heads[0]} → {heads[1]}", ("part", "key", "kind", "before", "after"), rows)
    say(f"{len(rows)} differences between {heads[0]} and {heads[1]}")
    return OK


def _words(values: dict[str, str | None]) -> str:
    return "; ".join(f"{name} = {'nothing' if value is None else value}" for name, value in values.items())


@app.command("check")
def check(pack: NameArgument, json: JsonOption = False) -> int:
    """Check a pack: every file, line and key, and every detector parameter it sets."""
    from detectors.catalogue import load_catalogue
    from detectors.settings import resolve
    from schemas.pack import load_pack

    policy = load_pack(pack)
    resolve(load_catalogue(), policy.parameters)
    rows = {name: frame.height for name, frame in sorted(policy.tables.items())}
    if json:
        show_json({**policy.identity.model_dump(), "rows": rows, "is_well": True})
        return OK
    show(f"{policy.name} {policy.version}: {sum(rows.values())} rows are well")
    return OK
