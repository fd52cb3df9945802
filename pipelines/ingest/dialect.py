"""How a text file separates its columns: the delimiter and the quotation mark, found by what makes a known header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

DELIMITERS = (",", "\t", "|", ";", "\x01")
"""Delimiters that are tried, the commonest first. ``\\x01`` is what Hive writes."""


@dataclass(frozen=True)
class Dialect:
    """A delimiter and a quotation mark; no quotation mark at all where ``quote`` is empty.

    The patterns are those of the careful reading: a record is *in order* where each field is whole, and a quotation
    mark inside a field that does not begin with one is an ordinary character.
    """

    delimiter: str = ","
    quote: str = '"'

    @cached_property
    def _d(self) -> str:
        return re.escape(self.delimiter)

    @cached_property
    def _quoted(self) -> str:
        return rf"{self.quote}(?:[^{self.quote}]++|{self.quote}{self.quote})*+{self.quote}"

    @cached_property
    def _field(self) -> str:
        plain = rf"[^{self.quote}{self._d}\r\n][^{self._d}\r\n]*+|"
        return rf"(?:{self._quoted}|{plain})" if self.quote else rf"[^{self._d}\r\n]*+"

    @cached_property
    def record(self) -> re.Pattern[str]:
        """One whole record in order."""
        return re.compile(rf"{self._field}(?:{self._d}{self._field})*+[\r\n]*\Z")

    @cached_property
    def strict_record(self) -> re.Pattern[str]:
        """One whole record that every reader takes alike: quotation marks stand around fields only."""
        strict = rf"(?:{self._quoted}|[^{self.quote}{self._d}\r\n]*+)" if self.quote else self._field
        return re.compile(rf"{strict}(?:{self._d}{strict})*+[\r\n]*\Z")

    @cached_property
    def quoted_part(self) -> re.Pattern[str]:
        """A field in quotation marks."""
        return re.compile(self._quoted)

    @cached_property
    def open_record(self) -> re.Pattern[str]:
        """A record whose last field is in a quotation that has not ended."""
        return re.compile(
            rf"(?:{self._field}{self._d})*+{self.quote}(?:[^{self.quote}]++|{self.quote}{self.quote})*+\Z"
        )

    @cached_property
    def fields(self) -> re.Pattern[str]:
        """Each field of a record in order, as (content of the quotation, plain text)."""
        if not self.quote:
            return re.compile(rf"(?:^|{self._d})(?:(?!)()|([^{self._d}\r\n]*+))")
        quoted = rf"{self.quote}((?:[^{self.quote}]++|{self.quote}{self.quote})*+){self.quote}"
        return re.compile(rf"(?:^|{self._d})(?:{quoted}|([^{self.quote}{self._d}\r\n][^{self._d}\r\n]*+|))")

    def split(self, text: str) -> tuple[str, ...] | None:
        """Fields of one whole record; None where its quotation marks are not in order."""
        if self.record.match(text) is None:
            return None
        return tuple(
            plain if quoted is None else quoted.replace(self.quote * 2, self.quote)
            for quoted, plain in (match.groups() for match in self.fields.finditer(text.rstrip("\r\n")))
        )

    def join(self, fields: Sequence[str]) -> str:
        """Fields as one record in order; each that holds anything stands in quotation marks, where there are such."""
        if not self.quote:
            return self.delimiter.join(fields)
        doubled = self.quote * 2
        return self.delimiter.join(
            f"{self.quote}{field.replace(self.quote, doubled)}{self.quote}" if field else "" for field in fields
        )

    @property
    def sql(self) -> str:
        """The options of DuckDB's ``read_csv`` for this dialect."""
        mark = self.quote.replace("'", "''")
        return f"delim = '{self.delimiter}', quote = '{mark}', escape = '{mark}'"


COMMA = Dialect()
"""What a canonical extract is written in."""


def dialects_of(text: str) -> tuple[Dialect, ...]:
    """Dialects that the first lines of a file may be in, the likeliest first; commas where nothing separates.

    A Hive file has no quotation marks. Single ones are taken for such only where they stand beside a delimiter.
    """
    found = [delimiter for delimiter in DELIMITERS if delimiter in text]
    return tuple(Dialect(delimiter, _quote(text, delimiter)) for delimiter in found) or (COMMA,)


def _quote(text: str, delimiter: str) -> str:
    if delimiter == "\x01":
        return ""
    return "'" if f"'{delimiter}'" in text and f'"{delimiter}"' not in text else '"'
