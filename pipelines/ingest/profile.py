"""Source profiles: which shapes of extract can be read. ``canonical`` is one file a table, named as the table."""

from __future__ import annotations

from schemas.errors import UnknownProfileError

PROFILES = ("canonical",)
"""Names of the shipped profiles."""


def check_profile(name: str) -> str:
    """The name back, where it is a shipped profile.

    Raises:
        UnknownProfileError: there is no such profile; the message lists those that exist.
    """
    if name not in PROFILES:
        raise UnknownProfileError(
            "there is no such source profile", got=name, allowed=", ".join(PROFILES), where="--profile"
        )
    return name
