"""The Ed25519 key of a workspace: it signs releases and the head of the trail of events."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from lingqu.core.errors import StoreError
from lingqu.store.private_file import refuse_open, write_once


class SigningKey:
    """A private key that signs, and says its public half.

    Args:
        private: The key.

    Example:
        >>> key = SigningKey(Ed25519PrivateKey.generate())
        >>> key.verify(b"data", key.sign(b"data")), key.verify(b"date", key.sign(b"data"))
        (True, False)

    Source: RFC 8032 (2017), Edwards-Curve Digital Signature Algorithm.
    """

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._public = private.public_key()

    @classmethod
    def open_or_create(cls, path: str | Path) -> SigningKey:
        """Read the key of a workspace; make it when there is none.

        A new key is written whole, readable by its owner only, or not at all; of two processes
        that make it at once, both get the same.

        Raises:
            StoreError: The file can be read by others, is no key, or cannot be written.
        """
        path = Path(path)
        try:
            if not path.exists():
                _create(path)
            refuse_open(path)
            data = path.read_bytes()
        except OSError as error:
            problem = error.strerror or str(error)
            raise StoreError("store.unwritable", path=str(path), problem=problem) from error
        try:
            private = load_pem_private_key(data, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            problem = type(error).__name__
            raise StoreError("store.key_bad", path=str(path), problem=problem) from error
        if not isinstance(private, Ed25519PrivateKey):
            raise StoreError("store.key_bad", path=str(path), problem=type(private).__name__)
        return cls(private)

    @property
    def public_pem(self) -> str:
        """The public half, PEM."""
        return self._public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def public_raw(self) -> bytes:
        """The public half, 32 raw bytes."""
        return self._public.public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, data: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        return self._private.sign(data)

    def verify(self, data: bytes, signature: bytes) -> bool:
        """Tell whether this key signed exactly these bytes."""
        return _verify(self._public, data, signature)

    def keyed_hash(self, data: bytes) -> str:
        """Return a hash that nobody without this key can compare guesses with, in hex.

        Events use it to name a person's value without holding it.

        Source: RFC 2104 (1997), HMAC.
        """
        raw = self._private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        key = hashlib.sha256(b"lingqu keyed hash" + raw).digest()
        return hmac.new(key, data, hashlib.sha256).hexdigest()


def verify_with(public_pem: str | bytes, data: bytes, signature: bytes) -> bool:
    """Tell whether the owner of a public key signed exactly these bytes.

    A text that is no Ed25519 public key verifies nothing.
    """
    pem = public_pem.encode() if isinstance(public_pem, str) else public_pem
    try:
        public = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(public, Ed25519PublicKey) and _verify(public, data, signature)


def _verify(public: Ed25519PublicKey, data: bytes, signature: bytes) -> bool:
    try:
        public.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _create(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_once(path, pem)
