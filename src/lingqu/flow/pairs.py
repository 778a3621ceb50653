"""What a shadow said beside the champion, and what that is worth where labels came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lingqu.core.nouns import CLASSES, Finding, Json
from lingqu.core.sequential import mixture, paired, sample
from lingqu.flow.evidence import Against, score_of
from lingqu.store.home import Home
from lingqu.store.shadow_pairs import ShadowPair


@dataclass(frozen=True)
class Pairs:
    """What a shadow said beside the champion.

    Args:
        rows: Rows that both were asked.
        agree: Rows on which both said the same.
        failed: Rows that the shadow could not answer.
        distance: Mean distance, or None.
        gains: Of each labelled row, the shadow's score less the champion's.
        champion_ms: Mean milliseconds of the champion's requests; challenger_ms: of the shadow's
            computing.
    """

    rows: int
    agree: int
    failed: int
    distance: float | None
    gains: Sequence[float]
    champion_ms: float
    challenger_ms: float

    def against(self, task: str, effect: float) -> Against | None:
        """Return the evidence of the labelled rows; None where there is none."""
        if not self.gains:
            return None
        if task in CLASSES:
            wins = sum(gain > 0 for gain in self.gains)
            losses = sum(gain < 0 for gain in self.gains)
            ties = len(self.gains) - wins - losses
            return lambda null: paired(wins, ties, losses, null)
        found = sample(self.gains)
        return lambda null: mixture(found.mean, max(found.variance, 1e-12), effect, null)

    def findings(self) -> tuple[Finding, ...]:
        """Return what is told of them; nothing where there are none."""
        rows = self.rows
        if not rows:
            return ()
        found = [
            Finding("promote", "promote.agreement", self.agree / rows, n=rows),
            Finding("promote", "promote.failed", self.failed / rows, n=rows),
            Finding("promote", "promote.distance", self.distance, n=rows),
            Finding("promote", "promote.latency_ms", self.champion_ms, "champion", n=rows),
            Finding("promote", "promote.latency_ms", self.challenger_ms, "shadow", n=rows),
        ]
        return tuple(one for one in found if one.value is not None)


def pairs_of(home: Home, channel: str, task: str, champion: str, challenger: str) -> Pairs:
    """Return what is kept of a shadow beside a champion."""
    kept = home.ledger.pairs.list(channel, champion, challenger)
    labels = home.ledger.feedback.of(channel, [pair.request for pair in kept])
    gains = []
    for pair in kept:
        label = labels.get(pair.request)
        gain = None if label is None else _gain(task, pair, label.label)
        if gain is not None:
            gains.append(gain)
    apart = [pair.distance for pair in kept if pair.distance is not None]
    return Pairs(
        len(kept),
        sum(pair.agree for pair in kept),
        sum("failed" in pair.challenger_says for pair in kept),
        sum(apart) / len(apart) if apart else None,
        gains,
        _mean([pair.champion_ms for pair in kept]),
        _mean([pair.challenger_ms for pair in kept]),
    )


def _gain(task: str, pair: ShadowPair, label: Json) -> float | None:
    first = score_of(task, pair.champion_says.get("prediction"), label)
    if first is None:
        return None
    if "failed" in pair.challenger_says:  # no answer is a wrong one; of values, as bad as none
        return -first if task in CLASSES else first
    second = score_of(task, pair.challenger_says.get("prediction"), label)
    return None if second is None else second - first


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else 0.0
