"""Policies that nobody trained: drawn at random, written by hand, or one action for ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.core.errors import SpecError, TrainError, gist
from lingqu.environment.episodes import Policy
from lingqu.environment.observed import Floats, Observed, Taken
from lingqu.environment.place import Place
from lingqu.environment.watched import Watched

RANDOM, RULE = "random", "rule"


def has_rule(place: Place) -> bool:
    """Say whether the environment states a rule of its own: a method ``rule(observation)``."""
    opened = Watched(place)
    opened.close()
    return callable(getattr(opened.inner, "rule", None))


def rule_of(name: str, place: Place, seed: int) -> Policy:
    """Return the policy of a name.

    Args:
        name: ``random``: any action that is allowed; ``rule``: what the environment's own method
            ``rule(observation)`` says; ``module:function``: a function of the same form.
        place: The environment.
        seed: Of the random draws.

    Raises:
        SpecError: The environment has no rule, or the function cannot be imported.
    """
    opened = Watched(place)
    opened.close()
    if name == RANDOM:
        return at_random(opened.observed, seed)
    said = getattr(opened.inner, "rule", None) if name == RULE else place.found(name)
    if not callable(said):
        raise SpecError("control.no_rule", name=place.name)
    return by_hand(said, name, opened.observed)


def at_random(observed: Observed, seed: int) -> Policy:
    """Return the policy that takes any action that is allowed, each as likely as the others."""
    draw = np.random.default_rng(seed)

    def act(rows: Floats, observations: Sequence[Any]) -> Taken:
        if observed.span is not None:
            return draw.uniform(*observed.span, len(rows))
        chance = draw.random((len(rows), len(observed.actions)))
        best: NDArray[np.int64] = np.where(observed.allowed(rows), chance, -1.0).argmax(axis=1)
        return best

    return act


def by_hand(rule: Callable[[Any], Any], name: str, observed: Observed) -> Policy:
    """Return the policy that a function of the observation writes.

    Args:
        rule: Says the number of an action, its name, or an amount.
        name: What it is called, for an error.
        observed: Of the environment.
    """
    places = {str(observed.first + i): i for i in range(len(observed.actions))}
    places |= {action: i for i, action in enumerate(observed.actions)}

    def act(rows: Floats, observations: Sequence[Any]) -> Taken:
        said: list[float] = []
        for observation in observations:
            try:
                action = rule(observation)
            except Exception as error:  # a rule of the user's may raise anything
                why = f"{type(error).__name__}: {gist(error)}"
                raise TrainError("control.rule_raised", name=name, why=why) from error
            if observed.span is not None:
                said.append(_amount(action, name, observed.span))
                continue
            key = action if isinstance(action, str) else str(int(action))
            if key not in places:
                raise TrainError("control.rule_action", name=name, received=action,
                                 expected=", ".join(observed.actions))  # fmt: skip
            said.append(places[key])
        return np.array(said)

    return act


def _amount(said: Any, name: str, span: tuple[float, float]) -> float:
    """Return the amount that a rule says.

    Raises:
        TrainError: It is none between the bounds.
    """
    try:
        amount = float(np.asarray(said, dtype=np.float64).item())
    except (TypeError, ValueError):
        amount = float("nan")
    if not span[0] <= amount <= span[1]:
        expected = f"{span[0]:g} … {span[1]:g}"
        raise TrainError("control.rule_action", name=name, received=said, expected=expected)
    return amount


def always(action: float) -> Policy:
    """Return the policy that takes one action for ever, by its place or as an amount.

    Example:
        >>> always(1)(np.zeros((2, 4), np.float32), ()).tolist()
        [1, 1]
    """
    return lambda rows, observations: np.full(len(rows), action)
