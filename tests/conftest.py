"""How tests are dealt to workers: whole files, those that share one costly session together, the longest first."""

from __future__ import annotations

from collections import Counter

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/pipelines/spark/",)
"""Folders whose files go to one worker: they share one Spark session."""

LONGEST = (
    *TOGETHER,
    "tests/detectors/test_specs.py",
    "tests/pipelines/test_verification.py",
    "tests/pipelines/test_run.py",
    "tests/pipelines/test_flow.py",
    "tests/reports/test_every_page_in_browser.py",
    "tests/reports/test_lead_list_in_browser.py",
    "tests/detectors/test_properties.py",
    "tests/pipelines/test_commands.py",
    "tests/pipelines/incremental/test_incremental_command.py",
    "tests/pipelines/incremental/test_incremental_over_the_catalogue.py",
    "tests/pipelines/incremental/test_incremental_equals_full.py",
    "tests/pipelines/incremental/test_why_full.py",
    "tests/accuracy/test_committed_sample.py",
)
"""What would keep one worker busy while the other has nothing left, were it begun late; few tests may take long."""


def unit(nodeid: str) -> str:
    """What goes to one worker as a whole: a file, or a folder of ``TOGETHER``."""
    return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid.split("::", 1)[0])


class ByUnit(LoadFileScheduling):
    """As ``--dist loadfile``, by units and in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByUnit | None:
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return ByUnit(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Within a worker: the longest units first, then those of many tests."""
    if not hasattr(config, "workerinput"):
        return
    sizes = Counter(unit(item.nodeid) for item in items)
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (place.get(unit(item.nodeid), len(place)), -sizes[unit(item.nodeid)]))
