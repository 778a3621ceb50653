"""From a finished race to one model, a leaderboard, and the reasons for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import TrainError
from lingqu.core.floors import COMPLEMENT, Floor, floor_of
from lingqu.core.i18n import Language, Message, Phrase, both, each, joined, text
from lingqu.core.metrics import greater_is_better, loss
from lingqu.core.nouns import Candidate, Json, Member, Model, Task
from lingqu.core.predictions import Predictions
from lingqu.learn.account import account, in_words
from lingqu.learn.beside import Judge, best_first
from lingqu.learn.calibrate import temper, temperature
from lingqu.learn.candidate import ALL
from lingqu.learn.compress.compressor import Compressor, Squeezed
from lingqu.learn.distil import Distiller
from lingqu.learn.ensemble import answer
from lingqu.learn.floor import Kept, keeping
from lingqu.learn.folds import Rows
from lingqu.learn.lane import Lane
from lingqu.learn.missed import missed_by_all
from lingqu.learn.race import Race
from lingqu.learn.shift import shifted
from lingqu.learn.size import Part
from lingqu.learn.standings import Leader, Standings
from lingqu.learn.threshold import of_labels, threshold

Note = Mapping[Language, str]
Within = Callable[[Model], tuple[Message, str]]
"""Says of a model which limit it breaks, or ``""``, and what was measured."""


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
        stopped: Whether somebody ended it before its time.
        account: Why this model: the figures, see `lingqu.learn.account.account`.
        why: The same in words, sentence by sentence.
        growth: What more data would give, see `lingqu.learn.growth.Growth.look`.
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
    stopped: bool = False
    account: Mapping[str, Json] = field(default_factory=dict)
    why: tuple[Note, ...] = ()
    growth: Mapping[str, Json] = field(default_factory=dict)


def assemble(
    race: Race,
    leader: Leader,
    classes: tuple[str, ...],
    optimise: Sequence[str] = (),
    task: Task | None = None,
    within: Within | None = None,
    distiller: Distiller | None = None,
    compressor: Compressor | None = None,
) -> Choice:
    """Return the model of the leader and the story of how it was chosen.

    Args:
        race: The finished race.
        leader: Its leader.
        classes: Class names; empty for a regression.
        optimise: ``calibrate``, ``threshold``, ``threshold(recall >= 0.95)``.
        task: Of the model; by the classes when omitted.
        within: Says of a model which limit it breaks.
        distiller: Teaches a small model where limits leave none that is good.
        compressor: Makes smaller forms of the model, where that was asked for.

    Raises:
        TrainError: No model keeps the limits.
    """
    standings = race.standings
    job: Task = task or ("classify" if classes else "regress")
    made = _or_distilled(race, leader, Model(job, classes, ()), within, distiller, compressor)
    notes = [_scheme_note(race, made.level), *_augmentation(race), *made.notes]
    notes += [note for name in made.weights for note in race.lanes[name].notes.get("told", ())]
    said, level = made.answered(standings)
    rows, model, truth = standings.rows(level), made.model, standings.truth(level)
    if classes:
        model, said, more = tuned(model, said, truth, standings.metric, optimise)
        notes += more
    if standings.adjust is not None:
        adjusted = (replace(m, graph=standings.adjust.inside(m.graph)) for m in model.members)
        model = replace(model, members=tuple(adjusted))
        notes.append(standings.adjust.note())
    if standings.share is not None:
        model, more = _moved(model, made, said, race)
        notes += more
    shares = made.weights
    deepest = min(race.lanes[name].depth for name in made.weights)
    judge = Judge(standings, made.weights, deepest)
    lines = best_first(_line(race, lane, shares, judge) for lane in race.lanes.values())
    score, history = -loss(standings.metric, truth, said), tuple(standings.history)
    missed, told = tuple(missed_by_all(standings, classes)), account(judge, race.lanes)
    if made.squeezed is not None:
        told["forms"] = [form.to_json() for form in made.squeezed.forms]
    return Choice(
        model, tuple(lines), standings.metric, score, said, rows, history, tuple(notes), missed,
        account=told, why=tuple(in_words(told)),
    )  # fmt: skip


def _moved(model: Model, made: _Made, said: Predictions, race: Race) -> tuple[Model, list[Note]]:
    """Move the answers by what they were moved while they were judged: the mean over members."""
    standings, share = race.standings, race.standings.share or 0.5
    amount = sum(w * standings.shifts[n, made.level] for n, w in made.weights.items())
    members = tuple(replace(m, graph=shifted(m.graph, amount)) for m in model.members)
    below = float((standings.truth(made.level) <= said.labels).mean())
    note = both("choice.note_quantile", share=share, amount=amount, below=below)
    return replace(model, members=members), [note]


@dataclass(frozen=True)
class _Made:
    """A model, the weights of its candidates, the level they are known on, notes, its forms."""

    model: Model
    weights: Mapping[str, float]
    level: int
    notes: Sequence[Note] = ()
    squeezed: Squeezed | None = None

    def answered(self, standings: Standings) -> tuple[Predictions, int]:
        """Return the held-out answers of the model as it is released, and of how many folds."""
        small = self.squeezed
        if small is None or small.model is None:
            return standings.blend(self.weights, self.level), self.level
        return small.standings.blend(small.weights, small.level), small.level


def _or_distilled(
    race: Race,
    leader: Leader,
    bare: Model,
    within: Within | None,
    distiller: Distiller | None,
    compressor: Compressor | None,
) -> _Made:
    """Return the best model that keeps the limits, or a better one that learned from those that
    do not."""
    if distiller is None:
        return _made(race, leader, bare, within, compressor)
    made, failure = None, None
    try:
        made = _made(race, leader, bare, within, compressor)
    except TrainError as error:
        failure = error
    crowded = made is not None and race.size.crowded(race.lanes, made.weights)
    taught = distiller.teach(made.weights if made is not None else None, crowded)
    if taught is not None:
        members, notes = _members([Part(taught.lane, 1.0, (taught.fit,))])
        model = replace(bare, members=members)
        taught.lane.barred, facts = within(model) if within else ("", "")
        if not taught.lane.barred:
            kept = [both("choice.note_limits", facts=facts)] if facts else []
            told = [*notes, *taught.notes, *kept]
            return _Made(model, {taught.lane.name: 1.0}, taught.lane.depth, told)
    if made is None:
        assert failure is not None  # one of the two
        raise failure
    return made


def _made(
    race: Race,
    leader: Leader,
    bare: Model,
    within: Within | None,
    compressor: Compressor | None,
) -> _Made:
    """Return the best model that keeps the limits: the leader's, or less and less of it."""
    broken: list[Message] = []
    for weights, level, fewest in _ladder(race, leader):
        parts, left = race.size.parts(race.standings, weights, fewest)
        members, notes = _members(parts)
        model = replace(bare, members=members)
        why, facts = within(model) if within else ("", "")
        total = sum(part.weight for part in parts)
        shares = {part.lane.name: part.weight / total for part in parts}
        small = compressor.squeeze(parts, model, shares, level, why) if compressor else None
        if why:
            broken.append(why)
        if small is not None and small.model is not None:
            model, facts = small.model, ""
        elif why:
            continue
        wish, share = race.size.wish, race.size.goal.loss
        if left:
            names = ", ".join(left)
            notes.append(both("choice.note_fewer", names=names, wish=wish, share=share))
        cut = [p.lane.name for p in parts if 1 < len(p.fits) < len(p.lane.fold_fits)]
        if cut:
            notes.append(both("choice.note_cut", names=", ".join(cut), wish=wish))
        if broken:
            notes.append(both("choice.note_limited", reason=broken[0]))
        if facts:
            notes.append(both("choice.note_limits", facts=facts))
        if compressor is not None:
            notes += small.notes if small is not None else [both("compress.note_none")]
        return _Made(model, shares, level, notes, small)
    ends = broken[:1] if broken[:1] == broken[-1:] else [broken[0], broken[-1]]
    raise TrainError("choice.no_model_within", reasons=joined(ends))


