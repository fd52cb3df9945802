"""The case store: leads under review, verdicts in an audit chain, and the round trip of filled-in sheets.

The only room that opens the case store. What others need of it leaves as rows: verdicts for the ranking
(``schemas.verdict``), and what pages show of reviews (``schemas.review_snapshot``).
"""
