"""Options that several commands share, and the settings that they make together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipelines.settings import RunSettings

DEFAULT_WORKSPACE = Path("workspace")

WorkspaceOption = Annotated[Path, typer.Option("--workspace", help="Folder of the warehouse and the runs.")]
ExtractOption = Annotated[Path, typer.Option("--extract", help="Folder of the extract's files.")]
ProfileOption = Annotated[str, typer.Option("--profile", help="How the extract is written.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="Last day that exists, YYYY-MM-DD.")]
FromOption = Annotated[str | None, typer.Option("--from", help="First day of flagged events, YYYY-MM-DD.")]
ToOption = Annotated[str | None, typer.Option("--to", help="Last day of flagged events, YYYY-MM-DD.")]
InstitutionOption = Annotated[list[str] | None, typer.Option("--institution", help="Only this one; may be repeated.")]
PackOption = Annotated[str, typer.Option("--pack", help="Policy pack: a name or a folder.")]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="DETECTOR.PARAM=VALUE; may be repeated.")]
OnlyOption = Annotated[list[str] | None, typer.Option("--only", help="Detector id or glob; may be repeated.")]
SweepOption = Annotated[
    list[str] | None,
    typer.Option("--sweep", help="DETECTOR.PARAM or DETECTOR.PARAM=V1,V2,…: show how hits change; may be repeated."),
]
ThreadsOption = Annotated[int | None, typer.Option("--threads", min=1, help="DuckDB threads.")]
MemoryOption = Annotated[
    str | None, typer.Option("--memory-limit", help="DuckDB memory, such as 8GB; for ingest 2 GiB by default.")
]
VerdictsOption = Annotated[
    Path | None,
    typer.Option(
        "--verdicts", help="CSV or Parquet file of verdicts that the ranking learns from; default: the case store."
    ),
]
FullOption = Annotated[bool, typer.Option("--full", help="Judge everybody anew, not only whom new batches touch.")]
EngineOption = Annotated[str, typer.Option("--engine", help="duckdb, or spark where one machine is outgrown.")]
MasterOption = Annotated[
    str | None, typer.Option("--master", help="Where Spark runs, such as local[4] or spark://HOST:7077.")
]
SparkFolderOption = Annotated[
    str | None, typer.Option("--spark-folder", help="Folder or URL that every executor sees; default: the workspace.")
]
CatalogueSchemaOption = Annotated[
    str | None,
    typer.Option("--catalogue-schema", help="Schema of Spark's catalogue that holds the canonical tables."),
]
SparkConfOption = Annotated[
    list[str] | None,
    typer.Option(
        "--spark-conf",
        help="Setting of Spark, NAME=VALUE; may be repeated. A catalogue's instants are told in "
        "spark.sql.session.timeZone, by default Asia/Shanghai.",
    ),
]
DirectOption = Annotated[bool, typer.Option("--direct", help="Call the steps plainly, without Prefect.")]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key-file", help="Pseudonym key, 32 or more random bytes, mode 0600; default: your own, made once."),
]
VaultOption = Annotated[
    Path | None, typer.Option("--vault", help="Encrypted file that leads pseudonyms back to ids; default: your own.")
]
NoVaultOption = Annotated[bool, typer.Option("--no-vault", help="Keep no way back from pseudonyms to ids.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CompleteOption = Annotated[
    list[str] | None, typer.Option("--complete", help="Table that this extract holds whole; may be repeated.")
]


def settings_of(
    workspace: Path,
    extract: Path | None,
    profile: str,
    as_of: str | None,
    from_: str | None,
    to: str | None,
    institution: list[str] | None,
    pack: str,
    set_: list[str] | None,
    only: list[str] | None,
    threads: int | None,
    memory_limit: str | None,
    key_file: Path | None = None,
    vault: Path | None = None,
    no_vault: bool = False,
    complete: list[str] | None = None,
    sweep: list[str] | None = None,
    full: bool = False,
    engine: str = "duckdb",
    master: str | None = None,
    spark_folder: str | None = None,
    spark_conf: list[str] | None = None,
    catalogue_schema: str | None = None,
    verdicts: Path | None = None,
) -> RunSettings:
    """The settings of one run, checked; dates are parsed, lists made tuples."""
    from pipelines.settings import RunSettings, parse_date, parse_engine

    return RunSettings(
        workspace=workspace,
        extract=extract,
        profile=profile,
        as_of=parse_date(as_of, "--as-of") if as_of is not None else None,
        window_from=parse_date(from_, "--from") if from_ is not None else None,
        window_to=parse_date(to, "--to") if to is not None else None,
        institutions=tuple(institution or ()),
        pack=pack,
        assignments=tuple(set_ or ()),
        only=tuple(only or ()),
        threads=threads,
        memory_limit=memory_limit,
        key_file=key_file,
        vault=vault,
        keep_vault=not no_vault,
        complete=tuple(complete or ()),
        sweeps=tuple(sweep or ()),
        full=full,
        engine=parse_engine(engine),
        master=master,
        spark_folder=spark_folder,
        spark_settings=tuple(spark_conf or ()),
        catalogue_schema=catalogue_schema,
        verdicts=verdicts,
    ).checked()
