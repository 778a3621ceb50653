"""Carry out what rules asked for, and what a person asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from lingqu.core import catalog
from lingqu.core.errors import LingquError, OutletError
from lingqu.core.nouns import Action, Json
from lingqu.core.spec import Channel
from lingqu.flow.find import find_channel
from lingqu.flow.promote import step
from lingqu.flow.run import run
from lingqu.flow.walk import Tell, hear_nothing
from lingqu.respond.act import act
from lingqu.respond.situation import Situation
from lingqu.store.home import Home


def respond(
    home: Home, channel: Channel, *, frame: Any = None, tell: Tell = hear_nothing
) -> list[Action]:
    """Carry out the requested actions of a channel, oldest first.

    A request to retrain is an ordinary run with its gate: what comes out is a candidate or an
    approved release, and deploying it stays a decision of its own.

    Args:
        home: The workspace.
        channel: The declaration.
        frame: New data for a retrain, or None for the declared source.
        tell: Hears the progress of runs.
    """
    done = []
    state: Literal["done", "failed"]
    waiting = home.ledger.actions.list(channel=channel.name, state="requested")
    for action in sorted(waiting, key=lambda a: a.at):
        try:
            detail = _carry_out(home, channel, action, frame, tell)
            state = "done"
        except LingquError as error:
            detail, state = {"why": str(error)}, "failed"
        merged = {**dict(action.detail), **detail}
        home.ledger.actions.update(action.id, state, merged)
        home.ledger.events.append(
            kind=f"action.{state}",
            subject=f"{channel.name}/{action.name}",
            detail={"action": action.id, **detail},
            at=home.clock(),
        )
        done.append(action.id)
    return [a for a in home.ledger.actions.list(channel=channel.name) if a.id in done]


def _carry_out(
    home: Home, channel: Channel, action: Action, frame: Any, tell: Tell
) -> Mapping[str, Json]:
    if action.name == "promote":
        found = step(home, channel)
        told = {"verdict": found.verdict, "done": found.done, "challenger": found.challenger}
        return {**told, "why": str(found.why)}
    if action.name != "retrain":
        raise OutletError("flow.not_requestable", action=action.name)
    result, _ = run(home, channel, frame=frame, tell=tell)
    return {"run": result.id, "release": result.release, "state": result.state}


def act_by_hand(home: Home, channel: str, name: str, options: Any = None) -> Action:
    """Do one action because a person says so.

    Raises:
        SpecError: There is no such channel, action or option.
    """
    catalog.build("actions", name, options)
    channel = find_channel(home, channel).name
    route = home.ledger.routes.get(channel)
    release = route.backends[0].release if route is not None and route.backends else ""
    situation = Situation(
        home.ledger, channel, "by hand", (), "live", release, home.clock(), home.new_id
    )
    return act(name, options, situation)[0]
