"""How one run protects persons: which key makes its pseudonyms, and whether a vault leads back from them."""

from __future__ import annotations

from pipelines.ingest.identity_vault import default_vault_path
from pipelines.ingest.pseudonym import Protection
from pipelines.ingest.pseudonym_key import find_key
from pipelines.settings import RunSettings


def protection_of(settings: RunSettings) -> Protection:
    """The pseudonym key, found or made, and the vault that goes with it.

    Raises:
        UsageError: the key cannot be taken.
    """
    key = find_key(settings.key_file, settings.workspace)
    vault = (settings.vault or default_vault_path(key)) if settings.keep_vault else None
    return Protection(key, vault)
