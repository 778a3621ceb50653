"""What was done about findings."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Row, select, update

from lingqu.core.nouns import Action, Json
from lingqu.store.database import Database, only_match
from lingqu.store.tables import actions


class Actions:
    """Actions by id, newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, action: Action) -> None:
        """Record an action.

        Raises:
            StoreError: The id is taken.
        """
        with self._database.write(durable=True) as connection:
            connection.execute(
                actions.insert().values(
                    id=action.id,
                    name=action.name,
                    rule=action.rule,
                    channel=action.channel,
                    state=action.state,
                    at=action.at,
                    detail=action.detail,
                )
            )

    def update(
        self,
        action_id: str,
        state: Literal["requested", "done", "failed"],
        detail: Mapping[str, Json] | None = None,
    ) -> Action:
        """Change the state of an action and add to its detail.

        Raises:
            StoreError: No action matches the id, or several do.
        """
        with self._database.write(durable=True) as connection:
            found = only_match(connection, actions.c.id, action_id, "store.unknown_action")
            chosen = actions.c.id == found
            row = connection.execute(select(actions).where(chosen).with_for_update()).one()
            merged = {**row.detail, **(detail or {})}
            connection.execute(update(actions).where(chosen).values(state=state, detail=merged))
            return _action(connection.execute(select(actions).where(chosen)).one())

    def list(
        self, channel: str | None = None, state: str | None = None, limit: int = 1000
    ) -> builtins.list[Action]:
        """Return actions, newest first."""
        query = select(actions).order_by(actions.c.at.desc(), actions.c.id.desc()).limit(limit)
        if channel is not None:
            query = query.where(actions.c.channel == channel)
        if state is not None:
            query = query.where(actions.c.state == state)
        with self._database.read() as connection:
            return [_action(row) for row in connection.execute(query)]


def _action(row: Row[tuple[object, ...]]) -> Action:
    return Action(
        row.id,
        row.name,
        row.rule,
        row.channel,
        row.state,
        row.at,
        row.detail,
    )
