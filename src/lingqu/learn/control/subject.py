"""What a learner of policies learns in: the environment that its rows name, and its episodes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from lingqu.core.errors import SpecError, TrainError
from lingqu.core.nouns import Dataset
from lingqu.environment.episodes import Episodes, Policy, play
from lingqu.environment.fallback import Fallback
from lingqu.environment.observed import Observed
from lingqu.environment.place import Place
from lingqu.environment.rules import RANDOM, rule_of
from lingqu.environment.watched import Watched
from lingqu.learn.control import OF_AMOUNTS

FACT = "environment"
"""Fact of a dataset: the place that its rows were walked in."""
JUDGED = 20
"""Episodes that compare policies while they are chosen."""
_VALID, _WALK = 500_000, 900_000
"""Where the seeds of the episodes begin that compare policies, and of those at random."""


@dataclass
class Arena:
    """An environment to learn in.

    Args:
        place: Which.
        seed: Of everything that is drawn.

    Example:
        >>> Arena(Place("gym:CartPole-v1"), 0).observed.actions
        ('0', '1')
    """

    place: Place
    seed: int

    @classmethod
    def of(cls, train: Dataset, algorithm: str, seed: int) -> Arena:
        """Return where the rows of a dataset were walked.

        Raises:
            TrainError: They name no environment.
        """
        told = train.facts.get(FACT)
        if not told:
            raise TrainError("control.no_environment", algorithm=algorithm)
        return cls(Place.of(told), seed)

    @cached_property
    def watched(self) -> Watched:
        """One opened environment, to be asked what it is."""
        return Watched(self.place)

    @property
    def observed(self) -> Observed:
        """How its observations are read."""
        return self.watched.observed

    @property
    def enough(self) -> float | None:
        """The mean return that the environment calls solved, or None."""
        return self.watched.enough

    @cached_property
    def fallback(self) -> Fallback | None:
        """What is answered to observations unlike those of training, or None."""
        written = self.place.fallback
        if written is None:
            written = getattr(self.watched.inner, "fallback", None)
        return None if written is None else Fallback.of(written, self.observed)

    @cached_property
    def _judging(self) -> list[Watched]:
        return [Watched(self.place) for _ in range(JUDGED)]

    def judged(self, policy: Policy, keep: bool = False) -> Episodes:
        """Play the episodes that policies are compared on; they are never learned from.

        Args:
            policy: Who plays.
            keep: Whether every row is kept.
        """
        seeds = range(_VALID + 1000 * (self.seed % 97), _VALID + 1000 * (self.seed % 97) + JUDGED)
        return play(self.place, policy, seeds, JUDGED if keep else 0, gone=self._judging)

    @cached_property
    def walked(self) -> Episodes:
        """Episodes at random, with their rows: what observations look like."""
        seeds = range(_WALK, _WALK + JUDGED)
        policy = rule_of(RANDOM, self.place, self.seed)
        return play(self.place, policy, seeds, JUDGED, gone=self._judging)


def refuse_amounts(algorithm: str, arena: Arena) -> None:
    """Refuse actions that are amounts, for a learner that chooses one of a few.

    Raises:
        SpecError: They are.
    """
    if (span := arena.observed.span) is not None:
        raise SpecError("control.no_amounts", algorithm=algorithm, name=arena.place.name,
                        low=span[0], high=span[1], expected=", ".join(OF_AMOUNTS))  # fmt: skip
