"""Off-policy evaluation: what a policy would have earned in decisions that another one took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.truth import truth, unknown, why
from lingqu.core.nouns import Dataset, Finding, Json, Subject
from lingqu.core.off_policy import NAMES, Logged, estimates, intervals
from lingqu.core.predictions import Predictions
from lingqu.core.reward_model import fit_rewards
from lingqu.release.encode import encode, fit_encoding

MEASURES = (*NAMES, "logged", "gain")
_HEAVY = 10
"""Rows whose weights are shown, the heaviest."""


@dataclass
class OffPolicy:
    """Estimate what the policy would have earned in the logged decisions of the test rows.

    Four estimates, since none is right always: IPS is right on average and spreads widely, SNIPS
    spreads less, DM is as right as its model of rewards, DR is right if either the model or the
    propensities are. `gain` is DR less what the log earned, on the same rows; `effective` the
    share of the rows that speak of the policy at all, `unsupported` the share of its decisions
    for actions that the log never took.

    Args:
        resamples: Bootstrap resamples of the 95 % intervals.
        least: Effective rows below which a release is warned of.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> roles = {"x": "feature", "do": "target", "got": "reward", "p": "propensity"}
        >>> kinds = {"do": "category"}
        >>> schema = Schema(tuple(Column(n, kinds.get(n, "number"), r) for n, r in roles.items()))
        >>> rows = pl.DataFrame({"x": [0.0, 1.0], "do": ["a", "b"], "got": [1.0, 0.0],
        ...                      "p": [0.5, 0.5]})
        >>> always_a = Predictions(np.zeros(2, int), np.array([[1.0, 0], [1, 0]]), ("a", "b"))
        >>> log = Dataset(rows, schema)
        >>> found = OffPolicy().look(Subject("gate", "control", schema, log, log, always_a))
        >>> found[0].measure, found[0].value
        ('off_policy.ips', 1.0)

    Source: Dudík, Langford and Li, ICML 2011, arXiv:1103.4601; Saito et al., "Open Bandit
        Dataset and Pipeline", NeurIPS 2021, arXiv:2008.07146; effective rows: Kish, 1965.
    """

    name: ClassVar[str] = "off_policy"
    stages: ClassVar[frozenset[str]] = frozenset({"gate"})

    resamples: int = 400
    least: float = 100.0

    def look(self, subject: Subject) -> list[Finding]:
        log = _logged(subject)
        if not isinstance(log, Logged):
            return [unknown(self.name, f"off_policy.{name}", log) for name in MEASURES]
        values = estimates(log.columns().mean(axis=0))
        ends = intervals(log, self.resamples, subject.seed)
        n = len(log.taken)
        found = [
            Finding(self.name, f"off_policy.{name}", float(values[name]), "", *ends[name], n,
                    evidence={"interval": "bootstrap"})
            for name in MEASURES
        ]  # fmt: skip
        return [*found, self._effective(log), _unsupported(subject, log)]

    def _effective(self, log: Logged) -> Finding:
        n, weight = len(log.taken), log.weight
        heavy = np.sort(weight)[::-1][:_HEAVY]
        few = log.effective < self.least
        evidence: dict[str, Json] = {
            "rows": log.effective, "matched": int((weight > 0).sum()), "heaviest": heavy.tolist()
        }  # fmt: skip
        return Finding(
            self.name, "off_policy.effective", log.effective / n, n=n, evidence=evidence,
            severity="warn" if few else "info", advice="tables.advice_few" if few else "",
        )  # fmt: skip


def _logged(subject: Subject) -> Logged | dict[str, Json]:
    """Return the test rows as logged decisions, or why they are none."""
    said = subject.predictions
    if said is None or said.probabilities is None:
        return why("check.no_model")
    if subject.test is None or not len(subject.test):
        return why("check.no_test")
    if subject.train is None:
        return why("check.no_split")
    roles = [subject.schema.having(role) for role in ("reward", "propensity")]
    if not all(roles) or subject.schema.target is None:
        return why("tables.no_log")
    taken, reward, propensity = _decisions(subject.test, said.classes)
    known = (taken >= 0) & np.isfinite(reward) & (propensity > 0) & (propensity <= 1)
    if not known.any():
        return why("check.no_labels")
    told = _told(subject.train, subject.test, said)
    policy = said.probabilities[known]
    return Logged(taken[known], reward[known], propensity[known], policy, told[known])


def _decisions(
    rows: Dataset, actions: tuple[str, ...]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return actions, -1 for those nobody knows, rewards and propensities, each (N,)."""
    schema, frame = rows.schema, rows.frame
    target = schema.target
    assert target is not None
    numbers = [
        frame.get_column(schema.having(role)[0].name).cast(pl.Float64, strict=False)
        .to_numpy().astype(np.float64, copy=False)
        for role in ("reward", "propensity")
    ]  # fmt: skip
    return truth(frame.get_column(target.name), actions), numbers[0], numbers[1]


def _told(train: Dataset, test: Dataset, said: Predictions) -> NDArray[np.float64]:
    """Return what a model of the training rows tells of each action in the test rows, (N, K)."""
    encoding = fit_encoding(train, "linear")
    x, asked = (encode(rows.frame, encoding)[encoding["tensor"]] for rows in (train, test))
    taken, reward, _ = _decisions(train, said.classes)
    known = (taken >= 0) & np.isfinite(reward)
    return fit_rewards(x[known], taken[known], reward[known], len(said.classes)).of(asked)


def _unsupported(subject: Subject, log: Logged) -> Finding:
    """Return the share of the policy's decisions for actions that no log ever took."""
    said, train = subject.predictions, subject.train
    assert said is not None and train is not None
    taken = np.concatenate([_decisions(train, said.classes)[0], log.taken])
    never = np.setdiff1d(np.arange(len(said.classes)), taken)
    share = float(log.policy[:, never].sum(axis=1).mean())
    names = [said.classes[action] for action in never[:20].tolist()]
    return Finding("off_policy", "off_policy.unsupported", share, n=len(log.taken),
                   evidence={"never": names})  # fmt: skip
