"""Ask for a new model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lingqu.core.nouns import Stage
from lingqu.respond.situation import Effect, Situation


@dataclass
class Retrain:
    """Record a request to train again; `lingqu respond` (or a person) carries it out.

    Drift is a reason to make a candidate, never a reason to promote one: the request leads to
    an ordinary run with its gate.

    Example:
        >>> Retrain().name
        'retrain'

    Source: Gama et al., A survey on concept drift adaptation (2014), §3.2, informed methods.
    """

    name: ClassVar[str] = "retrain"
    main: ClassVar[str] = ""
    stages: ClassVar[frozenset[Stage]] = frozenset({"live"})

    def act(self, situation: Situation) -> Effect:
        return Effect("requested", {"next": f"lingqu respond {situation.channel}"})
