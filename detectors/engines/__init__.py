"""Engines: the only places that connect to DuckDB or Spark, behind one small protocol."""
