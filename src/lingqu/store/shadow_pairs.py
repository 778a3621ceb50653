"""What a release answered, and what its shadow would have answered, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import func, select

from lingqu.core.nouns import Json
from lingqu.store.database import Database
from lingqu.store.tables import shadow_pairs


@dataclass(frozen=True)
class ShadowPair:
    """Two answers to one row.

    Args:
        channel: Name of the channel.
        at: UTC time.
        request: Prediction id of the answer that was used.
        champion: Digest of the release that gave it.
        challenger: Digest of the shadow.
        champion_says: ``prediction`` and ``confidence``; empty where an answer is a text.
        challenger_says: The same of the shadow; ``failed`` where it did not answer.
        agree: Whether both say the same.
        distance: Of probabilities the total variation, 0–1; of values the difference; else None.
        champion_ms: What the request took.
        challenger_ms: What the shadow took to compute its answer.
    """

    channel: str
    at: str
    request: str
    champion: str
    challenger: str
    champion_says: Json
    challenger_says: Json
    agree: bool
    distance: float | None = None
    champion_ms: float | None = None
    challenger_ms: float | None = None


class ShadowPairs:
    """Pairs by channel and by the two releases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, pairs: Sequence[ShadowPair]) -> None:
        """Keep pairs."""
        if pairs:
            with self._database.write() as connection:
                connection.execute(shadow_pairs.insert(), [asdict(pair) for pair in pairs])

    def list(
        self, channel: str, champion: str, challenger: str, limit: int = 100_000
    ) -> list[ShadowPair]:
        """Return the newest pairs of two releases, in the order they were kept."""
        columns = [shadow_pairs.c[name] for name in ShadowPair.__dataclass_fields__]
        query = (
            select(*columns)
            .where(
                shadow_pairs.c.channel == channel,
                shadow_pairs.c.champion == champion,
                shadow_pairs.c.challenger == challenger,
            )
            .order_by(shadow_pairs.c.id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [ShadowPair(*row) for row in reversed(rows)]

    def count(self, channel: str) -> int:
        """Return how many pairs of a channel are kept."""
        query = select(func.count()).where(shadow_pairs.c.channel == channel)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar() or 0)
