"""A profile of one's own over a warehouse, for every key that a profile may hold."""

import pytest

from pipelines.ingest import ingest_extract

HEAD = """
name = "mine"
version = "1"
title = { en = "mine", zh = "我的" }
"""


def source(kind, *columns, extra=""):
    listed = "\n".join(f'"{column}" = {{}}' for column in columns)
    return f'\n[source.{kind}]\nfiles = ["{kind}*"]\n{extra}\n[source.{kind}.columns]\n{listed}\n\n'


class Mine:
    """A profile of one's own over a warehouse that has what a run needs to start."""

    def __init__(self, bench):
        self.bench = bench
        bench.ingest(bench.extract("plain"))
        for table in ("patient", "institution", "encounter"):
            bench.connection.execute(f"delete from main.{table}")

    def take(self, profile, *, head="", protection=None, name="mine", **files):
        path = self.bench.folder / f"{name}.toml"
        path.write_text(HEAD + head + profile, encoding="utf-8")
        folder = self.bench.folder / name
        folder.mkdir(exist_ok=True)
        for file, text in files.items():
            (folder / f"{file}.csv").write_text(text, encoding="utf-8")
        return ingest_extract(
            self.bench.connection, folder, str(path), workspace=self.bench.workspace, protection=protection
        )

    def visits(self, columns, rows, **more):
        """Rows of one source ``visits`` into departments; ``columns`` are the lines of ``[table.columns]``."""
        names = rows.partition("\n")[0].split(",")
        profile = source("visits", *names) + f'[[table]]\nname = "department"\nfrom = "visits"\n{columns}'
        return self.take(profile, visits=rows, **more)

    def departments(self, columns="department_code"):
        """Departments that were taken in, in the order of their lines."""
        rows = self.bench.rows(
            f"select {columns} from main.department order by source_file, source_row, department_code"
        )
        return [row[0] if len(row) == 1 else row for row in rows]


@pytest.fixture
def mine(bench):
    return Mine(bench)
