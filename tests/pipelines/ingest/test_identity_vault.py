"""The identity vault and its log: what leads back to an id, for whom, and what happens when either was touched."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from pipelines.ingest.identity_log import add_entry, log_path, read_entries
from pipelines.ingest.identity_vault import default_vault_path, keep_identities, make_vault, originals_of
from pipelines.ingest.pseudonym import Protection, derived_ids, patient_pseudonym
from pipelines.ingest.pseudonym_key import PseudonymKey
from schemas.errors import IntegrityError, UsageError

KEY, OTHER = PseudonymKey(b"0123456789abcdef" * 2), PseudonymKey(b"fedcba9876543210" * 2)
RESIDENT_ID = "11010519491231002X"


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "identity.vault"


def test_vault_leads_back_to_the_ids_as_they_were_written(bench, vault: Path) -> None:
    content = f"patient_id,sex\n{RESIDENT_ID},M\n110105491231002,M\nP1,F\n"
    bench.ingest(bench.extract(patient__csv=content), protection=Protection(KEY, vault))
    pseudonym = patient_pseudonym(KEY, RESIDENT_ID)
    assert originals_of(vault, KEY, pseudonym) == {pseudonym: [RESIDENT_ID, "110105491231002"]}
    assert originals_of(vault, KEY, pseudonym[:12]) == {pseudonym: [RESIDENT_ID, "110105491231002"]}
    assert originals_of(vault, KEY, "0" * 32) == {}


def test_vault_is_private_and_shows_neither_ids_nor_pseudonyms(bench, vault: Path) -> None:
    bench.ingest(bench.extract(patient__csv=f"patient_id\n{RESIDENT_ID}\nP1\n"), protection=Protection(KEY, vault))
    assert stat.S_IMODE(vault.stat().st_mode) == 0o600
    content = vault.read_bytes()
    assert RESIDENT_ID.encode() not in content
    assert patient_pseudonym(KEY, RESIDENT_ID).encode() not in content


def test_each_identity_is_kept_once(bench, vault: Path) -> None:
    bench.ingest(bench.extract(), protection=Protection(KEY, vault))
    size = vault.stat().st_size
    header = "encounter_id,patient_id,institution_id,encounter_type,started_at\n"
    more = bench.extract("more", encounter__csv=header + "E2,P2,H1,outpatient,2024-01-06\n")
    bench.ingest(more, protection=Protection(KEY, vault))
    assert vault.stat().st_size == size
    assert keep_identities(bench.connection, vault, KEY) == 0


def test_no_vault_no_file(bench, tmp_path: Path) -> None:
    bench.ingest(bench.extract(), protection=Protection(KEY))
    assert not list(tmp_path.rglob("*.vault"))


def test_another_key_opens_nothing(vault: Path) -> None:
    make_vault(vault, KEY)
    for use in (lambda: make_vault(vault, OTHER), lambda: originals_of(vault, OTHER, "0" * 32)):
        with pytest.raises(IntegrityError, match="another pseudonym key"):
            use()


def test_file_that_is_no_vault_is_refused_and_left_alone(vault: Path) -> None:
    vault.parent.mkdir()
    vault.write_bytes(b"something else" * 100)
    with pytest.raises(IntegrityError, match="no identity vault"):
        make_vault(vault, KEY)
    assert vault.read_bytes() == b"something else" * 100


def test_damaged_vault_is_noticed(bench, vault: Path) -> None:
    bench.ingest(bench.extract(), protection=Protection(KEY, vault))
    with closing(sqlite3.connect(vault)) as opened:
        ((sealed,),) = opened.execute("select sealed from segment").fetchall()
        opened.execute("update segment set sealed = ?", (sealed[:-1] + bytes([sealed[-1] ^ 1]),))
        opened.commit()
    with pytest.raises(IntegrityError, match="changed or damaged"):
        originals_of(vault, KEY, "0" * 32)


def test_place_that_cannot_be_written_is_refused_before_anything_is_read(bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="--no-vault"):
        bench.ingest(bench.extract(), protection=Protection(KEY, tmp_path / "file" / "x.vault"))
    assert bench.rows("from ledger.batch") == []


def test_vaults_of_two_keys_have_two_places() -> None:
    assert default_vault_path(KEY) != default_vault_path(OTHER)


@pytest.fixture
def log(vault: Path) -> Path:
    make_vault(vault, KEY)
    for number in range(3):
        add_entry(vault, KEY, "0" * 32, f"case {number} of {RESIDENT_ID}", found=0)
    return log_path(vault)


def test_log_tells_who_what_and_why_and_no_resident_id(vault: Path, log: Path) -> None:
    entries = read_entries(vault, KEY)
    assert [entry["reason"] for entry in entries] == ["case 0 of ***", "case 1 of ***", "case 2 of ***"]
    assert all(entry["user"] and entry["at"] for entry in entries)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def changed(lines: list[str]) -> list[str]:
    return [json.dumps({**json.loads(lines[0]), "reason": "another"}), *lines[1:]]


@pytest.mark.parametrize(
    "touch",
    [changed, lambda lines: lines[1:], lambda lines: lines[:-1], lambda lines: [*lines, "{}"], lambda _: []],
    ids=["changed", "first taken out", "cut off", "added", "emptied"],
)
def test_touched_log_is_noticed_and_no_lookup_is_added(vault: Path, log: Path, touch) -> None:
    lines = touch(log.read_text(encoding="utf-8").splitlines())
    log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with pytest.raises(IntegrityError, match="log of lookups"):
        add_entry(vault, KEY, "0" * 32, "case", found=0)


def test_removed_log_is_noticed(vault: Path, log: Path) -> None:
    log.unlink()
    with pytest.raises(IntegrityError, match="cut off"):
        read_entries(vault, KEY)


def test_vault_leads_back_to_doctors_whose_ids_were_derived(bench, vault: Path) -> None:
    make_vault(vault, KEY)
    bench.connection.execute("create temp table forms as select 'H1' as place, '张三' as doctor")
    table = derived_ids(bench.connection, "forms", ["place", "doctor"], KEY)
    ((derived,),) = bench.rows(f"select derived_id from {table}")
    assert keep_identities(bench.connection, vault, KEY) == 1
    assert originals_of(vault, KEY, str(derived)) == {derived: ["H1\x1f张三"]}
