"""The painter and critic of Wasserstein: how far is what is made from what is real.

Source: Arjovsky et al., 2017, arXiv:1701.07875; Gulrajani et al., 2017, arXiv:1704.00028.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from lingqu.core.errors import TrainError
from lingqu.learn import costs
from lingqu.learn.generate.painting import Studio
from lingqu.learn.generate.picture_gan import CRITIC, PAINTER, Gan, PictureGan
from lingqu.learn.generate.pictures import Pictures
from lingqu.learn.loop import Batch


@dataclass
class WganGp(PictureGan):
    """Learn to paint against a critic that measures a distance, and is held to a slope of 1.

    The critic takes several steps for each of the painter. On 1,437 digits a step costs about
    three times that of `picture_gan`, and its pictures were further from real ones at the same
    cost: it is here for comparison, and is not tried unless it is named.

    Args:
        steps: Steps of the critic for each of the painter.
        penalty: How much a slope other than 1 counts.

    Example:
        >>> WganGp(steps=5).penalty
        10.0

    Source: Arjovsky et al., 2017, arXiv:1701.07875; Gulrajani et al., 2017, arXiv:1704.00028.
    """

    name: ClassVar[str] = "wgan_gp"

    steps: int = 3
    penalty: float = 10.0
    learning_rate: float = 5e-4

    def __post_init__(self) -> None:
        super().__post_init__()
        for option, low, high in (("steps", 1, 100), ("penalty", 0, 1e6)):
            if not low <= getattr(self, option) <= high:
                raise TrainError("deep.bad_number", option=option, expected=f"{low} – {high}",
                                 received=getattr(self, option))  # fmt: skip

    def studio(self, rows: Pictures) -> Studio:
        return Distance(self.noise, len(rows.labels), rows.size, self.width, self)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit; `columns` are the pixels of a picture."""
        return costs.wgan_gp(rows, columns, classes)


class Distance(Gan):
    """A painter, and a critic whose answers are further apart the further pictures are.

    Args:
        noise: Numbers that a picture is drawn from.
        labels: How many there are.
        size: Channels, height and width of a picture.
        width: Channels in the middle.
        wish: Says the steps and the penalty.
    """

    def __init__(
        self, noise: int, labels: int, size: tuple[int, int, int], width: int, wish: WganGp
    ) -> None:
        super().__init__(noise, labels, size, width, bounded=False)
        self.wish = wish

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        x, labels = batch["x"], batch["y"]
        for _ in range(self.wish.steps):
            made = self.paint(x, labels).detach()
            gap = self.critic(made, labels).mean() - self.critic(x, labels).mean()
            yield CRITIC, gap + self.wish.penalty * self._slope(x, made, labels)
        yield PAINTER, -self.critic(self.paint(x, labels), labels).mean()

    def _slope(self, x: Tensor, made: Tensor, labels: Tensor) -> Tensor:
        """Return how far from 1 the slope of the critic is, between real and made pictures."""
        share = torch.rand(len(x), 1, 1, 1, device=x.device)
        between = (share * x + (1 - share) * made).requires_grad_()
        said = self.critic(between, labels).sum()
        (slope,) = torch.autograd.grad(said, between, create_graph=True)  # (B, C, H, W)
        far: Tensor = (slope.flatten(1).norm(2, 1) - 1).square().mean()
        return far
