"""Tokens of an identity provider (OpenID Connect) as keys of a server.

Only signatures of private keys are taken (RS256, ES256, EdDSA): never ``none``, and never a
secret shared by both (HS…), which a stranger could forge with the public key. The provider's keys
are read beside the request path, now and then and when a token names one that is not known yet.

Source: RFC 7519 (2015); RFC 8725, "JSON Web Token best current practices" (2020), sections 3.1,
3.8, 3.9; OpenID Connect Core 1.0, section 10.1 (rotation of keys).
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
from jwt.types import Options

from lingqu.core.errors import AccessError, OutletError, gist
from lingqu.core.nouns import Json, Key

log = logging.getLogger("lingqu.outlets")
ALGORITHMS = ("RS256", "ES256", "EdDSA")
_OPTIONS: Options = {
    "require": ["exp", "iss", "aud"],
    "enforce_minimum_key_length": True,
    # Times are looked at here: the library knows no clock but the machine's.
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}
REFRESH_S = 300.0
"""Seconds between two readings of the provider's keys."""
SOONEST_S = 5.0
"""Seconds between two readings at least, however many strange tokens come."""
MOST_BYTES = 1_000_000
"""A larger document holds no keys."""
LONGEST = 8192
"""Characters of a token at most."""
VERBS = frozenset({"call", "read", "feedback", "admin"})


class Provider:
    """Turns a token into a `Key`.

    Args:
        settings: What `access.oidc` declares: issuer, audience, jwks, claims, channels, quota,
            skew.

    Raises:
        OutletError: A file of keys cannot be read. An address that does not answer is asked again.
    """

    def __init__(self, settings: Mapping[str, Json]) -> None:
        self._settings = settings
        self._claims: Mapping[str, str | None] = settings["claims"]
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at = 0.0
        self._due = threading.Event()
        self.version = 0
        """Grows whenever other keys hold; what was verified before it must be verified again."""
        self.refresh(strict="://" not in settings["jwks"])

    @classmethod
    def of(cls, settings: Mapping[str, Json]) -> Provider:
        """Return a provider whose keys a thread keeps fresh."""
        made = cls(settings)
        threading.Thread(target=made._follow, name="lingqu-oidc", daemon=True).start()
        return made

    def key(self, token: str, now: float) -> Key:
        """Return who shows a token, as a key that expires with it.

        Args:
            token: In its compact form.
            now: Unix seconds.

        Raises:
            AccessError: It is not good (401), it may do nothing here (403), or the provider's keys
                are being read (503).
        """
        try:
            head = jwt.get_unverified_header(token[:LONGEST])
            found = self._found(str(head.get("kid", "")))
            claims: dict[str, Any] = jwt.decode(
                token[:LONGEST],
                found,
                algorithms=ALGORITHMS,
                audience=self._settings["audience"],
                issuer=self._settings["issuer"],
                options=_OPTIONS,
            )
            self._check_times(claims, now)
        except jwt.InvalidTokenError as error:
            raise AccessError("access.bad_token", 401, problem=gist(error)) from error
        return self._key(claims)

    def _found(self, name: str) -> jwt.PyJWK:
        found = self._keys.get(name)
        if found is None and not name and len(self._keys) == 1:
            found = next(iter(self._keys.values()))
        if found is not None:
            return found
        if time.monotonic() - self._read_at > SOONEST_S or self._due.is_set():
            self._due.set()
            raise AccessError("access.provider_away", 503, seconds=2)
        raise AccessError("access.bad_token", 401, problem="its key is not the provider's")

    def _check_times(self, claims: Mapping[str, Any], now: float) -> None:
        """Refuse what has ended or not begun, by the clock that the caller goes by.

        Raises:
            jwt.InvalidTokenError: It has, or says no time.
        """
        skew = self._settings["skew"]
        if _moment(claims, "exp") + skew <= now:
            raise jwt.ExpiredSignatureError("it has expired")
        for name in {"nbf", "iat"} & claims.keys():
            if _moment(claims, name) - skew > now:
                raise jwt.ImmatureSignatureError(f"it is not valid yet ({name})")

    def _key(self, claims: Mapping[str, Any]) -> Key:
        name = _claim(claims, self._claims["name"])
        if not isinstance(name, str) or not name:
            told = f"it does not say {self._claims['name']!r}"
            raise AccessError("access.bad_token", 401, problem=told)
        channels = tuple(self._settings["channels"])
        if self._claims["channels"]:
            channels = _words(_claim(claims, self._claims["channels"]))
        verbs: tuple[str, ...] = ()
        if self._claims["verbs"]:
            verbs = tuple(sorted(VERBS.intersection(_words(_claim(claims, self._claims["verbs"])))))
        role = ""
        if self._claims["role"]:
            role = str(_claim(claims, self._claims["role"]) or "-")
        if (self._claims["channels"] and not channels) or (self._claims["verbs"] and not verbs):
            raise AccessError("access.empty_token", 403, name=name[:100])
        ends = float(claims["exp"]) + self._settings["skew"]
        mark = hashlib.sha256(f"{self._settings['issuer']}\0{name}".encode()).hexdigest()[:16]
        return Key(
            f"jwt-{mark}", name[:100], "", channels, self._settings["quota"] or "",
            datetime.fromtimestamp(min(ends, 2**33), UTC).isoformat(), verbs=verbs, role=role,
        )  # fmt: skip

    # The provider's keys

    def refresh(self, strict: bool = False) -> None:
        """Read the provider's keys; where that fails the known ones stay.

        Raises:
            OutletError: It failed, and `strict`.
        """
        where = self._settings["jwks"]
        try:
            known = _read(where)
        except (OSError, ValueError, LookupError, TypeError, jwt.PyJWTError) as error:
            if strict:
                raise OutletError("access.no_jwks", jwks=where, problem=gist(error)) from error
            log.warning("the keys of %s could not be read: %s", where, gist(error))
        else:
            same = known.keys() == self._keys.keys() and all(
                known[name]._jwk_data == self._keys[name]._jwk_data for name in known
            )
            self._keys = known
            self.version += not same
        self._read_at = time.monotonic()
        self._due.clear()

    def _follow(self) -> None:
        while True:
            self._due.wait(REFRESH_S)
            rest = SOONEST_S - (time.monotonic() - self._read_at)
            if rest > 0:
                time.sleep(rest)
            self.refresh()


