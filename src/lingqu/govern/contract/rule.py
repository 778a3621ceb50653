"""A rule: one promise about the data, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lingqu.core.nouns import Json

Level = Literal["block", "warn"]


@dataclass(frozen=True)
class Rule:
    """One promise about the data.

    Args:
        kind: A key of `FORMS`.
        columns: Columns it is about; empty for the table.
        options: Its limits.
        severity: ``block``: a failure stops a release; ``warn``: it is shown.
        id: Unique in a contract: ``range(age)`` unless given.
        mostly: Share of the rows it speaks about that must keep it; 1 is all of them.
        reason: Why it was drafted, in English.
        reason_zh: The same in Chinese.
        where: Where it stands, for errors: ``rule 3`` or ``contract.yaml line 7``.
    """

    kind: str
    columns: tuple[str, ...] = ()
    options: Mapping[str, Json] = field(default_factory=dict)
    severity: Level = "block"
    id: str = ""
    mostly: float = 1.0
    reason: str = field(default="", compare=False)
    reason_zh: str = field(default="", compare=False)
    where: str = field(default="", compare=False)

    def to_json(self) -> dict[str, Json]:
        """Return the rule in the long form that `parse` reads."""
        body: dict[str, Json] = {}
        if self.columns and self.kind not in ("compare", "expression"):
            one = len(self.columns) == 1
            body["column" if one else "columns"] = self.columns[0] if one else list(self.columns)
        body |= self.options
        row: dict[str, Json] = {self.kind: body, "severity": self.severity, "id": self.id}
        if self.mostly != 1:
            row["mostly"] = self.mostly
        if self.reason:
            row |= {"reason": self.reason, "reason_zh": self.reason_zh}
        return row
