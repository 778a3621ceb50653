"""What governance left of personal data: the residual scan, and how small groups are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from lingqu.core import catalog
from lingqu.core.nouns import Dataset, Finding, Json, Subject
from lingqu.flow.walk import Walk
from lingqu.govern.pipeline import Governed
from lingqu.govern.privacy.scan import left_over

SECONDS = 60.0
"""CPU seconds that the residual scan may take; up to then it reads every row."""


def judge_privacy(
    walk: Walk, result: Governed, saved: Sequence[Mapping[str, Json]]
) -> list[Finding]:
    """Read every governed row for personal data, and measure groups where somebody asked for it.

    Args:
        walk: The run.
        result: The governed rows, for training and for judging.
        saved: The operators that travel, as JSON.
    """
    masked = any(row["name"] == "mask" for row in saved)
    rows = _rows(result)
    found = left_over(rows, result.train.schema, masked=masked, seconds=SECONDS)
    coarse = next((row for row in saved if row["name"] == "generalise"), None)
    if coarse is None and not _asked(walk):
        return found
    walk.tell({"event": "check", "name": "anonymity"})
    options: dict[str, Any] = {}
    if coarse is not None:
        options = {"columns": list(coarse["state"]["columns"]), "k": coarse["options"]["k"]}
    subject = Subject("data", walk.channel.train.task, result.train.schema, result.train)
    return found + list(catalog.build("checks", "anonymity", options).look(subject))


def _rows(result: Governed) -> pl.DataFrame:
    """Return the cells of both parts; a column that only one has is read there."""
    parts: list[Dataset] = [result.train, *([result.test] if result.test is not None else [])]
    shared = set.intersection(*(set(part.frame.columns) for part in parts))
    names = [name for name in result.train.schema.names if name in shared]
    return pl.concat([part.frame.select(names) for part in parts], how="vertical_relaxed")


def _asked(walk: Walk) -> bool:
    """Say whether a rule of the channel names a measure of anonymity."""
    rules = [rule.text for rule in walk.channel.release.require]
    rules += [rule.when.text for rule in walk.channel.respond]
    return any("anonymity." in text for text in rules)
