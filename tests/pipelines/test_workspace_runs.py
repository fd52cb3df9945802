"""Which run a published run is compared with."""

from __future__ import annotations

from pathlib import Path

from pipelines.workspace import Workspace


def publish(place: Workspace, run_id: str) -> Path:
    """A run of nothing but a manifest."""
    (place.fresh_staging(run_id) / "manifest.json").write_text("{}", encoding="utf-8")
    return place.publish(run_id)


def test_the_first_run_has_none_before(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    assert place.before("a") is None
    assert not (publish(place, "a") / "previous").exists()
    assert place.before("a") is None


def test_a_run_is_compared_with_the_newest_and_keeps_it_when_it_is_made_again(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    first = publish(place, "a")
    assert place.before("b") == first
    for _ in range(2):
        assert (publish(place, "b") / "previous").read_text(encoding="utf-8") == "a\n"
        assert place.before("b") == first


def test_a_run_that_was_removed_is_not_compared_with(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    (publish(place, "a") / "manifest.json").unlink()
    assert place.before("b") is None
