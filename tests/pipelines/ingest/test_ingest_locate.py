"""Header below a preamble, types, totals and remarks: found, counted with their lines, never taken for data."""

import io
from contextlib import suppress

import duckdb
import pytest
import xlsxwriter

from pipelines.ingest.csv_reader import read_csv
from pipelines.ingest.header import Header
from pipelines.ingest.locate import Layout, fold_name, footer_kind, kind_below_header
from pipelines.ingest.sources import Source
from pipelines.ingest.xlsx_reader import read_xlsx
from schemas.errors import InputError
from schemas.table import Kind

NAMES = ("序号", "机构编码", "机构名称", "门诊日期", "医疗金额", "备注")
TYPES = ("可空不填", "字符型", "字符型", "日期型", "数值型", "字符型(200)")


def match(names, file_name):
    cleaned = [fold_name(name) for name in names]
    if "机构编码" not in cleaned:
        raise InputError("the required column 机构编码 is missing", where=file_name)
    return Header(len(names), {name: cleaned.index(name) for name in NAMES if name in cleaned}, ())


def layout(**changes):
    settings = {"has_preamble": True, "has_footers": True, **changes}
    return Layout(
        match=match,
        kinds={"机构编码": Kind.ID, "门诊日期": Kind.DATE},
        accepted=frozenset(NAMES),
        required=(frozenset({"机构编码"}), frozenset({"机构名称", "医院名称"})),
        **settings,
    )


def rows(*lines):
    return "".join(",".join(line) + "\n" for line in lines)


PREAMBLE = rows(("机构门诊就医提取表", *[""] * 5), ("填表说明：", "1、机构编码须与机构名称一致", *[""] * 4), [""] * 6)
DATA = rows(("1", "H1", "一院", "2024-01-05", "1.00", ""), ("2", "H1", "合计大厦", "2024-01-06", "2.00", "备注：有"))


@pytest.fixture
def read(tmp_path, make_bench):
    bench = make_bench(tmp_path, in_memory=True)

    def reading(text, **changes):
        """Rows and set-aside rows of each reading that has all its rows; quick and careful must not differ."""
        path = tmp_path / "a.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        found, texts = [], []
        for made in read_csv(Source(path, "a.csv", "form", layout(**changes), ""), scratch):
            line = made.source_row or f"row_number() over () + {made.first_row - 1}"
            with suppress(duckdb.Error):
                texts = bench.rows(f"select cast({line} as bigint) as line, f1, f2 from {made.relation}")
            if len(texts) == made.row_count:
                found.append((texts, [(aside.kind, aside.line) for aside in made.set_aside]))
        assert all(one == found[0] for one in found)
        return found[0]

    yield reading
    bench.connection.close()


TAKEN = [("H1", "一院"), ("H1", "合计大厦")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_form_with_everything_round_its_data(read, encoding):
    footer = rows(("合计", "", "", "", "3.00", ""), ("备注：以上数据真实，审核人：张", *[""] * 5))
    text = PREAMBLE + rows(TYPES, NAMES) + DATA + "\n" + footer

    texts, aside = read(text.encode(encoding))

    assert texts == [(6, *TAKEN[0]), (7, *TAKEN[1])]
    assert aside == [("instruction", 1), ("instruction", 2), ("types", 4), ("total", 9), ("remark", 10)]


def test_types_below_the_header(read):
    texts, aside = read(PREAMBLE + rows(NAMES, TYPES) + DATA)

    assert [line for line, *_ in texts] == [6, 7]
    assert aside == [("instruction", 1), ("instruction", 2), ("types", 5)]


def test_no_preamble_where_one_might_be(read):
    texts, aside = read(rows(NAMES) + DATA)

    assert [line for line, *_ in texts] == [2, 3]
    assert aside == []


def test_an_instruction_over_several_lines_in_one_cell(read):
    text = '"填表说明：\n1、机构编码,机构名称\n2、其他",,,,,\n' + rows(NAMES) + DATA

    texts, aside = read(text)

    assert [line for line, *_ in texts] == [5, 6]
    assert aside == [("instruction", 1)]


def test_a_quotation_mark_that_never_closes_above_the_header(read):
    texts, aside = read('"填表说明,,,,,\n' + rows(NAMES) + DATA)

    assert [line for line, *_ in texts] == [3, 4]
    assert aside == [("instruction", 1)]


def test_a_remark_over_several_lines_below_the_data(read):
    texts, aside = read(rows(NAMES) + DATA + '"备注：\n一、\n二、",,,,,\n')

    assert [line for line, *_ in texts] == [2, 3]
    assert aside == [("remark", 4)]


def test_subtotals_between_the_data(read):
    texts, aside = read(rows(NAMES) + DATA + rows(("小计", "", "", "", "3.00", "")) + DATA + "总计：,,,,6.00\n")

    assert [line for line, *_ in texts] == [2, 3, 5, 6]
    assert aside == [("total", 4), ("total", 7)]


def test_names_with_blanks_and_marks_of_duty(read):
    texts, _ = read(rows(("序 号", "*机构编码", "＊机构名称 ", "门诊日期", "医疗金额", "备注")) + DATA)

    assert [line for line, *_ in texts] == [2, 3]


def test_a_preamble_with_another_delimiter_than_the_table(read):
    text = "填表说明：甲,乙,丙,丁；\n" + (rows(NAMES) + DATA).replace(",", "|")

    texts, aside = read(text)

    assert [line for line, *_ in texts] == [3, 4]
    assert aside == [("instruction", 1)]


def test_without_footers_every_row_is_data(read):
    texts, aside = read(rows(NAMES) + DATA + rows(("合计", "", "", "", "3.00", "")), has_footers=False)

    assert [line for line, *_ in texts] == [2, 3, 4]
    assert aside == []


def test_a_form_without_its_header_is_refused(read):
    with pytest.raises(InputError):
        read(PREAMBLE + DATA)


@pytest.mark.parametrize(
    "cells",
    [
        ("1", "合计", "", "", "", ""),
        ("合计大厦有限公司", "H1", "一院", "2024-01-05", "1.00", ""),
        ("备注：见附件", "H1", "一院", "2024-01-05", "", ""),
        ("注射费", "", "", "", "", ""),
        ("", "", "", "", "", ""),
        ("totalbilirubin", "", "", "", "", ""),
    ],
)
def test_what_is_data(cells):
    assert footer_kind(cells, 6) is None


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("合计", "", "", "", "3.00", ""), "total"),
        (("", "", "总计：", "", "3.00", "12"), "total"),
        (("合 计".replace(" ", ""), "3", "4.00"), "total"),
        (("备注：一",), "remark"),
        (("注1：一", "", "", "", "", ""), "remark"),
        (("填表人：", "甲", "", "", "审核人：", ""), "remark"),
        (("Total", "", "", "", "5", ""), "total"),
    ],
)
def test_what_is_no_data(cells, kind):
    assert footer_kind(cells, max(len(cells), 3)) == kind


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("可空", "字符型", "日期型（YYYY-MM-DD）", "数值型，两位小数", "字符型", "男/女"), "types"),
        (("可空不填", "字符型(20)", "", "varchar(30)", "日期型", "必填"), "types"),
        (("1", "H1", "日期型", "字符型", "", ""), None),
        (("文本", "", "", "", "", ""), None),
    ],
)
def test_types_that_are_explained(cells, kind):
    assert kind_below_header(cells, 6) == kind


