"""Who looked which pseudonym up, when and why: a log beside the vault to which lines are only added.

Each line holds the hash of the line before it, keyed by the pseudonym key, and the vault remembers how far the log
goes: a line that is changed, taken out or cut off is noticed. No line holds an original id.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
import pwd
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict, cast

from pipelines.ingest.identity_vault import read_log_anchor, write_log_anchor
from pipelines.ingest.masking import masked_text
from pipelines.ingest.pseudonym_key import PseudonymKey
from schemas.errors import IntegrityError


class Entry(TypedDict):
    """One lookup: when (UTC), who (account of the operating system), what, why, how many pseudonyms it met."""

    at: str
    user: str
    pseudonym: str
    reason: str
    found: int
    previous: str
    hash: str


def log_path(vault: Path) -> Path:
    """The log of a vault."""
    return vault.with_name(f"{vault.name}.log")


def add_entry(vault: Path, key: PseudonymKey, pseudonym: str, reason: str, found: int) -> None:
    """Add a lookup to the log and make sure that it stands on the disk.

    Raises:
        IntegrityError: the log was changed.
    """
    descriptor = os.open(log_path(vault), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        entries = read_entries(vault, key)
        entry: Entry = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "user": _user(),
            "pseudonym": pseudonym,
            "reason": masked_text(" ".join(reason.split())),
            "found": found,
            "previous": entries[-1]["hash"] if entries else "",
            "hash": "",
        }
        entry["hash"] = _hash(entry, key)
        stream.write(json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
        write_log_anchor(vault, key, len(entries) + 1, entry["hash"])


def read_entries(vault: Path, key: PseudonymKey) -> list[Entry]:
    """Every lookup, oldest first.

    Raises:
        IntegrityError: a line was changed, taken out or cut off.
    """
    path = log_path(vault)
    count, last_hash = read_log_anchor(vault, key)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    entries: list[Entry] = []
    for number, line in enumerate(lines, start=1):
        previous = entries[-1]["hash"] if entries else ""
        entry = _parsed(line)
        if entry is None or entry["previous"] != previous or not hmac.compare_digest(entry["hash"], _hash(entry, key)):
            raise IntegrityError("the log of lookups was changed", where=f"{path}, line {number}")
        entries.append(entry)
    # A kill may come between the line and its anchor, so the log may be longer than the vault knows, never shorter.
    if len(entries) < count or (count and entries[count - 1]["hash"] != last_hash):
        raise IntegrityError(
            "the log of lookups was cut off", got=f"{len(entries)} lookups", allowed=f"{count} or more", where=str(path)
        )
    return entries


def _parsed(line: str) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if not isinstance(entry, dict) or set(entry) != set(Entry.__annotations__) or not isinstance(entry["hash"], str):
        return None
    return cast(Entry, entry)


def _hash(entry: Entry, key: PseudonymKey) -> str:
    told = {name: value for name, value in entry.items() if name != "hash"}
    return hmac.digest(key.secret, b"lookup\0" + json.dumps(told, sort_keys=True).encode(), "sha256").hex()


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
