"""Rows of a table from two nets against each other: one makes rows, one says what is real."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from lingqu.core.ports import Budget
from lingqu.learn import costs
from lingqu.learn.deep.export import together
from lingqu.learn.generate.coded import Coded
from lingqu.learn.generate.of_codes import LOOKED, OfCodes, Released
from lingqu.learn.loop import Batch, Task

_SOFT = 0.5
"""How soft the draws of codes are, which the critic must be able to pull at."""
_TOGETHER = 4
"""Rows that the critic sees at once: what is made of them may not all be alike."""


@dataclass
class TableGan(OfCodes["Game"]):
    """Learn to make rows that a critic takes for real, while the critic learns to tell.

    Each column is told by codes, as in `table_vae`. The critic looks at four rows of a class at
    once, so that rows which are all alike give themselves away, and is kept from stretching
    differences. What is released is the average of the maker over its last steps. It keeps no row.

    Args:
        width: Numbers of a hidden layer.
        noise: Numbers that a row is made from.
        bins: Bins of a column of numbers.
        most_rows: Rows that are learned from at most, drawn by the seed.
        checkpoint: Where an interrupted fit is kept, to go on from; ``""`` for nowhere.

    Example:
        >>> TableGan(noise=8).tasks
        frozenset({'generate'})

    Source: Goodfellow et al., 2014, arXiv:1406.2661; Xu et al., "Modeling tabular data using
        conditional GAN", 2019, arXiv:1907.00503; Lin et al., "PacGAN", 2017, arXiv:1712.04086;
        Miyato et al., 2018, arXiv:1802.05957; Jang et al., 2016, arXiv:1611.01144.
    """

    name: ClassVar[str] = "table_gan"
    least: ClassVar[int] = 1_000
    instead: ClassVar[str] = "table_vae"

    learning_rate: float = 2e-3
    optimiser: Literal["gd", "sgd", "momentum", "adam", "adamw", "adam_fresh"] = "adam_fresh"
    schedule: Literal["constant", "step", "cosine", "one_cycle", "warm_up"] = "constant"
    weight_decay: float = 0.0
    average: float = 0.99
    width: int = 128
    noise: int = 64

    def net(self, coded: Coded) -> Game:
        """Return what is trained."""
        return Game(coded, self.width, self.noise)

    def sample(self, coded: Coded) -> tuple[Tensor, Tensor]:
        """Return what the maker is asked with."""
        return torch.zeros(1, self.noise), coded.conditions(coded.rows[:1])

    def alike(self, net: Game, coded: Coded) -> bool:
        """Tell whether what noise changes in a row is next to nothing."""
        generator, rows = torch.Generator().manual_seed(0), coded.rows[:LOOKED]
        with torch.inference_mode():
            noise = torch.randn(len(rows), net.noise, generator=generator)
            return coded.alike(net(noise, coded.conditions(rows)), rows)

    def released(self, net: Game, coded: Coded, budget: Budget) -> Released:
        """Return the maker."""
        return Released(_graph(net, self.noise, coded, budget.threads), [], {})

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.table_gan(rows, columns, classes)


class Game(Task):
    """A maker of rows of codes and its critic.

    Args:
        coded: The rows; only the number of codes of each column is looked at.
        width: Of the hidden layers.
        noise: Numbers that a row is made from.
    """

    def __init__(self, coded: Coded, width: int, noise: int) -> None:
        super().__init__()
        self.coded, self.noise = coded, noise
        self.told = [coded.widths[place] for place in coded.drawn]
        starts = torch.tensor([0, *self.told[:-1]]).cumsum(0)
        self.register_buffer("starts", starts, persistent=False)
        self.maker = nn.Sequential(
            nn.Linear(noise + coded.given, width), nn.BatchNorm1d(width), nn.ReLU(),
            nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU(),
            nn.Linear(width, sum(self.told)),
        )  # fmt: skip
        read = _TOGETHER * (sum(self.told) + coded.given)
        self.critic = nn.Sequential(
            spectral_norm(nn.Linear(read, 2 * width)), nn.LeakyReLU(0.2),
            spectral_norm(nn.Linear(2 * width, width)), nn.LeakyReLU(0.2),
            spectral_norm(nn.Linear(width, 1)),
        )  # fmt: skip

    def forward(self, noise: Tensor, given: Tensor) -> Tensor:
        scores: Tensor = self.maker(torch.cat([noise, given], dim=1))
        return scores

    def groups(self) -> dict[str, Sequence[nn.Parameter]]:
        return {"critic": list(self.critic.parameters()), "maker": list(self.maker.parameters())}

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        rows = batch["rows"]
        order = torch.arange(len(rows), device=rows.device)
        if self.coded.asked is not None:  # rows that are seen at once are of one class
            order = rows[:, self.coded.asked].argsort(stable=True)
        rows = rows[order[: len(rows) - len(rows) % _TOGETHER]]
        if not len(rows):  # the last batch of an epoch may hold fewer than are seen at once
            rows = batch["rows"][:1].repeat(_TOGETHER, 1)
        given = self.coded.conditions(rows)
        real = torch.zeros(len(rows), sum(self.told), device=rows.device)
        real.scatter_(1, rows[:, self.coded.drawn] + self.get_buffer("starts"), 1.0)
        made = self.made(given)
        yield "critic", (F.relu(1 - self.judged(real, given)).mean()
                         + F.relu(1 + self.judged(made.detach(), given)).mean())  # fmt: skip
        yield "maker", -self.judged(made, given).mean()

    def made(self, given: Tensor) -> Tensor:
        """Return rows as soft draws of codes, (B, codes)."""
        scores = self(torch.randn(len(given), self.noise, device=given.device), given)
        # Gumbel noise makes of a softmax a soft draw.
        noisy = (scores - torch.empty_like(scores).exponential_().log()) / _SOFT
        return torch.cat([part.softmax(dim=1) for part in noisy.split(self.told, dim=1)], dim=1)

    def judged(self, rows: Tensor, given: Tensor) -> Tensor:
        """Return what the critic says of rows, several at once, (B / together, 1)."""
        seen = torch.cat([rows, given], dim=1)
        said: Tensor = self.critic(seen.reshape(len(seen) // _TOGETHER, -1))
        return said


class _Drawn(nn.Module):
    """What is released: the maker, asked by one matrix."""

    def __init__(self, maker: nn.Module) -> None:
        super().__init__()
        self.maker = maker

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.maker(x)
        return scores


def _graph(net: Game, noise: int, coded: Coded, threads: int) -> bytes:
    generator = torch.Generator().manual_seed(0)
    sample = torch.randn(4, noise + coded.given, generator=generator)
    free = {"x": {0: "B"}, "heads": {0: "B"}}
    return together(_Drawn(net.maker), {"x": sample}, ["heads"], free, threads)
