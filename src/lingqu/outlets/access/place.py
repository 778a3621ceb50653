"""Where a caller is: addresses, networks, proxies that are believed, client certificates."""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lingqu.core.errors import SpecError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a caller's certificate says, after the server checked who signed it.

    Args:
        subject: Its distinguished name, ``CN=branch-3,O=bank``.
        fingerprint: SHA-256 of the certificate, hex.
    """

    subject: str
    fingerprint: str

    def fits(self, bound: str) -> bool:
        """Tell whether it is the one that a key is bound to.

        Args:
            bound: ``sha256:<hex>`` or ``subject:<distinguished name>``.

        Example:
            >>> Certificate("CN=branch-3,O=bank", "ab12").fits("subject:CN=branch-3,O=bank")
            True
        """
        kind, _, value = bound.partition(":")
        return value == (self.fingerprint if kind == "sha256" else self.subject)


_SHORT = {
    "commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU",
    "countryName": "C", "stateOrProvinceName": "ST", "localityName": "L",
}  # fmt: skip


def shown_by(tls: ssl.SSLObject | ssl.SSLSocket) -> Certificate | None:
    """Return the certificate that a caller showed and the server verified; None for none."""
    known = tls.getpeercert()
    raw = tls.getpeercert(binary_form=True)
    if not known or raw is None:
        return None
    parts: Any = known.get("subject", ())
    subject = ",".join(f"{_SHORT.get(n, n)}={v}" for part in parts for n, v in part)
    return Certificate(subject, hashlib.sha256(raw).hexdigest())


def network(text: str) -> Network:
    """Return a network, or a single address as one.

    Raises:
        SpecError: It is neither.

    Example:
        >>> network("10.1.0.0/16"), network("2001:db8::1")
        (IPv4Network('10.1.0.0/16'), IPv6Network('2001:db8::1/128'))
    """
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError as error:
        raise SpecError("access.bad_network", received=text, problem=str(error)) from error


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return several networks."""
    return tuple(map(network, texts))


def address(text: str) -> Address | None:
    """Return an address; an IPv4 one that came in over IPv6 is IPv4. None for what is none."""
    try:
        found = ipaddress.ip_address(text.strip().partition("%")[0].strip("[]"))
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def is_within(text: str, known: Sequence[Network]) -> bool:
    """Tell whether an address lies in one of several networks.

    Example:
        >>> known = networks(["10.0.0.0/8"])
        >>> is_within("::ffff:10.0.0.7", known), is_within("", known)
        (True, False)
    """
    found = address(text)
    return found is not None and any(found in one for one in known if found.version == one.version)


def is_loopback(client: str) -> bool:
    """Tell whether an address is that of this machine.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("10.0.0.7"), is_loopback("localhost")
        (True, False, True)
    """
    found = address(client)
    return found.is_loopback if found is not None else client == "localhost"


def caller(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """Return the address of who asks; a forwarded one only where a declared proxy says it.

    Args:
        peer: Who is connected.
        forwarded: The header ``X-Forwarded-For``; every proxy appends whom it saw.
        proxies: Networks of proxies that are believed.

    Example:
        >>> caller("10.0.0.2", "9.9.9.9, 7.7.7.7", networks(["10.0.0.0/8"]))
        '7.7.7.7'
        >>> caller("8.8.8.8", "127.0.0.1", networks(["10.0.0.0/8"]))
        '8.8.8.8'

    Source: RFC 7239 (2014), section 8.1: what is left of the first stranger can be forged.
    """
    seen = peer
    for hop in reversed(forwarded.split(",") if forwarded else []):
        if not is_within(seen, proxies):
            break
        seen = hop.strip()
    return seen
