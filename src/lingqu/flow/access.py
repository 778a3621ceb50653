"""Keys: who may call, who may work, for how long, and how one takes over from another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lingqu.core import units
from lingqu.core.catalog import near
from lingqu.core.errors import AccessError, SpecError
from lingqu.core.nouns import Json, Key
from lingqu.core.roles import ROLES
from lingqu.outlets.access import keys as key_maker
from lingqu.outlets.access.place import networks as read_networks
from lingqu.store.actor import OWNER
from lingqu.store.home import Home

VERBS = ("call", "read", "feedback", "admin")
"""What a key may do at an outlet."""


@dataclass(frozen=True)
class Scope:
    """What a key may do, and from where.

    Args:
        channels: Channels it may call; every channel when empty.
        verbs: What it may do there; all but ``admin`` when empty.
        quota: Limits such as ``"600/min, 20000 rows/day"``; none when empty.
        networks: Where it may be used from; anywhere when empty.
        certificate: Client certificate that must come with it: ``sha256:<hex>`` or
            ``subject:CN=…``; none when empty.
        role: What its holder may do in the workspace; ``""`` for a caller.
    """

    channels: Sequence[str] = ()
    verbs: Sequence[str] = ()
    quota: str = ""
    networks: Sequence[str] = ()
    certificate: str = ""
    role: str = ""

    def checked(self) -> Scope:
        """Return it as it is kept.

        Raises:
            SpecError: A limit, network, verb, role or certificate cannot be read.
        """
        quota = units.quotas_text(units.parse_quotas(self.quota)) if self.quota else ""
        read_networks(self.networks)
        for verb in self.verbs:
            if verb not in VERBS:
                raise _unknown("verb", verb, VERBS)
        if self.role and self.role not in ROLES:
            raise _unknown("role", self.role, tuple(ROLES))
        kind, _, value = self.certificate.partition(":")
        if self.certificate and (kind not in ("sha256", "subject") or not value):
            raise SpecError("access.bad_certificate", received=self.certificate)
        if kind == "sha256":
            kind = f"sha256:{value.replace(':', '').lower()}"
        bound = kind if kind.startswith("sha256:") else self.certificate
        return Scope(
            tuple(self.channels), tuple(self.verbs), quota, tuple(self.networks), bound, self.role
        )


def make_key(
    home: Home,
    name: str,
    channels: Sequence[str] = (),
    quota: str = "",
    expires: str = "",
    **more: Any,
) -> tuple[Key, str]:
    """Make a key and return it with its secret, which is not kept.

    Args:
        home: The workspace.
        name: What the user calls it.
        channels: As in `Scope`, like `quota`.
        quota: Limits such as ``"600/min, 20000 rows/day"``; none when empty.
        expires: UTC time, ISO 8601, or a duration from now such as ``"30 d"``; never when empty.
        **more: Further fields of `Scope`: verbs, networks, certificate, role.

    Raises:
        AccessError: An enabled key is called so already.
        SpecError: The scope cannot be read, or the key would be expired from the start.
    """
    known = Scope(channels, quota=quota, **more).checked()
    _require_own(home, known.channels)
    now = home.clock()
    until = _until(now, expires)
    if until and _time(until) <= _time(now):
        raise SpecError("cli.key_past", expires=expires, now=now[:19])
    if any(key.name == name and is_open(key, now) for key in home.ledger.keys.list()):
        raise AccessError("cli.key_taken", 409, name=name)
    return _made(home, name, known, until, now)


def _made(
    home: Home, name: str, scope: Scope, until: str, now: str, before: Key | None = None
) -> tuple[Key, str]:
    events = home.ledger.events
    if scope.role and events.acting is None:
        events.actor = OWNER  # from the first role on, people are told apart
    actor = events.acting
    more = {"account": before.account or before.id, "replaces": before.id} if before else {}
    key, secret = key_maker.make(
        name, scope.channels, scope.quota, until, now,
        verbs=scope.verbs, networks=scope.networks, role=scope.role,
        certificate=scope.certificate, made_by=actor.name if actor else "", **more,
    )  # fmt: skip
    detail: dict[str, Json] = {"name": name, "channels": list(key.channels), "quota": key.quota}
    detail["expires"] = until
    detail |= {
        word: list(value) if isinstance(value, tuple) else value
        for word in ("verbs", "networks", "role", "replaces")
        if (value := getattr(key, word))
    }
    with home.ledger.transaction():
        home.ledger.keys.add(key)
        kind = "person.added" if key.role else "key.made"
        events.append(kind=kind, subject=key.id, detail=detail, at=now)
    return key, secret


def rotate_key(home: Home, name: str, overlap: str = "24 h") -> tuple[Key, str]:
    """Give a key another secret; both hold until the old one ends.

    Quota and use of both count as one.

    Args:
        home: The workspace.
        name: Name or id of a key that is open.
        overlap: How long the old secret still holds, such as ``"24 h"``; ``"0 s"`` for not at all.

    Raises:
        AccessError: There is no such key.
        SpecError: `overlap` is no duration.
    """
    seconds = units.seconds(overlap)
    now = home.clock()
    before = max(_open_keys(home, name), key=lambda key: key.created)
    _require_own(home, before.channels)
    ends = _after(now, seconds, overlap)
    if before.expires and _time(before.expires) < _time(ends):
        ends = before.expires
    scope = Scope(
        before.channels, before.verbs, before.quota, before.networks, before.certificate,
        before.role,
    )  # fmt: skip
    with home.ledger.transaction():
        key, secret = _made(home, before.name, scope, before.expires, now, before)
        if seconds:
            home.ledger.keys.end(before.id, ends)
        else:
            home.ledger.keys.disable(before.id)
        detail = {"name": before.name, "by_key": key.id, "ends": ends}
        home.ledger.events.append(kind="key.rotated", subject=before.id, detail=detail, at=now)
    return key, secret


def is_open(key: Key, now: str) -> bool:
    """Tell whether a key is neither disabled nor expired."""
    return not key.disabled and not has_expired(key, now)


def has_expired(key: Key, now: str) -> bool:
    """Tell whether the time of a key is over at `now`.

    Example:
        >>> key = Key("abcdefgh", "app", "", (), "", "2026-01-01", False, "")
        >>> has_expired(key, "2026-01-02T00:00:00+00:00")
        True
    """
    return bool(key.expires) and _time(key.expires) <= _time(now)


def disable_key(home: Home, name: str) -> Key:
    """Disable a key by id or name, at once and everywhere; by name every secret of it.

    Raises:
        AccessError: There is no such key.
    """
    found = [k for k in home.ledger.keys.list() if name in (k.id, k.name) and not k.disabled]
    if not found:
        raise _unknown_key(home, name)
    for key in found:
        _require_own(home, key.channels)
    for key in found:
        home.ledger.keys.disable(key.id)
        kind = "person.removed" if key.role else "key.disabled"
        home.ledger.events.append(
            kind=kind, subject=key.id, detail={"name": key.name}, at=home.clock()
        )
    return home.ledger.keys.get(found[0].id) or found[0]


def role_of(home: Home, name: str) -> str:
    """Return the role of a key by id or name; ``""`` for a caller's key, or none."""
    found = (key.role for key in home.ledger.keys.list() if name in (key.id, key.name))
    return max(found, default="")


