"""What is tried in turn when the release that was asked fails: another one, a rule, a person.

A failure is our own: an exception, or an answer that came too late. Mistakes of callers, full
queues and a stopped channel are told as they are. Each step that cannot answer hands on to the
next; after the last one the caller gets the problem document of the first failure.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from lingqu.core.errors import DataError, LingquError
from lingqu.core.nouns import Json
from lingqu.core.row_condition import parse_condition
from lingqu.outlets.call import Call
from lingqu.outlets.problems import status_of
from lingqu.store.home import Home
from lingqu.store.questions import Question

MOST = 10_000
"""Questions of one channel that may wait for people."""
LARGEST = 100_000
"""Bytes of a request that may wait for people."""
_TOLD = frozenset({"outlets.stopped", "outlets.stopped_because", "outlets.gone"})


class Chain:
    """Answers for releases that failed.

    Args:
        home: The workspace: its queue for people.
    """

    def __init__(self, home: Home) -> None:
        self._home = home

    def takes(self, call: Call, error: Exception) -> bool:
        """Try the next step for a failed call.

        Returns:
            Whether somebody else sends the reply, now or later.
        """
        steps = call.room.serving.split.route.otherwise
        if not steps or type(call) is not Call or call.request.gone or not _is_ours(error):
            return False
        if call.failure is None:
            call.fails_once(error)
        while call.tried < len(steps):
            name, options = steps[call.tried]
            call.tried += 1
            if _STEPS[name](self, call, options):
                return True
        return False

    def previous(self, call: Call, options: Json) -> bool:
        """Ask the release before."""
        serving = call.room.serving
        other = serving.served.get(serving.split.route.fallback)
        if other is None or other is call.served:
            return False
        try:
            columns = call.columns
            if columns is None or other.schema != call.served.schema:
                columns = call.form.read(other, call.given, call.room.limits.rows)
            call.ask(other, "previous", columns)
        except LingquError:
            return False
        return True

    def rule(self, call: Call, options: Json) -> bool:
        """Answer with a constant, or with a column of the row, where a condition allows it."""
        told = options if isinstance(options, Mapping) else {"value": options}
        rows = _rows(call)
        if rows is None:
            return False
        condition = parse_condition(told["when"]) if told.get("when") else None
        if condition is not None and not all(condition.holds(row, {}) for row in rows):
            return False
        column = told.get("column")
        said = [row.get(column) if column else told.get("value") for row in rows]
        if any(answer is None for answer in said):
            return False
        body = call.form.ruled(call, said)
        if body is None:
            return False
        call.answered_by("rule", 200, body)
        return True

    def queue(self, call: Call, options: Json) -> bool:
        """Let a person answer later: the caller is told where to ask for it."""
        if call.given is None or call.entry.size > LARGEST or not call.entry.ids:
            return False
        question = Question(
            secrets.token_hex(12),
            call.room.channel,
            datetime.fromtimestamp(call.entry.at, UTC).isoformat(),
            {
                "given": call.given,
                "ids": call.entry.ids,
                "key": call.request.key,
                "release": call.served.digest,
                "why": str(call.failure),
            },
        )
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(None, self._home.ledger.questions.ask, question, MOST)
        work.add_done_callback(lambda done: self._queued(call, question, done))
        return True

    def _queued(self, call: Call, question: Question, done: asyncio.Future[bool]) -> None:
        if done.exception() is not None or not done.result():
            call.fail(call.failure or DataError("outlets.broken"))
            return
        where = f"/c/{question.channel}/queue/{question.id}"
        body = {
            "id": question.id,
            "state": "waiting",
            "at": where,
            "prediction_ids": call.entry.ids,
        }
        call.answered_by("queue", 202, body)

    def question(self, channel: str, id: str) -> Question | None:
        """Return a question that was queued."""
        return self._home.ledger.questions.get(channel, id)


_STEPS: Mapping[str, Callable[[Chain, Call, Json], bool]] = {
    "previous": Chain.previous,
    "answer": Chain.rule,
    "queue": Chain.queue,
}


def _is_ours(error: Exception) -> bool:
    if not isinstance(error, LingquError):
        return True
    return status_of(error) >= 500 and error.key not in _TOLD


def _rows(call: Call) -> list[Mapping[str, Any]] | None:
    """Return the rows of a call as they were read."""
    columns = call.columns
    if columns is None:
        return None
    return [
        {name: cells[row] for name, cells in columns.cells.items()} for row in range(columns.height)
    ]