def _read(where: str) -> dict[str, jwt.PyJWK]:
    """Return the public keys for signatures of a JWKS document by name."""
    if "://" in where:
        opener = urllib.request.build_opener(_Nowhere())
        with opener.open(where, timeout=5) as reply:
            text = reply.read(MOST_BYTES)
    else:
        text = Path(where).read_bytes()[:MOST_BYTES]
    listed = json.loads(text)["keys"]
    found: dict[str, jwt.PyJWK] = {}
    for one in listed:
        if one.get("kty") == "oct" or one.get("use", "sig") != "sig":
            continue
        try:
            key = jwt.PyJWK(one)
        except jwt.PyJWTError as error:
            log.warning("a key of %s cannot be used: %s", where, gist(error))
            continue
        if key.algorithm_name in ALGORITHMS:
            found[str(one.get("kid", ""))] = key
    if not found:
        raise ValueError(f"no public key for {', '.join(ALGORITHMS)}")
    return found


class _Nowhere(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: somebody on the way could lead us to keys of his own."""

    def redirect_request(self, *asked: Any) -> None:
        raise OSError(f"redirected to {asked[-1]}")


def _claim(claims: Mapping[str, Any], name: str | None) -> Any:
    """Return a claim; a name that is there as it is goes before one with dots."""
    if not name or name in claims:
        return claims.get(name or "")
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not value < 2**53:
        raise jwt.DecodeError(f"{name} is no time")
    return float(value)


def _words(value: Any) -> tuple[str, ...]:
    """Return a list of words, or words with blanks between them.

    Example:
        >>> _words("call read"), _words(["loans"]), _words(None)
        (('call', 'read'), ('loans',), ())
    """
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(str(one) for one in value) if isinstance(value, list) else ()
