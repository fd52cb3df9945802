"""A new detector's three files: card, question, spec, in the one shape that all detectors have."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from schemas.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TEMPLATES = Path(__file__).parent / "templates"
_FILES = {
    "card.py.txt": "detectors/{family}/{name}.py",
    "question.sql.txt": "detectors/{family}/{name}.sql",
    "spec.toml.txt": "tests/detectors/{family}/{name}.toml",
}


def scaffold(root: Path, family: str, name: str) -> list[Path]:
    """Write the three files of ``family.name`` below a checkout; returns their paths.

    Raises:
        UsageError: the names are not snake case, the checkout is none, or a file stands already.
    """
    for word, where in ((family, "FAMILY"), (name, "NAME")):
        if not _NAME.fullmatch(word):
            raise UsageError(
                "not a detector name", got=word, allowed="snake case, such as same_institution", where=where
            )
    if not (root / "detectors" / "declaration.py").is_file():
        raise UsageError(
            "this is no checkout of exam-audit", got=str(root.resolve()), allowed="--root DIR", where="--root"
        )
    targets = {source: root / pattern.format(family=family, name=name) for source, pattern in _FILES.items()}
    for target in targets.values():
        if target.exists():
            raise UsageError("the file stands already", got=str(target), allowed="another name", where="NAME")
    words = {"family": family, "name": name, "constant": name.upper(), "id": f"{family}.{name}"}
    for source, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        text = Template((_TEMPLATES / source).read_text(encoding="utf-8")).safe_substitute(words)
        target.write_text(text, encoding="utf-8")
    package = root / "detectors" / family / "__init__.py"
    if not package.exists():
        package.write_text(f'"""Detectors of the family {family}."""\n', encoding="utf-8")
    return list(targets.values())
