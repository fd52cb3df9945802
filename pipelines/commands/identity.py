"""``identity lookup`` and ``identity log``: an authorised inspector finds an original id, and everybody can see it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.console import say, show, show_json, show_table
from schemas.errors import OK, IntegrityError, UsageError

if TYPE_CHECKING:
    from pipelines.ingest.pseudonym_key import PseudonymKey

KeyOption = Annotated[Path | None, typer.Option("--key-file", help="Pseudonym key; default: the user's own.")]
VaultOption = Annotated[Path | None, typer.Option("--vault", help="Identity vault; default: that of the key.")]

_PSEUDONYM = re.compile(r"[0-9a-f]{12,32}")

app = typer.Typer(help="Original ids behind pseudonyms, each lookup logged with its reason.", no_args_is_help=True)


@app.command()
def lookup(
    pseudonym: Annotated[str, typer.Argument(help="A pseudonym, or its first 12 or more digits.")],
    reason: Annotated[str, typer.Option("--reason", help="Why the id is needed, such as the number of a case.")],
    key_file: KeyOption = None,
    vault: VaultOption = None,
) -> int:
    """Print the original id of a pseudonym; who asked, when and why is logged beside the vault."""
    from pipelines.ingest.identity_log import add_entry
    from pipelines.ingest.identity_vault import originals_of

    wanted = pseudonym.strip().lower()
    if not _PSEUDONYM.fullmatch(wanted):
        # What was typed may be an original id, so it is neither shown nor logged.
        raise UsageError(
            "that is no pseudonym", allowed="its 32 hexadecimal digits, or the first 12 or more", where="PSEUDONYM"
        )
    if not reason.strip():
        raise UsageError("a lookup needs a reason", got="an empty text", allowed="why it is needed", where="--reason")
    key, place = _key_and_vault(key_file, vault)
    found = originals_of(place, key, wanted)
    add_entry(place, key, wanted, reason, len(found))
    if len(found) != 1:
        raise UsageError(
            "no single pseudonym of the vault begins with these digits",
            got=f"{len(found)} of them",
            allowed="a pseudonym of an extract that was loaded with this vault",
            where="PSEUDONYM",
        )
    for original in next(iter(found.values())):
        show(original.replace("\x1f", " | "))
    return OK


@app.command()
def log(
    key_file: KeyOption = None,
    vault: VaultOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """List all lookups after checking that no line was changed or cut off; exit 4 where one was."""
    from pipelines.ingest.identity_log import log_path, read_entries

    key, place = _key_and_vault(key_file, vault)
    entries = read_entries(place, key)
    if json:
        show_json(entries)
        return OK
    rows = [[entry["at"], entry["user"], entry["pseudonym"], entry["reason"], entry["found"]] for entry in entries]
    show_table("lookups", ("at", "user", "pseudonym", "reason", "found"), rows)
    say(f"{len(entries)} lookups, each line as it was written: {log_path(place)}")
    return OK


def _key_and_vault(key_file: Path | None, vault: Path | None) -> tuple[PseudonymKey, Path]:
    from pipelines.ingest.identity_vault import default_vault_path
    from pipelines.ingest.pseudonym_key import default_key_path, read_key

    key = read_key(key_file or default_key_path())
    place = vault or default_vault_path(key)
    if vault is None and not place.exists() and any(place.parent.glob("identity-*.vault")):
        raise IntegrityError(
            "the vaults here belong to other pseudonym keys",
            got=f"key {key.fingerprint}",
            allowed="the key under which the extract was loaded",
            where=f"--key-file; {place.parent}",
        )
    return key, place
