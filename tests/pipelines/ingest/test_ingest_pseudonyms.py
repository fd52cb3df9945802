"""Pseudonyms: one patient is one pseudonym however the id is written, and nothing of the original is left."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pipelines.ingest import pseudonym_key
from pipelines.ingest.identities import SEEN
from pipelines.ingest.masking import masked_text
from pipelines.ingest.pseudonym import Protection, derived_ids, normalised_id, patient_pseudonym
from pipelines.ingest.pseudonym_key import PUBLISHED_KEY, PseudonymKey, find_key, make_key, read_key
from schemas.errors import UsageError
from schemas.profile import FOLDER

KEY, OTHER = PseudonymKey(b"0123456789abcdef" * 2), PseudonymKey(b"fedcba9876543210" * 2)
RESIDENT_ID = "11010519491231002X"


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002X",
        "110105491231002",
        "　110105491231002 ",
    ],
)
def test_one_resident_id_is_one_patient_however_it_is_written(written: str) -> None:
    assert normalised_id(written) == RESIDENT_ID
    assert patient_pseudonym(KEY, written) == patient_pseudonym(KEY, RESIDENT_ID)


@pytest.mark.parametrize("id_", ["P0000001", "x1", "100000000000001", "a-b_c", "110105194912310021"])
def test_other_ids_stay_as_they_are(id_: str) -> None:
    assert normalised_id(id_) == id_


def test_pseudonym_is_the_keyed_hash_that_the_documentation_names() -> None:
    # Printed once by: printf 'patient\0P1' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    assert patient_pseudonym(KEY, "P1") == "f90ee7b833090ed15ca3b6c26d382360"
    assert patient_pseudonym(OTHER, "P1") != patient_pseudonym(KEY, "P1")
    assert len(KEY.fingerprint) == 12
    assert "0123456789" not in repr(KEY)


def test_rows_carry_pseudonyms_in_every_table_and_join_as_before(bench) -> None:
    outcome = bench.ingest(bench.extract(), protection=Protection(KEY))
    assert bench.rows("select patient_id from main.encounter") == [(patient_pseudonym(KEY, "P1"),)]
    assert bench.rows("select count(*) from main.encounter inner join main.patient using (patient_id)") == [(1,)]
    assert bench.rows("select key_fingerprint from ledger.batch") == [(KEY.fingerprint,)]
    assert bench.account(outcome, "patient").accepted == 2
    assert bench.rows("select table_name from duckdb_tables() where temporary") == []


def test_two_spellings_of_one_patient_are_one_row(bench) -> None:
    content = f"patient_id,sex\n{RESIDENT_ID},M\n110105491231002,M\n"
    account = bench.account(bench.ingest(bench.extract(patient__csv=content), protection=Protection(KEY)), "patient")
    assert (account.accepted, account.duplicate) == (1, 1)


def test_another_key_is_refused_and_changes_nothing(bench) -> None:
    bench.ingest(bench.extract(), protection=Protection(KEY))
    before = bench.dump()
    for protection in (Protection(OTHER), None):
        with pytest.raises(UsageError, match="another pseudonym key") as refused:
            bench.ingest(bench.extract("more"), protection=protection)
        assert refused.value.exit_code == 2
    assert bench.dump() == before


def test_faulty_rows_have_their_original_text_in_quarantine_only(bench) -> None:
    content = "patient_id,birth_date\nSECRET9,no date\nP1,1960-01-01\n"
    outcome = bench.ingest(bench.extract(patient__csv=content), protection=Protection(KEY))
    assert "SECRET9" in bench.quarantine(outcome, "patient.csv")
    assert "SECRET9" not in repr(bench.dump())


def test_names_are_dropped_unless_they_are_kept(make_bench, tmp_path: Path) -> None:
    content = "practitioner_id,institution_id,practitioner_name\nD1,H1,某某某\n"
    for keep, shown in ((False, None), (True, "某某某")):
        bench = make_bench(tmp_path / str(keep))
        bench.ingest(bench.extract(practitioner__csv=content), protection=Protection(KEY, keep_names=keep))
        assert bench.rows("select practitioner_name from main.practitioner") == [(shown,)]
        bench.connection.close()


def test_profile_may_keep_names(bench, tmp_path: Path) -> None:
    profile = tmp_path / "own.toml"
    shipped = (
        (FOLDER / "canonical.toml").read_text(encoding="utf-8").replace("\nversion", "\nkeep_names = true\nversion", 1)
    )
    profile.write_text(shipped, encoding="utf-8")
    content = "practitioner_id,institution_id,practitioner_name\nD1,H1,某某某\n"
    bench.ingest(bench.extract(practitioner__csv=content), str(profile), protection=Protection(KEY))
    assert bench.rows("select practitioner_name from main.practitioner") == [("某某某",)]


def test_numbers_of_persons_in_free_text_are_masked_on_the_way(bench) -> None:
    header = "encounter_id,patient_id,institution_id,encounter_type,started_at,chief_complaint\n"
    content = (
        header
        + f"E1,P1,H1,outpatient,2024-01-05,患者{RESIDENT_ID} 电话13800138000 咳嗽3天\n"
        + "E2,P1,H1,outpatient,2024-01-06,咳嗽\n"
    )
    bench.ingest(bench.extract(encounter__csv=content), protection=Protection(KEY))
    texts = bench.rows("select chief_complaint from main.encounter order by encounter_id")
    assert texts == [("患者*** 电话*** 咳嗽3天",), ("咳嗽",)]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"id {RESIDENT_ID}.", "id ***."),
        ("id １１０１０５１９４９１２３１００２ｘ", "id ***"),
        ("110105 19491231 002X", "***"),
        ("old 110105491231002", "old ***"),
        ("wrong 110105194912310021", "wrong 110105194912310021"),
        ("+86 138-0013-8000", "***"),
        ("8613800138000", "***"),
        ("１３８００１３８０００", "***"),
        ("accession 202401051380013800099", "accession 202401051380013800099"),
        ("CT 2024-01-05 10:00", "CT 2024-01-05 10:00"),
    ],
)
def test_what_is_masked_in_a_text(text: str, masked: str) -> None:
    assert masked_text(text) == masked


def test_phones_stay_where_names_are_kept_but_resident_ids_never() -> None:
    assert masked_text(f"13800138000 {RESIDENT_ID}", keep_phones=True) == "13800138000 ***"


def test_doctors_without_codes_get_ids_from_place_and_name(bench) -> None:
    bench.connection.execute(
        "create temp table forms as select * from (values ('H1', '张三'), ('H1', ' 张 三 '), ('H2', '张三'), "
        "('H1', null), ('H1', ' ')) as t(place, doctor)"
    )
    table = derived_ids(bench.connection, "forms", ["place", "doctor"], KEY)
    ids = {(place, doctor): id_ for place, doctor, id_ in bench.rows(f"from {table}")}
    assert ids["H1", "张三"] == ids["H1", " 张 三 "] != ids["H2", "张三"]
    assert ids["H1", None] is None
    assert ids["H1", " "] is None
    assert all(id_ is None or len(id_) == 32 for id_ in ids.values())
    assert bench.rows(f"select count(*) from {SEEN} where kind = 'practitioner'") == [(3,)]


def written(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_key_is_raw_or_hexadecimal(tmp_path: Path) -> None:
    raw = bytes(range(100, 132))
    for content in (raw, raw.hex().encode(), raw.hex().upper().encode() + b"\n"):
        assert read_key(written(tmp_path / "key", content)) == PseudonymKey(raw)


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        (b"k" * 31, 0o600, "31 bytes"),
        (b"ab" * 20, 0o600, "20 bytes"),
        (b"k" * 5000, 0o600, "more than 4096 bytes"),
        (b"", 0o600, "0 bytes"),
        (b"k" * 32, 0o640, "chmod 600"),
        (b"k" * 32, 0o604, "chmod 600"),
    ],
)
def test_key_that_is_short_or_open_is_refused(tmp_path: Path, content: bytes, mode: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_key(written(tmp_path / "key", content, mode))


def test_missing_key_and_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nonesuch", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read_key(path)


def test_published_key_may_be_read_by_everybody(tmp_path: Path) -> None:
    copy = written(tmp_path / "key", PUBLISHED_KEY.read_bytes(), 0o644)
    assert read_key(copy) == read_key(PUBLISHED_KEY)


def test_own_key_is_made_once_and_private(tmp_path: Path) -> None:
    key = find_key(None, tmp_path / "workspace")
    path = pseudonym_key.default_key_path()
    assert path.is_relative_to(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    make_key(path)
    assert find_key(None, tmp_path / "workspace") == key
    assert list(path.parent.iterdir()) == [path]


def test_key_inside_the_workspace_is_refused(tmp_path: Path) -> None:
    key = written(tmp_path / "key", b"k" * 32)
    with pytest.raises(UsageError, match="inside the workspace"):
        find_key(key, tmp_path)
