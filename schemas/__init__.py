"""What things are: canonical tables, findings, leads, ledger rows, policy packs, source profiles, errors."""
