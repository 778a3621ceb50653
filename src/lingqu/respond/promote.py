"""Ask for the next step of the release that is on its way into use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lingqu.core.nouns import Stage
from lingqu.respond.situation import Effect, Situation
from lingqu.respond.way_back import route_of


@dataclass
class Promote:
    """Ask for what `lingqu promote CHANNEL --step` does; `lingqu respond` carries it out.

    The rule only says when to look: what is done follows from the evidence, and as far as
    `access.route.auto` lets it.

    Example:
        >>> Promote().name
        'promote'

    Source: Schermann et al., "Continuous experimentation", Information and Software Technology 99
    (2018), doi:10.1016/j.infsof.2018.02.010: releases steered by experiments.
    """

    name: ClassVar[str] = "promote"
    main: ClassVar[str] = ""
    stages: ClassVar[frozenset[Stage]] = frozenset({"live"})

    def act(self, situation: Situation) -> Effect:
        route = route_of(situation)
        beside = [b.release for b in route.backends if b.arm in ("canary", "shadow")]
        return Effect("requested" if beside else "done", {"challengers": beside})
