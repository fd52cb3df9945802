"""Synthetic extracts with planted truth: seeded, streamed to disk, for tests, demonstrations and benchmarks."""

from __future__ import annotations

from pipelines.sample.generate import SampleSummary, generate

__all__ = ["SampleSummary", "generate"]
