"""Ways in which good files are damaged on their way, and the forms in which a table travels."""

import csv
import io
import random
import re
import zipfile
import zlib

import polars as pl
import xlsxwriter
from hypothesis import strategies as st


def as_text(rows, delimiter=",", end="\n"):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
    return stream.getvalue().encode()


def as_parquet(rows):
    stream = io.BytesIO()
    pl.DataFrame(dict(zip(rows[0], map(list, zip(*rows[1:], strict=True)), strict=True))).write_parquet(stream)
    return stream.getvalue()


def as_workbook(rows):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("patient")
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)
    book.close()
    return stream.getvalue()


def somewhere(data, dice):
    return dice.randrange(len(data) + 1)


def truncate(data, dice):
    return data[: somewhere(data, dice)]


def drop_a_span(data, dice):
    at = somewhere(data, dice)
    return data[:at] + data[at + dice.randrange(1, 40) :]


def flip(data, dice):
    changed = bytearray(data)
    for _ in range(dice.randrange(1, 6)):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def insert_bytes(data, dice):
    at = somewhere(data, dice)
    return data[:at] + dice.randbytes(dice.randrange(1, 6)) + data[at:]


def insert_sign(data, dice):
    at = somewhere(data, dice)
    sign = dice.choice(
        [b'"', b"'", b",", b"\n", b"\r", b"\t", b"|", b"\x00", b"\x01", b"\xef\xbb\xbf", b"\x1a", b"\\", "　".encode()]
    )
    return data[:at] + sign * dice.choice([1, 1, 1, 2, 7]) + data[at:]


def split_lines(data):
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def repeat_lines(data, dice):
    lines = split_lines(data)
    return b"".join(lines + dice.choices(lines, k=dice.randrange(1, 6))) if lines else data


def shuffle_lines(data, dice):
    lines = split_lines(data)
    dice.shuffle(lines)
    return b"".join(lines)


def drop_a_line(data, dice):
    lines = split_lines(data)
    if lines:
        del lines[dice.randrange(len(lines))]
    return b"".join(lines)


def mix_encodings(data, dice):
    lines = split_lines(data)
    chosen = {dice.randrange(len(lines)) for _ in range(3)} if lines else set()
    return b"".join(
        line.decode(errors="ignore").encode("gb18030") if at in chosen else line for at, line in enumerate(lines)
    )


def recode(data, dice):
    return data.decode(errors="ignore").encode(
        dice.choice(["gb18030", "utf-16", "utf-8-sig", "utf-16-be", "big5hkscs"]), errors="replace"
    )


def change_dialect(data, dice):
    lines = split_lines(data)
    first, last = sorted(dice.randrange(len(lines) + 1) for _ in range(2))
    first, last = dice.choice([(0, len(lines)), (0, 1), (first, last)])
    mark = dice.choice([b"\t", b"|", b";", b"\x01", b"::"])
    return b"".join(line.replace(b",", mark) if first <= at < last else line for at, line in enumerate(lines))


def change_line_ends(data, dice):
    return data.replace(b"\n", dice.choice([b"\r\n", b"\r", b"\n\n", b"\n\r", b"\x0b", b"\x85"]))


def huge_field(data, dice):
    at = somewhere(data, dice)
    return data[:at] + dice.choice([b"x", b'"', b"\xe4\xb8\x80", b","]) * dice.choice([70_000, 600_000]) + data[at:]


def quote_everything(data, dice):
    mark = dice.choice([b'"', b"'"])
    return b"".join(
        mark + line.rstrip(b"\n").replace(b",", mark + b"," + mark) + mark + b"\n" for line in split_lines(data)
    )


TEXT_MUTATIONS = [
    *(truncate, drop_a_span, flip, insert_bytes, insert_sign, repeat_lines, shuffle_lines, drop_a_line),
    *(mix_encodings, recode, change_dialect, change_line_ends, huge_field, quote_everything),
]


def inside_the_archive(change):
    """The same mutation on one part of a workbook, which stays a whole archive."""

    def changed(data, dice):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                parts = {name: archive.read(name) for name in archive.namelist()}
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, EOFError, OSError, RuntimeError):
            return data
        names = [name for name in parts if "sheet" in name or "Strings" in name or "workbook" in name]
        if not names:
            return data
        chosen = dice.choice(names)
        parts[chosen] = change(parts[chosen], dice)
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, part in parts.items():
                archive.writestr(name, part)
        return stream.getvalue()

    return changed


BINARY_MUTATIONS = [truncate, drop_a_span, flip, insert_bytes]
WORKBOOK_MUTATIONS = [
    *BINARY_MUTATIONS,
    *(
        inside_the_archive(change)
        for change in (truncate, drop_a_span, flip, insert_bytes, insert_sign, huge_field) * 3
    ),
]


def mutations(kinds):
    return st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 2**32)), min_size=1, max_size=4)


def mutated(data, steps):
    for change, seed in steps:
        data = change(data, random.Random(seed))
    return data
