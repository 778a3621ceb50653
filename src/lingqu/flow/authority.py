"""A certificate authority of one's own: for machines that no public authority knows.

It lies in the workspace, in ``tls/``: who trusts ``ca.pem`` trusts what it signed, and nothing
else of this machine's. Asked again it signs new certificates with the same authority, so that
nobody need trust another; an authority that ends soon is made anew.

Source: RFC 5280 (2008): basic constraints, key usage, name constraints are not set, because the
names of machines in a house have no domain in common.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lingqu.core.errors import SpecError, StoreError
from lingqu.store.home import Home

HOSTS = ("localhost", "127.0.0.1", "::1")
"""Names that every server certificate holds."""
AUTHORITY = timedelta(days=3650)
SIGNED = timedelta(days=397)
"""How long a certificate holds: longer ones are refused by browsers."""
SKEW = timedelta(hours=1)
"""How far the clock of whoever checks may be behind."""


@dataclass(frozen=True)
class Signed:
    """What was made.

    Args:
        authority: Certificate that others must trust.
        certificate: Certificate that was signed, with the authority's behind it.
        key: Its private key, mode 0600.
        names: For whom it is.
        until: When it ends, ISO 8601.
        fingerprint: SHA-256 of the certificate, hex.
        subject: Its distinguished name, as a key can be bound to it.
    """

    authority: Path
    certificate: Path
    key: Path
    names: tuple[str, ...]
    until: str
    fingerprint: str
    subject: str


def make_server(home: Home, hosts: Sequence[str] = ()) -> Signed:
    """Make or renew the certificate of the servers of a workspace.

    Args:
        home: The workspace.
        hosts: Names and addresses under which callers reach this machine, beside those of itself.

    Raises:
        SpecError: A host is neither a name nor an address.
        StoreError: A file cannot be written.
    """
    names = tuple(dict.fromkeys((*hosts, *HOSTS)))
    alternative = x509.SubjectAlternativeName([_general(name) for name in names])
    return _signed(home, "server", names, alternative, ExtendedKeyUsageOID.SERVER_AUTH)


def make_client(home: Home, name: str) -> Signed:
    """Make or renew a certificate for a caller, for servers that ask for one.

    Args:
        home: The workspace.
        name: Of the caller: letters, digits, ``-``, ``_`` and ``.``.

    Raises:
        SpecError: The name cannot be one.
    """
    good = name.replace("-", "").replace("_", "").replace(".", "").isalnum() and name.isascii()
    if not good or name in ("ca", "server") or name.startswith("."):
        raise SpecError("access.bad_host", received=name)
    alternative = x509.SubjectAlternativeName([x509.DNSName(name)])
    return _signed(home, name, (name,), alternative, ExtendedKeyUsageOID.CLIENT_AUTH)


def _signed(
    home: Home,
    file: str,
    names: tuple[str, ...],
    alternative: x509.SubjectAlternativeName,
    usage: x509.ObjectIdentifier,
) -> Signed:
    now = datetime.fromisoformat(home.clock()).astimezone(UTC)
    folder = home.folder("tls")
    folder.chmod(0o700)
    authority, authority_key = _authority(folder, now)
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now + SIGNED, authority.not_valid_after_utc)
    made = (
        _begun(_name(names[0]), authority.subject, key, now, until)
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_uses(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    paths = folder / f"{file}.pem", folder / f"{file}.key"
    # The key first: a certificate whose key is not there yet would be of no use to a server.
    _write(paths[1], _pem(key), 0o600)
    chain = _public(made) + _public(authority)
    _write(paths[0], chain, 0o644)
    home.ledger.events.append(
        kind="tls.signed",
        subject=file,
        detail={"until": until.isoformat(), "fingerprint": made.fingerprint(hashes.SHA256()).hex()},
        at=home.clock(),
    )
    return Signed(
        folder / "ca.pem", *paths, names, until.isoformat(),
        made.fingerprint(hashes.SHA256()).hex(), f"CN={names[0]}",
    )  # fmt: skip


def _authority(folder: Path, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Return the authority of a folder, made if there is none that outlives what it signs."""
    try:
        found = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    except FileNotFoundError:
        return _new_authority(folder, now)
    except ValueError as error:
        path = str(folder / "ca.pem")
        raise StoreError("access.bad_authority", path=path, problem=str(error)) from error
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    if found.not_valid_after_utc < now + SIGNED:
        return _new_authority(folder, now)
    return found, key


def _new_authority(
    folder: Path, now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Lingqu local CA {secrets.token_hex(3)}")
    made = (
        _begun(name, name, key, now, now + AUTHORITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_uses(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder / "ca.key", _pem(key), 0o600)
    _write(folder / "ca.pem", _public(made), 0o644)
    return made, key


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _uses(**given: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: given.get(name, False) for name in names})


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _general(host: str) -> x509.GeneralName:
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host))
    labels = host.removeprefix("*.").split(".")
    good = host.isascii() and all(part and part.replace("-", "").isalnum() for part in labels)
    if not good or len(host) > 253:
        raise SpecError("access.bad_host", received=host)
    return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file whole: a server that reads it meanwhile sees the old one or the new one."""
    partial = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        problem = error.strerror or str(error)
        raise StoreError("store.unwritable", path=str(path), problem=problem) from error
