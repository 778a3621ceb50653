"""Carry out one action and leave its trace: a row, an event, also when it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lingqu.core import catalog
from lingqu.core.errors import LingquError
from lingqu.core.nouns import Action, Json
from lingqu.respond.situation import Effect, Responder, Situation


def act(
    name: str, options: Mapping[str, Json] | Json, situation: Situation
) -> tuple[Action, Effect | None]:
    """Carry out an action.

    An action of the same rule that is still only requested is not requested twice: the waiting
    one is returned. A failure is recorded and returned, never swallowed and never fatal: the
    loop that called must be able to go on watching.

    Args:
        name: Catalogue name of the action.
        options: Options from the channel file, or one bare value.
        situation: What fired.

    Returns:
        The recorded action, and its effect when it did not fail.
    """
    for waiting in situation.ledger.actions.list(channel=situation.channel, state="requested"):
        if waiting.name == name and waiting.rule == situation.rule:
            return waiting, None
    action = Action(
        id=situation.new_id(),
        name=name,
        rule=situation.rule,
        channel=situation.channel,
        state="requested",
        at=situation.at,
        detail={"findings": [f.subject for f in situation.findings], "release": situation.release},
    )
    effect: Effect | None = None
    try:
        responder: Responder = catalog.build("actions", name, options)
        effect = responder.act(situation)
    except LingquError as error:
        action = replace(action, state="failed", detail={**action.detail, "why": str(error)})
    else:
        action = replace(
            action, state=effect.state, detail={**action.detail, **dict(effect.detail)}
        )
    situation.ledger.actions.add(action)
    situation.ledger.events.append(
        kind=f"action.{action.state}",
        subject=f"{situation.channel}/{name}",
        detail={"action": action.id, "rule": action.rule, **dict(action.detail)},
        at=situation.at,
    )
    return action, effect
