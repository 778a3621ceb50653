"""One climb of the ladder: which rung is tried next, when to stop, and what is said of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
from torch import nn

from lingqu.core.errors import TrainError
from lingqu.core.i18n import Phrase, each, joined
from lingqu.core.nouns import Json, Model
from lingqu.learn.deep.supervised import fold_of
from lingqu.learn.loop import Plan
from lingqu.learn.pretrained.folder import Folder
from lingqu.learn.pretrained.held_out import Held
from lingqu.learn.pretrained.net import Encoder
from lingqu.learn.pretrained.opened import encoder_of
from lingqu.learn.pretrained.rows import reading
from lingqu.learn.pretrained.rungs import ORDER, Frozen, Lesson, Name, is_number, plain, tuned

if TYPE_CHECKING:
    from lingqu.learn.pretrained.ladder import Pretrained

_log = logging.getLogger("lingqu.learn")
_RATES: Mapping[Name, float] = {"lora": 5e-4, "full": 1e-4}
_STEPS = 50
"""Steps of learning that few rows are given, in whole passes."""
_PASSES = 2, 8
_PLACES = 2048
"""Places that are learned from at a time: what is kept of them for the way back fills memory."""
_COPIES = 8
"""Weights, gradients, two moments, the last state and the best: so much is held at once."""


class Climb:
    """The rungs of one fit.

    Args:
        wish: What was asked for.
        lesson: Rows and time.
        folder: The encoder.
    """

    def __init__(self, wish: Pretrained, lesson: Lesson, folder: Folder) -> None:
        self._wish, self._lesson, self._folder = wish, lesson, folder
        self._read = reading(lesson.train, folder, wish.context, wish.seconds)
        self._below: Frozen | None = None
        self._told: list[dict[str, Json]] = []

    def only(self, name: Name) -> Model:
        """Return one rung, without a look at the others.

        Raises:
            TrainError: It cannot end in time, or cannot be fitted.
        """
        return self._noted(name, self._made(name)())

    def best(self) -> Model:
        """Climb as long as held-out rows gain and time is left; return the best rung."""
        # Of recordings alone nothing can be counted.
        counts = self._folder.reads != "audio" or self._read.table
        best: Name = "words" if counts else "frozen"
        make = self._made(best)
        held = self._held(best, make)
        why = Phrase("pretrained.why_top")
        for name in self._above(best):
            try:
                made = self._made(name)
                now = self._held(name, made)
            except TrainError as error:
                why = _reason(name, error)
                break
            gain, noise = held.gain(now)
            if gain > 0:
                best, make, held = name, made, now
            if gain <= noise:
                facts = {"rung": name, "gain": gain, "noise": noise}
                why = Phrase("pretrained.why_noise", facts)
                break
        return self._noted(best, make(), why)

    def _above(self, first: Name) -> Iterator[Name]:
        """Yield the rungs above the first; adapters need linear layers to lie beside."""
        for name in ORDER[ORDER.index(first) + 1 :]:
            body = self._frozen.encoder.body if name == "lora" else None
            if body is None or any(type(module) is nn.Linear for module in body.modules()):
                yield name

    @property
    def _frozen(self) -> Frozen:
        """The rung on which the upper ones stand, made once."""
        if self._below is None:
            wish, lesson = self._wish, self._lesson
            name = f"{self._folder.digest} {wish.pooling} {self._read.shape}"
            rows = fold_of(lesson.train, lesson.valid, self._read.encoding)
            self._below = Frozen(lesson, self._fresh(), self._read, rows, name, wish.c)
        return self._below

    def _fresh(self) -> Encoder:
        return encoder_of(self._folder, self._read.shape, self._wish.pooling)

    def _made(self, name: Name) -> Callable[[], Model]:
        """Fit a rung; return what gives its model."""
        threads = self._lesson.budget.threads
        if name == "words":
            fitted = plain(self._lesson)
            (member,) = fitted.members
            member = replace(member, name=self._wish.name, algorithm=self._wish.name)
            return lambda: replace(fitted, members=(member,))
        frozen = self._frozen
        if name == "frozen":
            return lambda: frozen.model(self._wish.name, threads)
        rank = self._wish.rank if name == "lora" else 0
        plan = self._plan(name, frozen)
        smoothing = self._wish.label_smoothing
        model = tuned(self._lesson, frozen, self._fresh, plan, rank, self._wish.name, smoothing)
        return lambda: model

    def _plan(self, name: Name, frozen: Frozen) -> Plan:
        """Return how the encoder learns, in as many passes as there is time for.

        Raises:
            TrainError: There is not even time for one, and nobody asked for this rung alone.
        """
        wish, rows = self._wish, len(self._lesson.train)
        few, many = _PASSES
        epochs = wish.epochs or min(many, max(few, round(_STEPS * wish.batch / rows)))
        cost, left = frozen.epoch_s(), self._lesson.left - frozen.after_s()
        if wish.rung == "auto":
            if cost > left:
                raise TrainError("pretrained.no_time", rung=name, cost=cost, left=max(0.0, left))
            epochs = min(epochs, int(left / cost)) if cost else epochs
        self._refuse_large(name, frozen)
        rate, seed = wish.learning_rate or _RATES[name], self._lesson.budget.seed
        batch = max(1, min(wish.batch, _PLACES // frozen.longest))
        return Plan.of(wish, epochs=epochs, learning_rate=rate, seed=seed, batch=batch,
                       accumulate=round(wish.batch / batch))  # fmt: skip

    def _refuse_large(self, name: Name, frozen: Frozen) -> None:
        """Refuse to learn more weights than there is memory for.

        Raises:
            TrainError: Weights, gradients, moments and the states to fall back on do not fit.
        """
        limit = self._lesson.budget.memory_mb
        need = psutil.Process().memory_info().rss / 1e6 + _COPIES * 4e-6 * frozen.weights
        if limit is not None and need > limit:
            raise TrainError("pretrained.no_memory", rung=name, need=need, limit=limit)

    def _held(self, name: Name, make: Callable[[], Model]) -> Held:
        """Return how a rung answers held-out rows; the head alone says so of the frozen one."""
        threads = self._lesson.budget.threads
        held = self._frozen.held() if name == "frozen" else Held.by(
            make(), self._lesson.valid, threads
        )  # fmt: skip
        self._told.append({"rung": name, "loss": held.loss, "score": held.score})
        _log.info("rung %s: loss %.4f, score %.4f, %.1f s left", name, held.loss, held.score,
                  self._lesson.left)  # fmt: skip
        return held

    def _noted(self, name: Name, model: Model, why: Phrase | None = None) -> Model:
        """Return the model with notes of what was tried, and with what a refit takes."""
        (member,) = model.members
        settled: dict[str, Json] = {"rung": name}
        if name != "words" and not is_number(self._lesson.train):
            settled["c"] = self._frozen.head.strength
        passes = {"epochs": _kept(member.notes["curve"])} if name in ("lora", "full") else {}
        said = [dict(note) for note in self._read.notes] + ([self._story(name, why)] if why else [])
        notes: dict[str, Json] = {
            **member.notes, "rung": name, "ladder": self._told, "told": said,
            "settled": settled, "refit": {**settled, **passes}, "tried": len(self._told) or 1,
        }  # fmt: skip
        return replace(model, members=(replace(member, notes=notes),))

    def _story(self, best: Name, why: Phrase) -> dict[str, Json]:
        """Return what is said of the climb, in both languages."""
        key = "pretrained.rung_of_values" if is_number(self._lesson.train) else "pretrained.rung"
        rungs = joined(Phrase(key, facts) for facts in self._told)
        folder = self._folder.name
        facts = {
            "name": self._wish.name,
            "best": best,
            "folder": folder,
            "rungs": rungs,
            "why": why,
        }
        said = each(Phrase("pretrained.ladder", facts))
        return {"en": said["en"], "zh": said["zh"]}


def _kept(curve: Sequence[Mapping[str, float]]) -> int:
    """Return after how many passes the weights were best on held-out rows, at least one."""
    judged = [row for row in curve if "valid_loss" in row] or curve[-1:]
    best = min(judged, key=lambda row: row.get("valid_loss", 0.0))
    return max(1, round(best["epoch"]))


def _reason(name: Name, error: TrainError) -> Phrase:
    """Return why a climb ended with a rung that could not be fitted."""
    if error.key == "pretrained.no_time":
        return Phrase("pretrained.why_time", {**error.facts, "rung": name})
    return Phrase("pretrained.why_failed", {"rung": name, "problem": str(error)})
