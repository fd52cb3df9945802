"""The key that signs the rows of a workspace's workbooks, so that `review import` knows its own rows again."""

from __future__ import annotations

from pipelines.ingest.pseudonym_key import make_key
from pipelines.workspace import Workspace
from schemas.errors import IntegrityError

KEY_BYTES = 32


def signing_key(place: Workspace) -> bytes:
    """The workspace's signing key: random, made on first use with mode 0600, kept as hexadecimal text.

    Raises:
        UsageError: it cannot be made. IntegrityError: the file does not hold a key.
    """
    path = place.signing_key
    if not path.exists():
        make_key(path)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        key = b""
    if len(key) < KEY_BYTES:
        raise IntegrityError(
            "the key that signs workbooks is damaged",
            allowed="the file as it was made; where it is lost, remove it: sheets handed out before are then refused",
            where=str(path),
        )
    return key
