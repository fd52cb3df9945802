"""The committed data dictionary says what the declarations say."""

from __future__ import annotations

from schemas.dictionary import DICTIONARY_PATH, render
from schemas.evidence import EVIDENCE_SCHEMAS
from schemas.policy_tables import POLICY_TABLES
from schemas.result_files import OWN_PROSE, RESULT_FILES, RESULT_PROSE, prose_of
from schemas.tables import TABLES


def test_the_committed_dictionary_is_current() -> None:
    assert DICTIONARY_PATH.read_text(encoding="utf-8") == render(), "stale: run `make docs`"


def test_every_table_column_and_constraint_is_told() -> None:
    text = render()
    for table in (*TABLES.values(), *POLICY_TABLES.values()):
        assert f"</a>{table.name}" in text
        for name in (*table.column_names, *(constraint.name for constraint in table.constraints)):
            assert f"| `{name}` |" in text, f"{table.name}.{name}"


def test_every_column_of_a_result_file_is_explained_in_both_languages_and_nothing_else_is() -> None:
    told = set()
    for file in RESULT_FILES:
        for name in file.schema.names:
            english, chinese = prose_of(file, name)
            assert english
            assert chinese
            told.add(name)
    assert set(RESULT_PROSE) - told == set(OWN_PROSE.values())


def test_every_evidence_file_is_a_result_file() -> None:
    assert {f"evidence/{stem}.parquet" for stem in EVIDENCE_SCHEMAS} <= {file.path for file in RESULT_FILES}
