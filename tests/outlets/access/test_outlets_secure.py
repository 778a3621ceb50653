"""Access as it is met from outside: certificates, several processes, a caller's own use."""

from __future__ import annotations

import json
import os
import signal
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import psutil
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from tests.outlets.asking import inputs, until

from lingqu.core.errors import AccessError, LingquError, OutletError
from lingqu.flow.access import disable_key, make_key, rotate_key
from lingqu.flow.authority import make_client, make_server
from lingqu.outlets.calling.client import Client
from lingqu.outlets.server import Server
from lingqu.store.home import Home
from lingqu.store.quotas import Window

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rows(releases: dict[str, Path]) -> list[Any]:
    return inputs(releases["digits"])[:1]


def refused(client: Client, rows: list[Any]) -> str:
    """Return what a caller is told, or ``""``."""
    try:
        client.predict(rows)
    except AccessError as error:
        return str(error)
    return ""


def test_callers_show_a_certificate_and_keys_are_bound_to_it(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path], rows: list[Any]
):
    own, branch, other = make_server(home), make_client(home, "branch-3"), make_client(home, "eve")
    _, secret = make_key(home, "app", certificate=f"subject:{branch.subject}")
    driver = serve(
        certificate=str(own.certificate), private_key=str(own.key), client_ca=str(own.authority)
    )
    address = driver.open(str(releases["digits"]))["address"]
    assert address.startswith("https://")

    def client(shown: Any, key: str = "") -> Client:
        tls = ssl.create_default_context(cafile=str(own.authority))
        if shown is not None:
            tls.load_cert_chain(shown.certificate, shown.key)
        return Client(address, "digits", key, tls=tls)

    assert len(client(branch, secret).predict(rows)) == 1
    assert len(client(branch).predict(rows)) == 1  # the certificate stands for the key
    assert "client certificate" in refused(client(None, secret), rows)
    assert "bound to another" in refused(client(other, secret), rows)
    assert "needs a key" in refused(client(other), rows)
    with pytest.raises(OutletError):
        Client(address, "digits", secret).predict(rows)  # trusts nobody that signed it
    assert driver.status()["alive"]


def test_a_disabled_key_is_refused_by_every_process_and_rotation_lets_both_in(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path], rows: list[Any]
):
    _, first = make_key(home, "app")
    address = serve(processes=2).open(str(releases["digits"]))["address"]
    _, second = rotate_key(home, "app", "1 h")
    clients = [Client(address, "digits", secret) for secret in (first, second) * 8]
    assert until(lambda: not any(refused(client, rows) for client in clients))
    disable_key(home, "app")
    assert until(lambda: all("disabled" in refused(client, rows) for client in clients))


def test_a_quota_holds_over_processes_restarts_and_a_kill(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path], rows: list[Any]
):
    limit, processes = 60, 2
    key, secret = make_key(home, "app", quota=f"{limit}/d")
    answered = 0

    def ask(address: str, times: int) -> int:
        return sum(not refused(Client(address, "digits", secret), rows) for _ in range(times))

    driver = serve(processes=processes)
    address = driver.open(str(releases["digits"]))["address"]
    answered += ask(address, 30)
    workers = psutil.Process(int(driver.status()["pid"])).children()
    assert len(workers) == processes
    os.kill(workers[0].pid, signal.SIGKILL)
    assert until(lambda: _answers(address, secret, rows))
    answered += 1
    driver.close()
    slice_of = 8  # of such a quota: lingqu.outlets.access.lease
    spent = home.ledger.quotas.spent(Window(key.id, "requests", "d", _today()))
    assert answered - slice_of <= spent <= answered + slice_of

    again = serve(processes=processes)
    address = again.open(str(releases["digits"]))["address"]
    answered += ask(address, 60)
    # A slice may be lost by the kill, and each process may overshoot by one.
    assert limit - slice_of <= answered <= limit + slice_of * (processes + 1)
    assert "quota of 60/d" in refused(Client(address, "digits", secret), rows)


def test_a_caller_reads_its_own_use_and_nobody_elses(
    home: Home, serve: Callable[..., Server], releases: dict[str, Path], rows: list[Any]
):
    secrets = {name: make_key(home, name, quota="50 rows/d")[1] for name in ("app", "bot")}
    driver = serve(price={"row": 0.5})
    address = driver.open(str(releases["digits"]))["address"]
    clients = {name: Client(address, "digits", secret) for name, secret in secrets.items()}
    for _ in range(3):
        clients["app"].predict(rows)

    def told(name: str) -> Any:
        return clients[name].request("GET", "/c/digits/usage")

    assert until(lambda: told("app")["days"])
    (day,) = told("app")["days"]
    assert (day["requests"], day["rows"], day["money"], day["errors"]) == (3, 3, 1.5, 0)
    assert told("app")["quotas"][0]["left"] == 47
    assert told("bot")["days"] == []
    with pytest.raises(LingquError):
        Client(address, "digits").request("GET", "/c/digits/usage")


def _today() -> int:
    return int(time.time() // 86_400 * 86_400)


def _answers(address: str, secret: str, rows: list[Any]) -> bool:
    """Tell whether somebody answers: a worker that was killed takes its connections with it."""
    try:
        return not refused(Client(address, "digits", secret), rows)
    except OutletError:
        return False


def test_a_token_of_an_identity_provider_opens_a_channel(
    serve: Callable[..., Server], releases: dict[str, Path], rows: list[Any], tmp_path: Path
):
    private = ed25519.Ed25519PrivateKey.generate()
    public = jwt.get_algorithm_by_name("EdDSA").to_jwk(private.public_key(), as_dict=True)
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [{**public, "kid": "one"}]}))
    declared = {
        "issuer": "https://id.example", "audience": ["lingqu"], "skew": 30.0, "quota": "2/h",
        "jwks": str(tmp_path / "jwks.json"), "channels": [],
        "claims": {"name": "sub", "channels": None, "verbs": "scope", "role": None},
    }  # fmt: skip
    address = serve(oidc=declared).open(str(releases["digits"]))["address"]

    def token(**claims: Any) -> str:
        told = {"iss": "https://id.example", "aud": "lingqu", "sub": "ann", "scope": "call"}
        told |= {"exp": time.time() + 60, **claims}
        return jwt.encode(told, private, "EdDSA", headers={"kid": "one"})

    for _ in range(2):
        assert len(Client(address, "digits", token()).predict(rows)) == 1
    assert "quota of 2/h" in refused(Client(address, "digits", token()), rows)
    assert "not taken" in refused(Client(address, "digits", token(aud="shop")), rows)
    assert "may not call" in refused(Client(address, "digits", token(sub="b", scope="read")), rows)
    assert "needs a key" in refused(Client(address, "digits"), rows)
