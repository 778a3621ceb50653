"""Rules about sound: rate and length, read from the head of each file (soundfile)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import soundfile

from lingqu.govern.contract.media_rules import each, opened
from lingqu.govern.contract.row_rules import valued
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Built, Table


def _judged(rule: Rule, table: Table, bad: Callable[[Any], bool]) -> Built:
    def fails(cell: Any) -> bool:
        try:
            return bad(soundfile.info(opened(cell, table.folder)))
        except (OSError, ValueError, soundfile.SoundFileError):
            return True

    return valued(rule, each(rule.columns[0], table, fails))


def audio_rate(rule: Rule, table: Table) -> Built:
    """A recording fails that has another sampling rate (Hz), or cannot be read."""
    allowed = set(rule.options["allowed"])
    return _judged(rule, table, lambda info: info.samplerate not in allowed)


def duration(rule: Rule, table: Table) -> Built:
    """A recording fails that is too short or too long (seconds), or cannot be read."""
    low, high = rule.options.get("min_s", 0), rule.options.get("max_s", float("inf"))
    return _judged(rule, table, lambda info: not low <= info.duration <= high)
