"""From what was learned to a model: the graph, and what is noted of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lingqu.core.nouns import Json, Member, Model
from lingqu.environment.episodes import Episodes
from lingqu.learn.control import graph
from lingqu.learn.control.known import Known
from lingqu.learn.control.subject import Arena


def model_of(
    arena: Arena,
    algorithm: str,
    body: graph.Body,
    known: Known,
    judged: Episodes,
    notes: Mapping[str, Json],
    codes: bool = False,
) -> Model:
    """Return the model of one policy.

    Args:
        arena: Where it was learned.
        algorithm: Catalogue name.
        body: Its graph, from features to scores.
        known: What training has seen; how far rows of held-out episodes lie from its middle is
            settled here.
        judged: The episodes that compare it with others, with their rows.
        notes: What else is told of it.
        codes: As `lingqu.learn.control.graph.write` takes it.
    """
    observed, fallback = arena.observed, arena.fallback
    if known.near is not None:
        known = known.within(np.concatenate([judged.rows, arena.walked.rows]))
    data = graph.write(observed, body, known, fallback, codes)
    told: dict[str, Json] = {
        "returns": judged.returns.tolist(),
        "score": float(judged.returns.mean()),
        "solved": solved(judged, arena.enough),
        "range": {part.column.name: [float(low), float(high)] for part, low, high in
                  zip(observed.parts, known.low, known.high, strict=True)
                  if part.column.kind == "number"},
        **notes,
    }  # fmt: skip
    if known.near is not None:
        told["distance"] = known.near.most
    if fallback is not None:
        told["fallback"] = fallback.told(observed)
    member = Member(algorithm, algorithm, 1.0, observed.encoding(), data, told)
    return Model("control", observed.actions, (member,))


def solved(judged: Episodes, enough: float | None) -> bool:
    """Say whether the mean return is surely what is called enough, by its standard error.

    Example:
        >>> nothing = np.zeros(2, np.int64)
        >>> solved(Episodes(np.array([500.0, 500.0]), nothing, nothing, nothing), 475.0)
        True
    """
    if enough is None or len(judged.returns) < 2:
        return False
    error = judged.returns.std(ddof=1) / np.sqrt(len(judged.returns))
    return bool(judged.returns.mean() - error >= enough)
