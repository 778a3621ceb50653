"""Who answers: every change of a route, by hand, by deploy and by promotion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from lingqu.core.errors import GateError, OutletError, SpecError
from lingqu.core.i18n import Phrase, keepable
from lingqu.core.nouns import Backend, Json, ReleaseRecord, Route
from lingqu.core.row_condition import parse_condition
from lingqu.store.home import Home
from lingqu.store.reroute import reroute

READY = ("approved", "live", "retired")
_OURS = ("champion", "canary", "shadow", "previous", "rule", "queue", "version")
"""Names of arms that have a meaning of their own."""


def usable(home: Home, digest: str, channel: str) -> ReleaseRecord:
    """Return a release, or refuse one of another channel or one that the gate did not pass.

    Raises:
        GateError: It may not answer for this channel.
    """
    record = home.ledger.releases.get(digest)
    if record.channel != channel:
        raise GateError(
            "flow.other_channel", release=record.digest[:12], owner=record.channel, channel=channel
        )
    if record.state not in READY:
        raise GateError("flow.not_approved", release=record.digest[:12], state=record.state)
    return record


def champion_of(route: Route | None) -> str:
    """Return who answers where no share and no condition says otherwise, or ``""``."""
    if route is None:
        return ""
    plain = [b for b in route.backends if not b.when and b.arm != "shadow"]
    return plain[0].release if plain else ""


def switch(
    home: Home,
    channel: str,
    release: str,
    *,
    canary: float | None = None,
    shadow: float | None = None,
    when: str = "",
    fallback: str | None = None,
    reason: str = "",
    by: str = "",
    sticky: Literal["key", "session", "none"] | None = None,
    otherwise: Sequence[tuple[str, Json]] | None = None,
) -> Route:
    """Change who answers: one immutable route replaces another, and every server follows.

    Args:
        home: The workspace.
        channel: Name of the channel.
        release: Digest of the release that gets traffic.
        canary: Its share when it is a canary (0–1); None or 1 makes it the champion.
        shadow: Part of the calls that it gets copies of, its answers given to nobody.
        when: Only calls for which this condition holds go to it.
        fallback: Release to go back to; the champion before when None.
        reason: Why, for the trail.
        by: Who.
        sticky: What keeps a caller with a release; as before when None.
        otherwise: What stands in for a release that fails; as before when None.

    Raises:
        GateError: A release is of another channel, or is not approved.
        SpecError: The condition cannot be read.
    """
    for digest in filter(None, (release, fallback)):
        usable(home, digest, channel)
    before = home.ledger.routes.get(channel) or Route(channel, ())
    champion = champion_of(before)
    stays = bool(champion) and champion != release
    if when:
        parse_condition(when)
    backends: tuple[Backend, ...] = (Backend(release, 1.0),)
    back = champion if stays else before.fallback
    if stays and shadow:
        others = tuple(b for b in before.backends if b.release != release and b.arm != "shadow")
        backends = (*_whole(others), Backend(release, shadow, "shadow"))
        back = before.fallback
    elif stays and when:
        backends = (Backend(champion, 1.0), Backend(release, 0.0, "canary", when))
    elif stays and canary is not None and 0 < canary < 1:
        backends = (Backend(champion, 1.0 - canary), Backend(release, canary, "canary"))
    after = replace(
        before,
        backends=backends,
        fallback=back if fallback is None else fallback,
        sticky=before.sticky if sticky is None else sticky,
        otherwise=before.otherwise if otherwise is None else tuple(otherwise),
    )
    return change(home, after, reason, by)


def experiment(
    home: Home, channel: str, arms: Mapping[str, tuple[str, float]], reason: str = "", by: str = ""
) -> Route:
    """Deal the calls to named arms, so that their releases can be compared.

    Args:
        home: The workspace.
        channel: Name of the channel.
        arms: Name → digest of the release and its share; shares sum to 1.
        reason: Why.
        by: Who.

    Raises:
        GateError: A release may not answer for this channel.
        SpecError: Fewer than two arms, a name with a meaning, or shares that do not sum to 1.
    """
    total = sum(part for _, part in arms.values())
    bad = [name for name in arms if name in _OURS or not name.isidentifier()]
    good = len(arms) > 1 and abs(total - 1.0) < 1e-6 and not bad
    if not good or any(part <= 0 for _, part in arms.values()):
        shown = ", ".join(f"{name}: {part:g}" for name, (_, part) in arms.items())
        raise SpecError("route.bad_arms", received=shown, taken=", ".join(_OURS))
    for digest, _ in arms.values():
        usable(home, digest, channel)
    before = home.ledger.routes.get(channel) or Route(channel, ())
    backends = tuple(Backend(digest, part, name) for name, (digest, part) in arms.items())
    return change(home, replace(before, backends=backends), reason, by)


def stop(home: Home, channel: str, reason: str, by: str = "") -> Route:
    """Let nobody answer for a channel, at once and everywhere, until it is resumed.

    Raises:
        OutletError: The channel is not deployed.
    """
    return change(home, replace(_route(home, channel), stopped=True), reason, by)


def resume(home: Home, channel: str, reason: str = "", by: str = "") -> Route:
    """Let those answer again who did before the stop.

    Raises:
        OutletError: The channel is not stopped.
    """
    now = _route(home, channel)
    if now.backends and not now.stopped:
        raise OutletError("route.not_stopped", channel=channel)
    kept = next((r for r in home.ledger.routes.history(channel) if r.backends), now)
    for backend in kept.backends:
        usable(home, backend.release, channel)
    return change(home, replace(kept, stopped=False), reason, by)


def undo(home: Home, channel: str, reason: str = "", by: str = "") -> Route:
    """Bring back the route before the present one; undone twice, it is as it was.

    Raises:
        OutletError: There was none.
        GateError: A release of it may no longer answer.
    """
    history = home.ledger.routes.history(channel)
    if len(history) < 2:
        raise OutletError("route.nothing_before", channel=channel)
    before = history[1]
    for backend in before.backends:
        usable(home, backend.release, channel)
    said = reason or keepable(Phrase("route.undone", {"at": before.changed[:19]}))
    return change(home, before, said, by)


def change(home: Home, route: Route, reason: str, by: str) -> Route:
    """Make a route the present one, with who and why."""
    after = replace(route, changed=home.clock(), reason=reason, by=by)
    reroute(home.ledger, after)
    return after


def rules(
    home: Home,
    channel: str,
    *,
    sticky: Literal["key", "session", "none"] | None = None,
    otherwise: Sequence[tuple[str, Json]] | None = None,
    reason: str = "",
    by: str = "",
) -> Route:
    """Change how callers stay with a release, or what stands in for one that fails."""
    now = _route(home, channel)
    after = replace(
        now,
        sticky=now.sticky if sticky is None else sticky,
        otherwise=now.otherwise if otherwise is None else tuple(otherwise),
    )
    return change(home, after, reason, by)


def _route(home: Home, channel: str) -> Route:
    route = home.ledger.routes.get(channel)
    if route is None:
        raise OutletError("respond.no_route", channel=channel)
    return route


def _whole(backends: Sequence[Backend]) -> tuple[Backend, ...]:
    """Return backends whose shares sum to 1 again."""
    total = sum(b.share for b in backends if not b.when)
    return tuple(b if b.when or not total else replace(b, share=b.share / total) for b in backends)
