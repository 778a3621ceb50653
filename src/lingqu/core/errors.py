"""The tree of errors that a user can meet.

LingquError
├── SpecError      the channel file, an option, a rule or a command is wrong
├── DataError      a source or its rows cannot be used
├── TrainError     no candidate could be fitted within its limits
├── GateError      a release was refused, or is not what its manifest says
├── OutletError    an outlet cannot open, answer or close
├── AccessError    a caller may not do this (key, quota, scope, limit)
└── StoreError     the ledger or the blobs cannot be read or written

Every error is one key of the message catalogue plus the facts that fill it, so Chinese and
English come from the same place (`lingqu.core.i18n`). A message says, in this order: what was
wrong and where, what was expected, what was received, which command to run next.
"""

from __future__ import annotations

import re
from typing import Any

from lingqu.core.i18n import Language, Phrase, text

LONGEST_GIST = 200
_ADDRESS = re.compile(r" ?<[\w.]+ object at 0x[0-9a-f]+>")
"""How Python writes an object that has no words: it tells a reader nothing."""
"""Characters of another library's error that a message quotes."""


class LingquError(Exception):
    """A mistake or a limit that the user can act upon.

    Args:
        key: A key of the message catalogue, such as ``"data.empty_file"``.
        **facts: Values for the placeholders of that message.

    Example:
        >>> str(SpecError("core.bad_unit", value="5 mins", expected="s, min, h, d"))[:12]
        "'5 mins' is "
    """

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts

    def told(self, to: Language | None = None) -> str:
        """Return the message in a language; the user's when omitted."""
        return text(self.key, to, **self.facts)

    def __str__(self) -> str:
        return self.told()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.key, self.facts)


def _rebuild(kind: type[LingquError], key: str, facts: dict[str, Any]) -> LingquError:
    return kind(key, **facts)


class SpecError(LingquError):
    """The channel file, an option, a rule or a command is wrong."""


class DataError(LingquError):
    """A source or its rows cannot be used."""


class TrainError(LingquError):
    """No candidate could be fitted within its limits."""


class GateError(LingquError):
    """A release was refused, or its bytes are not what its manifest says."""


class OutletError(LingquError):
    """An outlet cannot open, answer or close."""


class AccessError(LingquError):
    """A caller may not do this. `status` is the HTTP status a server answers with."""

    def __init__(self, key: str, status: int = 403, **facts: Any) -> None:
        super().__init__(key, **facts)
        self.status = status

    def told(self, to: Language | None = None) -> str:
        return text(self.key, to, **{"status": self.status, **self.facts})

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_access, (self.key, self.status, self.facts)


def _rebuild_access(key: str, status: int, facts: dict[str, Any]) -> AccessError:
    return AccessError(key, status, **facts)


class StoreError(LingquError):
    """The ledger or the blobs cannot be read or written."""


def problem_of(error: BaseException) -> Phrase | str:
    """Return what an error says: our own words in the language of the reader, else its gist.

    Example:
        >>> str(problem_of(OSError(Phrase("core.expects_number"))))
        'a number'
    """
    first = error.args[0] if error.args else None
    return first if isinstance(first, Phrase) else gist(error)


def gist(error: BaseException) -> str:
    """Return the first line of another library's error, or its class where it says nothing.

    Example:
        >>> gist(ValueError("no number\\n  in line 3")), gist(OSError())
        ('no number', 'OSError')
    """
    first = _ADDRESS.sub("", next(iter(str(error).splitlines()), "")).rstrip(". ")
    return first[:LONGEST_GIST] or type(error).__name__
