"""Certificates on the disk: renewed ones are taken over while serving, broken ones are not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.outlets.asking import Reply, ask, inputs, make_app, opened, until

from lingqu.core.errors import AccessError
from lingqu.flow.access import make_key
from lingqu.flow.authority import Signed, make_client, make_server
from lingqu.outlets.access.certificates import Certificates, certificate_of
from lingqu.outlets.access.place import shown_by
from lingqu.outlets.calling.client import Client
from lingqu.outlets.protocols.grpc_messages import MESSAGES, PACKAGE, SERVICE
from lingqu.outlets.server import Server
from lingqu.store.home import Home


def followed(made: Signed, told: Path | None = None) -> Certificates:
    return Certificates(str(made.certificate), str(made.key), str(made.authority), told)


def serial(shown: Certificates) -> int:
    return x509.load_pem_x509_certificate(shown.held.chain).serial_number


def self_signed(folder: Path, name: x509.Name, until: datetime) -> tuple[Path, Path]:
    """Write a certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=400))
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    paths = folder / "self.pem", folder / "self.key"
    paths[0].write_bytes(made.public_bytes(pem))
    paths[1].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return paths


def enters(shown: Certificates, files: tuple[Path, Path]) -> bool:
    """Tell whether a caller with this certificate gets through the handshake."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.load_cert_chain(*files)
    left, right = socket.socketpair()

    def knock() -> None:
        with contextlib.suppress(OSError), client.wrap_socket(left) as asked:
            asked.recv(1)  # the server judges the certificate after the caller is done

    with left, right:
        talk = threading.Thread(target=knock)
        talk.start()
        try:
            with shown.held.context.wrap_socket(right, server_side=True) as heard:
                return bool(heard.getpeercert())
        except ssl.SSLError:
            return False
        finally:
            right.close()
            talk.join()


def looked_at(shown: Certificates) -> None:
    """Look twice: files that have just changed are left to whoever may still write them."""
    shown.look()
    shown.look()


def test_a_renewed_certificate_is_taken_over_once_it_keeps_still(home: Home, tmp_path: Path):
    shown = followed(make_server(home), tmp_path / "shown.pem")
    first, said = serial(shown), shown.told()
    renewed = make_server(home)
    shown.look()
    assert serial(shown) == first
    shown.look()
    assert serial(shown) != first
    assert shown.held.chain == renewed.certificate.read_bytes()
    assert (tmp_path / "shown.pem").read_bytes() == renewed.certificate.read_bytes()
    assert set(shown.told()) == set(said) == {"until"}


@pytest.mark.parametrize("how", ["torn", "another key", "no file", "ended"])
def test_files_that_are_no_certificate_are_told_and_the_old_one_stays(
    home: Home, tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
):
    made = make_server(home)
    shown, kept = followed(made), made.certificate.read_bytes()
    if how == "torn":
        made.certificate.write_bytes(kept[: len(kept) // 3])
    elif how == "another key":
        made.key.write_bytes(make_client(home, "other").key.read_bytes())
    elif how == "no file":
        made.certificate.unlink()
    else:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")])
        ended = self_signed(tmp_path, name, datetime.now(UTC) - timedelta(days=1))
        for source, target in zip(ended, (made.certificate, made.key), strict=True):
            target.write_bytes(source.read_bytes())
    looked_at(shown)
    looked_at(shown)
    assert shown.held.chain == kept
    assert shown.told()["problem"]
    assert str(made.certificate.parent) not in str(shown.told())
    assert len([line for line in caplog.records if "not taken over" in line.message]) == 1
    make_server(home)  # mended
    looked_at(shown)
    assert shown.held.chain == made.certificate.read_bytes()
    assert "problem" not in shown.told()


def test_another_authority_of_callers_alone_is_taken_over(home: Home, tmp_path: Path):
    made, callers = make_server(home), tmp_path / "callers.pem"
    callers.write_bytes(made.authority.read_bytes())
    shown = Certificates(str(made.certificate), str(made.key), str(callers))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "branch-7")])
    branch = self_signed(tmp_path, name, datetime.now(UTC) + timedelta(days=30))
    assert not enters(shown, branch)
    callers.write_bytes(made.authority.read_bytes() + branch[0].read_bytes())
    looked_at(shown)
    assert enters(shown, branch)
    callers.write_bytes(made.authority.read_bytes())
    looked_at(shown)
    assert not enters(shown, branch)


def test_health_says_when_the_certificate_ends(home: Home, releases: dict[str, Path]):
    app = make_app(opened(releases["prices"]))
    assert "certificate" not in ask(app, "GET", "/health").json
    app.shown = followed(make_server(home))
    said: Reply = ask(app, "GET", "/health")
    assert datetime.fromisoformat(said.json["certificate"]["until"]) > datetime.now(UTC)


def test_a_subject_is_the_same_over_grpc_as_over_http(tmp_path: Path):
    """gRPC tells the certificate as a file, Python's TLS as names; keys are bound to one word."""
    oids = [
        NameOID.COUNTRY_NAME, NameOID.STATE_OR_PROVINCE_NAME, NameOID.LOCALITY_NAME,
        NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.COMMON_NAME,
        NameOID.EMAIL_ADDRESS, NameOID.SERIAL_NUMBER, NameOID.USER_ID, NameOID.DOMAIN_COMPONENT,
        NameOID.SURNAME, NameOID.GIVEN_NAME, NameOID.TITLE, NameOID.STREET_ADDRESS,
        NameOID.POSTAL_CODE, NameOID.DN_QUALIFIER, NameOID.PSEUDONYM, NameOID.BUSINESS_CATEGORY,
        NameOID.ORGANIZATION_IDENTIFIER,
    ]  # fmt: skip
    values = ["CN" if oid == NameOID.COUNTRY_NAME else f"v{n}" for n, oid in enumerate(oids)]
    name = x509.Name([x509.NameAttribute(o, v) for o, v in zip(oids, values, strict=True)])
    files = self_signed(tmp_path, name, datetime.now(UTC) + timedelta(days=30))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    for context in (server, client):
        context.load_cert_chain(*files)
        context.load_verify_locations(files[0])
    server.verify_mode = ssl.CERT_REQUIRED
    left, right = socket.socketpair()
    with left, right:
        talk = threading.Thread(target=lambda: client.wrap_socket(left).close())
        talk.start()
        with server.wrap_socket(right, server_side=True) as heard:
            assert certificate_of(files[0].read_bytes()) == shown_by(heard)
        talk.join()


