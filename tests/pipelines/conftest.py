"""A small extract that every detector can look at, and a way to call the command line as a user does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from loaded import loaded

from pipelines import cli
from pipelines.ingest.pseudonym_key import PUBLISHED_KEY

TABLES = {
    "patient": ["patient_id,sex,birth_date", "P1,M,1960-01-01", "P2,F,1970-01-01"],
    "institution": ["institution_id,institution_name,level,region_code", "H1,示例市第一人民医院,tertiary,R1"],
    "encounter": [
        "encounter_id,patient_id,institution_id,department_code,encounter_type,started_at,ended_at,"
        "main_diagnosis_code,attending_id,total_amount,fund_amount,payer,discharge_disposition,readmission_plan_31d",
        "E1,P1,H1,D1,inpatient,2025-01-01T08:00:00,2025-01-05T10:00:00,J18.9,D001,1000.00,700.00,insured,home,0",
        "E2,P1,H1,D1,inpatient,2025-01-08T08:00:00,2025-01-12T10:00:00,J18.9,D001,1000.00,700.00,insured,home,0",
        "E3,P2,H1,D1,outpatient,2025-02-01T08:00:00,2025-02-01T09:00:00,I10,D001,100.00,70.00,insured,home,0",
    ],
    "exam_order": [
        "order_id,encounter_id,patient_id,institution_id,item_code,item_name,body_part,ordering_practitioner_id,"
        "ordered_at,performed_at,status",
        "O1,E1,P1,H1,CT1,CT平扫,chest,D001,2025-01-01T09:00:00,2025-01-01T10:00:00,performed",
        "O2,E1,P1,H1,CT1,CT平扫,chest,D001,2025-01-02T08:30:00,2025-01-02T09:00:00,performed",
    ],
    "exam_result": [
        "report_id,order_id,patient_id,reported_at,positive",
        "R2,O2,P1,2025-01-02T11:00:00,0",
    ],
    "claim_line": [
        "claim_line_id,claim_id,encounter_id,patient_id,institution_id,item_code,order_id,charged_at,quantity,"
        "unit_price,amount,fund_amount",
        "L1,S1,E1,P1,H1,CT1,O1,2025-01-01T10:00:00,1,300.00,300.00,210.00",
        "L2,S1,E1,P1,H1,CT1,O2,2025-01-02T09:00:00,1,300.00,300.00,210.00",
    ],
}
"""Lines of each canonical table: one repeated CT after 23 hours, one readmission after 3 days."""


def write_extract(folder: Path, tables: dict[str, list[str]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _own_user_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test makes a key or a vault in the folders of the person who runs it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def tables() -> dict[str, list[str]]:
    return {name: list(lines) for name, lines in TABLES.items()}


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return write_extract(tmp_path / "extract", TABLES)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "pack.toml").write_text('name = "test"\nversion = "1"\n', encoding="utf-8")
    (folder / "thresholds.toml").write_text("default_retest_hours = 24\n", encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Called:
    code: int
    out: str
    err: str


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Callable[..., Called]:
    """Call ``exam-audit`` with these words; what it printed and its exit code come back."""

    def _call(*words: object) -> Called:
        capfd.readouterr()
        code = cli.run([str(word) for word in words])
        captured = capfd.readouterr()
        return Called(code, captured.out, captured.err)

    return _call


@pytest.fixture
def audit(call: Callable[..., Called], extract: Path, pack: Path, tmp_path: Path) -> Callable[..., Called]:
    """``exam-audit run --direct`` over the small extract, with more options where given."""

    def _audit(*words: object, workspace: str = "workspace") -> Called:
        return call(
            "run", "--extract", extract, "--profile", "canonical", "--pack", pack, "--direct",
            "--workspace", tmp_path / workspace, *words,
        )  # fmt: skip

    return _audit


@pytest.fixture(scope="session")
def ids() -> ModuleType:
    """Resident ids to plant in the small extract, and a look for them in what was written (planted_ids.py)."""
    return loaded(Path(__file__).with_name("planted_ids.py"))


@dataclass(frozen=True)
class Audited:
    """A workspace with one published run over the small extract, and the words that made it."""

    workspace: Path
    words: tuple[object, ...]


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """Made once, under the published key; tests copy the workspace and do not change it."""
    root = tmp_path_factory.mktemp("audited")
    (root / "pack").mkdir()
    (root / "pack" / "pack.toml").write_text('name = "test"\nversion = "1"\n', encoding="utf-8")
    (root / "pack" / "thresholds.toml").write_text("default_retest_hours = 24\n", encoding="utf-8")
    extract = write_extract(root / "extract", TABLES)
    words = (
        "run", "--extract", extract, "--profile", "canonical", "--pack", root / "pack", "--direct",
        "--key-file", PUBLISHED_KEY, "--no-vault",
    )  # fmt: skip
    assert cli.run([str(word) for word in (*words, "--workspace", root / "workspace")]) == 0
    return Audited(root / "workspace", words)


@pytest.fixture
def workspace(audited: Audited, tmp_path: Path) -> Path:
    """A workspace of the test's own, with one published run: made once and copied."""
    return Path(shutil.copytree(audited.workspace, tmp_path / "workspace"))
