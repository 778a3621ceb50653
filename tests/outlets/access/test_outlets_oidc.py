"""Tokens of a real little identity provider: an HTTP server that publishes keys, and signs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.outlets.asking import Quotas

from lingqu.core.errors import AccessError, OutletError
from lingqu.outlets.access.guard import Guard
from lingqu.outlets.access.oidc import LONGEST, Provider
from lingqu.outlets.request import Request

NOW = time.time()


class Issuer:
    """An identity provider on this machine."""

    def __init__(self) -> None:
        self.private: dict[str, tuple[str, Any]] = {}
        self.asked = 0
        issuer = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                if self.path == "/elsewhere":
                    self.send_response(302)
                    self.send_header("location", "/keys")
                    self.end_headers()
                    return
                body = json.dumps(issuer.document()).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def document(self) -> dict[str, Any]:
        listed = []
        for name, (algorithm, key) in self.private.items():
            kind = jwt.get_algorithm_by_name(algorithm)
            told = kind.to_jwk(key.public_key(), as_dict=True)
            listed.append({**told, "kid": name, "alg": algorithm, "use": "sig"})
        return {"keys": [*listed, {"kty": "oct", "kid": "shared", "k": "c2VjcmV0", "alg": "HS256"}]}

    def sign(self, name: str = "rsa", **claims: Any) -> str:
        algorithm, key = self.private[name]
        return jwt.encode(self.claims(**claims), key, algorithm, headers={"kid": name})

    def claims(self, **claims: Any) -> dict[str, Any]:
        told = {"iss": self.url, "aud": "lingqu", "sub": "ann", "exp": NOW + 600, **claims}
        return {name: value for name, value in told.items() if value is not None}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    made.private = {
        "rsa": ("RS256", rsa.generate_private_key(65537, 2048)),
        "curve": ("ES256", ec.generate_private_key(ec.SECP256R1())),
        "edwards": ("EdDSA", ed25519.Ed25519PrivateKey.generate()),
    }
    yield made
    made.close()


def settings_of(issuer: Issuer, **changes: Any) -> dict[str, Any]:
    claims = {"name": "sub", "channels": None, "verbs": None, "role": None}
    return {
        "issuer": issuer.url, "audience": ["lingqu"], "jwks": f"{issuer.url}/keys", "channels": [],
        "quota": "3/h", "skew": 30.0, **changes, "claims": {**claims, **changes.get("claims", {})},
    }  # fmt: skip


def guard_of(issuer: Issuer, **changes: Any) -> Guard:
    guard = Guard("probe", tokens=Provider(settings_of(issuer, **changes)))
    guard.load([], Quotas(), NOW)
    return guard


def admit(guard: Guard, token: str, verb: str = "call", channel: str = "loans") -> str:
    request = Request(sent=f"Bearer {token}", client="8.8.8.8")
    return guard.admit(request, channel, verb, NOW)


def refusal(guard: Guard, token: str, **how: str) -> AccessError:
    with pytest.raises(AccessError) as caught:
        admit(guard, token, **how)
    return caught.value


@pytest.mark.parametrize("name", ["rsa", "curve", "edwards"])
def test_a_good_token_is_a_key_with_a_quota(issuer: Issuer, name: str):
    guard = guard_of(issuer)
    known = {admit(guard, issuer.sign(name, exp=NOW + 60 + n)) for n in range(3)}
    assert len(known) == 1
    assert known.pop().startswith("jwt-")
    assert refusal(guard, issuer.sign(name)).status == 429
    assert admit(guard, issuer.sign(name, sub="bob")).startswith("jwt-")


def test_nobody_comes_in_without_one(issuer: Issuer):
    with pytest.raises(AccessError) as caught:
        guard_of(issuer).admit(Request(client="127.0.0.1"), "loans", "call", NOW)
    assert caught.value.key == "outlets.no_key"


def test_bad_tokens_are_refused(issuer: Issuer):
    guard = guard_of(issuer)
    stranger = rsa.generate_private_key(65537, 2048)
    head = {"kid": "rsa"}
    good = issuer.sign()
    begin, middle, end = good.split(".")
    bad = {
        "expired": issuer.sign(exp=NOW - 60),
        "not yet": issuer.sign(nbf=NOW + 600),
        "endless": issuer.sign(exp=None),
        "timeless": issuer.sign(exp="soon"),
        "true": issuer.sign(exp=True),
        "of another issuer": issuer.sign(iss="https://evil.example"),
        "for another audience": issuer.sign(aud="shop"),
        "without a name": issuer.sign(sub=None),
        "signed by a stranger": jwt.encode(issuer.claims(), stranger, "RS256", headers=head),
        "altered": ".".join([begin, middle[:-2] + "xx", end]),
        "of another key": jwt.encode(
            issuer.claims(), issuer.private["curve"][1], "ES256", headers=head
        ),
        "unsigned": jwt.encode(issuer.claims(), None, "none", headers=head),
        "of the shared key": jwt.encode(
            issuer.claims(), b"secret" * 8, "HS256", headers={"kid": "shared"}
        ),
    }
    for why, token in bad.items():
        assert refusal(guard, token).status == 401, why
    assert admit(guard, good)


def test_the_public_key_is_no_shared_secret(issuer: Issuer):
    """The oldest forgery: an HS256 signature made with the public key, which everybody knows."""
    public = issuer.private["rsa"][1].public_key()
    text = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def packed(value: Any) -> bytes:
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=")

    signed = packed({"alg": "HS256", "typ": "JWT", "kid": "rsa"}) + b"." + packed(issuer.claims())
    mark = hmac.new(text, signed, hashlib.sha256).digest()
    assert refusal(guard_of(issuer), (signed + b"." + packed(mark)).decode()).status == 401


def test_clocks_may_differ_a_little(issuer: Issuer):
    guard = guard_of(issuer, quota=None)
    assert admit(guard, issuer.sign(exp=NOW - 10))
    assert admit(guard, issuer.sign(nbf=NOW + 20))
    assert refusal(guard, issuer.sign(exp=NOW - 40)).status == 401


def test_claims_say_channels_verbs_and_role(issuer: Issuer):
    names = {"channels": "lingqu.channels", "verbs": "scope", "name": "email"}
    guard = guard_of(issuer, claims=names, quota=None)
    mine = {"email": "a@b.c", "lingqu": {"channels": ["loans"]}, "scope": "openid call"}
    assert admit(guard, issuer.sign(**mine))
    assert refusal(guard, issuer.sign(**mine), verb="read").key == "access.wrong_verb"
    assert refusal(guard, issuer.sign(**mine), channel="cars").key == "outlets.wrong_channel"
    for missing in ("email", "lingqu", "scope"):
        assert refusal(guard, issuer.sign(**{**mine, missing: None})).status in (401, 403)
    assert refusal(guard, issuer.sign(**{**mine, "scope": "openid"})).key == "access.empty_token"
    roles = guard_of(issuer, claims={"role": "role"})
    assert admit(roles, issuer.sign(role="auditor"), verb="read")
    assert refusal(roles, issuer.sign(role="auditor")).key == "access.wrong_verb"
    assert refusal(roles, issuer.sign(), verb="read").key == "access.wrong_verb"


def test_keys_are_rotated_under_way():
    issuer = Issuer()
    try:
        issuer.private = {"old": ("EdDSA", ed25519.Ed25519PrivateKey.generate())}
        provider = Provider(settings_of(issuer, quota=None))
        guard = Guard("probe", tokens=provider)
        guard.load([], Quotas(), NOW)
        before = issuer.sign("old")
        assert admit(guard, before)
        issuer.private = {"new": ("EdDSA", ed25519.Ed25519PrivateKey.generate())}
        after = issuer.sign("new")
        assert refusal(guard, after).status == 401  # the keys were read a moment ago
        assert issuer.asked == 1
        provider.refresh()
        assert admit(guard, after)
        guard.settle(Quotas())
        assert refusal(guard, before).status == 401
    finally:
        issuer.close()
    provider.refresh()  # nobody answers: the known keys stay
    assert admit(guard, after)


def test_a_provider_that_is_away_lets_nobody_in(issuer: Issuer):
    provider = Provider.of(settings_of(issuer, jwks="http://127.0.0.1:9/keys"))
    guard = Guard("probe", tokens=provider)
    guard.load([], Quotas(), NOW)
    assert refusal(guard, issuer.sign()).status in (401, 503)


def test_no_redirection_is_followed_and_a_file_will_do(issuer: Issuer, tmp_path: Path):
    led = guard_of(issuer, jwks=f"{issuer.url}/elsewhere")
    assert refusal(led, issuer.sign()).status == 401
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(issuer.document()))
    assert admit(guard_of(issuer, jwks=str(path)), issuer.sign())
    for content in ("{", "[]", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "AAAA"}]}'):
        path.write_text(content)
        with pytest.raises(OutletError) as caught:
            Provider(settings_of(issuer, jwks=str(path)))
        assert caught.value.key == "access.no_jwks"
    with pytest.raises(OutletError):
        Provider(settings_of(issuer, jwks=str(tmp_path / "none.json")))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='eyJhbGciOi.{}"_-=\x00é ', max_size=60).map(lambda text: f"{text}.a.b"))
def test_whatever_is_sent_is_refused_in_words(text: str):
    with pytest.raises(AccessError) as caught:
        PROVIDER.key(text, NOW)
    assert caught.value.status in (401, 503)
    assert str(caught.value)


def test_a_very_long_token_costs_nothing(issuer: Issuer):
    assert refusal(guard_of(issuer), "a." * 2 + "b" * LONGEST * 100).status == 401


class _NoIssuer:
    url = "http://127.0.0.1:9"


PROVIDER = Provider(settings_of(_NoIssuer()))  # type: ignore[arg-type]
