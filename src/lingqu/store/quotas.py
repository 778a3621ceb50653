"""How much of its quota each account has spent, and what servers have leased of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from lingqu.store.database import Database
from lingqu.store.tables import quotas


@dataclass(frozen=True)
class Window:
    """One period of one quota of one account.

    Args:
        account: Id of the key that it counts for.
        measure: ``requests``, ``rows``, ``tokens`` or ``money``.
        period: ``s``, ``min``, ``h``, ``d`` or ``month``.
        start: When it opened, Unix seconds.
    """

    account: str
    measure: str
    period: str
    start: int


@dataclass(frozen=True)
class Claim:
    """What a server asks of one window.

    Args:
        window: Of which.
        limit: What the window holds.
        spent: What was used beyond what had been leased; counted whatever the limit says.
            Negative gives a lease back.
        wanted: What it would like to lease for what comes.
    """

    window: Window
    limit: float
    spent: float
    wanted: float


@dataclass(frozen=True)
class Grant:
    """What it got.

    Args:
        leased: At most `Claim.wanted`.
        left: What nobody has leased or used now.
    """

    leased: float
    left: float


class Quotas:
    """Counters by window; a claim is atomic across processes and machines."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, claims: Sequence[Claim]) -> list[Grant]:
        """Count what was spent, lease what there is, and return a grant for each claim."""
        if not claims:
            return []
        with self._database.write() as connection:
            ordered = sorted(range(len(claims)), key=lambda number: _place(claims[number].window))
            grants: dict[int, Grant] = {}
            for number in ordered:  # in one order everywhere, so that no two wait for each other
                claim = claims[number]
                values = {
                    "account": claim.window.account,
                    "measure": claim.window.measure,
                    "period": claim.window.period,
                    "window_start": claim.window.start,
                    "amount": 0.0,
                }
                key = [name for name in values if name != "amount"]
                new = self._database.insert(quotas).values(values)
                connection.execute(new.on_conflict_do_nothing(index_elements=key))
                here = [quotas.c[name] == values[name] for name in key]
                found = select(quotas.c.amount).where(*here).with_for_update()
                amount = float(connection.execute(found).scalar_one()) + claim.spent
                leased = max(0.0, min(claim.wanted, claim.limit - amount))
                connection.execute(quotas.update().where(*here).values(amount=amount + leased))
                grants[number] = Grant(leased, max(0.0, claim.limit - amount - leased))
        return [grants[number] for number in range(len(claims))]

    def spent(self, window: Window) -> float:
        """Return what was used and leased in a window, 0 where nothing was."""
        return self.known([window])[0]

    def known(self, windows: Sequence[Window]) -> list[float]:
        """Return what was used and leased in each of several windows."""
        starts = {window.start for window in windows}
        query = select(quotas).where(quotas.c.window_start.in_(starts))
        with self._database.read() as connection:
            found = {
                (row.account, row.measure, row.period, row.window_start): row.amount
                for row in connection.execute(query)
            }
        return [found.get(_place(window), 0.0) for window in windows]

    def forget(self, before: int) -> int:
        """Remove windows that opened before a time, Unix seconds, and return how many."""
        with self._database.write() as connection:
            return connection.execute(delete(quotas).where(quotas.c.window_start < before)).rowcount


def _place(window: Window) -> tuple[str, str, str, int]:
    return window.account, window.measure, window.period, window.start
