"""The signature of a release: Ed25519 over the bytes of its manifest.

The manifest names the digest of every file, so one signature covers every byte. Signing itself
is a function that the caller passes in: the private key never comes here.

Source: RFC 8032, "Edwards-Curve Digital Signature Algorithm (EdDSA)", 2017.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Collection

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lingqu.core import digest
from lingqu.core.nouns import Json

ALGORITHM = "Ed25519"
Sign = Callable[[bytes], bytes]


def signature_file(data: bytes, sign: Sign, public_key: bytes) -> bytes:
    """Return the content of ``release.sig``.

    Args:
        data: Bytes that are signed.
        sign: Returns the 64 bytes of the signature.
        public_key: The 32 raw bytes of the key that verifies it.
    """
    return _written(public_key, sign(data))


def _written(public_key: bytes, signature: bytes) -> bytes:
    content = {
        "algorithm": ALGORITHM,
        "public_key": base64.b64encode(public_key).decode(),
        "signature": base64.b64encode(signature).decode(),
        "signs": "release.json",
    }
    return (json.dumps(content, indent=1) + "\n").encode()


def fingerprint(public_key: bytes) -> str:
    """Return the short name of a key, as people compare it.

    Example:
        >>> fingerprint(bytes(32))
        '66687aadf862'
    """
    return digest.short(digest.of_bytes(public_key))


def check_signature(
    data: bytes, content: bytes, trusted: Collection[bytes] | None = None
) -> tuple[str, str] | None:
    """Return what is wrong with a signature, or None when it is valid.

    Args:
        data: Bytes that were signed.
        content: Content of ``release.sig``.
        trusted: Raw public keys that may sign; any key when omitted, which proves that nothing
            was changed since, not who made it.

    Returns:
        ``("signature" | "untrusted", detail)`` or None.
    """
    try:
        fields: Json = json.loads(content)
        if fields["algorithm"] != ALGORITHM:
            return "signature", f"algorithm {fields['algorithm']!r}"
        public_key = base64.b64decode(fields["public_key"], validate=True)
        signature = base64.b64decode(fields["signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except InvalidSignature:
        return "signature", "it does not fit release.json"
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        return "signature", f"{type(error).__name__}: {error}"
    if content != _written(public_key, signature):
        # This file is not signed itself; only one spelling of it is accepted.
        return "signature", "it is not written as Lingqu writes it"
    if trusted is not None and public_key not in trusted:
        return "untrusted", fingerprint(public_key)
    return None
