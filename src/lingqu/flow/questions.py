"""The queue for people: what waits there, and an answer that goes to its caller and is a label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lingqu.core.errors import DataError, StoreError
from lingqu.core.nouns import CLASSES, Json
from lingqu.core.spec import Channel
from lingqu.outlets.reading.cells import as_text
from lingqu.store.feedback import Label
from lingqu.store.home import Home
from lingqu.store.questions import Question


def questions(home: Home, channel: str | None = None, waiting: bool = False) -> list[Question]:
    """Return questions, those that came first before the others."""
    return home.ledger.questions.list(channel, "waiting" if waiting else None, limit=1000)


def answer(home: Home, id: str, given: Any, by: str = "") -> Question:
    """Answer a question: the caller gets it, and it counts as a label of each row.

    Args:
        home: The workspace.
        id: Id of the question.
        given: One answer, or a list with one for each row.
        by: Who answers.

    Raises:
        StoreError: No such question waits.
        DataError: There are not as many answers as rows.
    """
    found = [
        one for one in home.ledger.questions.list(state="waiting", limit=10_000) if one.id == id
    ]
    if not found:
        raise StoreError("route.not_waiting", id=id[:40])
    question, ids = found[0], found[0].request["ids"]
    answers = list(given) if isinstance(given, list | tuple) else [given]
    if _tells_classes(home, question.channel):
        answers = [as_text(one) for one in answers]
    if len(answers) != len(ids):
        raise DataError("route.bad_answer", id=id, rows=len(ids), received=len(answers))
    now = home.clock()
    with home.ledger.transaction():
        home.ledger.questions.answer(id, answers, by, now)
        home.ledger.feedback.put(question.channel, _labels(question, answers, by, now))
        home.ledger.events.append(
            kind="queue.answered", subject=question.channel, detail={"id": id, "by": by}, at=now
        )
    kept = home.ledger.questions.get(question.channel, id)
    assert kept is not None
    return kept


def _tells_classes(home: Home, channel: str) -> bool:
    """Tell whether answers of a channel are names of classes, so that 7 is written "7"."""
    known = home.ledger.channels.latest(channel)
    return known is not None and Channel.parse(known[1]).train.task in CLASSES


def _labels(question: Question, answers: Sequence[Json], by: str, at: str) -> list[Label]:
    request = question.request
    return [
        Label(
            name, said, request["release"], at, request["key"], {"by": by, "question": question.id}
        )
        for name, said in zip(request["ids"], answers, strict=True)
    ]
