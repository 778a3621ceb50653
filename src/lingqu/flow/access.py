"""Keys: who may call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from lingqu.core import units
from lingqu.core.errors import AccessError, SpecError
from lingqu.core.nouns import Key
from lingqu.outlets import keys as key_maker
from lingqu.store.home import Home


def make_key(
    home: Home, name: str, channels: Sequence[str] = (), quota: str = "", expires: str = ""
) -> tuple[Key, str]:
    """Make a key and return it with its secret, which is not kept.

    Args:
        home: The workspace.
        name: What the user calls it.
        channels: Channels it may call; every channel when empty.
        quota: Limit such as ``"600/min"``; none when empty.
        expires: UTC time, ISO 8601, or a duration from now such as ``"30 d"``; never when empty.

    Raises:
        AccessError: An enabled key is called so already.
        SpecError: The limit cannot be read, or the key would be expired from the start.
    """
    if quota:
        units.parse_quota(quota)
    now = home.clock()
    until = _until(now, expires)
    if until and _time(until) <= _time(now):
        raise SpecError("cli.key_past", expires=expires, now=now[:19])
    if any(known.name == name and not known.disabled for known in home.ledger.keys.list()):
        raise AccessError("cli.key_taken", 409, name=name)
    key, secret = key_maker.make(name, tuple(channels), quota, until, now)
    home.ledger.keys.add(key)
    home.ledger.events.append(
        kind="key.made",
        subject=key.id,
        detail={"name": name, "channels": list(channels), "quota": quota, "expires": key.expires},
        at=now,
    )
    return key, secret


def has_expired(key: Key, now: str) -> bool:
    """Tell whether the time of a key is over at `now`.

    Example:
        >>> key = Key("abcdefgh", "app", "", (), "", "2026-01-01", False, "")
        >>> has_expired(key, "2026-01-02T00:00:00+00:00")
        True
    """
    return bool(key.expires) and _time(key.expires) <= _time(now)


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
        return (datetime.fromisoformat(now) + timedelta(seconds=units.seconds(expires))).isoformat()


def disable_key(home: Home, name: str) -> Key:
    """Disable a key by id or name, at once and everywhere.

    Raises:
        AccessError: There is no such key.
    """
    found = [k for k in home.ledger.keys.list() if name in (k.id, k.name) and not k.disabled]
    if not found:
        known = ", ".join(f"{k.name} ({k.id})" for k in home.ledger.keys.list()) or "-"
        raise AccessError("flow.no_key", 404, name=name, known=known)
    for key in found:
        home.ledger.keys.disable(key.id)
        home.ledger.events.append(
            kind="key.disabled", subject=key.id, detail={"name": key.name}, at=home.clock()
        )
    return home.ledger.keys.get(found[0].id) or found[0]
