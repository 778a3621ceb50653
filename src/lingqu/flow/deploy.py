"""Release → outlets: keys, route, and an open place where the release answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lingqu.core import catalog
from lingqu.core.access_section import OidcSection
from lingqu.core.errors import GateError, OutletError
from lingqu.core.nouns import Json, OutletRecord, ReleaseRecord, Route
from lingqu.core.route_section import step_of
from lingqu.core.spec import Channel
from lingqu.flow.followed import await_followed, driver_of
from lingqu.flow.routing import switch, usable
from lingqu.outlets.access import keys as key_maker
from lingqu.outlets.hosting.size import refuse_large
from lingqu.release.release import Release
from lingqu.store.folders import release_folder
from lingqu.store.home import Home


@dataclass(frozen=True)
class Deployment:
    """What is open after a deploy.

    Args:
        route: Who answers.
        outlets: Open outlets of the channel.
        secrets: Keys made by this call, name → secret. They are shown here and never again.
    """

    route: Route
    outlets: tuple[OutletRecord, ...]
    secrets: Mapping[str, str]


def deploy(
    home: Home, channel: Channel, *, release: str = "", canary: float | None = None, by: str = ""
) -> Deployment:
    """Put a release of a channel into use.

    The golden answers are replayed before anything is changed and again by each outlet before
    it opens. With a canary share the release before keeps the rest of the traffic.

    Args:
        home: The workspace.
        channel: The declaration.
        release: Digest or unique prefix; the newest approved release when empty.
        canary: Share of the traffic for the new release, 0–1; None takes `access.route`.
        by: Who deploys, for the trail.

    Raises:
        GateError: The release is not approved, or its answers differ from the golden ones.
        OutletError: An outlet did not open, or bears smaller models only.
    """
    record = _ready(home, channel.name, release)
    opened = Release.open(release_folder(home, record.digest))
    for piece in channel.outlets:
        options = piece.options if isinstance(piece.options, Mapping) else {}
        refuse_large(opened, float(options.get("max_mb") or 0))
    differences = opened.replay()
    if differences:
        raise GateError(
            "flow.replay_differs", release=record.digest[:12], first=str(differences[0])
        )
    secrets = _keys(home, channel)
    routing = channel.access.routing
    share = routing.canary if canary is None else canary
    route = switch(
        home,
        channel.name,
        record.digest,
        canary=share,
        shadow=routing.shadow if canary is None else None,
        when=routing.when or "",
        sticky=routing.sticky,
        otherwise=[step_of(piece) for piece in routing.otherwise],
        reason="deploy",
        by=by,
    )
    outlets = _outlets(home, channel)
    await_followed(home, channel.name)
    _event(home, "deploy", channel.name, {"release": record.digest, "canary": share, "by": by})
    return Deployment(route, tuple(outlets), secrets)


def _ready(home: Home, channel: str, release: str) -> ReleaseRecord:
    if release:
        record = home.ledger.releases.get(release)
    else:
        known = home.ledger.releases.list(channel)
        able = [r for r in known if r.state in ("approved", "live")]
        if not able:
            states = ", ".join(f"{r.digest[:12]} {r.state}" for r in known) or "-"
            raise GateError("flow.no_release", channel=channel, states=states)
        record = max(able, key=lambda r: (r.state == "approved", r.created))
    return usable(home, record.digest, channel)


def _keys(home: Home, channel: Channel) -> dict[str, str]:
    known = {key.name for key in home.ledger.keys.list() if not key.disabled and not key.role}
    secrets = {}
    for name in channel.access.keys:
        if name not in known:
            key, secret = key_maker.make(
                name,
                (channel.name,),
                channel.access.quota or "",
                created=home.clock(),
                verbs=channel.access.verbs,
                networks=channel.access.networks,
            )
            home.ledger.keys.add(key)
            _event(home, "key.made", key.id, {"name": name, "channels": [channel.name]})
            secrets[name] = secret
    return secrets


def _outlets(home: Home, channel: Channel) -> Sequence[OutletRecord]:
    pieces = [(p.name, dict(p.options or {})) for p in channel.outlets] or [("server", {})]
    open_now = {o.driver: o for o in home.ledger.outlets.list(channel=channel.name, state="open")}
    for name, options in pieces:
        kind = catalog.load("drivers", name)
        if not getattr(kind, "opens_process", False):
            continue
        if name in open_now and driver_of(home, open_now[name]).status().get("alive"):
            continue
        settings = {**_access(channel), **options}
        driver = catalog.build(
            "drivers",
            name,
            {**settings, "channel": channel.name, "workspace": str(home.root)},
            channel.where("outlets"),
        )
        route = home.ledger.routes.get(channel.name)
        if route is None or not route.backends:
            raise OutletError("respond.no_route", channel=channel.name)
        driver.open(str(release_folder(home, route.backends[0].release)))
    return home.ledger.outlets.list(channel=channel.name, state="open")


def _access(channel: Channel) -> dict[str, Json]:
    access = channel.access
    settings: dict[str, Json] = {"max_rows": access.rows, "max_body": access.body}
    if access.tls is not None:
        base = channel.path.parent if channel.path is not None else Path()
        settings["certificate"] = str(base / access.tls.certificate)
        settings["private_key"] = str(base / access.tls.key)
        if access.tls.client_ca is not None:
            settings["client_ca"] = str(base / access.tls.client_ca)
    if access.price is not None:
        settings["price"] = access.price.model_dump()
    settings |= {"proxies": list(access.proxies), "away_s": access.away}
    if access.oidc is not None:
        settings["oidc"] = _provider(channel, access.oidc)
    return settings


def _provider(channel: Channel, declared: OidcSection) -> dict[str, Json]:
    """Return what a server must know of an identity provider; its file by its whole path."""
    oidc = declared.model_dump(mode="json")
    if not declared.jwks.startswith(("http://", "https://")):
        base = channel.path.parent if channel.path is not None else Path()
        oidc["jwks"] = str((base / declared.jwks).absolute())
    return oidc


def close(home: Home, channel: str) -> list[str]:
    """Close every open outlet of a channel and return their ids."""
    closed = []
    for outlet in home.ledger.outlets.list(channel=channel, state="open"):
        driver_of(home, outlet).close()
        _event(home, "outlet.closed", outlet.id, {"channel": channel})
        closed.append(outlet.id)
    return closed


def _event(home: Home, kind: str, subject: str, detail: Mapping[str, Json]) -> None:
    home.ledger.events.append(kind=kind, subject=subject, detail=detail, at=home.clock())
