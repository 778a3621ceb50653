"""A real ledger with three releases of a channel, and the moment in which a rule fires."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lingqu.core.nouns import Backend, Finding, ReleaseRecord, Route
from lingqu.respond.situation import Situation
from lingqu.store.ledger import Ledger, open_ledger
from lingqu.store.signing import SigningKey

AT = "2026-11-21T08:00:00.000000+00:00"
OLD, NEW, THIRD = "a" * 64, "b" * 64, "c" * 64
DRIFT = Finding("drift", "drift.psi", 0.4, "age", verdict="fail", severity="warn")

Fires = Callable[..., Situation]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    key = SigningKey.open_or_create(tmp_path / "signing.pem")
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}", key)
    for number, digest in enumerate((OLD, NEW, THIRD)):
        made = f"2026-11-2{number}T08:00:00.000000+00:00"
        opened.releases.put(ReleaseRecord(digest, "churn", f"run{number}", "candidate", made, {}))
    yield opened
    opened.close()


@pytest.fixture
def live(ledger: Ledger) -> Ledger:
    """NEW answers, OLD is what the channel goes back to."""
    for digest in (OLD, NEW):
        ledger.releases.move(digest, "approved", AT)
        ledger.releases.move(digest, "live", AT)
    ledger.routes.set(Route("churn", (Backend(NEW, 1.0),), OLD, AT, "deploy"))
    return ledger


@pytest.fixture
def fires(ledger: Ledger) -> Fires:
    """Make the situation of a rule that fired."""
    numbers = itertools.count(1)

    def situation(**changes: Any) -> Situation:
        facts: dict[str, Any] = {
            "channel": "churn",
            "rule": "drift.psi > 0.2",
            "findings": (DRIFT,),
            "stage": "live",
            "release": NEW,
            "at": AT,
            "new_id": lambda: f"action-{next(numbers)}",
        }
        return Situation(ledger, **{**facts, **changes})

    return situation
