"""Text files to strict UTF-8: byte order mark, then UTF-8, then GB18030, as a stream; nothing is ever guessed away."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import InputError

_CHUNK_BYTES = 4 << 20
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TRAILING_LINE_ENDS = re.compile(rb"[\r\n]+\Z")


@dataclass(frozen=True)
class Decoded:
    """A text file that is UTF-8 now, with or without a mark: the source itself, or a private copy.

    Attributes:
        path: the UTF-8 file.
        encoding: what the source was written in.
        line_count: physical lines, blank ones at the end left out.
        has_odd_blanks: whether there is a tab or a byte order mark below the start, which a plain trim leaves.
    """

    path: Path
    encoding: str
    line_count: int
    has_odd_blanks: bool


def decode_file(path: Path, scratch: Path) -> Decoded:
    """The file as UTF-8; a file in another encoding is copied into ``scratch``.

    Raises:
        InputError: a byte fits no encoding; the message has the file and the offset, from 0.
    """
    encodings = _candidate_encodings(path)
    furthest = -1
    for encoding in encodings:
        copy = None if encoding == "utf-8" else scratch / f"utf8_{len(list(scratch.iterdir()))}.csv"
        try:
            facts = _transcode(path, encoding, copy)
            return Decoded(copy or path, encoding, facts.line_count, facts.has_odd_blanks)
        except _UndecodableError as error:
            # The decoding that came furthest is the likeliest one, so its fault is the one to look at.
            furthest = max(furthest, error.offset)
    raise InputError(
        "the file cannot be decoded",
        got=f"a byte at offset {furthest} that does not fit",
        allowed=f"text in {' or '.join(encodings).upper()}",
        where=path.name,
    )


class _UndecodableError(Exception):
    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


def _candidate_encodings(path: Path) -> tuple[str, ...]:
    with path.open("rb") as stream:
        start = stream.read(3)
    if start == codecs.BOM_UTF8:
        return ("utf-8",)
    if start[:2] in _UTF16_MARKS:
        return ("utf-16",)
    return ("utf-8", "gb18030")


def _transcode(path: Path, encoding: str, copy: Path | None) -> _TextFacts:
    facts = _TextFacts()
    if copy is None:
        for chunk, _text in _decoded_chunks(path, encoding):
            facts.feed(chunk)
        return facts
    with copy.open("wb") as target:
        for _chunk, text in _decoded_chunks(path, encoding):
            encoded = text.encode()
            facts.feed(encoded)
            target.write(encoded)
    return facts


def _decoded_chunks(path: Path, encoding: str) -> Iterator[tuple[bytes, str]]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    consumed = 0
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(_CHUNK_BYTES)
            consumed += len(chunk)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                # The decoder's object is what it kept of earlier chunks plus this one.
                raise _UndecodableError(consumed - len(error.object) + error.start) from None
            yield chunk, text
            if not chunk:
                return


class _TextFacts:
    """Counts lines that end in LF, CR LF or CR, and looks for odd blanks, over chunks of UTF-8."""

    def __init__(self) -> None:
        self.has_odd_blanks = False
        self._ends = 0
        self._tail = b""

    def feed(self, chunk: bytes) -> None:
        if not chunk:
            return
        split_pair = self._tail.endswith(b"\r") and chunk.startswith(b"\n")
        self._ends += _line_ends(chunk) - split_pair
        seam = self._tail[-2:] + chunk if self._tail else chunk.removeprefix(codecs.BOM_UTF8)
        self.has_odd_blanks = self.has_odd_blanks or b"\t" in seam or codecs.BOM_UTF8 in seam
        self._tail = (self._tail + chunk)[-4096:] if len(chunk) < 4096 else chunk[-4096:]

    @property
    def line_count(self) -> int:
        trailing = _TRAILING_LINE_ENDS.search(self._tail)
        return self._ends + 1 - (_line_ends(trailing.group()) if trailing else 0)


def _line_ends(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
