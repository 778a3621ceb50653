"""What an action knows when it is called, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol

from lingqu.core.nouns import Finding, Json, Stage
from lingqu.store.ledger import Ledger


@dataclass(frozen=True)
class Situation:
    """A rule fired: where, on what, and with which means.

    Args:
        ledger: Where routes, releases and requests are changed.
        channel: Name of the channel.
        rule: The rule that fired, as written.
        findings: The findings that made it fire.
        stage: ``gate`` before release, ``live`` in use.
        release: Digest of the release concerned, or ``""``.
        at: UTC time, ISO 8601.
        new_id: Makes a unique id.
    """

    ledger: Ledger
    channel: str
    rule: str
    findings: tuple[Finding, ...]
    stage: Stage
    release: str
    at: str
    new_id: Callable[[], str]


@dataclass(frozen=True)
class Effect:
    """What an action did.

    Args:
        state: ``done``, or ``requested`` when somebody else carries it out.
        detail: JSON for the ledger.
        operators: Operators to add to the channel before the next attempt: an answer that is
            a change of the declaration, such as reweighing.
    """

    state: Literal["done", "requested"]
    detail: Mapping[str, Json] = field(default_factory=dict)
    operators: tuple[tuple[str, Mapping[str, Json]], ...] = ()


class Responder(Protocol):
    """An action: a dataclass of options with one verb."""

    name: ClassVar[str]
    stages: ClassVar[frozenset[Stage]]

    def act(self, situation: Situation) -> Effect:
        """Do it, or raise a LingquError that says why it cannot be done."""
        ...
