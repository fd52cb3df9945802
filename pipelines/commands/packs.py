"""``pack show / diff / check``: policy packs as a run would use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.console import say, show, show_json, show_table
from schemas.errors import OK, UsageError

if TYPE_CHECKING:
    from datetime import date

    from schemas.pack import Pack

app = typer.Typer(help="Policy packs.", no_args_is_help=True)

LAW = "legal_basis"
"""How the provisions are called where tables are named."""

SHOWN = 80
"""Characters of a text that a difference shows."""

NameArgument = Annotated[str, typer.Argument(metavar="PACK", help="A name or a folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("show")
def show_(
    pack: NameArgument = "cn-national",
    table: Annotated[str | None, typer.Option("--table", help="Print this table's rows; legal_basis is one.")] = None,
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
    rows = _counts(policy)
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


def _counts(policy: Pack) -> dict[str, int]:
    """Rows of each table, and the provisions of legal_basis.toml."""
    tables = {name: frame.height for name, frame in policy.tables.items()}
    return dict(sorted({**tables, LAW: len(policy.legal_bases)}.items()))


def _left_out(policy: Pack) -> list[tuple[str, str, int]]:
    """Rows of skipped_rules.csv by published list and by what they concern instead of an examination."""
    from collections import Counter

    counted = Counter(policy.tables["skipped_rules"].select("published_list", "reason").rows())
    return [(name, reason, count) for (name, reason), count in sorted(counted.items())]


def _show_rows(policy: Pack, table: str, on: str | None, as_json: bool) -> int:
    """Rows of one table with the pack that each comes from; columns without any value are left out."""
    from pipelines.settings import parse_date
    from schemas.pack import in_force

    day = None if on is None else parse_date(on, "--on")
    if table == LAW:
        return _show_law(policy, day, as_json)
    if table not in policy.tables:
        raise UsageError("no such table", got=table, allowed=", ".join(_counts(policy)), where="--table")
    frame = policy.tables[table]
    if day is not None:
        frame = in_force(frame, day)
    if as_json:
        show_json(frame.to_dicts())
        return OK
    filled = [name for name in frame.columns if frame[name].null_count() < frame.height]
    show_table(f"{table} of {policy.name} {policy.version}", filled, frame.select(filled).rows())
    return OK


def _show_law(policy: Pack, day: date | None, as_json: bool) -> int:
    """Each provision with its words by period; with a day, those in force on it."""
    from schemas.pack_law import law_rows

    rows = law_rows(policy.legal_bases, day)
    if as_json:
        show_json(rows)
        return OK
    titles = ("basis_id", "title_zh", "article", "in_force_from", "in_force_to", "text_checked", "text_zh")
    show_table(
        f"{LAW} of {policy.name} {policy.version}", titles, [tuple(row[name] for name in titles) for row in rows]
    )
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
    rows = [
        (one.part, one.key, one.kind, _words(one.before, one.after), _words(one.after, one.before)) for one in found
    ]
    heads = [f"{pack.name} {pack.version}" for pack in packs]
    if rows:
        show_table(f"{heads[0]} → {heads[1]}", ("part", "key", "kind", "before", "after"), rows)
    say(f"{len(rows)} differences between {heads[0]} and {heads[1]}")
    return OK


def _words(values: dict[str, str | None], other: dict[str, str | None]) -> str:
    """Columns and values; of a long text the part where it departs from the other pack's."""
    return "; ".join(f"{name} = {_excerpt(value, other.get(name))}" for name, value in values.items())


def _excerpt(text: str | None, other: str | None) -> str:
    if text is None:
        return "nothing"
    if len(text) <= SHOWN:
        return text
    pairs = enumerate(zip(text, other or "", strict=False))
    same = next((index for index, (one, two) in pairs if one != two), min(len(text), len(other or "")))
    start = max(0, same - SHOWN // 4)
    return f"{'…' if start else ''}{text[start : start + SHOWN]}{'…' if start + SHOWN < len(text) else ''}"


@app.command("check")
def check(pack: NameArgument, json: JsonOption = False) -> int:
    """Check a pack: every file, line and key, and every detector that its parameters and its law name."""
    from detectors.cards import check_law
    from detectors.catalogue import load_catalogue
    from detectors.settings import resolve
    from schemas.pack import load_pack

    policy, catalogue = load_pack(pack), load_catalogue()
    resolve(catalogue, policy.parameters)
    check_law(catalogue, policy)
    rows = _counts(policy)
    silent = [key for key, basis in policy.legal_bases.items() if not basis.wordings]
    if json:
        show_json({**policy.identity.model_dump(), "rows": rows, "provisions_without_words": silent, "is_well": True})
        return OK
    show(f"{policy.name} {policy.version}: {sum(rows.values())} rows are well")
    show(f"{rows[LAW] - len(silent)} of {rows[LAW]} provisions are held with their own words")
    return OK
