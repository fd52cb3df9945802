"""What the decoding pass tells of a text: line ends, and whether a field may begin or end in a blank."""

import pytest

import pipelines.ingest.decoding as decoding

SPACES = [chr(point) for point in (32, 160, 5760, *range(8192, 8203), 8239, 8287, 12288)]
"""Unicode's spaces (category Zs), which a trim inside DuckDB takes off."""


def facts(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "text.csv"
    path.write_bytes(text.encode(encoding))
    return decoding.decode_file(path, tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(
    "row", ["{}1,2", "1{},2", "1,{}2", "1,2{}", '"{}1",2', "'1{}',2", "1|{}2", "1\x01{}2", "1;2{}"]
)
def test_a_space_at_the_edge_of_a_field_is_seen(tmp_path, encoding, space, row):
    assert facts(tmp_path, f"名,b\n{row.format(space)}\n", encoding).has_blanks


@pytest.mark.parametrize("row", ["2025-01-05 08:00:00,2", "血清 钾,2", '"a b",2', "。，“”,…", "1,2"])
def test_a_space_between_words_is_none_at_an_edge(tmp_path, row):
    assert not facts(tmp_path, f"a,b\n{row}\n").has_blanks


def test_the_end_of_a_file_is_an_edge(tmp_path):
    assert facts(tmp_path, "a,b\n1,2 ").has_blanks


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize(
    ("text", "has_blanks", "has_odd_blanks", "lines"),
    [
        ("a,b\n1 ,2\n", True, False, 2),
        ("a,b\n1,\u30002\n", True, False, 2),
        ("a,b\n1 1,2\n", False, False, 2),
        ("a,b\r\n1,\ufeff2\r\n", False, True, 2),
        ("a,b\r1,2\r3,4", False, False, 3),
    ],
)
def test_where_the_chunks_are_cut_changes_nothing(tmp_path, monkeypatch, size, text, has_blanks, has_odd_blanks, lines):
    monkeypatch.setattr(decoding, "_CHUNK_BYTES", size)

    found = facts(tmp_path, text)

    assert (found.has_blanks, found.has_odd_blanks, found.line_count) == (has_blanks, has_odd_blanks, lines)
