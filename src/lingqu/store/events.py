"""The append-only, hash-linked trail of what happened."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping

from sqlalchemy import Connection, select

from lingqu.core.errors import StoreError
from lingqu.core.i18n import text
from lingqu.core.nouns import Event, Json
from lingqu.store.actor import OWNER, Actor, acting
from lingqu.store.chain import (
    GENESIS,
    EventHead,
    Verification,
    Walker,
    event_hash,
    head_message,
    seal_message,
    signed_by,
)
from lingqu.store.database import Database
from lingqu.store.signing import SigningKey
from lingqu.store.tables import canonical, event_head, events

_APPEND_LOCK = 0x6C696E677175
"""Number of the Postgres advisory lock that appends queue on ("lingqu" in ASCII)."""
_CHUNK = 5000


class Events:
    """Events by sequence number, and the signed head that says how many there are.

    Nothing here is ever changed or removed, so **personal data must never be in a subject or a
    detail**: write a keyed hash instead (`keyed_hash`), which can be compared but not read.

    Args:
        database: Where.
        signing_key: Signs the head. Without it the trail is hash-linked but unsigned: its end
            can be cut off by whoever can write the database.
    """

    def __init__(self, database: Database, signing_key: SigningKey | None = None) -> None:
        self._database = database
        self._signing_key = signing_key
        self._known: EventHead | None = None
        self.actor: Actor | None = None
        """Who acts where nobody else does in this context; every event says it."""

    @property
    def acting(self) -> Actor | None:
        """Who acts now; None where nobody was told apart."""
        return acting() or self.actor

    def append(self, kind: str, subject: str, detail: Mapping[str, Json], at: str) -> Event:
        """Add an event, in the same transaction as the head that names it.

        Args:
            kind: What happened, dotted: ``release.approved``.
            subject: What it happened to: a channel, run, release, outlet or key id.
            detail: JSON facts; no personal data. NaN and infinities become texts.
            at: UTC time.

        Raises:
            StoreError: The detail is not JSON, or the end of the trail was tampered with: then
                nothing is appended, because a new signature would hide the change.
        """
        actor = self.acting
        # A token says who it is; the owner may act for somebody whom he names.
        if actor is not None and (actor != OWNER or not detail.get("by")):
            detail = {**detail, "by": actor.name}
        body = canonical(detail)
        with self._database.write(durable=True) as connection:
            self._database.lock(connection, _APPEND_LOCK)
            old = self._trusted_head(connection)
            sequence = old.count + 1
            linked = event_hash(sequence, at, kind, subject, body, old.hash)
            connection.execute(
                events.insert().values(
                    sequence=sequence,
                    at=at,
                    kind=kind,
                    subject=subject,
                    detail=body,
                    previous=old.hash,
                    hash=linked,
                )
            )
            head = EventHead(sequence, linked, self._signature(sequence, linked))
            connection.execute(
                self._database.upsert(
                    event_head,
                    ("id",),
                    {
                        "id": 1,
                        "count": head.count,
                        "hash": head.hash,
                        "signature": head.signature,
                    },
                )
            )
        self._known = head
        return Event(sequence, at, kind, subject, json.loads(body), old.hash, linked)

    def list(
        self,
        kind: str | None = None,
        subject: str | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> builtins.list[Event]:
        """Return events with a sequence number above `after`, in order.

        For the newest n, ask ``after=head().count - n``.
        """
        query = (
            select(events).where(events.c.sequence > after).order_by(events.c.sequence).limit(limit)
        )
        if kind is not None:
            query = query.where(events.c.kind == kind)
        if subject is not None:
            query = query.where(events.c.subject == subject)
        with self._database.read() as connection:
            return [
                Event(
                    row.sequence,
                    row.at,
                    row.kind,
                    row.subject,
                    json.loads(row.detail),
                    row.previous,
                    row.hash,
                )
                for row in connection.execute(query)
            ]

    def head(self) -> EventHead:
        """Return count and last hash. Print them where others can see them: a witness."""
        with self._database.read() as connection:
            return _head(connection) or EventHead(0, GENESIS, "")

    def verify(
        self, seal: Mapping[str, Json] | None = None, public_pem: str | None = None
    ) -> Verification:
        """Walk the whole trail, streaming, and say whether anything was changed.

        Args:
            seal: A seal made earlier and kept elsewhere; finds an old copy put back.
            public_pem: Public key to check signatures with; the workspace's own when omitted.
        """
        if public_pem is None and self._signing_key is not None:
            public_pem = self._signing_key.public_pem
        walker = Walker(seal)
        columns = [events.c[name] for name in ("sequence", "at", "kind", "subject", "detail")]
        query = select(*columns, events.c.previous, events.c.hash).order_by(events.c.sequence)
        with self._database.read(snapshot=True) as connection:
            head = _head(connection)
            streaming = connection.execution_options(yield_per=_CHUNK)
            with streaming.execute(query) as rows:
                for chunk in rows.partitions():
                    bad = walker.walk(chunk)
                    if bad is not None:
                        return bad
        return walker.finish(head, public_pem)

    def seal(self, at: str) -> dict[str, Json]:
        """Return a signed statement of what the trail contains now, for evidence packs.

        Args:
            at: UTC time.

        Returns:
            ``count``, ``head``, ``at``, ``signature`` (hex, ``""`` without a key) and
            ``public_key`` (PEM). `verify(seal=…)` compares a trail with it.

        Raises:
            StoreError: The end of the trail was tampered with.
        """
        with self._database.read(snapshot=True) as connection:
            head = self._trusted_head(connection)
        signature, public = "", ""
        if self._signing_key is not None:
            signature = self._signing_key.sign(seal_message(head.count, head.hash, at)).hex()
            public = self._signing_key.public_pem
        return {
            "count": head.count,
            "head": head.hash,
            "at": at,
            "signature": signature,
            "public_key": public,
        }

    def keyed_hash(self, value: str) -> str:
        """Return what may stand for a personal value in an event; ``""`` without a key."""
        return "" if self._signing_key is None else self._signing_key.keyed_hash(value.encode())

    def _signature(self, count: int, last: str) -> str:
        if self._signing_key is None:
            return ""
        return self._signing_key.sign(head_message(count, last)).hex()

    def _trusted_head(self, connection: Connection) -> EventHead:
        """Return the head after checking that it is ours and that it ends this trail."""
        head = _head(connection)
        if head is not None and head == self._known:
            return head
        newest = connection.execute(
            select(events.c.sequence, events.c.hash).order_by(events.c.sequence.desc()).limit(1)
        ).first()
        if head is None:
            if newest is not None:
                raise self._broken("store.chain_headless")
            return EventHead(0, GENESIS, "")
        if newest is None or newest.sequence != head.count:
            received = 0 if newest is None else newest.sequence
            raise self._broken("store.chain_tail", expected=head.count, received=received)
        if newest.hash != head.hash:
            raise self._broken("store.chain_head")
        if self._signing_key is None:
            if head.signature:
                raise StoreError("store.key_needed", path=self._database.where)
            return head
        message = head_message(head.count, head.hash)
        if not signed_by(self._signing_key.public_pem, message, head.signature):
            raise self._broken("store.chain_signature")
        return head

    def _broken(self, key: str, **facts: Json) -> StoreError:
        problem = text(key, **facts)
        return StoreError("store.chain_broken", path=self._database.where, problem=problem)


def _head(connection: Connection) -> EventHead | None:
    columns = (event_head.c["count"], event_head.c.hash, event_head.c.signature)
    row = connection.execute(select(*columns)).first()
    return None if row is None else EventHead(row[0], row[1], row[2])
