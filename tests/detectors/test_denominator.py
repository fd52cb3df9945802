"""The denominator is cut out of the question's own text: its parts up to ``examined``, counted."""

from __future__ import annotations

from detectors.engines.duckdb import DuckDBEngine, open_warehouse
from detectors.runner import examined_statement

QUESTION = """
-- is anybody (whoever) examined as such?
with listed as (
    select unnest(['A)', 'A)', 'B']) as institution_id
),

examined as (
    -- not 'B' alone :)
    select l.institution_id, '2025-01' as month, (l.institution_id <> ')') and l.institution_id <> 'B' as is_judged
    from listed as l
),

later as (
    select count(*) over () as n
    from examined
)

select n
from later
"""


def test_brackets_in_words_and_remarks_do_not_end_the_denominator() -> None:
    connection = open_warehouse(None, threads=1)
    counted = DuckDBEngine(connection).answer(examined_statement(QUESTION), {}).to_pylist()
    connection.close()
    assert sorted(tuple(row.values()) for row in counted) == [("A)", "2025-01", 2, 0), ("B", "2025-01", 0, 1)]


def test_what_comes_after_the_denominator_is_left_out() -> None:
    assert "later" not in examined_statement(QUESTION)
