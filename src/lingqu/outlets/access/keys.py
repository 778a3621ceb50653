"""Keys: what a caller shows. The secret exists once, at the caller's; we keep its hash.

A secret is ``lq_<id>_<43 characters>``: the id tells which key is meant without a search, the
rest is 32 random bytes. A fast hash is right for it: nobody guesses 256 random bits, and a slow
one would be a door for overload.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence

from lingqu.core.errors import AccessError
from lingqu.core.nouns import Key

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Letters of an id that are not mistaken for each other: no l, o, 0, 1."""
_FORM = re.compile(r"lq_([a-z0-9]{8})_[A-Za-z0-9_-]{43}", re.ASCII)


def make(
    name: str,
    channels: Sequence[str] = (),
    quota: str = "",
    expires: str = "",
    created: str = "",
    *,
    verbs: Sequence[str] = (),
    networks: Sequence[str] = (),
    **more: str,
) -> tuple[Key, str]:
    """Make a key and return it with its secret, which is kept nowhere.

    Args:
        name: What the user calls it.
        channels: Channels it may call; every channel when empty.
        quota: Limit such as ``"600/min"``; none when empty.
        expires: UTC time, ISO 8601; never when empty.
        created: UTC time, ISO 8601.
        verbs: What it may do at an outlet; all but ``admin`` when empty.
        networks: Where it may be used from; anywhere when empty.
        **more: Further fields of `Key`: role, certificate, account, replaces, made_by.

    Example:
        >>> key, secret = make("branch-app", ("credit-risk",))
        >>> matches(key, secret), matches(key, secret[:-1] + "~")
        (True, False)
    """
    key_id = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    secret = f"lq_{key_id}_{secrets.token_urlsafe(32)}"
    key = Key(
        key_id, name, digest(secret), tuple(channels), quota, expires, False, created,
        tuple(verbs), tuple(networks), **{"account": key_id, **more},
    )  # fmt: skip
    return key, secret


def digest(secret: str) -> str:
    """Return the SHA-256 of a whole secret, hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(key: Key, secret: str) -> bool:
    """Tell whether a secret is that of a key, in a time that does not depend on how wrong it is."""
    return hmac.compare_digest(digest(secret), key.hash)


def parse(header: str) -> tuple[str, str]:
    """Return id and secret of what a caller sent.

    Args:
        header: ``Bearer lq_…`` or the bare secret.

    Raises:
        AccessError: It has not the form of a key (401).

    Example:
        >>> parse("Bearer lq_abcdefgh_" + "x" * 43)[0]
        'abcdefgh'
    """
    scheme, _, rest = header.strip().partition(" ")
    secret = rest.strip() if scheme.lower() == "bearer" else header.strip()
    found = _FORM.fullmatch(secret)
    if found is None:
        raise AccessError("outlets.bad_key", 401)
    return found[1], secret
