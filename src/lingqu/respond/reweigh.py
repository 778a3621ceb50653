"""Answer a group gap by weighting the training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Stage
from lingqu.respond.situation import Effect, Situation


@dataclass
class Reweigh:
    """Add the `reweigh` operator to the channel and train again.

    Args:
        column: Protected column; the argument of the finding when omitted.

    Example:
        >>> Reweigh("sex").column
        'sex'

    Source: Kamiran & Calders, Data preprocessing techniques for classification without
    discrimination (2012), §5.3, doi:10.1007/s10115-011-0463-8.
    """

    name: ClassVar[str] = "reweigh"
    main: ClassVar[str] = "column"
    stages: ClassVar[frozenset[Stage]] = frozenset({"gate"})
    column: str = ""

    def act(self, situation: Situation) -> Effect:
        column = self.column or next((f.argument for f in situation.findings if f.argument), "")
        if not column:
            raise SpecError("respond.no_column", rule=situation.rule)
        return Effect("done", {"column": column}, operators=(("reweigh", {"column": column}),))
