"""One candidate on its way through the folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from lingqu.core.i18n import Message
from lingqu.core.nouns import Json
from lingqu.learn.candidate import ALL, Fit
from lingqu.learn.portfolio import LARGE, Entry

BAG = 3
"""From so many folds on, a bag of unstable learners is better than one refit."""

STOPS = ("epochs", "rounds")
"""Options in which held-out rows had a say by where they stopped a fit: one fold alone is a noisy
witness, so a refit goes by the median of all."""

State = Literal["done", "failed", "timeout", "memory", "skipped"]


@dataclass
class Lane:
    """What is known of one candidate: its fits, what runs, what went wrong."""

    entry: Entry
    fits: dict[int, Fit] = field(default_factory=dict)
    running: set[int] = field(default_factory=set)
    state: State = "skipped"
    reason: Message = ""
    broken: bool = False
    barred: Message = ""
    """The limit that it breaks: it is shown, but never chosen."""
    teaches: bool = False
    """Whether it goes on although it breaks a limit: a smaller model may learn from it."""
    all_rows: bool = False
    """Whether one refit is wanted also where a bag of folds would be better: it answers faster."""
    refits: bool = True
    """Whether it may be fitted again on all rows."""
    refit_cut: bool = False
    """Whether time cut its refit short: whole fits on fewer rows are better."""

    @property
    def name(self) -> str:
        """Name of the candidate."""
        return self.entry.name

    @property
    def idle(self) -> bool:
        """Whether it may be given a job."""
        barred = self.barred and not self.teaches
        return not (self.entry.skip or self.broken or barred or self.running)

    @property
    def untried(self) -> bool:
        """Whether it still waits for its first fit."""
        return self.idle and not self.fits

    @property
    def depth(self) -> int:
        """How many folds from the first one are done without a gap."""
        depth = 0
        while depth in self.fits:
            depth += 1
        return depth

    @property
    def fold_fits(self) -> list[Fit]:
        """The fits on folds, in order, without the refit."""
        return [fit for fold, fit in sorted(self.fits.items()) if fold != ALL]

    @property
    def seconds(self) -> float:
        """Expected wall seconds of the next fit."""
        done = [fit.seconds for fit in self.fold_fits]
        if not done:
            return self.entry.cost
        # The first fit tried several settings; the next ones keep the one that it found.
        return done[0] / float(self.notes.get("tried", 1)) if len(done) == 1 else median(done[1:])

    @property
    def notes(self) -> Mapping[str, Json]:
        """What the first fit noted about itself."""
        fits = self.fold_fits
        return fits[0].model.members[0].notes if fits else {}

    @property
    def bags(self) -> bool:
        """Whether its folds, averaged, are better than one fit of all rows: those of trees and nets
        are, and of who goes by single rows, as kernel machines and neighbours do."""
        return bool(self.notes.get("bag")) or self.entry.tag == "torch"

    @property
    def large(self) -> bool:
        """Whether its fits take much memory."""
        return self.entry.tag == "torch" or self.entry.algorithm in LARGE

    @property
    def fold_options(self) -> Mapping[str, Json]:
        """Options of the next fold: what the first fold settled is not chosen again."""
        own = {name: self.entry.options[name] for name in STOPS if name in self.entry.options}
        return {**self.entry.options, **self.notes.get("settled", {}), **own}

    @property
    def settings(self) -> Mapping[str, Json]:
        """Options from which a search starts: where a fit stops is its own affair."""
        asked = self.entry.options
        return {k: v for k, v in self.fold_options.items() if k not in STOPS or k in asked}

    @property
    def refit_options(self) -> Mapping[str, Json] | None:
        """Options that make a refit without validation rows the same learner, or None."""
        bagged = self.bags and len(self.fold_fits) >= BAG and not self.all_rows
        if "refit" not in self.notes or bagged or not self.refits or self.refit_cut:
            return None
        again = [fit.model.members[0].notes.get("refit", {}) for fit in self.fold_fits]
        stops = {
            name: round(median(one[name] for one in again if name in one))
            for name in STOPS
            if name in self.notes["refit"]
        }
        return {**self.entry.options, **self.notes["refit"], **stops}

    @property
    def released(self) -> list[Fit]:
        """The fits that go into the model: the refit, the bag of folds, or both."""
        if ALL not in self.fits:
            return self.fold_fits
        if self.bags and not self.all_rows:
            return [*self.fold_fits, self.fits[ALL]]
        return [self.fits[ALL]]