def test_an_example_stands_only_below_the_header():
    assert kind_below_header(("示例", "H1", "一院"), 3) == "example"
    assert kind_below_header(("1", "示例", "一院"), 3) is None
    assert footer_kind(("示例", "H1", "一院"), 3) is None


def sheet_bytes(*sheets):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    title = book.add_format({"bold": True})
    for sheet_name, lines, hidden in sheets:
        sheet = book.add_worksheet(sheet_name)
        for at, line in enumerate(lines):
            if len(line) == 1:
                sheet.merge_range(at, 0, at, 5, line[0], title)
            for column, cell in enumerate(line if len(line) > 1 else ()):
                sheet.write(at, column, cell) if cell != "" else None
        for at in hidden:
            sheet.set_row(at, None, None, {"hidden": True})
    book.close()
    return stream.getvalue()


FORM = (
    ("机构门诊就医提取表",),
    ("填表说明：一、机构编码须与机构名称一致",),
    ("",) * 6,
    TYPES,
    NAMES,
    ("1", "H1", "一院", "2024-01-05", 1, ""),
    ("2", "H1", "合计大厦", "2024/1/6", 2.5, "备注：有"),
    ("合计", "", "", "", 3.5, ""),
    ("备注：以上数据真实",),
)


@pytest.fixture
def read_sheets(tmp_path, make_bench):
    bench = make_bench(tmp_path, in_memory=True)

    def reading(*sheets, **changes):
        path = tmp_path / "a.xlsx"
        path.write_bytes(sheet_bytes(*sheets))
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        (made,) = read_xlsx(Source(path, "a.xlsx", "form", layout(**changes), ""), scratch)
        return bench.rows(f"select line, f1, f2 from {made.relation} order by line"), made

    yield reading
    bench.connection.close()


def test_a_sheet_with_everything_round_its_data(read_sheets):
    texts, made = read_sheets(("Sheet1", FORM, ()))

    assert texts == [(6, *TAKEN[0]), (7, *TAKEN[1])]
    assert [(one.kind, one.line) for one in made.set_aside] == [
        ("instruction", 1),
        ("instruction", 2),
        ("types", 4),
        ("total", 8),
        ("remark", 9),
    ]


def test_the_sheet_whose_header_is_known_is_read_and_the_others_are_named(read_sheets):
    texts, made = read_sheets(("填表说明", (("说明", "甲"), ("一", "乙")), ()), ("数据", FORM, ()), ("空", (), ()))

    assert [line for line, *_ in texts] == [6, 7]
    assert made.unread_sheets == ("填表说明",)


def test_hidden_rows_are_read_like_others(read_sheets):
    texts, _ = read_sheets(("Sheet1", FORM, (5,)))

    assert [line for line, *_ in texts] == [6, 7]


def test_two_sheets_that_fit_are_refused_unless_one_is_named(read_sheets):
    sheets = (("一", FORM, ()), ("机构 提取表", FORM[:6], ()))

    with pytest.raises(InputError, match="several sheets"):
        read_sheets(*sheets)
    texts, made = read_sheets(*sheets, sheet_names=frozenset({"机构提取表"}))
    assert [line for line, *_ in texts] == [6]
    assert made.unread_sheets == ("一",)


def test_a_workbook_without_the_header_is_refused(read_sheets):
    with pytest.raises(InputError):
        read_sheets(("Sheet1", FORM[:4], ()))
