"""One generated extract for all tests of the generator that only read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.sample import generate

PATIENTS, SEED = 2_600, 4
"""More than one block of patients, and another seed than the committed sample."""


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with extract/ and truth/."""
    out = tmp_path_factory.mktemp("made")
    generate(PATIENTS, SEED, out)
    return out
