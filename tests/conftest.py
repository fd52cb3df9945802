"""How tests are dealt to workers: whole files, and together those that share one costly session."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/pipelines/spark/",)
"""Folders whose files go to one worker: they share one Spark session."""


class ByFile(LoadFileScheduling):
    """As ``--dist loadfile``, but a folder of ``TOGETHER`` counts as one file."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in TOGETHER if nodeid.startswith(folder)), super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile | None:
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None