# In a process of its own


@pytest.fixture
def own(home: Home) -> Signed:
    return make_server(home)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture
def address(home: Home, releases: dict[str, Path], own: Signed, port: int) -> Iterator[str]:
    """A server that wants certificates of callers, over HTTP and over gRPC."""
    driver = Server(
        channel="prices", workspace=str(home.root), processes=1, grpc_port=port,
        certificate=str(own.certificate), private_key=str(own.key), client_ca=str(own.authority),
    )  # fmt: skip
    try:
        yield str(driver.open(str(releases["prices"]))["address"])
        # Whatever lies on the disk by now, the driver still knows its own server.
        assert driver.status()["alive"]
    finally:
        driver.close()


def over_grpc(own: Signed, port: int, shown: Signed | None, row: Any, key: str = "") -> Any:
    """Ask over gRPC, by a connection of its own; an error is returned."""
    pair = (
        (None, None) if shown is None else (shown.key.read_bytes(), shown.certificate.read_bytes())
    )
    trusted = grpc.ssl_channel_credentials(own.authority.read_bytes(), *pair)
    message = MESSAGES["ModelInferRequest"](model_name="prices")
    for name, value in row.items():
        made = message.inputs.add(name=name, datatype="FP64", shape=[1])
        made.contents.fp64_contents.append(value)

    async def work() -> Any:
        metadata = (("authorization", f"Bearer {key}"),) if key else ()
        async with grpc.aio.secure_channel(f"127.0.0.1:{port}", trusted) as channel:
            asked = channel.unary_unary(
                f"/{PACKAGE}.{SERVICE}/ModelInfer",
                request_serializer=lambda m: m.SerializeToString(),
                response_deserializer=MESSAGES["ModelInferResponse"].FromString,
            )
            try:
                return await asked(message, metadata=metadata, timeout=60)
            except grpc.aio.AioRpcError as error:
                return error.code()

    return asyncio.run(work())


def serial_at(place: tuple[str, int], tls: ssl.SSLContext) -> int:
    """Return the number of the certificate that a new connection is shown."""
    with socket.create_connection(place, timeout=5) as plain, tls.wrap_socket(plain) as shown:
        raw = shown.getpeercert(binary_form=True)
    assert raw is not None
    return x509.load_der_x509_certificate(raw).serial_number


@pytest.mark.slow
def test_a_server_follows_its_certificate_without_dropping_a_request(
    home: Home, releases: dict[str, Path], own: Signed, port: int, address: str
):
    branch, eve = make_client(home, "branch-3"), make_client(home, "eve")
    _, secret = make_key(home, "app", certificate=f"subject:{branch.subject}")
    row = inputs(releases["prices"])[0]
    trusting = ssl.create_default_context(cafile=str(own.authority))
    trusting.check_hostname = False
    trusting.load_cert_chain(branch.certificate, branch.key)
    client = Client(address, "prices", secret, tls=trusting)
    until(lambda: _key_is_known(client, row))

    # Over gRPC: bound to a key as over HTTP, and no connection without a certificate.
    said = client.predict([row])[0]["prediction"]
    for key in (secret, ""):
        reply = over_grpc(own, port, branch, row, key)
        assert reply.outputs[0].contents.fp64_contents[0] == said
    assert over_grpc(own, port, eve, row, secret) == grpc.StatusCode.PERMISSION_DENIED
    assert over_grpc(own, port, eve, row) == grpc.StatusCode.UNAUTHENTICATED
    assert over_grpc(own, port, None, row, secret) == grpc.StatusCode.UNAVAILABLE

    places = [("127.0.0.1", int(address.rpartition(":")[2])), ("127.0.0.1", port)]
    before = {serial_at(place, trusting) for place in places}
    assert len(before) == 1
    renewed = x509.load_pem_x509_certificate(make_server(home).certificate.read_bytes())

    def taken_over() -> bool:
        client.predict([row])  # on the connection of before
        Client(address, "prices", secret, tls=trusting).predict([row])
        return [serial_at(place, trusting) for place in places] == [renewed.serial_number] * 2

    until(taken_over)
    assert renewed.serial_number not in before
    assert over_grpc(own, port, branch, row, secret).outputs
    assert over_grpc(own, port, None, row, secret) == grpc.StatusCode.UNAVAILABLE

    own.certificate.write_bytes(b"no certificate")
    os.utime(own.certificate)
    until(lambda: "problem" in client.request("GET", "/health")["certificate"])
    assert taken_over()


def _key_is_known(client: Client, row: Any) -> bool:
    try:
        client.predict([row])
    except AccessError:
        return False
    return True
