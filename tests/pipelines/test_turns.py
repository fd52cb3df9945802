"""Detectors asked at once: several at a time with the caller's context, and nothing begun after an error."""

from __future__ import annotations

from contextvars import ContextVar
from threading import Barrier, get_ident

import pytest

from pipelines.turns import at_once

SAID = ContextVar("SAID", default="nothing")


def test_as_many_are_under_way_as_there_are_threads() -> None:
    meeting = Barrier(2, timeout=30)
    at_once(lambda _: meeting.wait(), ["one", "two", "three", "four"], 2)


def test_each_sees_the_context_of_the_caller_and_is_told_there_when_done() -> None:
    SAID.set("by the caller")
    seen: list[tuple[str, str]] = []
    done: list[tuple[str, int]] = []
    at_once(lambda id_: seen.append((id_, SAID.get())), list("abc"), 3, lambda id_: done.append((id_, get_ident())))
    assert sorted(seen) == [(id_, "by the caller") for id_ in "abc"]
    assert sorted(done) == [(id_, get_ident()) for id_ in "abc"]


def test_nothing_is_begun_after_an_error_and_the_error_is_raised() -> None:
    begun: list[str] = []

    def fail_at_the_second(id_: str) -> None:
        begun.append(id_)
        if id_ == "2":
            raise ValueError(id_)

    with pytest.raises(ValueError, match="2"):
        at_once(fail_at_the_second, [str(n) for n in range(100)], 1)
    assert begun == ["0", "1", "2"]


def test_what_is_under_way_ends_before_an_error_is_raised() -> None:
    meeting = Barrier(2, timeout=30)
    ended: list[str] = []

    def fail_or_end(id_: str) -> None:
        meeting.wait()
        if id_ == "fails":
            raise ValueError(id_)
        ended.append(id_)

    with pytest.raises(ValueError, match="fails"):
        at_once(fail_or_end, ["fails", "ends"], 2)
    assert ended == ["ends"]


def test_nobody_at_all_is_no_error() -> None:
    at_once(lambda _: pytest.fail("nobody was to be asked"), [], None)
