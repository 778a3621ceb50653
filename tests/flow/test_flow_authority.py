"""A certificate authority of one's own, checked by another program's eyes: Python's ssl."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from lingqu.core.errors import SpecError, StoreError
from lingqu.flow.authority import Signed, make_client, make_server
from lingqu.outlets.access.place import shown_by
from lingqu.store.home import Home, open_home


def shake(server: Signed, host: str, trusted: Path, client: Signed | None = None) -> str:
    """Shake hands over TLS on this machine; return the client's subject as the server saw it."""
    here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    here.load_cert_chain(server.certificate, server.key)
    here.load_verify_locations(server.authority)
    here.verify_mode = ssl.CERT_OPTIONAL
    there = ssl.create_default_context(cafile=str(trusted))
    there.verify_flags |= ssl.VERIFY_X509_STRICT
    if client is not None:
        there.load_cert_chain(client.certificate, client.key)
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[str] = []

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                with here.wrap_socket(connection, server_side=True) as wrapped:
                    shown = shown_by(wrapped)
                    seen.append("" if shown is None else shown.subject)
                    wrapped.recv(1)
            except ssl.SSLError:
                return

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with (
            socket.create_connection(listener.getsockname()) as connection,
            there.wrap_socket(connection, server_hostname=host) as wrapped,
        ):
            wrapped.sendall(b"x")
    finally:
        thread.join()
        listener.close()
    return seen[0]


@pytest.fixture
def still(tmp_path: Path) -> Iterator[Home]:
    opened = open_home(tmp_path / "still", clock=lambda: AT)
    yield opened
    opened.close()


AT = "2026-11-21T08:00:00.000000+00:00"


def test_who_trusts_the_authority_trusts_the_server(home: Home, tmp_path: Path) -> None:
    made = make_server(home, ["api.example.org", "*.example.net", "10.0.0.7"])
    for host in ("api.example.org", "a.example.net", "10.0.0.7", "localhost", "127.0.0.1", "::1"):
        assert shake(made, host, made.authority) == ""
    with pytest.raises(ssl.SSLCertVerificationError, match="evil"):
        shake(made, "evil.example.org", made.authority)
    other = open_home(tmp_path / "other")
    stranger = make_server(other)
    other.close()
    with pytest.raises(ssl.SSLCertVerificationError, match="verify failed"):
        shake(made, "localhost", stranger.authority)


def test_a_client_shows_its_name(home: Home) -> None:
    server, client = make_server(home), make_client(home, "branch-3")
    assert shake(server, "localhost", server.authority, client) == client.subject
    assert client.subject == "CN=branch-3"


def test_private_keys_are_their_owners(home: Home) -> None:
    made = make_server(home)
    for path in (made.key, made.authority.with_name("ca.key")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.authority.parent.stat().st_mode) == 0o700
    assert not [path for path in made.authority.parent.iterdir() if path.name.startswith(".")]
    (event,) = home.ledger.events.list(kind="tls.signed")
    assert event.detail["fingerprint"] == made.fingerprint


def test_a_renewed_certificate_is_of_the_same_authority(still: Home) -> None:
    first = make_server(still)
    trusted = first.authority.read_bytes()
    second = make_server(still, ["api.example.org"])
    assert first.fingerprint != second.fingerprint
    assert second.authority.read_bytes() == trusted
    assert second.until == "2027-12-23T08:00:00+00:00"


def test_an_authority_that_ends_soon_is_made_anew(still: Home) -> None:
    trusted = make_server(still).authority.read_bytes()
    later = datetime.fromisoformat(AT) + timedelta(days=3650 - 300)
    aged = open_home(still.root, clock=lambda: later.isoformat())
    made = make_server(aged)
    aged.close()
    assert made.authority.read_bytes() != trusted
    ends = x509.load_pem_x509_certificate(made.authority.read_bytes()).not_valid_after_utc
    assert ends > later.astimezone(UTC) + timedelta(days=3600)


@pytest.mark.parametrize("host", ["", "a b", "häuser.example", "-", "x" * 254, "a..b", "a/b"])
def test_what_is_no_host_is_refused(home: Home, host: str) -> None:
    with pytest.raises(SpecError):
        make_server(home, [host])


@pytest.mark.parametrize("name", ["", "ca", "server", "../ca", ".x", "a/b", "é"])
def test_a_client_cannot_take_another_file(home: Home, name: str) -> None:
    with pytest.raises(SpecError):
        make_client(home, name)
    assert not (home.root / "tls").exists()


def test_an_authority_that_cannot_be_read_is_said(home: Home) -> None:
    made = make_server(home)
    made.authority.write_text("nothing")
    with pytest.raises(StoreError) as caught:
        make_server(home)
    assert caught.value.key == "access.bad_authority"
    assert made.authority.read_text() == "nothing"
