"""From a finished race to one model, a leaderboard, and the reasons for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from lingqu.core.i18n import Language, both, text
from lingqu.core.metrics import greater_is_better, loss
from lingqu.core.nouns import Candidate, Json, Member, Model, Predictions
from lingqu.learn.calibrate import temper, temperature
from lingqu.learn.candidate import ALL
from lingqu.learn.ensemble import answer
from lingqu.learn.folds import Rows
from lingqu.learn.lane import Lane
from lingqu.learn.missed import missed_by_all
from lingqu.learn.race import Race
from lingqu.learn.standings import Leader
from lingqu.learn.threshold import threshold

Note = Mapping[Language, str]


@dataclass(frozen=True)
class Choice:
    """What came of a choice.

    Args:
        model: The model to release; the weights of its members sum to 1.
        candidates: Every candidate: tried, failed or skipped, the best first.
        metric: Score that decided.
        score: Validation score of the model as released: calibrated, with its threshold.
            Greater is better, so an error is negative.
        predictions: Held-out answers of the ensemble, tuned but before a refit.
        rows: Row numbers of `predictions` in the training data.
        history: Who led when: ``seconds``, ``score``, ``folds``, ``rows``, ``members``.
        notes: How it was validated and put together, in both languages.
        missed: Held-out rows that every learner answered wrongly, see `missed_by_all`.
    """

    model: Model
    candidates: tuple[Candidate, ...]
    metric: str
    score: float
    predictions: Predictions
    rows: Rows
    history: tuple[Mapping[str, Json], ...]
    notes: tuple[Note, ...]
    missed: tuple[Mapping[str, Json], ...] = ()


def assemble(
    race: Race, leader: Leader, classes: tuple[str, ...], optimise: Sequence[str] = ()
) -> Choice:
    """Return the model of the leader and the story of how it was chosen.

    Args:
        race: The finished race.
        leader: Its leader.
        classes: Class names; empty for a regression.
        optimise: ``calibrate``, ``threshold``.
    """
    standings = race.standings
    notes = [_scheme_note(race, leader.level), *_augmentation(race)]
    members, how = _members(race, leader.weights)
    notes += how
    said, rows = standings.blend(leader.weights, leader.level), standings.rows(leader.level)
    model = Model("classify" if classes else "regress", classes, members)
    truth = standings.truth(leader.level)
    if classes:
        model, said, more = _tuned(model, said, truth, standings.metric, optimise)
        notes += more
    lines = sorted((_line(race, lane) for lane in race.lanes.values()), key=_order)
    score, history = -loss(standings.metric, truth, said), tuple(standings.history)
    missed = tuple(missed_by_all(standings, classes))
    return Choice(
        model, tuple(lines), standings.metric, score, said, rows, history, tuple(notes), missed
    )


def _members(race: Race, weights: Mapping[str, float]) -> tuple[tuple[Member, ...], list[Note]]:
    """Return refits where there are any, else the fits of all folds as a bag."""
    members: list[Member] = []
    refitted, bagged = [], []
    for name, weight in weights.items():
        lane = race.lanes[name]
        fits = lane.released
        if ALL in lane.fits:
            refitted.append(name)
        if len(fits) > 1 or ALL not in lane.fits:
            bagged.append(f"{name} × {len(lane.fold_fits)}")
        for index, fit in enumerate(fits):
            own = name if len(fits) == 1 else f"{name}.{index + 1}"
            share = weight / len(fits)
            members.append(replace(fit.model.members[0], name=own, weight=share))
    notes: list[Note] = []
    if refitted:
        notes.append(both("learn.note_refit", names=", ".join(refitted)))
    if bagged:
        notes.append(both("learn.note_bag", names=", ".join(bagged)))
    return tuple(members), notes


def _tuned(
    model: Model, said: Predictions, truth: Rows, metric: str, optimise: Sequence[str]
) -> tuple[Model, Predictions, list[Note]]:
    """Calibrate and set the threshold on held-out answers, as far as it was asked for."""
    notes: list[Note] = []
    chances = cast(NDArray[np.float64], said.probabilities)
    if "calibrate" in optimise:
        heat = temperature(truth, chances)
        model, chances = replace(model, temperature=heat), temper(chances, heat)
        said = answer(chances, model.classes)
        notes.append(both("learn.note_calibrated", temperature=heat))
    if "threshold" in optimise and len(model.classes) == 2:
        at = threshold(truth, chances, metric)
        model = replace(model, threshold=at)
        said = replace(said, labels=(chances[:, 1] >= at).astype(np.int64))
        notes.append(both("learn.note_threshold", threshold=at))
    return model, said, notes


def _scheme_note(race: Race, level: int) -> Note:
    folds = race.folds
    kind = "holdout" if folds.limit == 1 else "folds"
    why = {language: text(f"learn.scheme_{folds.scheme}", language) for language in ("en", "zh")}
    notes = {
        language: text(
            f"learn.note_{kind}",
            language,
            scheme=why[language],
            done=level,
            all=folds.limit,
            rows=len(race.standings.rows(level)),
        )
        for language in ("en", "zh")
    }
    return cast(Note, notes)


def _augmentation(race: Race) -> list[Note]:
    """Return, per learner that was tried both ways, what augmentation did on held-out rows."""
    notes: list[Note] = []
    for lane in race.lanes.values():
        plain = race.lanes.get(lane.entry.plain)
        level = min(lane.depth, plain.depth) if plain is not None else 0
        if plain is None or not level:
            continue
        scores = [
            -race.standings.loss(race.standings.answers(name, level), level)
            for name in (plain.name, lane.name)
        ]
        used = race.standings.weights.get(lane.name, 0.0) > 0
        helped = "unneeded" if scores[1] > scores[0] else "left"
        key = f"learn.note_augment_{'used' if used else helped}"
        steps = ", ".join(str(piece[0]) for piece in lane.entry.augment)
        metric = race.standings.metric
        shown = scores if greater_is_better(metric) else [-score for score in scores]
        notes.append(
            both(key, name=plain.name, steps=steps, plain=shown[0], augmented=shown[1],
                 metric=metric, folds=level)
        )  # fmt: skip
    return notes


def _line(race: Race, lane: Lane) -> Candidate:
    """Return the line of the leaderboard of one candidate."""
    standings, fits, score = race.standings, lane.fold_fits, None
    if lane.depth:
        said = standings.answers(lane.name, lane.depth)
        score = -standings.loss(said, lane.depth)
    reason = lane.reason
    if fits and reason:
        reason = text("learn.fold_failed", done=len(fits), all=race.folds.limit, reason=reason)
    elif fits:
        key = "learn.cut_short" if lane.notes.get("cut_short") else "learn.folds_done"
        reason = text(key, done=len(fits), all=race.folds.limit)
    every = list(lane.fits.values())
    return Candidate(
        name=lane.name,
        algorithm=lane.entry.algorithm,
        state=lane.state,
        score=score,
        metric=standings.metric,
        seconds=sum(fit.seconds for fit in every),
        cpu_seconds=sum(fit.cpu_seconds for fit in every),
        peak_mb=max((fit.peak_mb for fit in every), default=0.0),
        weight=standings.weights.get(lane.name, 0.0),
        reason=reason,
        curve=fits[0].curve if fits else (),
    )


def _order(line: Candidate) -> tuple[bool, float, str]:
    return (line.score is None, -(line.score or 0.0), line.name)