def _ladder(race: Race, leader: Leader) -> Iterator[tuple[Mapping[str, float], int, bool]]:
    """Yield ensembles from the leader's down to single candidates, the better ones first."""
    standings, weights = race.standings, dict(leader.weights)
    yield weights, leader.level, False
    yield weights, leader.level, True
    while len(weights) > 1:
        rests = [{n: w for n, w in weights.items() if n != name} for name in weights]
        totals = [sum(rest.values()) for rest in rests]
        rests = [{n: w / t for n, w in r.items()} for r, t in zip(rests, totals, strict=True)]
        weights = min(rests, key=lambda rest: standings.lost(rest, leader.weights))
        yield weights, leader.level, True
    singles = [
        (min(lane.depth, leader.level), lane.name)
        for lane in race.lanes.values()
        if lane.depth and not lane.barred
    ]
    ranked = sorted(singles, key=lambda one: (-one[0], standings.own_loss(one[1], one[0])))
    for level, name in ranked:
        yield {name: 1.0}, level, True


def _members(parts: Sequence[Part]) -> tuple[tuple[Member, ...], list[Note]]:
    """Return refits where there are any, else the fits of folds as a bag."""
    members: list[Member] = []
    refitted, bagged = [], []
    total = sum(part.weight for part in parts)
    for part in parts:
        name, fits = part.lane.name, part.fits
        whole = sum(fit is part.lane.fits.get(ALL) for fit in fits)
        if whole:
            refitted.append(name)
        if len(fits) > whole:
            bagged.append(f"{name} × {len(fits) - whole}")
        for index, fit in enumerate(fits):
            own = name if len(fits) == 1 else f"{name}.{index + 1}"
            share = part.weight / total / len(fits)
            members.append(replace(fit.member, name=own, weight=share))
    notes: list[Note] = []
    if refitted:
        notes.append(both("learn.note_refit", names=", ".join(refitted)))
    if bagged:
        notes.append(both("learn.note_bag", names=", ".join(bagged)))
    return tuple(members), notes


