"""The same rows come out of every encoding and file format, each led back to its line."""

import datetime as dt
import io

import polars as pl
import pytest
import xlsxwriter

from schemas.errors import InputError

TEXT = "institution_id,institution_name\nH1,第一医院\nH2,二院\n"


def sources(bench, table="institution", column="institution_name"):
    return bench.rows(f"select source_row, {column} from main.{table} order by source_row")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(bench, encoding, end):
    content = TEXT.replace("\n", end).encode(encoding)

    bench.ingest(bench.extract(institution__csv=content))

    assert sources(bench) == [(2, "第一医院"), (3, "二院")]


def test_characters_beyond_gbk(bench):
    bench.ingest(bench.extract(institution__csv="institution_id,institution_name\nH1,㐀𠀀é€\n".encode("gb18030")))

    assert sources(bench) == [(2, "㐀𠀀é€")]


def test_a_character_cut_by_the_end_of_a_chunk(bench):
    # Chunks divide 4 MiB; a filler of odd length puts a two-byte character across the border.
    filler = "x" * ((4 << 20) - len("institution_id,institution_name,note\nH1,") - 1)
    content = f"institution_id,institution_name,note\nH1,{filler[:400_000]},\n".encode("gb18030")
    padded = content + ("H2,第一医院,\n" * 300_000).encode("gb18030")

    outcome = bench.ingest(bench.extract(institution__csv=padded))

    account = bench.account(outcome, "institution")
    assert (account.rows_in, account.accepted, account.duplicate) == (300_001, 2, 299_999)


@pytest.mark.parametrize("blank", ["\t", "\ufeff", " ", "\u3000", "\u00a0 \t"])
def test_blanks_around_the_values_of_a_file(bench, blank):
    text = f"institution_id,institution_name\n{blank}H1,a{blank}\nH2,{blank}\n"

    outcome = bench.ingest(bench.extract(institution__csv=text))

    assert bench.rows("select institution_id, institution_name from main.institution") == [("H1", "a")]
    assert bench.account(outcome, "institution").quarantine_reasons == {"missing_required": 1}


@pytest.mark.parametrize("last", ["\n", "", "\n\n\n", "\r\n"])
def test_the_last_line_may_end_in_any_way(bench, last):
    outcome = bench.ingest(bench.extract(institution__csv=TEXT.rstrip() + last))

    assert bench.account(outcome, "institution").rows_in == 2


def test_newlines_inside_fields_and_blank_lines_keep_the_lines_right(bench):
    text = '\ninstitution_id,institution_name\nH1,"上\n下"\n\n  \nH2,"第""二"\n'

    bench.ingest(bench.extract(institution__csv=text))

    assert sources(bench) == [(3, "上\n下"), (7, '第"二')]


def test_ragged_rows_and_stray_quotation_marks_lose_no_row(bench):
    text = 'institution_id,institution_name\nH1,a\nH2\nH3,b,c\nH4,"d\nH5,e\nH6,"f"g\nH7,"h"\n'

    outcome = bench.ingest(bench.extract(institution__csv=text))

    account = bench.account(outcome, "institution")
    assert sources(bench) == [(2, "a"), (6, "e"), (8, "h")]
    assert account.rows_in == 7
    assert account.quarantine_reasons == {"ragged_row": 2, "unbalanced_quotes": 2}
    assert "\n5,unbalanced_quotes,," in bench.quarantine(outcome, "institution.csv")
    assert '"H4,""d"' in bench.quarantine(outcome, "institution.csv")


def test_a_file_of_one_column(bench):
    outcome = bench.ingest(bench.extract(patient__csv='patient_id\nP1\n\n""\nP2\n'))

    assert bench.rows("select patient_id, source_row from main.patient order by all") == [("P1", 2), ("P2", 5)]
    assert bench.account(outcome, "patient").quarantine_reasons == {"missing_required": 1}


def write_cell(sheet, row, column, cell, formats):
    if isinstance(cell, dt.date):
        sheet.write_datetime(row, column, cell, formats[type(cell)])
    elif isinstance(cell, str) and cell.startswith("="):
        sheet.write_formula(row, column, cell, None, "#DIV/0!")
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif cell is not None:
        sheet.write(row, column, cell)


