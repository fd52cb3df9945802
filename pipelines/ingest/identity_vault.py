"""The identity vault: one encrypted file outside the workspace that leads pseudonyms back to the ids of the extracts.

It is an SQLite file, so that an interrupted write leaves it as it was. Ids stand in it only as sealed segments
(AES-256-GCM under a key that HKDF makes from the pseudonym key); pseudonyms are inside the segments too. What is read
from it is logged beside it (``identity_log``).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import platformdirs
import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pipelines.ingest.identities import SEEN, make_seen
from pipelines.ingest.pseudonym_key import PROGRAM, PseudonymKey
from schemas.errors import IntegrityError, UsageError

_PURPOSE = b"exam-audit identity vault 1"
_NONCE_BYTES = 12
_ROWS_A_SEGMENT = 65_536
_WAIT_SECONDS = 30
_SCHEMA = pa.schema([("kind", pa.string()), ("pseudonym", pa.string()), ("original", pa.string())])
_DDL = (
    "create table if not exists vault (key_fingerprint text not null)",
    "create table if not exists segment (number integer primary key, nonce blob not null, sealed blob not null)",
    "create table if not exists lookup_log (entries integer not null, last_hash text not null)",
)


def default_vault_path(key: PseudonymKey) -> Path:
    """Where the vault of a key stands when nobody names one: the user's data folder, one file a key."""
    return platformdirs.user_data_path(PROGRAM, appauthor=False) / f"identity-{key.fingerprint}.vault"


def make_vault(path: Path, key: PseudonymKey) -> None:
    """Make an empty vault that only its owner can read, where none stands yet; an old one must be of this key.

    Raises:
        UsageError: the file cannot be made or written.
        IntegrityError: the file is no vault, or the vault of another key.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise _unwritable(path, error.strerror) from None
    with _opened(path, key, is_new=True):
        pass


def keep_identities(connection: duckdb.DuckDBPyConnection, path: Path, key: PseudonymKey) -> int:
    """Seal the identities of this ingest that the vault does not hold yet; all or none.

    A vault may hold ids of an ingest that failed afterwards; it never lacks those of one that did not.

    Returns:
        How many were added.
    """
    make_seen(connection)
    with _opened(path, key) as vault:
        _list_known(connection, vault, key)
        fresh = connection.sql(
            f"""
            select kind, pseudonym, original from {SEEN}
            where kind not in ('text', 'institution') and (pseudonym, original) not in (from vault_known)
            order by kind, pseudonym, original"""
        ).to_arrow_table()
        connection.execute("drop table vault_known")
        for start in range(0, fresh.num_rows, _ROWS_A_SEGMENT):
            rows = fresh.slice(start, _ROWS_A_SEGMENT).cast(_SCHEMA)
            vault.execute("insert into segment (nonce, sealed) values (?, ?)", _sealed(rows, key))
    return int(fresh.num_rows)


def originals_of(path: Path, key: PseudonymKey, pseudonym: str) -> dict[str, list[str]]:
    """Original ids by pseudonym, for every pseudonym of the vault that begins with these digits.

    Raises:
        UsageError: there is no vault.
        IntegrityError: the key is another one, or the vault was damaged.
    """
    found: dict[str, set[str]] = {}
    with _opened(path, key) as vault:
        for rows in _segments(vault, key):
            for row in rows.to_pylist():
                if row["pseudonym"].startswith(pseudonym):
                    found.setdefault(row["pseudonym"], set()).add(row["original"])
    return {name: sorted(found[name]) for name in sorted(found)}


def read_log_anchor(path: Path, key: PseudonymKey) -> tuple[int, str]:
    """How many lookups the vault knows of, and the hash of the last; the log beside it must hold them."""
    with _opened(path, key) as vault:
        row = vault.execute("select entries, last_hash from lookup_log").fetchone()
    return (0, "") if row is None else (int(row[0]), str(row[1]))


def write_log_anchor(path: Path, key: PseudonymKey, entries: int, last_hash: str) -> None:
    """Remember in the vault how far the log goes, so that a shortened log is noticed."""
    with _opened(path, key) as vault:
        vault.execute("delete from lookup_log")
        vault.execute("insert into lookup_log values (?, ?)", (entries, last_hash))


@contextmanager
def _opened(path: Path, key: PseudonymKey, *, is_new: bool = False) -> Iterator[sqlite3.Connection]:
    """The vault inside one transaction, the right key made sure of."""
    if not path.is_file():
        raise UsageError("there is no identity vault", allowed="the file of --vault", where=f"--vault {path}")
    vault = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
    try:
        vault.execute("begin immediate")
        _require_key(vault, path, key, is_new)
        yield vault
        vault.execute("commit")
    except sqlite3.OperationalError as error:
        raise _unwritable(path, str(error)) from None
    except (sqlite3.DatabaseError, pa.ArrowInvalid):
        raise IntegrityError("the file is no identity vault, or it is damaged", where=str(path)) from None
    except InvalidTag:
        raise IntegrityError("the identity vault was changed or damaged", where=str(path)) from None
    finally:
        vault.close()


def _require_key(vault: sqlite3.Connection, path: Path, key: PseudonymKey, is_new: bool) -> None:
    if is_new:
        for statement in _DDL:
            vault.execute(statement)
        vault.execute(
            "insert into vault select ? where not exists (select 1 from vault)",
            (key.fingerprint,),
        )
    ((fingerprint,),) = vault.execute("select key_fingerprint from vault").fetchall() or ((None,),)
    if fingerprint != key.fingerprint:
        raise IntegrityError(
            "the identity vault belongs to another pseudonym key",
            got=f"key {key.fingerprint}",
            allowed=f"key {fingerprint}",
            where=f"--key-file, --vault {path}",
        )


def _list_known(connection: duckdb.DuckDBPyConnection, vault: sqlite3.Connection, key: PseudonymKey) -> None:
    connection.execute("create or replace temp table vault_known (pseudonym varchar, original varchar)")
    for rows in _segments(vault, key):
        connection.register("vault_rows", rows)
        try:
            connection.execute("insert into vault_known select pseudonym, original from vault_rows")
        finally:
            connection.unregister("vault_rows")


def _segments(vault: sqlite3.Connection, key: PseudonymKey) -> Iterator[pa.Table]:
    cipher = _cipher(key)
    for nonce, sealed in vault.execute("select nonce, sealed from segment order by number"):
        with pa.ipc.open_stream(cipher.decrypt(nonce, sealed, _PURPOSE)) as stream:
            yield stream.read_all()


def _sealed(rows: pa.Table, key: PseudonymKey) -> tuple[bytes, bytes]:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, _SCHEMA) as stream:
        stream.write_table(rows)
    nonce = os.urandom(_NONCE_BYTES)
    return nonce, _cipher(key).encrypt(nonce, sink.getvalue().to_pybytes(), _PURPOSE)


def _cipher(key: PseudonymKey) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.secret))


def _unwritable(path: Path, got: str | None) -> UsageError:
    return UsageError(
        "the identity vault cannot be read or written",
        got=got or "an operating-system error",
        allowed="a file that you may write, or --no-vault",
        where=f"--vault {path}",
    )
