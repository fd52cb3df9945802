"""The quality gate: constraints of the canonical tables become Great Expectations suites, pushed down into DuckDB.

``checks`` derives what must hold from the declarations, ``suites`` is the doorway to Great Expectations and counts,
``gate`` turns counts into a verdict. Only ``suites`` imports the heavy libraries, and only when a gate runs.
"""
