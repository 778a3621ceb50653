"""Two nets of pictures against each other: one paints, one says what is real.

Source: Goodfellow et al., 2014, arXiv:1406.2661; hinge loss: Lim and Ye, 2017, arXiv:1705.02894;
spectral normalisation: Miyato et al., 2018, arXiv:1802.05957; label by projection: Miyato and
Koyama, 2018, arXiv:1802.05637; averaged painter: Yazıcı et al., 2019, arXiv:1806.04498.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lingqu.learn import costs
from lingqu.learn.generate.painting import Painting, Studio
from lingqu.learn.generate.picture_nets import Critic, Painter
from lingqu.learn.generate.pictures import Pictures
from lingqu.learn.loop import Batch

CRITIC, PAINTER = "critic", "painter"
"""Names of the optimisers."""


@dataclass
class PictureGan(Painting):
    """Learn to paint what a critic takes for real, while the critic learns to tell.

    The critic is kept from stretching differences, and what is released is the average of the
    painter over its last steps: both calm a game that otherwise runs in circles. Pictures are
    sharp; what is rare among the data may be missing among them.

    Args:
        optimiser: ``adam_fresh``, which keeps no momentum, or another one: with ``adam`` the game
            did not settle on digits.
        average: How much of the averaged painter stays at each step.

    Example:
        >>> PictureGan(epochs=4).optimiser
        'adam_fresh'

    Source: Goodfellow et al., 2014, arXiv:1406.2661; Miyato et al., 2018, arXiv:1802.05957;
        Miyato and Koyama, 2018, arXiv:1802.05637; Yazıcı et al., 2019, arXiv:1806.04498.
    """

    name: ClassVar[str] = "picture_gan"

    batch: int = 64
    learning_rate: float = 1e-3
    optimiser: Literal["gd", "sgd", "momentum", "adam", "adamw", "adam_fresh"] = "adam_fresh"
    schedule: Literal["constant", "step", "cosine", "one_cycle", "warm_up"] = "constant"
    weight_decay: float = 0.0
    clip: float = 0.0
    average: float = 0.99

    def studio(self, rows: Pictures) -> Studio:
        return Gan(self.noise, len(rows.labels), rows.size, self.width)

    def passes(self, rows: int) -> int:
        return costs.picture_gan_epochs(rows)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit; `columns` are the pixels of a picture."""
        return costs.picture_gan(rows, columns, classes)


class Gan(Studio):
    """A painter and its critic.

    Args:
        noise: Numbers that a picture is drawn from.
        labels: How many there are.
        size: Channels, height and width of a picture.
        width: Channels in the middle.
        bounded: Whether the layers of the critic are normalised.
    """

    def __init__(
        self,
        noise: int,
        labels: int,
        size: tuple[int, int, int],
        width: int,
        bounded: bool = True,
    ) -> None:
        super().__init__()
        self.noise = noise
        self.painter = Painter(noise, labels, size, width)
        self.critic = Critic(labels, size, width, bounded)

    def forward(self, noise: Tensor, labels: Tensor) -> Tensor:
        pictures: Tensor = self.painter(noise, labels)
        return pictures

    def groups(self) -> dict[str, Sequence[nn.Parameter]]:
        return {CRITIC: list(self.critic.parameters()), PAINTER: list(self.painter.parameters())}

    def losses(self, batch: Batch) -> Iterator[tuple[str, Tensor]]:
        x, labels = batch["x"], batch["y"]
        made = self.paint(x, labels)
        both = torch.cat([x, made.detach()]), torch.cat([labels, labels])
        real, false = self.critic(*both).chunk(2)
        yield CRITIC, F.relu(1 - real).mean() + F.relu(1 + false).mean()
        yield PAINTER, -self.critic(made, labels).mean()

    def paint(self, x: Tensor, labels: Tensor) -> Tensor:
        """Return a picture of each label, from fresh noise."""
        noise = torch.randn(len(x), self.noise, device=x.device)
        pictures: Tensor = self.painter(noise, labels)
        return pictures
