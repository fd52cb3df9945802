"""The pseudonym key: found, made on first use, and held so that nothing ever prints it.

A key is 32 or more random bytes, raw or as hexadecimal text, in a file that only its owner can read and that stands
outside the workspace. Whoever holds it can turn a list of known ids into pseudonyms, so it is guarded as the ids are.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from schemas.errors import UsageError

PROGRAM = "exam-audit"
PUBLISHED_KEY = Path(__file__).with_name("published_demo.key")
"""The key of ``demo`` and of golden tests. It is no secret: everybody has it, and it protects nothing."""

MINIMUM_BYTES = 32
MAXIMUM_BYTES = 4096
PSEUDONYM_CHARACTERS = 32
"""A pseudonym is 32 hexadecimal digits without any prefix: 128 bits of an HMAC-SHA-256."""

_HEXADECIMAL = re.compile(rb"\s*(?:[0-9a-fA-F]{2})+\s*")
_WANTED = "32 or more random bytes, raw or as hexadecimal text"


@dataclass(frozen=True)
class PseudonymKey:
    """A key in memory. Its bytes are in no ``repr`` and must not travel into settings, logs or Prefect."""

    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """12 hexadecimal digits that tell two keys apart and from which the key cannot be found."""
        return hmac.digest(self.secret, b"fingerprint", "sha256").hex()[:12]

    def pseudonyms(self, kind: str, texts: Iterable[str]) -> list[str]:
        """Keyed HMAC-SHA-256 of normalised ids, 32 hexadecimal digits each; equal ids of two kinds differ."""
        secret, prefix, digest = self.secret, f"{kind}\0".encode(), hmac.digest
        return [digest(secret, prefix + text.encode(), "sha256").hex()[:PSEUDONYM_CHARACTERS] for text in texts]


def default_key_path() -> Path:
    """Where the key stands when nobody names one: the user's configuration folder."""
    return platformdirs.user_config_path(PROGRAM, appauthor=False) / "pseudonym.key"


def find_key(key_file: Path | None, workspace: Path) -> PseudonymKey:
    """The key of ``--key-file``, else that of the user's configuration folder, made on first use with mode 0600.

    Raises:
        UsageError: the file is missing, too short, readable by others, or inside the workspace.
    """
    path = default_key_path() if key_file is None else key_file
    if path.resolve().is_relative_to(workspace.resolve()):
        raise UsageError(
            "the pseudonym key stands inside the workspace",
            allowed="a file outside it, so that nobody copies both together",
            where=f"--key-file {path}",
        )
    if key_file is None and not path.exists():
        make_key(path)
    return read_key(path)


def make_key(path: Path) -> None:
    """Make a random key that only its owner can read, whole or not at all; a key that stands there stays.

    Raises:
        UsageError: the folder cannot be made or written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(f"{secrets.token_hex(MINIMUM_BYTES)}\n")
                stream.flush()
                os.fsync(stream.fileno())
            # A link fails where the name is taken: of two first runs at once one makes the key, both read it.
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    except OSError as error:
        raise UsageError(
            "no pseudonym key can be made",
            got=error.strerror or "an operating-system error",
            allowed="a folder that you may write, or a key of your own with --key-file",
            where=str(path),
        ) from None


def read_key(path: Path) -> PseudonymKey:
    """A key from its file.

    Raises:
        UsageError: no such file, not a key, or readable by group or world (the published key excepted).
    """
    where = f"--key-file {path}"
    try:
        with path.open("rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            content = stream.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        got = error.strerror or "an operating-system error"
        raise UsageError("the pseudonym key cannot be read", got=got, allowed=_WANTED, where=where) from None
    if mode & 0o077 and content != PUBLISHED_KEY.read_bytes():
        raise UsageError(
            "the pseudonym key is readable by others",
            got=f"mode {mode:04o}",
            allowed=f"mode 0600; run: chmod 600 {path}",
            where=where,
        )
    secret = bytes.fromhex(content.decode("ascii")) if _HEXADECIMAL.fullmatch(content) else content
    if not MINIMUM_BYTES <= len(secret) <= MAXIMUM_BYTES:
        got = f"{len(secret)} bytes" if len(secret) <= MAXIMUM_BYTES else f"more than {MAXIMUM_BYTES} bytes"
        raise UsageError("the pseudonym key has a wrong length", got=got, allowed=_WANTED, where=where)
    return PseudonymKey(secret)
