"""How a rule is refused, in one form of words."""

from __future__ import annotations

from typing import Any, NoReturn

from lingqu.core.errors import SpecError
from lingqu.core.phrases import Phrase


def refuse(where: str, problem: str, expected: Any, received: Any, **facts: Any) -> NoReturn:
    """Refuse a rule; `problem` is a key of the messages."""
    raise SpecError(
        "contract.bad_rule",
        where=where,
        problem=Phrase(problem, facts),
        expected=expected,
        received=received,
    )
