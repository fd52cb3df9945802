"""The batch ledger: what was loaded, file by file, in the transaction that loaded it."""

from __future__ import annotations

LEDGER_DDL = (
    "create table if not exists ledger.batch (batch_id varchar, sequence bigint, profile varchar, loaded_rows bigint)",
    "alter table ledger.batch add column if not exists key_fingerprint varchar",
    "create table if not exists ledger.file (batch_id varchar, source_file varchar, table_name varchar, "
    "content_sha256 varchar, rows_in bigint, accepted bigint, quarantined bigint, duplicate bigint, "
    "superseded bigint, columns_present varchar[], unknown_columns varchar[], quarantine_reasons varchar)",
    "alter table ledger.file add column if not exists set_aside varchar default '{}'",
    "create table if not exists ledger.refund (batch_id varchar, claim_id varchar, original_claim_id varchar, "
    "amount decimal(18, 2), outcome varchar)",
    "create table if not exists ledger.void_line (claim_line_id varchar, voided boolean)",
)
"""DDL of the ledger tables. ``sequence`` counts batches in the order of loading: larger is newer;
``key_fingerprint`` tells under which pseudonym key a batch was loaded, null where under none.
``refund`` holds settlements that were refunded as a whole (see ``pipelines.ingest.refunds``);
``void_line`` what the lines that they void say of themselves."""
