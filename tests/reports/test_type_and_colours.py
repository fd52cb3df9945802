"""One type scale and one palette: every size and colour of pages and figures is declared once, in style.css."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reports.charts import style

REPORTS = Path(style.__file__).parents[1]
SHEETS = sorted((REPORTS / "assets").glob("*.css"))
TEMPLATES = sorted(REPORTS.rglob("*.j2"))
CHARTS = sorted((REPORTS / "charts").glob("*.py"))
SCALE = {"12px", "14px", "16px", "20px", "28px"}

SIZE = re.compile(r"(?<![\w-])font(?:-size)?:\s*([^;}]+)")
LENGTH = re.compile(r"(?:var\(--type-\w+\)|inherit|\d[\d.]*[a-z%]+)")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?![^{};]*\{)")
PALETTE = re.compile(r":root[^{]*\{[^}]*\}")


def _css(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def _sizes(text: str) -> set[str]:
    """What each font declaration gives as its size; a line height after a slash is none."""
    return {found[0] for told in SIZE.findall(text) if (found := LENGTH.search(told.split("/")[0]))}


def test_the_scale_is_declared_once_with_its_five_sizes() -> None:
    declared = re.findall(r"--type-\w+:\s*(\w+)", _css(REPORTS / "assets/style.css"))
    assert sorted(declared) == sorted(SCALE)


@pytest.mark.parametrize("path", [*SHEETS, *TEMPLATES], ids=lambda path: path.relative_to(REPORTS).as_posix())
def test_every_size_is_one_of_the_scale(path: Path) -> None:
    text = _css(path)
    margins = "".join(re.findall(r"@page.*", text))  # the margins of paper know no variables
    assert _sizes(margins) <= SCALE
    named = {size for size in _sizes(text.replace(margins, "")) if not size.startswith("var(--type-")}
    assert named - {"inherit"} <= (set() if path.suffix == ".css" else SCALE)


@pytest.mark.parametrize("path", CHARTS, ids=lambda path: path.name)
def test_every_word_of_a_figure_has_the_smallest_size_of_the_scale(path: Path) -> None:
    sizes = re.findall(r'"font": \{[^}]*"size": (?:style\.)?(\w+)', path.read_text(encoding="utf-8"))
    assert set(sizes) <= {"TYPE_SIZE"}
    assert f"{style.TYPE_SIZE}px" in SCALE


@pytest.mark.parametrize("path", [*SHEETS, *TEMPLATES], ids=lambda path: path.relative_to(REPORTS).as_posix())
def test_no_colour_stands_outside_the_palette(path: Path) -> None:
    text = PALETTE.sub("", _css(path)) if path.suffix == ".css" else path.read_text(encoding="utf-8")
    found = set(
        re.findall(r":[^;{}]*?(#[0-9a-fA-F]{3,8})\b", re.sub(r"@supports[^{]*|@page \{[^}]*\}[^}]*\}", "", text))
    )
    assert found == set()


def test_figures_wear_the_colours_of_the_page() -> None:
    palette = {colour.lower() for colour in re.findall(r"#[0-9a-fA-F]{6}", _css(REPORTS / "assets/style.css"))}
    worn = set(re.findall(r'"(#[0-9a-f]{6})":', (REPORTS / "assets/page.js").read_text(encoding="utf-8")))
    used = {value.lower() for value in vars(style).values() if isinstance(value, str) and value.startswith("#")}
    assert used <= worn
    assert used <= palette
    assert not [path.name for path in CHARTS if path.name != "style.py" and COLOUR.search(path.read_text("utf-8"))]
