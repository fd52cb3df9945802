"""Source profiles: which shapes of extract can be read, as data; each is one TOML file that anybody can write."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from schemas.errors import ProfileError, UnknownProfileError
from schemas.pack_toml import line_of
from schemas.profile_checks import contradictions
from schemas.profile_shapes import Profile, SourceColumn, SourceFile, TableMapping
from schemas.tables import TABLES

FOLDER = Path(__file__).with_name("profiles")
"""Where the shipped profiles stand."""


def shipped_profiles() -> tuple[str, ...]:
    """Names of the shipped profiles, in order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load_profile(name_or_path: str | Path) -> Profile:
    """The profile of that shipped name, or in that TOML file.

    Raises:
        UnknownProfileError: neither a shipped name nor a file.
        ProfileError: the file is no profile; the message has file, line and key.
    """
    path = _path_of(str(name_or_path))
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        written = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ProfileError(
            "the profile is not TOML", got=str(fault), allowed="key = value, [table], UTF-8", where=str(path)
        ) from None
    if "sha256" in written:
        raise _fault(path, text, ("sha256",), "unknown key", "no sha256: it is made from the file")
    try:
        profile = Profile.model_validate(written)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        keys = tuple(str(part) for part in first["loc"])
        raise _fault(path, text, keys, *_words(first["type"], first["msg"])) from None
    for keys, wrong, allowed in contradictions(profile):
        raise _fault(path, text, keys, wrong, allowed)
    return _with_scope(profile).model_copy(update={"sha256": hashlib.sha256(content).hexdigest()})


def _with_scope(profile: Profile) -> Profile:
    """The profile with ``extract_scope`` as a file of its own: who sends an extract may say beside it what is whole."""
    name = "extract_scope"
    if profile.tables_as_sources or name in profile.source or any(one.name == name for one in profile.table):
        return profile
    columns = TABLES[name].columns
    source = SourceFile(files=(name,), columns={one.name: SourceColumn(required=one.required) for one in columns})
    plain = {one.name: {"column": one.name} for one in columns}
    mapping = TableMapping.model_validate({"name": name, "from": name, "columns": plain})
    return profile.model_copy(update={"source": {**profile.source, name: source}, "table": (*profile.table, mapping)})


def _path_of(name: str) -> Path:
    if name in shipped_profiles():
        return FOLDER / f"{name}.toml"
    path = Path(name)
    if path.suffix.lower() == ".toml" and path.is_file():
        return path
    raise UnknownProfileError(
        "there is no such source profile",
        got=name,
        allowed=f"{', '.join(shipped_profiles())}, or a .toml file",
        where="--profile",
    )


def _words(kind: str, message: str) -> tuple[str, str]:
    if kind == "extra_forbidden":
        return "unknown key", "the keys of schemas/profiles/README.md"
    if kind == "missing":
        return "a key is missing", "this key with a value"
    return "a value of the wrong kind", message.removeprefix("Value error, ")


def _fault(path: Path, text: str, keys: Sequence[str], wrong: str, allowed: str) -> ProfileError:
    dotted = ".".join(keys)
    where = f"{path} line {line_of(text, tuple(keys))}, key {dotted}"
    return ProfileError(wrong, got=f"key {dotted}", allowed=allowed, where=where)
