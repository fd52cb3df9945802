"""Whose turn it is: the detectors of a run one by one, and those of a night several at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from itertools import islice

from detectors.catalogue import load_catalogue
from pipelines.asking import is_on_spark
from pipelines.incremental import is_short
from pipelines.incremental.telling import is_incremental
from pipelines.open_warehouse import held_open, warehouse
from pipelines.staged_run import Staged, request_of

Ask = Callable[[str], object]


def ask_each(staged: Staged, ask: Ask, on_done: Ask = lambda _: None) -> None:
    """Have every chosen detector asked.

    In a run that builds on the last one, those that are asked about a night's patients alone come first, as many at
    a time as the run has threads, over one opening of the warehouse: opening and closing it would take longer than
    asking. All others, and so every detector of a full run, have it opened for them alone, one after the other, so
    that each finds all the memory free.

    Args:
        staged: the run; its tables are prepared.
        ask: asks the detector of this id, in any thread.
        on_done: told the id of each that was asked, in the thread of the caller.
    """
    together = _asked_together(staged, ask, on_done) if _is_night(staged) else ()
    for detector_id in staged.identity.detectors_chosen:
        if detector_id not in together:
            ask(detector_id)
            on_done(detector_id)


def _is_night(staged: Staged) -> bool:
    return not is_on_spark(staged) and is_incremental(staged.folder / "parts")


def _asked_together(staged: Staged, ask: Ask, on_done: Ask) -> Sequence[str]:
    chosen, request = staged.identity.detectors_chosen, request_of(staged)
    with held_open(staged.settings):
        with warehouse(staged.settings) as connection:
            together = [one.id for one in load_catalogue() if one.id in chosen and is_short(connection, one, request)]
        at_once(ask, together, staged.settings.threads, on_done)
    return together


def at_once(do: Ask, ids: Sequence[str], threads: int | None, on_done: Ask = lambda _: None) -> None:
    """Do one thing for each id, several at a time, with the context variables of the caller.

    After an error nothing more is begun; what is under way ends first, then the error is raised.

    Args:
        do: what is done.
        ids: for whom.
        threads: how many at a time; None = one for each core.
        on_done: told each id, in the thread of the caller.
    """
    most, waiting = threads or os.cpu_count() or 1, iter(ids)
    with ThreadPoolExecutor(most) as pool:
        under_way: dict[Future[object], str] = {}

        def begin(how_many: int) -> None:
            under_way.update({pool.submit(copy_context().run, do, one): one for one in islice(waiting, how_many)})

        begin(most)
        while under_way:
            ended = wait(under_way, return_when=FIRST_COMPLETED).done
            for future in ended:
                future.result()
            begin(len(ended))
            for future in ended:
                on_done(under_way.pop(future))
