"""Questions to people: requests that no release could answer, and what a person answered."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Row, delete, func, select, update

from lingqu.core.errors import StoreError
from lingqu.core.nouns import Json
from lingqu.store.database import Database
from lingqu.store.tables import human_queue


@dataclass(frozen=True)
class Question:
    """A request that waits for a person, or was answered by one.

    Args:
        id: What the caller asks for its answer by.
        channel: Name of the channel.
        at: When it came, UTC.
        request: ``given`` (what was sent), ``ids`` (prediction ids, one a row), ``key``,
            ``release`` (who failed) and ``why``.
        state: ``waiting`` or ``answered``.
        answer: One answer a row; None while it waits.
        answered_by: Who.
        answered_at: When, UTC.
    """

    id: str
    channel: str
    at: str
    request: Mapping[str, Json]
    state: Literal["waiting", "answered"] = "waiting"
    answer: Json = None
    answered_by: str = ""
    answered_at: str = ""


class Questions:
    """Questions by channel."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, question: Question, most: int) -> bool:
        """Keep a question, unless `most` of its channel wait already; tell whether it is kept."""
        waiting = select(func.count()).where(
            human_queue.c.channel == question.channel, human_queue.c.state == "waiting"
        )
        with self._database.write(durable=True) as connection:
            if int(connection.execute(waiting).scalar() or 0) >= most:
                return False
            connection.execute(
                human_queue.insert().values(
                    id=question.id,
                    channel=question.channel,
                    at=question.at,
                    request=dict(question.request),
                    state="waiting",
                    answer=None,
                    answered_by="",
                    answered_at="",
                )
            )
        return True

    def answer(self, id: str, answer: builtins.list[Json], by: str, at: str) -> None:
        """Answer a question that waits.

        Raises:
            StoreError: There is none, or it has been answered.
        """
        change = (
            update(human_queue)
            .where(human_queue.c.id == id, human_queue.c.state == "waiting")
            .values(state="answered", answer=answer, answered_by=by, answered_at=at)
        )
        with self._database.write(durable=True) as connection:
            if connection.execute(change).rowcount != 1:
                raise StoreError("route.not_waiting", id=id[:40])

    def forget(self, column: str, value: str) -> int:
        """Remove the questions that hold a value in a column, and return how many did."""
        query = select(human_queue.c.id, human_queue.c.request)
        with self._database.write(durable=True) as connection:
            rows = connection.execute(query).all()
            gone = [row.id for row in rows if _names(row.request.get("given"), column, value)]
            for id in gone:
                connection.execute(delete(human_queue).where(human_queue.c.id == id))
        return len(gone)

    def get(self, channel: str, id: str) -> Question | None:
        """Return a question of a channel, or None."""
        query = select(human_queue).where(human_queue.c.channel == channel, human_queue.c.id == id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else _question(row)

    def list(
        self, channel: str | None = None, state: str | None = None, limit: int = 100
    ) -> list[Question]:
        """Return questions, those that came first before the others."""
        query = select(human_queue).order_by(human_queue.c.at, human_queue.c.id).limit(limit)
        if channel is not None:
            query = query.where(human_queue.c.channel == channel)
        if state is not None:
            query = query.where(human_queue.c.state == state)
        with self._database.read() as connection:
            return [_question(row) for row in connection.execute(query)]


def _names(given: Json, column: str, value: str) -> bool:
    """Tell whether a request, in whatever form, has a value in a column."""
    if isinstance(given, Mapping):
        cell = given.get(column)
        cells = cell if isinstance(cell, list) else [cell]
        inside = any(one is not None and str(one) == value for one in cells)
        return inside or any(_names(part, column, value) for part in given.values())
    return isinstance(given, list) and any(_names(part, column, value) for part in given)


def _question(row: Row[tuple[object, ...]]) -> Question:
    return Question(**{name: getattr(row, name) for name in Question.__dataclass_fields__})
