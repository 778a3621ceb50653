"""Two towers: a net of what somebody took and who they are, a table of items and what these are."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset
from lingqu.core.ports import Budget, Progress
from lingqu.learn.optimisers import AdamW
from lingqu.learn.recommend.features import item_features
from lingqu.learn.recommend.learner import Learned, Recommender
from lingqu.learn.recommend.reading import Reading
from lingqu.learn.tabular.graph import Step

Floats = NDArray[np.float64]
BATCH = 512
UNKNOWN, STRANGE = 0.3, 0.15
"""Share of users of whom nothing is told in a step, and of those who are told to have taken
nothing: so that either is answered without the other."""
_SPARE = 0.15
"""Share of the time that is for the graph and the lists."""


class Towers(nn.Module):
    """The tower of users reads items and features; that of items reads a table and features."""

    def __init__(self, features: torch.Tensor, known: int, factors: int) -> None:
        super().__init__()
        items = features.shape[0]
        self.features = features
        self.took = nn.Parameter(torch.randn(items, factors) / factors**0.5)
        self.own = nn.Parameter(torch.randn(items, factors) / factors**0.5)
        self.told = nn.Linear(features.shape[1], factors, bias=False)
        self.first = nn.Linear(factors, factors)
        self.second = nn.Linear(factors, factors)
        self.who = nn.Parameter(torch.zeros(known, factors))

    def items(self) -> torch.Tensor:
        found: torch.Tensor = self.own + self.told(self.features)  # (items, d)
        return found

    def users(self, mean: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = mean + self.second(torch.relu(self.first(mean)))  # (B, d)
        return found


@dataclass
class TwoTower(Recommender):
    """Learn a net that turns what somebody took into a place near the items they take next.

    Each step looks at users with one of their items set aside, and tells it from the items of the
    others in the batch; how often these come up is taken off, so that popular ones are not
    punished. Columns that say the same in every row of an item, or of a user, are read as well:
    whoever took nothing yet is then answered from these.

    Args:
        factors: Dimensions.
        steps: Batches; fewer where the time is over.
        learning_rate: Of AdamW.
        penalty: Weight decay of AdamW.
        dropout: Share of a history that is hidden in a step.

    Example:
        >>> TwoTower(factors=32).steps
        800

    Source: Yi et al., "Sampling-bias-corrected neural modeling", RecSys 2019,
        doi:10.1145/3298689.3346996; Covington, Adams and Sargin, RecSys 2016,
        doi:10.1145/2959100.2959190.
    """

    name: ClassVar[str] = "two_tower"
    engine: ClassVar[str] = "torch"

    factors: int = 64
    steps: int = 800
    learning_rate: float = 0.003
    penalty: float = 0.1
    dropout: float = 0.3

    def learn(
        self, reading: Reading, train: Dataset, budget: Budget, progress: Progress
    ) -> Learned:
        """Train both towers."""
        for option in ("factors", "steps", "learning_rate"):
            if not getattr(self, option) > 0:
                raise SpecError("recommend.bad_option", option=option, expected="> 0",
                                received=getattr(self, option))  # fmt: skip
        torch.set_num_threads(max(1, budget.threads))
        known = item_features(train, reading.rows.items)
        features = np.hstack([known, np.ones((len(known), 1), dtype=np.float32)])
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(budget.seed)
            towers = Towers(torch.from_numpy(features), reading.people.shape[1], self.factors)
            done = self._train(towers, reading, budget, progress)
        with torch.no_grad():
            weights = {name: value.double().numpy().copy() for name, value in (
                ("took", towers.took), ("turned", towers.items().T), ("w1", towers.first.weight.T),
                ("b1", towers.first.bias), ("w2", towers.second.weight.T),
                ("b2", towers.second.bias), ("who", towers.who),
            )}  # fmt: skip
        reads = bool(reading.people.shape[1])
        notes = {"factors": self.factors, "steps": done, "features": int(known.shape[1]),
                 "of_users": reading.people.shape[1], "cut_short": done < self.steps}  # fmt: skip
        constants = {**weights, "tiny": np.array(1e-9)}
        if not reads:
            del constants["who"]
        return Learned(
            _steps(reads), constants, lambda taken, people: _told(weights, taken, people), notes,
            reads=reads,
        )  # fmt: skip

    def _train(self, towers: Towers, reading: Reading, budget: Budget, progress: Progress) -> int:
        """Run the steps that time allows and return how many they were."""
        end = time.monotonic() + (1 - _SPARE) * budget.seconds
        random = np.random.default_rng(budget.seed)
        plain = reading.plain
        owner = np.repeat(np.arange(plain.shape[0]), np.diff(plain.indptr))
        people = reading.people.astype(np.float32)
        often = np.log(np.bincount(plain.indices, minlength=plain.shape[1]).clip(1))
        often = torch.from_numpy((often - np.log(len(owner))).astype(np.float32))
        descent = AdamW(list(towers.parameters()), self.penalty)
        for step in range(self.steps):
            rows = random.integers(0, len(owner), min(BATCH, len(owner)))
            user, wanted = owner[rows], plain.indices[rows]
            history = torch.from_numpy(plain[user].toarray())  # (B, items)
            pick = torch.from_numpy(wanted.astype(np.int64))
            near = history[:, pick].bool()  # what others took that this user took too
            history[torch.arange(len(pick)), pick] = 0.0
            kept = random.random(history.shape, dtype=np.float32) >= self.dropout
            history = history * torch.from_numpy(kept)
            if people.shape[1]:
                draw = random.random((len(user), 1), dtype=np.float32)
                history = history * torch.from_numpy((draw >= STRANGE).astype(np.float32))
            number = history.sum(1, keepdim=True).clamp(min=1.0)
            mean = (history @ towers.took) / number.sqrt()
            if people.shape[1]:
                told_of = people[user] * (draw < 1 - UNKNOWN)
                mean = mean + torch.from_numpy(told_of) @ towers.who
            place = towers.users(mean)
            told = place @ towers.items()[pick].T - often[pick]  # (B, B)
            near.fill_diagonal_(False)
            loss = F.cross_entropy(told.masked_fill(near, -1e9), torch.arange(len(pick)))
            descent.forget_gradients()
            loss.backward()  # type: ignore[no-untyped-call]
            descent.step(self.learning_rate)
            if step % 100 == 99:
                progress({"step": step + 1, "train_loss": float(loss.detach())})
            if time.monotonic() > end:
                return step + 1
        return self.steps


def _steps(reads: bool) -> list[Step]:
    """Return the steps of `_told`."""
    mean = "mean" if not reads else "history"
    profile: list[Step] = [
        ("MatMul", ["people", "who"], ["profile"], {}),
        ("Add", ["history", "profile"], ["mean"], {}),
    ]
    return [
        ("ReduceSum", ["had", "axis"], ["number"], {"keepdims": 1}),
        ("Add", ["number", "tiny"], ["above"], {}),
        ("Sqrt", ["above"], ["root"], {}),
        ("Div", ["had", "root"], ["shared"], {}),
        ("MatMul", ["shared", "took"], [mean], {}),
        *(profile if reads else ()),
        ("MatMul", ["mean", "w1"], ["m1"], {}),
        ("Add", ["m1", "b1"], ["a1"], {}),
        ("Relu", ["a1"], ["r1"], {}),
        ("MatMul", ["r1", "w2"], ["m2"], {}),
        ("Add", ["m2", "b2"], ["a2"], {}),
        ("Add", ["mean", "a2"], ["place"], {}),
        ("MatMul", ["place", "turned"], ["told"], {}),
    ]


def _told(weights: dict[str, NDArray[Any]], taken: NDArray[Any], people: NDArray[Any]) -> Floats:
    had = (np.asarray(taken) > 0).astype(np.float64)
    mean = had / np.sqrt(had.sum(1, keepdims=True) + 1e-9) @ weights["took"]
    mean = mean + people @ weights["who"]
    inner = np.maximum(mean @ weights["w1"] + weights["b1"], 0.0)
    return np.asarray((mean + inner @ weights["w2"] + weights["b2"]) @ weights["turned"])
