"""Who may do what to a workspace, and that nobody approves what he has run himself."""

from __future__ import annotations

import time

from lingqu.core.errors import AccessError, GateError
from lingqu.core.nouns import Key, ReleaseRecord
from lingqu.core.roles import ROLES, who_could
from lingqu.flow.access import has_expired
from lingqu.outlets.access.keys import matches, parse
from lingqu.store.actor import OWNER, Actor
from lingqu.store.home import Home

REFUSED_S = 0.05
"""Seconds that a wrong token costs whoever tries them in a row."""


def people(home: Home) -> list[Key]:
    """Return the keys of people and services: those with a role."""
    return [key for key in home.ledger.keys.list() if key.role]


def identify(home: Home, token: str) -> Actor:
    """Return whose token it is.

    Raises:
        AccessError: Nobody's (401): unknown, disabled, expired, or a caller's key.
    """
    try:
        key_id, secret = parse(token)
    except AccessError:
        key_id, secret = "", ""
    key = home.ledger.keys.get(key_id) if key_id else None
    good = key is not None and matches(key, secret) and key.role and not key.disabled
    if key is None or not good or has_expired(key, home.clock()):
        time.sleep(REFUSED_S)
        raise AccessError("access.no_person", 401)
    return Actor(key.name, key.role, key.channels)


def begin(home: Home, token: str) -> None:
    """Let whoever shows a token act for an open workspace; its owner, where roles are in use.

    Raises:
        AccessError: It is nobody's token (401).
    """
    if token:
        home.ledger.events.actor = identify(home, token)
    else:
        home.ledger.events.actor = _owner(home)


def require(home: Home, verb: str, channel: str = "") -> None:
    """Refuse what the role of whoever acts does not bring.

    Args:
        home: The workspace.
        verb: One of the verbs of `lingqu.core.roles`.
        channel: To which channel, where it is one.

    Raises:
        AccessError: His role does not bring it, or he may not do it to this channel (403).
    """
    actor = home.ledger.events.acting
    if actor is None:
        return
    could = ", ".join(who_could(verb))
    if verb not in ROLES.get(actor.role, frozenset()):
        raise AccessError(
            "access.wrong_role", 403, name=actor.name, role=actor.role, verb=verb, could=could
        )
    if actor.channels and channel and channel not in actor.channels:
        known = ", ".join(actor.channels)
        raise AccessError(
            "access.other_channel", 403, name=actor.name, channel=channel, known=known
        )


def approver(home: Home, record: ReleaseRecord, by: str) -> str:
    """Return who approves a release, after looking whether it is somebody else than who ran it.

    Args:
        home: The workspace.
        record: The release.
        by: Who is said to approve; a token says it better.

    Raises:
        AccessError: Roles are in use, the channel wants a person, and nobody showed who he is, or
            it is whoever ran it (403).
        GateError: Nobody is named.
    """
    require(home, "approve", record.channel)
    actor = home.ledger.events.acting or _owner(home)
    named = by if actor is None or actor == OWNER else actor.name
    if not named.strip():
        raise GateError("flow.nobody_approves", release=record.digest[:12])
    if actor is not None and _wants_a_person(home, record.channel):
        could = ", ".join(who_could("approve"))
        if actor == OWNER:
            raise AccessError("access.approve_unknown", 403, could=could)
        if actor.name in _who_ran(home, record):
            raise AccessError(
                "access.approve_own", 403, name=actor.name, release=record.digest[:12], could=could
            )
    return named


def _owner(home: Home) -> Actor | None:
    """Return the owner of the folder where roles are in use; nobody is told apart elsewhere."""
    return OWNER if any(not key.disabled for key in people(home)) else None


def _wants_a_person(home: Home, channel: str) -> bool:
    known = home.ledger.channels.latest(channel)
    if known is None:
        return False
    from lingqu.core.spec import Channel  # who only looks does not wait for it

    return Channel.parse(known[1]).release.approve == "human"


def _who_ran(home: Home, record: ReleaseRecord) -> set[str]:
    """Return who began the run, and who went on with it."""
    begun = home.ledger.events.list(kind="run.started", subject=record.run)
    return {str(event.detail.get("by")) for event in begun if event.detail.get("by")}
