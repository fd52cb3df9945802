"""What a person asked of one run, checked and frozen; it travels through the flow as plain JSON."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Literal

from schemas.card import Frozen
from schemas.errors import UsageError

_MEMORY = re.compile(r"\d+(\.\d+)?\s*[KMGT]i?B", re.IGNORECASE)
_SCHEMA = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*){0,2}", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
WORKSPACE_SIGNS = "?[]{}\\"
"""Signs that a workspace's path must not hold: DuckDB misplaces its log beside such a file, readers take globs."""
EXTRACT_SIGNS = "\\"
"""The sign that DuckDB cannot take in an extract's path."""


class RunSettings(Frozen):
    """The options of ``exam-audit run``.

    Attributes:
        workspace: folder of the workspace.
        extract, profile: what to take in, and how it is written; extract None = judge the warehouse as it stands.
        as_of: last day that exists; None = the newest date in the warehouse.
        window_from, window_to: bounds of the flagged event, both inclusive.
        institutions: only these; empty = all.
        pack: name of a shipped pack or a folder.
        assignments: ``DETECTOR.PARAM=VALUE`` texts.
        only: detector ids or globs; empty = all.
        sweeps: ``DETECTOR.PARAM`` or ``DETECTOR.PARAM=V1,V2`` texts: parameters whose sensitivity the report shows.
        complete: canonical tables that the analyst vouches for as complete in this extract.
        threads: DuckDB threads; None = as many as the machine has.
        memory_limit: such as ``8GB``; None = 2 GiB while an extract is taken in, else DuckDB's own default.
        key_file: file of the pseudonym key, never the key itself; None = the user's own, made on first use.
        vault: file of the identity vault; None = that of the key in the user's data folder.
        keep_vault: whether a vault is kept at all.
        verdicts: file of verdicts that the ranking learns from; None = those of the case store.
        learns_from_cases: whether the case store is asked where no file is named; else priors stand as the cards have
            them.
        full: judge everybody anew, whatever the last run left to build upon.
        engine: what answers the questions; the answers are equal.
        master: where Spark runs, as Spark writes it; None = this machine, or what ``spark-submit`` says.
        spark_folder: folder or URL that every Spark executor sees, for tables between steps; None = in the workspace.
        catalogue_schema: schema of a Spark catalogue that holds the canonical tables; None = the warehouse does.
        spark_settings: further ``NAME=VALUE`` settings of the Spark session.
        top: leads whose evidence pages are rendered.
    """

    workspace: Path
    extract: Path | None = None
    profile: str = "canonical"
    as_of: date | None = None
    window_from: date | None = None
    window_to: date | None = None
    institutions: tuple[str, ...] = ()
    pack: str = "cn-national"
    assignments: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    sweeps: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()
    threads: int | None = None
    memory_limit: str | None = None
    key_file: Path | None = None
    vault: Path | None = None
    keep_vault: bool = True
    verdicts: Path | None = None
    learns_from_cases: bool = True
    full: bool = False
    engine: Literal["duckdb", "spark"] = "duckdb"
    master: str | None = None
    spark_folder: str | None = None
    spark_settings: tuple[str, ...] = ()
    catalogue_schema: str | None = None
    top: int = 1000

    def checked(self) -> RunSettings:
        """Itself, where the options agree with each other.

        Raises:
            UsageError: they do not; says what is allowed.
        """
        if self.window_from and self.window_to and self.window_to < self.window_from:
            raise UsageError(
                "the window ends before it begins",
                got=f"{self.window_from} to {self.window_to}",
                allowed="--from on or before --to",
                where="--from, --to",
            )
        if self.as_of and self.window_from and self.as_of < self.window_from:
            raise UsageError(
                "the window begins after the as-of date",
                got=f"--from {self.window_from}, --as-of {self.as_of}",
                allowed="--from on or before --as-of",
                where="--from, --as-of",
            )
        if self.memory_limit is not None and not _MEMORY.fullmatch(self.memory_limit.strip()):
            raise UsageError(
                "--memory-limit needs a size",
                got=self.memory_limit,
                allowed="a number with KB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 8GB",
                where="--memory-limit",
            )
        self._refuse_wrong_spark_options()
        _refuse_signs(self.workspace, WORKSPACE_SIGNS, "--workspace")
        if self.extract is not None:
            _refuse_signs(self.extract, EXTRACT_SIGNS, "--extract")
        return self

    def _refuse_wrong_spark_options(self) -> None:
        given = {
            "--catalogue-schema": self.catalogue_schema,
            "--master": self.master,
            "--spark-folder": self.spark_folder,
            "--spark-conf": self.spark_settings,
        }
        named = [option for option, value in given.items() if value]
        if named and self.engine != "spark":
            raise UsageError(
                "an option of Spark without Spark", got=", ".join(named), allowed="--engine spark", where="--engine"
            )
        if self.catalogue_schema is not None and not _SCHEMA.fullmatch(self.catalogue_schema):
            raise UsageError(
                "--catalogue-schema needs the name of a schema",
                got=self.catalogue_schema,
                allowed="words of letters, digits and _ joined by dots, such as lake.claims",
                where="--catalogue-schema",
            )
        if self.catalogue_schema is not None and self.as_of is None:
            raise UsageError("a run over a catalogue needs its last day", allowed="--as-of DATE", where="--as-of")
        wrong = [text for text in self.spark_settings if not text.partition("=")[0].startswith("spark.")]
        if wrong or not all("=" in text for text in self.spark_settings):
            raise UsageError(
                "--spark-conf needs a setting of Spark",
                got=", ".join(text.partition("=")[0] for text in self.spark_settings),
                allowed="NAME=VALUE, such as spark.sql.shuffle.partitions=400",
                where="--spark-conf",
            )


def _refuse_signs(path: Path, signs: str, option: str) -> None:
    """Refuse a path with signs that the database or its readers would take for something else."""
    parts = [part for part in path.absolute().parts if set(part) & set(signs)]
    if parts:
        found = sorted({sign for part in parts for sign in part if sign in signs})
        raise UsageError(
            f"the path holds {' '.join(found)}, which the database takes for a pattern and not for a name",
            got=f"{' '.join(found)} in the folder {' and '.join(parts)}",
            allowed=f"a path without any of {' '.join(signs)}: rename that folder, or choose another",
            where=f"{option} {path}",
        )


def parse_engine(text: str) -> Literal["duckdb", "spark"]:
    """The name of an engine.

    Raises:
        UsageError: there is no such engine.
    """
    known: dict[str, Literal["duckdb", "spark"]] = {"duckdb": "duckdb", "spark": "spark"}
    if text in known:
        return known[text]
    raise UsageError("no such engine", got=text, allowed=", ".join(known), where="--engine")


def parse_date(text: str, option: str) -> date:
    """An ISO date from an option.

    Raises:
        UsageError: not a date of the calendar, written YYYY-MM-DD.
    """
    try:
        if not _ISO_DATE.fullmatch(text.strip()):
            raise ValueError
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{option} needs a date", got=text, allowed="a day of the calendar as YYYY-MM-DD", where=option
        ) from None
