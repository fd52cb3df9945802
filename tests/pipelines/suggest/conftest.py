"""A pack of few items and a small extract whose items and departments are a hospital's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ITEMS = [
    "item_code,item_name,family,modality,body_part",
    "CT-C,X线计算机体层(CT)平扫(胸部),ct,CT,chest",
    "CT-CE,X线计算机体层(CT)增强扫描(胸部),ct,CT,chest",
    "ALT,血清丙氨酸氨基转移酶测定,alt,LAB,",
    "K,钾测定,potassium,LAB,",
    "KNOWN,镁测定,magnesium,LAB,",
]

EXTRACT = {
    "patient": ["patient_id,sex,birth_date", "P1,M,1960-01-01"],
    "institution": ["institution_id,institution_name", "H1,示例市第一人民医院"],
    "department": [
        "institution_id,department_code,department_name,national_department_code,is_icu",
        "H1,D1,CT室,,0",
        "H1,D2,检验科,30,0",
        "H1,D3,重症医学科一病区,,1",
        "H1,D4,后勤仓库,,0",
    ],
    "encounter": [
        "encounter_id,patient_id,institution_id,encounter_type,started_at",
        "E1,P1,H1,outpatient,2025-01-01T08:00:00",
    ],
    "exam_order": [
        "order_id,encounter_id,patient_id,institution_id,item_code,item_name,ordered_at,status,"
        "ordering_department_code,performing_department_code",
        "O1,E1,P1,H1,L1,胸部CT平扫,2025-01-01T09:00:00,performed,D1,A32.02",
        "O2,E1,P1,H1,L1,胸部CT平扫,2025-01-01T09:30:00,performed,D1,A32.02",
        "O3,E1,P1,H1,L2,胸部CT,2025-01-01T10:00:00,performed,D1,3001",
        "O4,E1,P1,H1,L3,谷丙转氨酶,2025-01-01T11:00:00,performed,D1,",
        "O5,E1,P1,H1,L4,谷丙转氨酶,2025-01-01T12:00:00,performed,D1,",
        "O6,E1,P1,H1,L4,血钾,2025-01-01T12:00:00,performed,D1,",
        "O7,E1,P1,H1,KNOWN,镁测定,2025-01-01T13:00:00,performed,D1,",
        "O8,E1,P1,H1,MAPPED,血镁,2025-01-01T13:00:00,performed,D1,",
        "O9,E1,P1,H1,=L5,血钾,2025-01-01T14:00:00,performed,D1,",
        "O10,E1,P1,H1,L6,=谷丙转氨酶,2025-01-01T15:00:00,performed,D1,",
    ],
    "exam_result": ["report_id,order_id,patient_id,item_code,reported_at", "R1,,P1,L7,2025-01-02T08:00:00"],
    "claim_line": [
        "claim_line_id,claim_id,encounter_id,patient_id,institution_id,item_code,item_name,charge_category,"
        "charged_at,quantity,unit_price,amount",
        "C1,S1,E1,P1,H1,X1,叶酸片,西药费,2025-01-01T10:00:00,1,1.00,1.00",
        "C2,S1,E1,P1,H1,X2,不明检查,检查费,2025-01-01T10:00:00,1,1.00,1.00",
        "C3,S1,E1,P1,H1,L1,胸部CT平扫,检查费,2025-01-01T10:00:00,1,1.00,1.00",
    ],
}


@pytest.fixture
def small_pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "pack.toml").write_text('name = "small"\nversion = "1"\n', encoding="utf-8")
    (folder / "thresholds.toml").write_text('non_exam_charge_categories = ["西药费"]\n', encoding="utf-8")
    (folder / "exam_items.csv").write_text("\n".join(ITEMS) + "\n", encoding="utf-8")
    (folder / "item_map.csv").write_text("local_item_code,item_code\nMAPPED,KNOWN\n", encoding="utf-8")
    return folder


@pytest.fixture
def warehouse(call: Callable[..., Any], tmp_path: Path) -> Path:
    """A workspace into which the small extract was taken in."""
    folder = tmp_path / "extract"
    folder.mkdir()
    for name, lines in EXTRACT.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    workspace = tmp_path / "workspace"
    done = call("ingest", "--extract", folder, "--profile", "canonical", "--workspace", workspace)
    assert done.code == 0, done.err
    return workspace
