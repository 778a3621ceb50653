"""The hash chain itself, without a database: how an event is hashed, how a trail is checked.

Event n names the hash of event n − 1, so an edited, deleted, inserted or swapped event is found
by walking the chain. A chain alone cannot see that its end was cut off; therefore the head
(count and last hash) is kept beside it and signed. Whoever replaces the events *and* the head
by an older signed copy of both is found only by an outside witness: a seal, printed in reports
and evidence packs, says what the trail contained at some time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lingqu.core.i18n import text
from lingqu.core.nouns import Json
from lingqu.store.signing import verify_with
from lingqu.store.tables import canonical

GENESIS = "0" * 64
"""What the first event names as the hash before it."""


@dataclass(frozen=True)
class EventHead:
    """What the trail contains: how many events, the hash of the last, who says so.

    Args:
        count: Number of events.
        hash: Hash of the last event; `GENESIS` when there is none.
        signature: Ed25519 over both, hex; ``""`` when the ledger has no signing key.
    """

    count: int
    hash: str
    signature: str


@dataclass(frozen=True)
class Verification:
    """What walking the trail showed.

    Args:
        ok: Nothing was changed.
        count: Events walked.
        head: Hash of the last event walked.
        first_bad: Sequence number of the first event that is wrong, or None.
        reason: What is wrong, in the user's language; ``""`` when nothing is.
        signed: The signature of the head was checked and is right.
    """

    ok: bool
    count: int
    head: str
    first_bad: int | None = None
    reason: str = ""
    signed: bool = False


def event_hash(sequence: int, at: str, kind: str, subject: str, detail: str, previous: str) -> str:
    """Return the SHA-256 of the canonical JSON array of an event's six parts.

    Args:
        sequence: 1, 2, 3 …
        at: UTC time.
        kind: What happened.
        subject: What it happened to.
        detail: Canonical JSON, as text.
        previous: Hash of the event before.

    Example:
        >>> event_hash(1, "2026-01-01", "run.done", "digits", "{}", GENESIS)[:12]
        '3e632479dd30'

    Source: Haber & Stornetta, How to time-stamp a digital document, J. Cryptology 3 (1991), §5.1.
    """
    body = canonical([sequence, at, kind, subject, detail, previous])
    return hashlib.sha256(body.encode()).hexdigest()


def head_message(count: int, last: str) -> bytes:
    """Return the bytes that the signature of a head is over."""
    return canonical(["lingqu.events.head", count, last]).encode()


def seal_message(count: int, last: str, at: str) -> bytes:
    """Return the bytes that the signature of a seal is over."""
    return canonical(["lingqu.events.seal", count, last, at]).encode()


def signed_by(public_pem: str, message: bytes, signature: str) -> bool:
    """Tell whether a hex signature is right; what is not hex is wrong."""
    try:
        return verify_with(public_pem, message, bytes.fromhex(signature))
    except ValueError:
        return False


class Walker:
    """Walks a trail once, in constant memory.

    Args:
        seal: A seal that the trail must contain, or None.
    """

    def __init__(self, seal: Mapping[str, Json] | None = None) -> None:
        self.count = 0
        self.last = GENESIS
        self._seal = seal
        self._sealed_hash = GENESIS

    def walk(self, rows: Iterable[Any]) -> Verification | None:
        """Walk rows ``(sequence, at, kind, subject, detail, previous, hash)``.

        Returns:
            What is wrong with the first bad event, or None.
        """
        sealed = self._seal["count"] if self._seal else -1
        count, last = self.count, self.last
        for sequence, at, kind, subject, detail, previous, found in rows:
            count += 1
            if sequence != count:
                return self._bad(count, "store.chain_missing", received=sequence)
            if previous != last:
                return self._bad(count, "store.chain_unlinked")
            if event_hash(sequence, at, kind, subject, detail, previous) != found:
                return self._bad(count, "store.chain_edited")
            last = found
            if count == sealed:
                self._sealed_hash = found
            self.count, self.last = count, last
        return None

    def finish(self, head: EventHead | None, public_pem: str | None) -> Verification:
        """Compare what was walked with the head, its signature and the seal."""
        if head is None:
            if self.count:
                return self._bad(self.count, "store.chain_headless")
            head = EventHead(0, GENESIS, "")
        elif head.count != self.count:
            first = min(head.count, self.count) + 1
            return self._bad(first, "store.chain_tail", expected=head.count, received=self.count)
        if head.hash != self.last:
            return self._bad(self.count, "store.chain_head")
        message = head_message(head.count, head.hash)
        check = public_pem is not None and self.count > 0
        if check and not signed_by(public_pem or "", message, head.signature):
            return self._bad(self.count, "store.chain_signature")
        return self._sealed(public_pem) or Verification(True, self.count, self.last, signed=check)

    def _sealed(self, public_pem: str | None) -> Verification | None:
        seal = self._seal
        if seal is None:
            return None
        message = seal_message(seal["count"], seal["head"], seal["at"])
        pem = public_pem or str(seal.get("public_key", ""))
        if seal["signature"] and not signed_by(pem, message, seal["signature"]):
            return self._bad(self.count, "store.seal_forged")
        if self.count < seal["count"] or self._sealed_hash != seal["head"]:
            first = min(self.count + 1, seal["count"])
            return self._bad(first, "store.chain_seal", expected=seal["count"], at=seal["at"])
        return None

    def _bad(self, sequence: int, key: str, **facts: Json) -> Verification:
        reason = text(key, sequence=sequence, **facts)
        return Verification(False, self.count, self.last, sequence, reason)