def workbook(*sheets):
    """Bytes of a workbook of (name, {row: cells}); a cell may be text, number, date, datetime or a formula."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    formats = {
        dt.date: book.add_format({"num_format": "yyyy-mm-dd"}),
        dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for row, cells in rows.items():
            for column, cell in enumerate(cells):
                write_cell(sheet, row - 1, column, cell, formats)
    book.close()
    return stream.getvalue()


def with_workbook(bench, table, *sheets):
    return bench.extract(**{f"{table}__csv": None, f"{table}__xlsx": workbook(*sheets)})


def test_a_workbook_is_read_as_text_with_its_sheet_rows(bench):
    rows = {
        2: ["patient_id", "Sex", "birth_date", "region_code"],
        3: ["110101199003071234", "M", dt.date(1990, 3, 7), 110000],
        5: ["P2", "F", "1990/3/7", "002"],
    }

    bench.ingest(with_workbook(bench, "patient", ("Sheet1", rows), ("Sheet2", {})))

    assert bench.rows("select patient_id, birth_date, region_code, source_row from main.patient order by all") == [
        ("110101199003071234", dt.date(1990, 3, 7), "110000", 3),
        ("P2", dt.date(1990, 3, 7), "002", 5),
    ]


def test_numbers_that_a_spreadsheet_rounded_are_no_ids(bench):
    rows = {
        1: ["patient_id", "region_code"],
        2: [110101199003071234, "a"],
        3: ["P2", 1.5e20],
        4: ["P3", 123456789012345],
    }

    outcome = bench.ingest(with_workbook(bench, "patient", ("x", rows)))

    assert bench.account(outcome, "patient").quarantine_reasons == {"mangled_id": 2}
    assert bench.rows("select patient_id, region_code from main.patient") == [("P3", "123456789012345")]
    assert "请以文本格式导出" in bench.quarantine(outcome, "patient.xlsx")


def test_error_cells_quarantine_their_row_and_are_not_taken_for_empty(bench):
    rows = {1: ["patient_id", "sex", "note"], 2: ["P1", "=1/0", None], 3: ["=1/0", None, None], 4: ["P2", "M", "=1/0"]}

    outcome = bench.ingest(with_workbook(bench, "patient", ("x", rows)))

    account = bench.account(outcome, "patient")
    assert (account.rows_in, account.accepted) == (3, 1)
    assert account.quarantine_reasons == {"error_cell": 2, "missing_required": 1}


def test_date_cells_of_a_workbook(bench):
    header = ["encounter_id", "patient_id", "institution_id", "encounter_type", "started_at"]
    visit = ["P1", "H1", "outpatient"]
    rows = {
        1: header,
        2: ["E1", *visit, dt.date(2024, 1, 5)],
        3: ["E2", *visit, dt.datetime(2024, 1, 5, 8, 30)],  # noqa: DTZ001 - sheets hold local time
        4: ["E3", *visit, "2024-01-05 00:00:00"],
    }

    bench.ingest(with_workbook(bench, "encounter", ("x", rows)))

    assert bench.rows("select started_at::varchar, started_at_has_time from main.encounter order by encounter_id") == [
        ("2024-01-05 00:00:00", False),
        ("2024-01-05 08:30:00", True),
        ("2024-01-05 00:00:00", True),
    ]


def test_of_several_sheets_the_one_named_as_the_table_is_read(bench):
    rows = {1: ["patient_id"], 2: ["P1"]}

    bench.ingest(with_workbook(bench, "patient", ("notes", {1: ["x"]}), ("Patient", rows)))

    assert bench.rows("select patient_id from main.patient") == [("P1",)]


def test_several_filled_sheets_without_a_name_are_refused(bench):
    folder = with_workbook(bench, "patient", ("a", {1: ["patient_id"]}), ("b", {1: ["patient_id"]}))

    with pytest.raises(InputError, match="several sheets"):
        bench.ingest(folder)


def test_a_workbook_whose_header_is_an_error_is_refused(bench):
    with pytest.raises(InputError, match="no header"):
        bench.ingest(with_workbook(bench, "patient", ("a", {1: ["=1/0"], 2: ["P1"]})))


def test_a_workbook_without_a_filled_cell_is_refused(bench):
    with pytest.raises(InputError, match="empty"):
        bench.ingest(with_workbook(bench, "patient", ("a", {})))


def parquet(**columns):
    stream = io.BytesIO()
    pl.DataFrame(columns).write_parquet(stream)
    return stream.getvalue()


def test_typed_columns_of_a_parquet_file(bench):
    moment = dt.datetime(2024, 1, 5, 8, 30, 5, 999999)  # noqa: DTZ001 - local time without a zone is asked for
    content = parquet(
        encounter_id=[101, 102],
        patient_id=["P1", "P2"],
        institution_id=["H1", "H1"],
        encounter_type=pl.Series(["inpatient", "inpatient"], dtype=pl.Categorical),
        started_at=[moment, moment],
        ended_at=[dt.date(2024, 1, 9), None],
        is_interim=[True, None],
        total_amount=[0.1 + 0.2, 12.345],
    )

    outcome = bench.ingest(bench.extract(encounter__csv=None, encounter__parquet=content))

    assert bench.rows(
        "select encounter_id, started_at::varchar, started_at_has_time, ended_at::varchar, ended_at_has_time, "
        "is_interim, total_amount::varchar, source_row from main.encounter"
    ) == [("101", "2024-01-05 08:30:05", True, "2024-01-09 00:00:00", False, True, "0.30", 1)]
    assert bench.account(outcome, "encounter").quarantine_reasons == {"bad_number": 1}
    assert "\n2,bad_number,total_amount," in bench.quarantine(outcome, "encounter.parquet")


@pytest.mark.parametrize(
    "ids",
    [
        [1.5e17],
        [True],
        [dt.datetime(2024, 1, 5, tzinfo=dt.UTC)],
        [["P1"]],
        [b"P1"],
    ],
)
def test_parquet_types_that_ids_cannot_be_taken_from(bench, ids):
    folder = bench.extract(patient__csv=None, patient__parquet=parquet(patient_id=ids))

    with pytest.raises(InputError, match="column patient_id has a type"):
        bench.ingest(folder)


def test_far_rows_of_a_parquet_file_keep_their_original_text(bench):
    ids = [f"P{row}" for row in range(70_000)]
    content = parquet(patient_id=ids, sex=["X" if row in (0, 65_535, 65_536, 69_999) else "M" for row in range(70_000)])

    outcome = bench.ingest(bench.extract(patient__csv=None, patient__parquet=content))

    lines = bench.quarantine(outcome, "patient.parquet").splitlines()[1:]
    assert [(line.split(",")[0], line.split('"')[-2]) for line in lines] == [
        ("1", "P0,X"),
        ("65536", "P65535,X"),
        ("65537", "P65536,X"),
        ("70000", "P69999,X"),
    ]
