"""How data moves: ingest, quality gate, flows, sample generator, settings, command line."""
