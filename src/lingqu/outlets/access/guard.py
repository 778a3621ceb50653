"""Who may call, and how much: decided from memory, settled with the ledger off the path.

A server asks the ledger for the keys when its revision changes. What keys use is counted here, in
leases of their quotas (`lingqu.outlets.access.lease`), and told a few times a second. While the
ledger is away the keys of before go on for a stated time; after that nobody with a key comes in.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lingqu.core import units
from lingqu.core.errors import AccessError
from lingqu.core.nouns import Json, Key
from lingqu.core.roles import outlet_verbs
from lingqu.outlets.access.entrant import Asked, Entrant, spend_all, until
from lingqu.outlets.access.keys import matches, parse
from lingqu.outlets.access.lease import Board, Lease, Ledger
from lingqu.outlets.access.place import (
    Certificate,
    Network,
    caller,
    is_loopback,
    is_within,
    networks,
)
from lingqu.outlets.access.usage import Book, Tally

SETTLE_S = 0.25
"""Seconds between two settlements."""
AWAY_S = 300.0
"""Seconds that keys are good for after the ledger was last seen."""
PROBE = "probe"
"""Who asks when the outlet asks itself: to replay golden answers and to read counters."""
OPEN_VERBS = frozenset({"call", "read", "feedback"})
"""What a key may do that names no verbs."""
FORWARDED = b"x-forwarded-for"
SEEN = 10_000
"""Secrets that are remembered as good at most, so that they need not be hashed again."""


@dataclass(frozen=True)
class Tariff:
    """What use of a channel costs.

    Args:
        row: For an answered row.
        token: For a token read or written.
    """

    row: float = 0.0
    token: float = 0.0


@dataclass(frozen=True)
class Rules:
    """What holds for every caller of a server.

    Args:
        proxies: Networks of proxies whose word about a caller's address is taken.
        certificates: Whether every caller must show a client certificate.
        away_s: Seconds that keys are good for after the ledger was last seen.
    """

    proxies: tuple[Network, ...] = ()
    certificates: bool = False
    away_s: float = AWAY_S


class Tokens(Protocol):
    """Whoever turns the token of an identity provider into a key; `version` grows with his keys."""

    version: int

    def key(self, token: str, now: float) -> Key: ...


class Guard:
    """Decides admission for every channel of a process.

    Args:
        probe: The secret by which the outlet's own driver asks; empty for none.
        rules: What holds for every caller.
        tokens: Reads tokens of an identity provider; none are taken when omitted.
    """

    def __init__(
        self, probe: str = "", rules: Rules | None = None, tokens: Tokens | None = None
    ) -> None:
        self.rules = rules or Rules()
        self.due = threading.Event()
        self.tariffs: dict[str, Tariff] = {}
        self.book: Book | None = None
        self._probe = f"Bearer {probe}".encode() if probe else b""
        self._tokens = tokens
        self._entrants: dict[str, Entrant] = {}
        self._seen: dict[str, Entrant] = {}
        self._shown: dict[str, Entrant] = {}
        self._keyed: frozenset[str] = frozenset()
        self._all_keyed = True
        self._leases: dict[tuple[str, units.Quota], Lease] = {}
        self._board = Board(self.due)
        self._tally = Tally()
        self._version = 0
        self._heard = time.monotonic()

    # Kept in step by another thread

    def load(self, keys: Sequence[Key], quotas: Ledger, now: float) -> None:
        """Take the keys of the ledger, and what is spent of the quotas that are new here."""
        new: list[Lease] = []
        kept: dict[tuple[str, units.Quota], Lease] = {}
        entrants = {key.id: self._entrant(key, kept, new) for key in keys}
        for lease, spent in zip(new, quotas.known([one.begin(now) for one in new]), strict=True):
            lease.know(spent)
        guests = {i: e for i, e in self._entrants.items() if not e.key.hash}
        for entrant in guests.values():
            self._entrant(entrant.key, kept, [])
        callers = [key for key in keys if not key.role]
        self._leases = kept
        # A disabled key still says that this channel is not open to everybody.
        self._keyed = frozenset(channel for key in callers for channel in key.channels)
        self._all_keyed = self._tokens is not None or any(not key.channels for key in callers)
        self._entrants, self._seen, self._shown = {**guests, **entrants}, {}, {}
        self._heard = time.monotonic()

    def settle(self, quotas: Ledger, book: Book | None = None, *, last: bool = False) -> None:
        """Tell the ledger what was used since the last time; called from one thread only.

        Args:
            quotas: Where leases come from.
            book: Where use is written down, by key, channel, release and hour.
            last: Give back what was leased and not used: the process ends.
        """
        if self._tokens is not None and self._tokens.version != self._version:
            self._version, self._seen = self._tokens.version, {}
        self._board.settle(quotas, last)
        if book is not None:
            self._tally.settle(book, last)
        self._heard = time.monotonic()

    def _entrant(
        self, key: Key, kept: dict[tuple[str, units.Quota], Lease], new: list[Lease]
    ) -> Entrant:
        account = key.account or key.id
        leases: dict[str, tuple[Lease, ...]] = {}
        for quota in units.parse_quotas(key.quota) if key.quota else ():
            lease = kept.get((account, quota)) or self._leases.get((account, quota))
            if lease is None:
                lease = Lease(account, quota, self._board)
                new.append(lease)
            kept[account, quota] = lease
            leases[quota.measure] = (*leases.get(quota.measure, ()), lease)
        verbs = outlet_verbs(key.role) if key.role else frozenset(key.verbs) or OPEN_VERBS
        placed = bool(key.networks or key.certificate)
        return Entrant(
            key, until(key.expires), frozenset(key.channels), verbs, networks(key.networks),
            placed, leases, leases.get("requests", ()),
        )  # fmt: skip

    # Asked by the event loop

    def admit(
        self, request: Asked, channel: str, verb: str, now: float, *, spend: bool = True
    ) -> str:
        """Return the id of the key that a request is let in by, ``""`` where none is needed.

        A request to be answered (``call``) counts towards the quota of its key.

        Args:
            request: Who asks, and from where.
            channel: For what channel.
            verb: To do what: ``call``, ``read``, ``feedback`` or ``admin``.
            now: Unix seconds.
            spend: Whether it counts; not where it counted already for another channel.

        Raises:
            AccessError: 401 without a good key, 403 with one that may not, 429 over its quota,
                503 where the ledger was away for too long.
        """
        entrant = self._seen.get(request.sent)
        if entrant is None or self.rules.certificates:
            entrant = self._known(request, channel, now)
            if entrant is None:
                return "" if not request.sent else PROBE
        key = entrant.key
        if key.disabled:
            raise AccessError("outlets.key_disabled", 401, name=key.name)
        if entrant.expires <= now:
            raise AccessError("outlets.key_expired", 401, name=key.name, expires=key.expires)
        if entrant.is_placed:
            self._check_place(entrant, request)
        if entrant.channels and channel not in entrant.channels:
            raise AccessError("outlets.wrong_channel", 403, name=key.name, channel=channel)
        if verb not in entrant.verbs:
            may = ", ".join(sorted(entrant.verbs))
            raise AccessError("access.wrong_verb", 403, name=key.name, verb=verb, may=may)
        if time.monotonic() - self._heard > self.rules.away_s:
            raise AccessError("access.away", 503, seconds=5, away=f"{self.rules.away_s:g}")
        if verb == "call" and spend and entrant.requests:
            spend_all(entrant, entrant.requests, 1, now)
        return key.id

    def charge(
        self,
        key_id: str,
        channel: str,
        now: float,
        rows: int = 0,
        tokens: int = 0,
        money: float = 0.0,
    ) -> float:
        """Count rows, tokens and what they cost towards the quotas of a key.

        Args:
            key_id: As `admit` returned it.
            channel: Whose tariff it goes by.
            now: Unix seconds.
            rows: Of the request; negative ones are given back.
            tokens: Read or written.
            money: What it costs beside the tariff.

        Returns:
            What it cost.

        Raises:
            AccessError: A quota has no room for it (429); then nothing is counted.
        """
        tariff = self.tariffs.get(channel)
        if tariff is not None:
            money += rows * tariff.row + tokens * tariff.token
        entrant = self._entrants.get(key_id)
        if entrant is None or not entrant.leases:
            return money
        counted: list[tuple[str, float]] = []
        try:
            for measure, amount in (("rows", rows), ("tokens", tokens), ("money", money)):
                leases = entrant.leases.get(measure)
                if amount and leases:
                    spend_all(entrant, leases, amount, now)
                    counted.append((measure, amount))
        except AccessError:
            for measure, amount in counted:
                spend_all(entrant, entrant.leases[measure], -amount, now)
            raise
        return money

    def used(
        self,
        key_id: str,
        channel: str,
        release: str,
        now: float,
        *,
        failed: bool = False,
        rows: int = 0,
        tokens: int = 0,
        money: float = 0.0,
    ) -> None:
        """Write down one request that was answered, or failed by our fault."""
        self._tally.add((key_id, channel, release, int(now // 3600)), failed, rows, tokens, money)

    def account(self, key_id: str) -> list[str]:
        """Return the ids of keys whose use counts as that of a key."""
        entrant = self._entrants.get(key_id)
        if entrant is None or not entrant.key.account:
            return [key_id]
        account = entrant.key.account
        return [i for i, e in self._entrants.items() if e.key.account == account]

    def left(self, key_id: str, now: float) -> list[dict[str, Json]]:
        """Return what this process knows of the quotas of a key."""
        entrant = self._entrants.get(key_id)
        leases = [one for held in entrant.leases.values() for one in held] if entrant else []
        return [{"quota": str(lease.quota), **lease.told(now)} for lease in leases]

    # What happens less often

    def _known(self, request: Asked, channel: str, now: float) -> Entrant | None:
        """Return who shows a good secret; None for the outlet itself and where none is needed."""
        sent = request.sent
        if self._probe and hmac.compare_digest(sent.encode(), self._probe):
            return None
        if self.rules.certificates and request.certificate is None:
            raise AccessError("access.no_certificate", 401)
        if not sent:
            return self._unkeyed(request, channel)
        found = self._seen.get(sent)
        if found is not None:
            return found
        if self._tokens is not None and sent.count(".") == 2:
            token = sent.partition(" ")[2] or sent
            return self._remember(sent, self._guest(self._tokens.key(token.strip(), now)))
        key_id, secret = parse(sent)
        entrant = self._entrants.get(key_id)
        if entrant is None or not matches(entrant.key, secret):
            raise AccessError("outlets.bad_key", 401)
        return self._remember(sent, entrant)

    def _remember(self, sent: str, entrant: Entrant) -> Entrant:
        if len(self._seen) >= SEEN:
            self._seen = {}
        self._seen[sent] = entrant
        return entrant

    def _unkeyed(self, request: Asked, channel: str) -> Entrant | None:
        """Return whose certificate stands for a key, or None where the channel is open."""
        if request.certificate is not None:
            found = self._shown.get(request.certificate.fingerprint)
            found = found or self._bound(request.certificate)
            if found is not None:
                return found
        if self._all_keyed or channel in self._keyed:
            raise AccessError("outlets.no_key", 401)
        # A proxy on this machine hands on strangers: what it forwards is not from here.
        if request.headers.get(FORWARDED) or not is_loopback(request.client):
            raise AccessError("outlets.only_here", 401)
        return None

    def _bound(self, shown: Certificate) -> Entrant | None:
        for entrant in self._entrants.values():
            bound = entrant.key.certificate
            if bound and not entrant.key.disabled and shown.fits(bound):
                self._shown[shown.fingerprint] = entrant
                return entrant
        return None

    def _guest(self, key: Key) -> Entrant:
        """Return the entrant of a token of an identity provider, with the quotas of its key."""
        known = self._entrants.get(key.id)
        if known is not None and known.key == key:
            return known
        if len(self._entrants) >= SEEN:
            self._entrants = {i: e for i, e in self._entrants.items() if e.key.hash}
        made = self._entrant(key, self._leases, [])
        self._entrants[key.id] = made
        return made

    def _check_place(self, entrant: Entrant, request: Asked) -> None:
        key = entrant.key
        if entrant.networks:
            told = request.headers.get(FORWARDED, b"").decode("latin-1")
            where = caller(request.client, told, self.rules.proxies)
            if not is_within(where, entrant.networks):
                raise AccessError("access.wrong_place", 403, name=key.name, address=where)
        if key.certificate:
            shown = request.certificate
            if shown is None or not shown.fits(key.certificate):
                raise AccessError("access.wrong_certificate", 403, name=key.name)
