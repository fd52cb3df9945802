"""A process without a main file, while Great Expectations is imported: PySpark beside it would end such a process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def named_main() -> Iterator[None]:
    """Let ``__main__`` have a file for a while, where it has none.

    Great Expectations imports PySpark's Connect client where PySpark is installed. Without gRPC that client takes a
    process that was started by ``python -c`` (as test workers are) for its own doctests and calls ``sys.exit``.
    """
    main = sys.modules["__main__"]
    if hasattr(main, "__file__"):
        yield
        return
    main.__file__ = __file__
    try:
        yield
    finally:
        del main.__file__
