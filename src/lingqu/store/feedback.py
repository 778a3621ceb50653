"""What was right after all: labels that came back for answers that were given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from lingqu.core.nouns import Json
from lingqu.store.database import Database
from lingqu.store.tables import feedback as table

_ASKED = 500
"""Ids that one query names: databases bound them."""


@dataclass(frozen=True)
class Label:
    """The truth about one answer.

    Args:
        prediction: Id of the answer.
        label: What was right: a class, a number, or what an answer of the task is.
        release: Digest of the release that gave the answer.
        at: When the label came, UTC.
        key: Id of the key that brought it; "" where none is needed.
        detail: What else was said of it.
    """

    prediction: str
    label: Json
    release: str = ""
    at: str = ""
    key: str = ""
    detail: Mapping[str, Json] = field(default_factory=dict)


class Feedback:
    """Labels by channel and answer, one each."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, channel: str, labels: Sequence[Label]) -> None:
        """Keep labels, all or none of them; one that is known is replaced."""
        with self._database.write(durable=True) as connection:
            for label in labels:
                values = {
                    "channel": channel,
                    "prediction": label.prediction,
                    "release": label.release,
                    "at": label.at,
                    "key": label.key,
                    "label": label.label,
                    "detail": dict(label.detail),
                }
                connection.execute(self._database.upsert(table, ("channel", "prediction"), values))

    def of(self, channel: str, predictions: Sequence[str]) -> dict[str, Label]:
        """Return the labels that are known of some answers, by their ids."""
        found: dict[str, Label] = {}
        with self._database.read() as connection:
            for part in _parts(list(dict.fromkeys(predictions))):
                query = select(table).where(
                    table.c.channel == channel, table.c.prediction.in_(part)
                )
                for row in connection.execute(query):
                    found[row.prediction] = _label(row)
        return found

    def list(self, channel: str, limit: int = 1000) -> list[Label]:
        """Return the labels of a channel that came last, in the order they first came."""
        query = (
            select(table).where(table.c.channel == channel).order_by(table.c.id.desc()).limit(limit)
        )
        with self._database.read() as connection:
            return [_label(row) for row in reversed(connection.execute(query).all())]


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _ASKED):
        yield ids[start : start + _ASKED]


def _label(row: object) -> Label:
    told = {name: getattr(row, name) for name in Label.__dataclass_fields__}
    return Label(**told)
