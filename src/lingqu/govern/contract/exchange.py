"""What comes back from another library's form: the rules, and what has no counterpart here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Json
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.rules import parse


@dataclass(frozen=True)
class Imported:
    """Rules that were read from another library's form.

    Args:
        rules: What could be read.
        left_out: What has no counterpart here, each in a few words; never dropped silently.
    """

    rules: tuple[Rule, ...]
    left_out: tuple[str, ...] = ()


def imported(rows: Sequence[Json], left_out: Sequence[str]) -> Imported:
    """Return rows as rules; what says the same twice is kept once, what is refused is listed.

    Example:
        >>> found = imported([{"not_null": "a"}, {"not_null": "a"}, {"range": {"column": "a"}}], [])
        >>> len(found.rules), len(found.left_out)
        (1, 1)
    """
    kept: list[Json] = []
    ids: list[str] = []
    refused = list(left_out)
    known: list[Rule] = []
    for row in rows:
        try:
            [rule] = parse([row])
        except SpecError as error:
            refused.append(str(error))
            continue
        if rule in known:
            continue
        known.append(rule)
        ids.append(rule.id)
        again = ids.count(rule.id)
        kept.append({**rule.to_json(), "id": rule.id if again == 1 else f"{rule.id} #{again}"})
    return Imported(tuple(parse(kept)), tuple(refused))
