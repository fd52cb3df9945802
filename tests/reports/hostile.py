"""Writes hostile strings into every text of a run folder: markup, quotes, a formula, right-to-left, rare characters.

A value is always turned into the same hostile value, so that what belonged together still does; every fourth is
10,000 characters long. Spared is only what reading a run checks: closed choices, dates, numbers, names of files.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from schemas.card import Card
from schemas.manifest import Manifest
from schemas.policy_record import PolicyRecord
from schemas.quality import QualityReport
from schemas.ranking import Ranking
from schemas.sweep import Sweep

RAN = "hostileRan"
"""The page's variable that a string would set if it ran."""

ATTACK = (
    f"</script><script>window.{RAN}=1</script><img src=x onerror='window.{RAN}=1'>\"'`--><svg/onload=window.{RAN}=1>"
    f'&lt;b&gt; ${{window.{RAN}=1}} {{{{7*7}}}} javascript:window.{RAN}=1 =HYPERLINK("file:///etc/passwd") '
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd \U00020bb7\U0002a6a5\U0001f469\u200d\U0001f469 \t\r\n\u2028"
)
LONG = 10_000
SPARED_COLUMNS = frozenset({"run_id", "lead_id", "subject_type", "month", "evidence_path", "status"})
JSON_COLUMNS = ("evidence", "explanation")
SHAPES: dict[str, Any] = {
    "cards.json": list[Card],
    "quality.json": QualityReport,
    "manifest.json": Manifest,
    "policy.json": PolicyRecord,
    "sensitivity.json": list[Sweep],
    "ranking.json": Ranking,
}
_PLAIN = re.compile(r"[\d.:T+\- ]*|(?:[0-9a-f]{2}){16,32}")
"""Dates, numbers and hashes, which the program itself writes."""


def hostile(value: str) -> str:
    """The hostile form of a value; ``a|b|2025`` part by part, as subjects are made of ids."""
    if "|" in value:
        return "|".join(part if re.fullmatch(r"\d{4}", part) else hostile(part) for part in value.split("|"))
    padding = "W" * LONG if hashlib.sha256(value.encode()).digest()[0] % 4 == 0 else ""
    return f"{value}{ATTACK}{padding}"


def make_hostile(folder: Path) -> None:
    """Changes every Parquet and JSON file of a run folder."""
    for path in sorted(folder.rglob("*.parquet")):
        table = pq.read_table(path)
        columns = [_column(name, table[name]) for name in table.column_names]
        pq.write_table(pa.table(columns, schema=table.schema), path)
    for name, shape in SHAPES.items():
        path = folder / name
        told = _tolerated(json.loads(path.read_text(encoding="utf-8")), TypeAdapter(shape))
        path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _column(name: str, values: pa.ChunkedArray) -> pa.Array:
    told = values.to_pylist()
    if name not in SPARED_COLUMNS and pa.types.is_string(values.type):
        turned = _json if name in JSON_COLUMNS else hostile
        told = [None if one is None else turned(one) for one in told]
    elif pa.types.is_list(values.type) and pa.types.is_string(values.type.value_type):
        told = [None if one is None else [hostile(part) for part in one] for one in told]
    return pa.array(told, type=values.type)


def _json(value: str) -> str:
    """JSON stays JSON; every text inside is hostile."""
    return json.dumps(_leaves(json.loads(value)), ensure_ascii=False, sort_keys=True)


def _leaves(value: Any) -> Any:
    if isinstance(value, dict):
        tested = value.pop("exemptions_tested", None)
        made = {key: _leaves(one) for key, one in value.items()}
        return made if tested is None else made | {"exemptions_tested": {hostile(k): v for k, v in tested.items()}}
    if isinstance(value, list):
        return [_leaves(one) for one in value]
    return hostile(value) if isinstance(value, str) and not _PLAIN.fullmatch(value) else value


def _tolerated(told: Any, shape: TypeAdapter[Any]) -> Any:
    """Every text hostile that the shape of the file does not close; those that it does are put back."""
    made = _leaves(told)
    try:
        shape.validate_python(made)
    except ValidationError as refused:
        for error in refused.errors():
            _put_back(made, told, error["loc"])
    shape.validate_json(json.dumps(made))
    return made


def _put_back(made: Any, told: Any, place: tuple[int | str, ...]) -> None:
    *way, last = place
    for step in way:
        made, told = made[step], told[step]
    made[last] = told[last]
