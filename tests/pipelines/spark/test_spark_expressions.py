"""An expression or a statement of the questions' dialect means in Spark what it means in DuckDB."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

EDGES = pl.DataFrame(
    {
        "n": [1, 2, 3, 4, 5, 6],
        "word": ["3d", " 5. ", "0x1p3", "1e3", None, "七"],
        "spaced": ["\u3000胸部 ", "a\u00a0", "\tb", "", None, " C "],
        "number": [0.285, 1.005, 2.675, -2.5, None, 1e9 / 3],
        "moment": [1738367999.9, -1.5, 1740787200.0, None, -59042995200.0, 1709164800.0],
        "letters": ["b", None, "a", "b", "B", None],
    }
).with_columns((pl.col("moment") * 1e6).round().cast(pl.Int64).cast(pl.Datetime("us")))
"""``moment`` in seconds since 1970: a tenth before midnight, before 1970, the year 99 and a leap day among them."""

EXPRESSIONS = (
    "round(e.number, 2)",
    "round(e.n / 3, 1)",
    "round(e.n / 7.0, 3)",
    "cast(e.number * cast(100 as double) as decimal(18, 2))",
    "cast(round(cast(e.n as double) * 1.005, 2) as decimal(18, 2))",
    "cast(e.n * 1.5 as bigint)",
    "e.n // 4",
    "e.n % 4",
    "try_cast(e.word as double)",
    "try_cast(substr(e.word, 1, 2) as integer)",
    "trim(e.spaced)",
    "lower(trim(e.spaced))",
    "concat('a', e.word, 'b')",
    "e.word || 'b'",
    "concat_ws('|', e.word, e.letters)",
    "date_diff('second', timestamp '1970-01-01', e.moment)",
    "date_diff('day', date '1970-01-01', cast(e.moment as date))",
    "strftime(e.moment, '%Y-%m')",
    "year(e.moment) * 4 + quarter(e.moment)",
    "date '1970-01-01' + (cast(e.n as integer) - 30)",
    "least(e.n, null, 3)",
    "greatest(e.letters, null)",
    "instr(e.word, 'e')",
    "starts_with(e.spaced, 'a')",
    "e.letters is not distinct from null",
    "coalesce(e.letters not in ('a'), false)",
    "case when e.letters = 'b' then 1 else 0 end",
    "row_number() over (order by e.letters, e.n)",
    "row_number() over (order by e.n) * 2000000000",
    "year(e.moment) * 2000000 + length(e.letters) * 2000000000",
    "row_number() over (order by e.letters desc, e.n)",
    "row_number() over (partition by e.letters order by e.number desc nulls last, e.n)",
    "lag(e.letters ignore nulls) over (order by e.n)",
    "first_value(e.n) over (partition by e.letters order by e.moment, e.n)",
    "sum(e.n) over (order by e.n rows between 1 preceding and current row)",
)


def test_an_expression_means_the_same(both: Any) -> None:
    told = ", ".join(f"{text} as x{i}" for i, text in enumerate(EXPRESSIONS))
    for engine in both.engines:
        engine.put("work.edge", EDGES.to_arrow())
        engine.store("work.told", f"select e.n, {told} from work.edge as e", {})
    ours, theirs = both.rows_of("work.told")
    differing = [
        text for i, text in enumerate(EXPRESSIONS) if not theirs[f"x{i}"].equals(ours[f"x{i}"], null_equal=True)
    ]
    assert differing == []


STATEMENTS = (
    "select distinct on (e.letters) e.letters, e.n from work.edge as e order by e.letters, e.n desc",
    "select e.n from work.edge as e qualify row_number() over (partition by e.letters order by e.n desc) = 1",
    "select e.letters, list(e.n order by e.moment, e.n) as all_n from work.edge as e group by all",
    "select e.letters, string_agg(e.word, ',' order by e.n) as words from work.edge as e group by e.letters",
    "select e.letters, count(*) filter (where e.number > 1) as large from work.edge as e group by 1",
    "select l.n, unnest(l.both) as one from (select e.n, [e.n, e.n + 1] as both from work.edge as e) as l",
    "select e.n from work.edge as e where e.letters not in (select f.letters from work.edge as f where f.n < 2)",
    "select e.n, $days as days, cast($as_of as timestamp) as at, $none as none from work.edge as e where e.n <= $days",
    "select e.n, row_number() over (w order by e.n) as place from work.edge as e window w as (partition by e.letters)",
    "select max(e.number > 1) as any_large, min(e.letters) as least from work.edge as e",
    "select e.n from work.edge as e anti join work.edge as f on e.n = f.n + 1",
    "select e.n, regexp_matches(e.word, '^[0-9]') as is_number from work.edge as e where e.word is not null",
)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_means_the_same(both: Any, statement: str) -> None:
    bound = {"days": 4, "as_of": date(2025, 12, 31), "none": None}
    answers = []
    for engine in both.engines:
        engine.put("work.edge", EDGES.to_arrow())
        frame = pl.from_arrow(engine.answer(statement, bound))
        assert isinstance(frame, pl.DataFrame)
        answers.append(frame.sort(frame.columns[0], *frame.columns[1:], nulls_last=True).to_dicts())
    assert answers[1] == answers[0]
