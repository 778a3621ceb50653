"""Tries smaller forms of a model that leads, and keeps the one that loses next to nothing.

A form is judged like every candidate, on the truth of held-out rows: it is made of each fold's
fit from the rows of that fold alone, and answers the rows that the fit has not seen. What is
released is then made in the same way of the fits that are released.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from lingqu.core.errors import GateError
from lingqu.core.i18n import Language, Message, Phrase, both, each
from lingqu.core.metrics import greater_is_better
from lingqu.core.nouns import Json, Member, Model
from lingqu.core.ports import Engine, Job, Outcome
from lingqu.core.predictions import Predictions
from lingqu.engine.budget import Deadline
from lingqu.learn.beside import Judge
from lingqu.learn.candidate import EFFORT, Fit
from lingqu.learn.compress.made import Made
from lingqu.learn.compress.pareto import FORMS, ORIGINAL, Form, in_order, sorted_out
from lingqu.learn.lane import Lane
from lingqu.learn.race import Race
from lingqu.learn.size import Part
from lingqu.learn.standings import Standings

TASK = "lingqu.learn.compress.forms:compress_one"
SHARE = 0.3
"""Share of the budget that is kept for it."""
SHORT = 4.0
"""Seconds of a budget below which nothing is compressed."""
MOST = 4.0
"""How many times smaller and faster a form may be that is worth waiting for."""
_FOLDS = 3
"""Folds on which forms are compared, at most."""
_FIRST, _NEXT = 0.5, 0.6
"""Shares of the time that is left: for the first fold, then for the others."""
_LEAST_S = 0.3
_FINISH = 0.05
_DOUBT = 2.0
"""A form goes on to further folds if it has lost no more than this many times what it may."""

Weights = Mapping[str, float]
Note = Mapping[Language, str]
Within = Callable[[Model], tuple[Message, str]]


def reserve(budget_s: float) -> float:
    """Return the seconds of a budget to keep for it."""
    return SHARE * budget_s if budget_s >= SHORT else 0.0


@dataclass(frozen=True)
class Squeezed:
    """What came of it.

    Args:
        model: The model in the form that was chosen; None where the original is best.
        standings: Where the forms' answers are; weights: of the chosen form there.
        level: Folds that it was judged on.
        forms: All forms, the original first.
        notes: What was done, in both languages.
    """

    model: Model | None
    standings: Standings
    weights: Weights
    level: int
    forms: tuple[Form, ...]
    notes: tuple[Note, ...]


@dataclass
class Compressor:
    """Compresses a model when it is asked to.

    Args:
        race: The finished race.
        engine: Runs jobs.
        scratch: Where `lingqu.learn.candidate.write_scratch` has put rows and folds.
        deadline: Of the whole choice.
        seed: Seed of every draw.
        workers: Jobs side by side.
        memory_mb: Limit of each.
        gate: What a form may lose.
        within: Says of a model which limit it breaks; None where there are none of that kind.
        kept_s: Seconds of the deadline that are for something else.
    """

    race: Race
    engine: Engine
    scratch: Path
    deadline: Deadline
    seed: int
    workers: int
    memory_mb: float | None
    gate: float
    within: Within | None = None
    kept_s: float = 0.0
    _failed: dict[str, Mapping[str, str]] = field(default_factory=dict, init=False)
    _made: dict[tuple[str, int], dict[str, Made]] = field(default_factory=dict, init=False)

    def squeeze(
        self, parts: Sequence[Part], model: Model, weights: Weights, level: int, broken: Message
    ) -> Squeezed | None:
        """Return the best form of a model and what was found of all; None if there is but one.

        Args:
            parts: Its members, with the fits that stand for them.
            model: The model as it was fitted.
            weights: Of its members.
            level: Folds that all of them have answered.
            broken: The limit that it breaks: then it is not chosen itself.
        """
        lanes = [part.lane for part in parts]
        self._work([(lane, 0) for lane in lanes], FORMS, _FIRST)
        names = [name for name in FORMS if any(name in self._of(lane, 0) for lane in lanes)]
        if not names:
            return None
        judged = self._judged(parts, weights, names, 1)
        state = {form.name: form.state for form in self._sorted(judged.forms, _DOUBT)}
        going = [name for name in names if state[name] == "kept"]
        most = min(level, self.race.folds.whole, _FOLDS)
        if going and most > 1:
            self._work([(lane, fold) for fold in range(1, most) for lane in lanes], going, _NEXT)
            most = min(self._depth(lane, going, most) for lane in lanes)
            deeper = self._judged(parts, weights, going, most)
            known = {form.name: form for form in deeper.forms}
            forms = [known.get(form.name, form) for form in judged.forms]
            judged = replace(deeper, forms=forms)
        return self._chosen(parts, model, judged, broken)

    # --- judging ---

    def _sorted(self, forms: Sequence[Form], slack: float = 1.0) -> list[Form]:
        return sorted_out(forms, slack * self.gate, self.within is not None)

    def _judged(
        self, parts: Sequence[Part], weights: Weights, names: Sequence[str], level: int
    ) -> _Judged:
        """Compare forms with the original on the held-out rows of the first folds."""
        lanes, shares = dict(self.race.lanes), dict[str, dict[str, float]]()
        for name in names:
            shares[name] = {}
            for part in parts:
                lane, own = part.lane, part.lane.name
                if all(name in self._of(lane, fold) for fold in range(level)):
                    fits = {k: _answered(lane.fits[k], self._of(lane, k)[name].said)
                            for k in range(level)}  # fmt: skip
                    own = f"{lane.name}·{name}"
                    lanes[own] = Lane(lane.entry, fits, state="done")
                shares[name][own] = weights[lane.name]
        standings = self.race.standings.put_to(lanes)
        judge = Judge(standings, weights, level)
        forms = [self._form(judge, parts, ORIGINAL, weights)]
        forms += [self._form(judge, parts, name, own) for name, own in shares.items()]
        return _Judged(forms, standings, {ORIGINAL: weights, **shares}, level)

    def _form(self, judge: Judge, parts: Sequence[Part], name: str, weights: Weights) -> Form:
        standings, level = judge.standings, judge.level
        own, plain = (standings.loss(standings.blend(w, level), level)
                      for w in (weights, judge.winner))  # fmt: skip
        relative = not greater_is_better(standings.metric)
        lost = (own - plain) / (max(abs(plain), 1e-12) if relative else 1.0)
        beside = judge.beside(weights, level)
        costs = [self._cost(part, name) for part in parts]
        size_mb, row_ms, many_s = (sum(one) for one in zip(*costs, strict=True))
        rows = len(standings.rows(level))
        return Form(name, -own, beside.error, beside.gap, beside.gap_error, lost, rows,
                    size_mb, row_ms, many_s)  # fmt: skip

    def _cost(self, part: Part, name: str) -> tuple[float, float, float]:
        """Return megabytes, milliseconds of a row and seconds of many of a member in a form."""
        count, made = len(part.fits), self._of(part.lane, 0)
        one = made.get(name) or made.get(ORIGINAL)
        if one is None:  # a learner that has no smaller form
            fit = part.lane.fits[0]
            return count * fit.size_mb, count * fit.row_ms, count * fit.many_s
        return (
            count * len(one.graph) / 1e6, count * 1e3 * one.speed.row_s, count * one.speed.many_s
        )  # fmt: skip

    # --- choosing ---

    def _chosen(
        self, parts: Sequence[Part], model: Model, judged: _Judged, broken: Message
    ) -> Squeezed:
        """Make what is released of the first form that keeps all that is asked."""
        forms = {form.name: form for form in self._sorted(judged.forms)}
        if broken:
            forms[ORIGINAL] = _barred(forms[ORIGINAL], broken)
        limited = self.within is not None
        chosen, found, facts = ORIGINAL, None, ""
        for form in in_order(forms.values(), limited):
            if form.name == ORIGINAL:
                break
            squeezed = self._released(parts, model, form.name)
            why, facts = self._allowed(squeezed) if squeezed else ("", "")
            if squeezed is not None and not why:
                chosen, found = form.name, squeezed
                break
            forms[form.name] = _barred(form, why or Phrase("compress.no_time", {}))
        if chosen != ORIGINAL or not broken:
            forms[chosen] = replace(forms[chosen], state="chosen")
        told = tuple(forms.values())
        notes = [] if broken and found is None else [self._note(forms[chosen], forms[ORIGINAL])]
        failed = {name: why for name, why in self._failed.items() if name not in forms}
        if failed:
            reason = Phrase("core.either", dict(next(iter(failed.values()))))
            notes.append(both("compress.note_failed", names=", ".join(failed), reason=reason))
        if found is not None and facts:
            notes.append(both("choice.note_limits", facts=facts))
        weights = judged.weights[chosen]
        return Squeezed(found, judged.standings, weights, judged.level, told, tuple(notes))

    def _allowed(self, model: Model) -> tuple[Message, str]:
        """Say which limit a model breaks, or that its graphs cannot be joined."""
        # `onnx` is at hand where models are made, and not worth its memory elsewhere.
        from lingqu.release.merge import merge

        try:
            merge(model)
        except GateError as error:
            return str(error), ""
        return self.within(model) if self.within is not None else ("", "")

    def _released(self, parts: Sequence[Part], model: Model, name: str) -> Model | None:
        """Return the model with its members in a form; None where time was too short."""
        places = [(part.lane, _fold(part.lane, fit)) for part in parts for fit in part.fits]
        self._work(places, [name], 1.0)
        members = []
        for member, (lane, fold) in zip(model.members, places, strict=True):
            if name not in self._of(lane, fold):
                if name in self._of(lane, 0):
                    return None
                members.append(member)
                continue
            made = self._of(lane, fold)[name]
            notes = {**member.notes, EFFORT: made.effort_s, "compressed": name}
            members.append(replace(member, graph=made.graph, notes=notes))
        return replace(model, members=tuple(members))

    def _note(self, form: Form, original: Form) -> Note:
        sign = 1.0 if greater_is_better(self.race.standings.metric) else -1.0
        facts = {
            "form": form.name, "size": 1e3 * form.size_mb, "before": 1e3 * original.size_mb,
            "metric": self.race.standings.metric, "own": sign * form.score,
            "score": sign * original.score, "rows": form.rows, "gate": self.gate,
        }  # fmt: skip
        return both(f"compress.note_{'kept' if form is original else 'form'}", **facts)

    # --- making ---

    def _of(self, lane: Lane, fold: int) -> Mapping[str, Made]:
        return self._made.get((lane.name, fold), {})

    def _depth(self, lane: Lane, names: Sequence[str], most: int) -> int:
        """Return how many folds have every form that the first one has."""
        wanted = [name for name in names if name in self._of(lane, 0)]
        depth = 1
        while depth < most and all(name in self._of(lane, depth) for name in wanted):
            depth += 1
        return depth

    def _left(self) -> float:
        return self.deadline.left() - self.kept_s - _FINISH * self.deadline.seconds

    def _work(self, places: Sequence[tuple[Lane, int]], names: Sequence[str], part: float) -> None:
        """Make forms of fits in some part of the time that is left, unless they are there."""
        wanted = []
        for lane, fold in places:
            known = self._of(lane, fold)
            able = self._of(lane, 0) if fold else dict.fromkeys(names)
            missing = [name for name in names if name in able and name not in known]
            if missing and not (fold == 0 and known):
                wanted.append((lane, fold, missing))
        left = self._left()
        if not wanted or left < _LEAST_S:
            return
        laps = -(-len(wanted) // self.workers)

        def jobs() -> Iterator[Job]:
            for lane, fold, missing in wanted:
                if self._left() < _LEAST_S:
                    return
                yield self._job(lane, fold, missing, min(self._left(), part * left / laps))

        with closing(cast(Any, self.engine.map(TASK, jobs()))) as outcomes:
            for outcome in cast(Iterator[Outcome], outcomes):
                lane, fold, _ = wanted[outcome.index]
                if outcome.state == "done":
                    made = self._made.setdefault((lane.name, fold), {})
                    made.update(outcome.value["forms"])
                    self._failed |= outcome.value["failed"]

    def _job(self, lane: Lane, fold: int, names: Sequence[str], seconds: float) -> Job:
        fit = lane.fits[fold]
        member: Member = fit.member
        with tempfile.NamedTemporaryFile(dir=self.scratch, suffix=".onnx", delete=False) as file:
            file.write(member.graph)
        payload: dict[str, Json] = {
            "scratch": str(self.scratch), "fold": fold, "graph": file.name,
            "encoding": member.encoding, "classes": list(fit.model.classes),
            "goal": fit.model.task, "algorithm": lane.entry.algorithm,
            "options": {**lane.fold_options, **lane.notes.get("refit", {})},
            "forms": list(names), "trains": lane.entry.tag == "torch", "seed": self.seed,
            "seconds": seconds,
        }  # fmt: skip
        return Job(payload, lane.entry.tag, max(_LEAST_S, self._left()), self.memory_mb)


@dataclass(frozen=True)
class _Judged:
    """Forms beside the original, where their answers are, and the weights of each there."""

    forms: Sequence[Form]
    standings: Standings
    weights: Mapping[str, Weights]
    level: int


def _answered(fit: Fit, said: Predictions | None) -> Fit:
    return replace(fit, predictions=said)


def _fold(lane: Lane, fit: Fit) -> int:
    """Return the fold of one of a candidate's fits."""
    return next(fold for fold, one in lane.fits.items() if one is fit)


def _barred(form: Form, why: Message) -> Form:
    said = each(why)
    return replace(form, state="barred", reason=said["en"], reason_zh=said["zh"])
