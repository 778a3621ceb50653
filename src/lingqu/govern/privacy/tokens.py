"""Tokens for values: keyed hashes that only link, and tokens that the key can reverse.

Source: RFC 2104 (HMAC), RFC 5297 (AES-SIV: deterministic authenticated encryption), "pseudo-
nymisation" in the sense of GDPR art. 4(5). Own: the spelling of a token.
"""

from __future__ import annotations

import base64
import hmac
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from lingqu.core.errors import DataError
from lingqu.govern.privacy.normal import normal
from lingqu.store.vault import MaskKey

HASHED = re.compile(r"#[a-p]{24}(?![a-z])")
"""How a keyed hash is written: letters only, so that no rule reads it as a number."""
TOKEN = re.compile(r"\[([a-z_0-9]{2,20})~([a-z2-7]{27,})\]")
"""How a reversible token is written: ``[mobile~k3j2…]``."""
_BOUND = b"lingqu token 1"


class Hasher:
    """Equal values of one kind → equal tokens, in every column and data set of one key.

    Example:
        >>> hasher = Hasher(MaskKey(b"a secret of enough length"))
        >>> hasher("mobile", "139-1234-5678") == hasher("mobile", "+86 13912345678")
        True
    """

    def __init__(self, key: MaskKey) -> None:
        self._key = key.derive("hash", 32)

    def __call__(self, kind: str, value: str) -> str:
        if HASHED.fullmatch(value):
            return value
        digest = hmac.digest(self._key, normal(kind, value).encode(), "sha256")[:12]
        return "#" + "".join(chr(97 + half) for byte in digest for half in (byte >> 4, byte & 15))


class Tokeniser:
    """Value ↔ token. The same value gives the same token; only the key leads back.

    Example:
        >>> tokeniser = Tokeniser(MaskKey(b"a secret of enough length"))
        >>> token = tokeniser("mobile", "13912345678")
        >>> token[:8], tokeniser.reveal(token)
        ('[mobile~', '13912345678')
    """

    def __init__(self, key: MaskKey) -> None:
        self._cipher = AESSIV(key.derive("tokenise", 64))

    def __call__(self, kind: str, value: str) -> str:
        if TOKEN.fullmatch(value):
            return value
        sealed = self._cipher.encrypt(value.encode(), [_BOUND, kind.encode()])
        return f"[{kind}~{base64.b32encode(sealed).decode().rstrip('=').lower()}]"

    def reveal(self, token: str) -> str:
        """Return the value of a token.

        Raises:
            DataError: It is no token, was changed, or was made with another key.
        """
        match = TOKEN.fullmatch(token.strip())
        if match is None:
            raise DataError("privacy.bad_token", token=token[:80])
        letters = match[2].upper()
        try:
            sealed = base64.b32decode(letters + "=" * (-len(letters) % 8))
            return self._cipher.decrypt(sealed, [_BOUND, match[1].encode()]).decode()
        except (InvalidTag, ValueError) as error:
            raise DataError("privacy.bad_token", token=token[:80]) from error

    def reveal_all(self, text: str) -> str:
        """Return a text in which every token is reversed."""
        return TOKEN.sub(lambda match: self.reveal(match[0]), text)


def reveal(token: str, key: MaskKey | bytes) -> str:
    """Return the value behind a token that ``strategy: tokenise`` made.

    Args:
        token: ``[mobile~…]``.
        key: The key, or the bytes of its secret.

    Raises:
        DataError: It is no token of this key.
    """
    return Tokeniser(key if isinstance(key, MaskKey) else MaskKey(key)).reveal(token)