def tuned(
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
    floor = floor_of(optimise) if len(model.classes) == 2 else None
    if floor is not None:
        kept = keeping(truth, chances[:, 1], floor, metric)
        model = replace(model, threshold=kept.at)
        said = replace(said, labels=(chances[:, 1] >= kept.at).astype(np.int64))
        notes.append(_floor_note(kept, floor, metric, model.classes[1]))
    elif "threshold" in optimise and len(model.classes) == 2:
        at = threshold(truth, chances, metric)
        model = replace(model, threshold=at)
        said = replace(said, labels=(chances[:, 1] >= at).astype(np.int64))
        notes.append(both("learn.note_threshold", threshold=at))
    return model, said, notes


def _floor_note(kept: Kept, floor: Floor, metric: str, second: str) -> Note:
    other = COMPLEMENT[floor.measure]
    by = metric if of_labels(metric) and metric != floor.measure else other
    return both(
        f"choice.note_floor_{kept.how}", threshold=kept.at, second=second, floor=str(floor),
        measure=floor.measure, value=kept.value, low=kept.low, other=other, by=by,
        other_value=kept.other,
    )  # fmt: skip


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


def _line(race: Race, lane: Lane, shares: Mapping[str, float], judge: Judge) -> Candidate:
    """Return the line of the leaderboard of one candidate."""
    standings, fits, score = race.standings, lane.fold_fits, None
    beside = judge.beside({lane.name: 1.0}, lane.depth) if lane.depth else None
    if lane.depth:
        said = standings.answers(lane.name, lane.depth)
        score = -standings.loss(said, lane.depth)
    reason = lane.reason
    if fits:
        key = "learn.cut_short" if lane.notes.get("cut_short") else "learn.folds_done"
        told = Phrase(key, {"done": len(fits), "all": race.folds.limit})
        reason = Phrase("learn.fold_failed", {"told": told, "reason": reason}) if reason else told
    words = each(joined([reason, *([lane.barred] if lane.barred else [])]))
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
        weight=shares.get(lane.name, 0.0),
        reason=words["en"],
        reason_zh=words["zh"],
        curve=fits[0].curve if fits else (),
        error=beside.error if beside else None,
        folds=lane.depth,
        rows=len(standings.rows(lane.depth)) if lane.depth else 0,
        gap=beside.gap if beside else None,
        gap_error=beside.gap_error if beside else None,
        size_mb=fits[0].size_mb if fits else 0.0,
        row_ms=fits[0].row_ms if fits else 0.0,
    )
