"""Every error that a user can meet, as one tree; each class knows its exit code.

    ExamAuditError                  1   unexpected
    ├── UsageError                  2   a bad option, date, key or argument
    │   ├── UnknownProfileError     2   no such source profile
    │   ├── ProfileError            2   a source profile's file, line or key is wrong
    │   ├── PackError               2   a policy pack file, line or key is wrong
    │   └── SettingError            2   a bad --set, --only or thresholds key
    ├── InputError                  3   an extract cannot be taken in
    │   └── GateError               3   a blocking constraint failed, or the gate itself did
    ├── IntegrityError              4   a stored hash does not match
    └── LockedError                 5   another run holds the workspace

Exit code 6 (published, but some detectors were not runnable) is an outcome, not an error: ``NOT_ALL_RUNNABLE``.
A message says what is wrong, what we got, what is allowed and where to change it. It never holds a row's value.
"""

from __future__ import annotations

OK = 0
NOT_ALL_RUNNABLE = 6


class ExamAuditError(Exception):
    """Base of all errors meant for users; printed without a traceback.

    Args:
        wrong: what is wrong, one sentence without a full stop.
        got: what was found instead (a name, an option, a count; never a row's value).
        allowed: what would be accepted.
        where: the file, line, key or option where the user can change it.
    """

    exit_code = 1

    def __init__(
        self, wrong: str, *, got: str | None = None, allowed: str | None = None, where: str | None = None
    ) -> None:
        self.wrong, self.got, self.allowed, self.where = wrong, got, allowed, where
        parts = [wrong]
        parts += [f"got: {got}"] if got is not None else []
        parts += [f"allowed: {allowed}"] if allowed is not None else []
        parts += [f"where: {where}"] if where is not None else []
        super().__init__("; ".join(parts))


class UsageError(ExamAuditError):
    """A bad option, date, key or argument."""

    exit_code = 2


class UnknownProfileError(UsageError):
    """No source profile of that name, and no file at that path."""


class ProfileError(UsageError):
    """A source profile names a file, line or key that cannot be right."""


class PackError(UsageError):
    """A policy pack names a file, line or key that cannot be right."""


class SettingError(UsageError):
    """A detector id or parameter in --set, --only or thresholds.toml does not exist or is out of bounds."""


class InputError(ExamAuditError):
    """An extract cannot be taken in: empty, undecodable, or a required column is missing."""

    exit_code = 3


class GateError(InputError):
    """The quality gate found a blocking fault, or could not be run at all; nothing is published."""


class IntegrityError(ExamAuditError):
    """A stored hash does not match what it was made from."""

    exit_code = 4


class LockedError(ExamAuditError):
    """Another run holds this workspace."""

    exit_code = 5
