"""Conditions on findings, judged in Kleene's three-valued logic.

What was not measured is unknown (None), and unknown is not a pass.

Source: Kleene, Introduction to Metamathematics (1952), §64, strong three-valued logic.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Literal

from lingqu.core.nouns import Finding
from lingqu.core.units import number_text

Each = Literal["all", "any"]
OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Comparison:
    """``measure(argument) op value``; `value` is in the unit of the measure."""

    measure: str
    argument: str
    op: str
    value: float

    def __str__(self) -> str:
        return f"{self.subject} {self.op} {number_text(self.value)}"

    @property
    def subject(self) -> str:
        return f"{self.measure}({_quoted(self.argument)})" if self.argument else self.measure

    def comparisons(self) -> Iterator[Comparison]:
        yield self

    def matching(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings it is about.

        With an argument: those of that argument. Without: those that have no argument, which
        is the check's own summary; where there is none, those of every argument.
        """
        same = [finding for finding in findings if finding.measure == self.measure]
        exact = [finding for finding in same if finding.argument == self.argument]
        return exact or ([] if self.argument else same)

    def holds(self, findings: tuple[Finding, ...], each: Each) -> bool | None:
        found = self.matching(findings)
        if not found:
            return None
        return _joined([self._compare(finding.value) for finding in found], each == "all")

    def _compare(self, seen: float | None) -> bool | None:
        if seen is None or seen != seen:
            return None
        return OPERATORS[self.op](seen, self.value)


@dataclass(frozen=True)
class Joined:
    """Conditions joined by one word; never directly inside another of the same word."""

    word: Literal["and", "or"]
    parts: tuple[Comparison | Joined, ...]

    def __str__(self) -> str:
        shown = [
            f"({part})" if isinstance(part, Joined) and part.word == "or" else str(part)
            for part in self.parts
        ]
        return f" {self.word} ".join(shown)

    def comparisons(self) -> Iterator[Comparison]:
        for part in self.parts:
            yield from part.comparisons()

    def holds(self, findings: tuple[Finding, ...], each: Each) -> bool | None:
        return _joined([part.holds(findings, each) for part in self.parts], self.word == "and")


Condition = Comparison | Joined


def _joined(parts: list[bool | None], every: bool) -> bool | None:
    """Kleene's `and` (`every`) or `or`: the decisive value wins, else unknown, else the other."""
    decisive = not every

    def step(left: bool | None, right: bool | None) -> bool | None:
        if decisive in (left, right):
            return decisive
        return None if None in (left, right) else every

    return reduce(step, parts)


def _quoted(argument: str) -> str:
    """Quote an argument that could not be read back bare."""
    plain = argument == argument.strip() and not any(c in argument for c in "()\"'\\\n\r")
    if plain:
        return argument
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
