"""The certificate of a server as it lies on the disk now: renewed ones are taken over.

A thread looks at the files every second. Files that have changed and then kept still are read into
a new TLS context, beside the old one: handshakes that come later get the new one, connections that
stand keep theirs. What cannot be read, does not fit its key or has ended is passed by and told; the
certificate of before stays.
"""

from __future__ import annotations

import hashlib
import logging
import os
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509

from lingqu.core.nouns import Json
from lingqu.outlets.access.place import Certificate

log = logging.getLogger("lingqu.outlets")
LOOK_S = 1.0
"""Seconds between two looks at the files."""
_NAMES: Mapping[str, str] = {
    "2.5.4.3": "CN", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C", "2.5.4.8": "ST",
    "2.5.4.7": "L", "2.5.4.4": "surname", "2.5.4.5": "serialNumber", "2.5.4.9": "streetAddress",
    "2.5.4.12": "title", "2.5.4.15": "businessCategory", "2.5.4.17": "postalCode",
    "2.5.4.42": "givenName", "2.5.4.46": "dnQualifier", "2.5.4.65": "pseudonym",
    "2.5.4.97": "organizationIdentifier", "1.2.840.113549.1.9.1": "emailAddress",
    "0.9.2342.19200300.100.1.1": "userId", "0.9.2342.19200300.100.1.25": "domainComponent",
}  # fmt: skip
"""Number of an attribute → its name as `place.shown_by` writes it, which is that of OpenSSL."""
Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True)
class Held:
    """Files that were read together and fit each other.

    Args:
        key: Private key, PEM.
        chain: Certificate chain, PEM.
        authority: Who signs the certificates of callers, PEM; empty where they show none.
        context: The same for Python's TLS.
        until: When the certificate ends.
    """

    key: bytes
    chain: bytes
    authority: bytes
    context: ssl.SSLContext
    until: datetime


class Certificates:
    """What a server shows to callers, kept in step with the files.

    Args:
        certificate: File of the certificate chain, PEM.
        private_key: File of its private key, PEM.
        client_ca: File of who signs the certificates of callers; empty where they show none.
        told: File to write the chain to that is shown, for who asks the server from this machine.

    Raises:
        OSError: A file cannot be read, or certificate and key do not fit (`ssl.SSLError`).
        ValueError: The certificate cannot be read.
    """

    def __init__(
        self, certificate: str, private_key: str, client_ca: str = "", told: Path | None = None
    ) -> None:
        self._files = tuple(Path(name) for name in (certificate, private_key, client_ca) if name)
        self._seen = self._taken = self._stamp()
        self._problem = ""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._told = told
        self.held = _read(self._files)
        self._tell()

    def choose(self, caller: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        """Let a handshake go on with what is held now: an `ssl.SSLContext.sni_callback`."""
        caller.context = self.held.context

    def told(self) -> Mapping[str, Json]:
        """Return what is said of it: when it ends, and why a newer one was not taken over."""
        until = self.held.until.isoformat()
        return {"until": until, "problem": self._problem} if self._problem else {"until": until}

    def follow(self) -> None:
        """Look at the files in a thread until `close`."""
        self._thread = threading.Thread(target=self._work, name="lingqu-tls", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2.0)

    def look(self) -> None:
        """Take over files that have changed since they were read, and not since the last look."""
        stamp, before = self._stamp(), self._seen
        self._seen = stamp
        if stamp == self._taken or stamp != before:  # whoever writes them may not be done
            return
        try:
            found = _read(self._files)
            if self._stamp() != stamp:
                return
            if found.until < datetime.now(UTC):
                raise ValueError(f"the certificate ended at {found.until.isoformat()}")
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            self._problem = getattr(error, "strerror", None) or str(error)
            log.error("the new certificate is not taken over: %s; the old one stays", self._problem)
        else:
            self.held, self._problem = found, ""
            self._tell()
            log.warning("a new certificate is shown from now on, until %s", found.until.isoformat())
        self._taken = stamp

    def _work(self) -> None:
        while not self._stop.wait(LOOK_S):
            self.look()

    def _tell(self) -> None:
        if self._told is None:
            return
        partial = self._told.with_suffix(f".{os.getpid()}.part")  # other processes tell it too
        try:
            partial.write_bytes(self.held.chain)
            partial.replace(self._told)
        except OSError:
            log.exception("the certificate that is shown cannot be told")

    def _stamp(self) -> Stamp:
        """Return what changes when a file does."""
        return tuple(_stamp_of(path) for path in self._files)


@lru_cache(maxsize=1024)
def certificate_of(pem: bytes) -> Certificate:
    """Return what a certificate says that somebody else verified, as over HTTP.

    Args:
        pem: The certificate of a caller.
    """
    found = x509.load_pem_x509_certificate(pem)
    parts = (
        f"{_NAMES.get(a.oid.dotted_string, a.oid.dotted_string)}={a.value!s}" for a in found.subject
    )
    raw = ssl.PEM_cert_to_DER_cert(pem.decode("ascii"))
    return Certificate(",".join(parts), hashlib.sha256(raw).hexdigest())


def _stamp_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(files: tuple[Path, ...]) -> Held:
    chain, key, *authority = (path.read_bytes() for path in files)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[0], files[1])
    for path in files[2:]:
        context.verify_mode = ssl.CERT_OPTIONAL  # demanded by the guard: a refusal is told in words
        context.load_verify_locations(path)
    until = x509.load_pem_x509_certificate(chain).not_valid_after_utc
    return Held(key, chain, b"".join(authority), context, until)
