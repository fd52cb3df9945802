"""names.parquet: words of the pack as last in force, and hospitals' own departments."""

from __future__ import annotations

from pathlib import Path

import pytest

import detectors.evidence
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.policy import load_policy
from schemas.evidence import NAME_KINDS, NAME_SCHEMA
from schemas.pack import load_pack

NAMES_SQL = Path(detectors.evidence.__file__).with_name("names.sql").read_text(encoding="utf-8")

FAMILIES = """family,name_en,name_zh,valid_from,valid_to,source
ct,Old CT,旧,,2020-01-01,t
ct,CT,新,2020-01-01,,t
"""


@pytest.fixture
def told(tmp_path: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Names by kind and code, of a small overlay and three departments."""
    (tmp_path / "pack.toml").write_text('name = "p"\nversion = "1"\nextends = "cn-national"\n', encoding="utf-8")
    (tmp_path / "families.csv").write_text(FAMILIES, encoding="utf-8")
    connection = open_warehouse(None)
    create_tables(connection)
    for code, name, national in (
        ("K1", "心内一科", "03.04"),
        ("K2", None, "03.04"),
        ("K3", "特需", None),
        ("K4", None, None),
    ):
        connection.execute(
            "insert into main.department (institution_id, department_code, department_name, national_department_code)"
            " values ('H', ?, ?, ?)",
            [code, name, national],
        )
    engine = DuckDBEngine(connection)
    load_policy(engine, load_pack(tmp_path))
    rows = engine.answer(NAMES_SQL, {}).select(NAME_SCHEMA.names).to_pylist()
    connection.close()
    assert [(row["kind"], row["code"]) for row in rows] == sorted((row["kind"], row["code"]) for row in rows)
    assert {row["kind"] for row in rows} == set(NAME_KINDS)
    return {(row["kind"], row["code"]): (row["name_en"], row["name_zh"]) for row in rows}


def test_a_renamed_family_has_its_newest_name(told: dict[tuple[str, str], tuple[str, str]]) -> None:
    assert told["family", "ct"] == ("CT", "新")
    assert told["family", "lipid_panel"] == ("lipid panel", "血脂组合")
    assert told["national_department", "03.04"] == ("cardiology", "心血管内科")


def test_a_hospital_names_its_department_and_the_catalogue_helps_out(
    told: dict[tuple[str, str], tuple[str, str]],
) -> None:
    assert told["department", "H|K1"] == ("cardiology", "心内一科")
    assert told["department", "H|K2"] == ("cardiology", "心血管内科")
    assert told["department", "H|K3"] == ("特需", "特需")
    assert ("department", "H|K4") not in told