def names_of(home: Home) -> Mapping[str, str]:
    """Return id → name of every key that there ever was."""
    return {key.id: key.name for key in home.ledger.keys.list()}


def _require_own(home: Home, channels: Sequence[str]) -> None:
    """Refuse a key for more channels than whoever acts has himself.

    Raises:
        AccessError: It reaches further (403).
    """
    actor = home.ledger.events.acting
    if actor is None or not actor.channels:
        return
    beyond = set(channels) - set(actor.channels) if channels else {"*"}
    if beyond:
        raise AccessError(
            "access.other_channel", 403,
            name=actor.name, channel=", ".join(sorted(beyond)), known=", ".join(actor.channels),
        )  # fmt: skip


def _open_keys(home: Home, name: str) -> list[Key]:
    now = home.clock()
    found = [k for k in home.ledger.keys.list() if name in (k.id, k.name) and is_open(k, now)]
    if not found:
        raise _unknown_key(home, name)
    return found


def _unknown_key(home: Home, name: str) -> AccessError:
    known = ", ".join(f"{k.name} ({k.id})" for k in home.ledger.keys.list()) or "-"
    return AccessError("flow.no_key", 404, name=name, known=known)


def _unknown(what: str, received: str, known: Sequence[str]) -> SpecError:
    return SpecError(
        f"access.unknown_{what}",
        received=received,
        known=", ".join(known),
        near=near(received, list(known)) or "-",
    )


def _time(at: str) -> datetime:
    """Return a time; one that names no zone is UTC."""
    read = datetime.fromisoformat(at)
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def _until(now: str, expires: str) -> str:
    if not expires:
        return ""
    try:
        return datetime.fromisoformat(expires).isoformat()
    except ValueError:
        return _after(now, units.seconds(expires), expires)


def _after(now: str, seconds: float, written: str) -> str:
    """Return the time after some seconds.

    Raises:
        SpecError: There is no such time.
    """
    try:
        return (_time(now) + timedelta(seconds=seconds)).isoformat()
    except OverflowError as error:
        raise SpecError("core.bad_amount", value=written, expected="≤ 1000000 d") from error
