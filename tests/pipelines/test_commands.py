"""The other commands: lists, exports, catalogue, packs, scaffolding, help."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import typer.main

from pipelines import cli
from pipelines.workspace import Workspace

Audit = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[2]
LAW = "title = {en = 'e', zh = 'z'}\narticle = '1'\nin_force_from = 2020-01-01\nsource = 's'\n"
EXEMPTION = (
    "exemption_id,detector_id,position,title_en,title_zh,would_hold_if_en,would_hold_if_zh,effect,happening_kind,anchor"
)


def every_command() -> list[tuple[str, ...]]:
    root = typer.main.get_command(cli.app)
    found: list[tuple[str, ...]] = []
    for name, command in root.commands.items():
        below = getattr(command, "commands", None)
        found += [(name, sub) for sub in below] if below else [(name,)]
    return found


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_explains_itself(call: Audit, words: tuple[str, ...]) -> None:
    done = call(*words, "--help")
    assert done.code == 0
    assert "Usage" in done.out
    assert len(done.out.splitlines()) > 4


def test_no_words_show_the_help(call: Audit) -> None:
    assert "demo" in call().out + call().err


def test_version(call: Audit) -> None:
    assert call("--version").out.startswith("exam-audit ")


def test_list_is_plain_off_a_terminal_and_json_on_demand(call: Audit, workspace: Path) -> None:
    plain = call("leads", "list", "--workspace", workspace)
    assert plain.code == 0
    assert "\x1b[" not in plain.out
    (lead,) = json.loads(call("leads", "list", "--json", "--workspace", workspace).out)
    assert lead["rank"] == 1
    assert lead["finding_count"] == 2


@pytest.mark.parametrize("ending", ["xlsx", "csv", "json", "parquet"])
def test_export_writes_the_format_of_the_ending(call: Audit, workspace: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"leads.{ending}"
    assert call("leads", "export", "--out", out, "--workspace", workspace).code == 0
    lead_id = pl.read_parquet(Workspace(workspace).published() / "leads.parquet")["lead_id"][0]
    if ending == "xlsx":
        cells = [cell.value for sheet in openpyxl.load_workbook(out) for row in sheet.iter_rows() for cell in row]
        assert lead_id in cells
    elif ending == "parquet":
        assert lead_id in pl.read_parquet(out)["lead_id"].to_list()
    else:
        assert lead_id in out.read_text(encoding="utf-8-sig")


def test_export_for_the_national_platform_is_asked_for_by_name(call: Audit, workspace: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    assert call("leads", "export", "--format", "nhsa", "--out", out, "--workspace", workspace).code == 0
    results = json.loads(out.read_text(encoding="utf-8"))["result"]
    assert {detail["vola_item_type"] for one in results for detail in one["judge_result_detail_dtos"]} == {"1", "2"}


def test_export_to_an_unknown_format_is_refused(call: Audit, workspace: Path, tmp_path: Path) -> None:
    done = call("leads", "export", "--out", tmp_path / "leads.doc", "--workspace", workspace)
    assert done.code == 2
    assert "xlsx, csv, json" in done.err


def test_report_lead_renders_one_page_in_one_file(call: Audit, workspace: Path) -> None:
    (lead,) = json.loads(call("leads", "list", "--json", "--workspace", workspace).out)
    done = call("report", "lead", lead["lead_id"], "--single-file", "--workspace", workspace)
    assert done.code == 0
    assert lead["lead_id"] in Path(done.out.strip()).read_text(encoding="utf-8")
    assert call("report", "lead", "nonesuch", "--workspace", workspace).code == 2


def test_nothing_published_yet_is_said(call: Audit, tmp_path: Path) -> None:
    done = call("leads", "list", "--workspace", tmp_path)
    assert done.code == 3
    assert "no run is published" in done.err


def test_unknown_run_is_refused(call: Audit, workspace: Path) -> None:
    assert call("leads", "list", "--run", "../runs", "--workspace", workspace).code == 2


def test_catalogue_lists_and_shows_cards(call: Audit) -> None:
    listed = json.loads(call("detectors", "list", "--json").out)
    assert [one["detector_id"] for one in listed] == sorted(one["detector_id"] for one in listed)
    for one in listed:
        card = json.loads(call("detectors", "show", one["detector_id"], "--json").out)
        assert card["innocent_explanations"]
        assert card["question_sql"].startswith("--")
    assert call("detectors", "show", "nonesuch").code == 2


def test_new_detector_files_are_in_the_one_shape(call: Audit, tmp_path: Path) -> None:
    (tmp_path / "detectors").mkdir()
    shutil.copy(ROOT / "detectors" / "declaration.py", tmp_path / "detectors")
    done = call("detectors", "new", "repeat", "panel_overlap", "--root", tmp_path)
    assert done.code == 0
    card = tmp_path / "detectors" / "repeat" / "panel_overlap.py"
    compile(card.read_text(encoding="utf-8"), str(card), "exec")
    question = (tmp_path / "detectors" / "repeat" / "panel_overlap.sql").read_text(encoding="utf-8")
    assert "$from_day" in question
    assert (tmp_path / "tests" / "detectors" / "repeat" / "panel_overlap.toml").is_file()
    assert call("detectors", "new", "repeat", "panel_overlap", "--root", tmp_path).code == 2
    assert call("detectors", "new", "Repeat!", "x", "--root", tmp_path).code == 2


def test_packs_are_shown_and_checked(call: Audit, pack: Path) -> None:
    told = json.loads(call("pack", "show", "cn-national", "--json").out)
    assert told["rows"]["exam_items"] > 100
    assert sum(row["rows"] for row in told["skipped_rules"]) == told["rows"]["skipped_rules"]
    assert "bed_or_fee" in call("pack", "show", "cn-national").out
    assert call("pack", "check", pack).code == 0
    (pack / "thresholds.toml").write_text("[readmission.cycle]\nwindow_days = 99\n", encoding="utf-8")
    done = call("pack", "check", pack)
    assert done.code == 2
    assert "window_days" in done.err


def test_packs_are_compared(call: Audit, pack: Path) -> None:
    differences = json.loads(call("pack", "diff", "cn-national", pack, "--json").out)
    assert all(one["kind"] in ("added", "removed", "changed") for one in differences)
    told = call("pack", "diff", "cn-national", pack)
    assert told.code == 0
    assert f"{len(differences)} differences" in told.err
    assert json.loads(call("pack", "diff", "cn-national", "cn-national", "--json").out) == []
    assert call("pack", "diff", "cn-national", "nonesuch").code == 2


def test_rows_of_one_pack_table_are_shown_as_of_a_day(call: Audit) -> None:
    rows = json.loads(call("pack", "show", "--table", "large_equipment", "--on", "2022-06-01", "--json").out)
    later = json.loads(call("pack", "show", "--table", "large_equipment", "--on", "2024-06-01", "--json").out)
    assert rows != later
    assert call("pack", "show", "--table", "nonesuch").code == 2
    assert call("pack", "show", "--on", "2024-06-01").code == 2
    assert call("pack", "show", "--table", "large_equipment", "--on", "June").code == 2


def test_the_words_of_the_law_are_shown_as_of_a_day(call: Audit) -> None:
    asked = ("pack", "show", "--table", "legal_basis", "--json", "--on")
    before, after = (json.loads(call(*asked, day).out) for day in ("2022-04-30", "2022-05-01"))
    numbers = [{row["article"] for row in rows if row["basis_id"].endswith("charges")} for rows in (before, after)]
    assert numbers == [{"第三十七条"}, {"第三十六条"}]
    assert "应当执行实名就医和购药管理规定" in call("pack", "show", "--table", "legal_basis").out


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("legal_basis.toml", f"[x]\n{LAW}applies_to = ['repeet.*']\n", "x.applies_to"),
        (
            "exemptions.csv",
            f"{EXEMPTION},legal_basis_id\na,repeat.*,1,a,a,a,a,clears,operation,between,y\n",
            "legal_basis_id",
        ),
    ],
    ids=["of a provision", "of an exemption"],
)
def test_law_that_no_page_would_show_is_refused_by_the_check(
    call: Audit, pack: Path, name: str, text: str, where: str
) -> None:
    (pack / name).write_text(text, encoding="utf-8")
    done = call("pack", "check", pack)
    assert done.code == 2
    assert where in done.err


def test_schedule_refuses_what_is_no_cron_expression(call: Audit, extract: Path) -> None:
    done = call("schedule", "--cron", "every night", "--extract", extract, "--profile", "canonical")
    assert done.code == 2
    assert "cron" in done.err


def test_installed_command_ends_with_the_exit_code_and_a_quiet_stderr(tmp_path: Path, extract: Path) -> None:
    command = [Path(sys.executable).with_name("exam-audit"), "ingest", "--extract", extract, "--profile", "canonical"]
    done = subprocess.run(
        [*command, "--workspace", tmp_path / "ws"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "leaked" not in done.stderr
    assert "exam_order.csv: 2 rows in = 2 accepted" in done.stdout


def test_packages_are_those_of_this_checkout() -> None:
    import detectors
    import pipelines
    import reports
    import schemas

    for package in (schemas, detectors, reports, pipelines):
        assert Path(package.__file__ or "").is_relative_to(ROOT)
