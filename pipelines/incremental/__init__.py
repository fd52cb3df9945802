"""Runs that build on the last one: only patients whom newer batches touch are judged again.

The warehouse remembers for which batches, pack and as-of date its prepared tables were built (``remembered``), and
what each detector found then and since (``layers``). A later run works out which patients newer batches touch
(``touched``), runs the same SQL over their rows alone (``narrowed``), puts the result in place of their old rows in
one transaction (``preparing``), and asks each detector that looks at one patient at a time about them alone
(``asking``). Which SQL can be asked so is read from its text (``lineage``). Whatever is in doubt is done whole, and
the reason is told.
"""

from pipelines.incremental.asking import Asked, ask_or_update, is_short
from pipelines.incremental.preparing import Prepared, Wanted, prepare_or_update
from pipelines.incremental.remembered import State

__all__ = ["Asked", "Prepared", "State", "Wanted", "ask_or_update", "is_short", "prepare_or_update"]
