"""A variational autoencoder of pictures: what is common to them becomes a few numbers, and back.

Source: Kingma and Welling, 2014, arXiv:1312.6114; with labels: Sohn et al., "Learning structured
output representation using deep conditional generative models", 2015. Noise that is drawn as the
pictures lie, and not as the prior says: Ghosh et al., 2020, arXiv:1903.12436, section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.learn import costs, device
from lingqu.learn.generate.painting import Painting, Studio
from lingqu.learn.generate.picture_nets import NAMED, Eye, Painter
from lingqu.learn.generate.pictures import Pictures
from lingqu.learn.loop import Batch

_TOGETHER = 256
_SMALLEST = 1e-4


@dataclass
class PictureVae(Painting):
    """Learn to say each picture in a few numbers, and to paint it from them.

    New pictures are painted from numbers that are drawn as those of the training pictures of that
    label lie. They vary like the data and are a little soft: of all pictures that fit some
    numbers, the mean is painted.

    Args:
        sigma: How far a pixel may lie from what is painted, of a range of 2; smaller ones ask for
            finer pictures and leave the numbers less like a normal distribution.
        noise: Numbers that a picture is said in.

    Example:
        >>> PictureVae(epochs=4).noise, sorted(PictureVae.kinds)
        (16, ['image'])

    Source: Kingma and Welling, 2014, arXiv:1312.6114; Sohn et al., 2015; Ghosh et al., 2020,
        arXiv:1903.12436.
    """

    name: ClassVar[str] = "picture_vae"
    keeps: ClassVar[bool] = True

    sigma: float = 0.25
    noise: int = 16
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    clip: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.sigma > 0:
            raise TrainError("deep.bad_number", option="sigma", expected="> 0", received=self.sigma)

    def studio(self, rows: Pictures) -> Vae:
        return Vae(self.noise, len(rows.labels), rows.size, self.width, self.sigma)

    def passes(self, rows: int) -> int:
        return costs.picture_vae_epochs(rows)

    def judged(self, task: Studio, held: Pictures) -> Mapping[str, float]:
        """Return the loss of held-out pictures, by the middle of what they are said in."""
        assert isinstance(task, Vae)
        with torch.inference_mode():
            return {"valid_loss": task.bound(held.x, held.y, drawn=False)}

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit; `columns` are the pixels of a picture."""
        return costs.picture_vae(rows, columns, classes)


class Vae(Studio):
    """An eye that says a picture in numbers, and a painter.

    Args:
        noise: Numbers that a picture is said in.
        labels: How many there are.
        size: Channels, height and width of a picture.
        width: Channels in the middle.
        sigma: How far a pixel may lie from what is painted.
    """

    middle: Tensor
    reach: Tensor

    def __init__(
        self, noise: int, labels: int, size: tuple[int, int, int], width: int, sigma: float
    ) -> None:
        super().__init__()
        self.sigma = sigma
        self.eye = Eye(size, width, nn.SiLU)
        self.named = nn.Embedding(labels, NAMED)
        self.said = nn.Linear(self.eye.width_out + NAMED, 2 * noise)
        self.painter = Painter(noise, labels, size, width)
        self.register_buffer("middle", torch.zeros(labels, noise))
        self.register_buffer("reach", torch.eye(noise).repeat(labels, 1, 1))

    def forward(self, noise: Tensor, labels: Tensor) -> Tensor:
        """Return pictures from standard normal noise, (B, Z), of labels, (B,)."""
        numbers = self.middle[labels] + (self.reach[labels] @ noise[:, :, None]).squeeze(2)
        pictures: Tensor = self.painter(numbers, labels)
        return pictures

    def numbers(self, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the middle and the logarithm of the variance that pictures are said in, (B, Z)."""
        told = self.said(torch.cat([self.eye(x), self.named(labels)], 1))
        middle, spread = told.chunk(2, 1)
        return middle, spread

    def loss(self, batch: Batch) -> Tensor:
        return self._bound(batch["x"], batch["y"], drawn=True)

    def bound(self, x: Tensor, labels: Tensor, drawn: bool) -> float:
        """Return the mean loss of pictures, in parts that fit into memory."""
        where, total = device.place(self), 0.0
        for one, of in zip(torch.split(x, _TOGETHER), torch.split(labels, _TOGETHER), strict=True):
            total += len(one) * float(self._bound(one.to(where), of.to(where), drawn))
        return total / len(x)

    def _bound(self, x: Tensor, labels: Tensor, drawn: bool) -> Tensor:
        """Return the negative evidence lower bound, without what is constant."""
        middle, spread = self.numbers(x, labels)
        said = middle + torch.randn_like(middle) * (spread / 2).exp() if drawn else middle
        missed = (self.painter(said, labels) - x).square().flatten(1).sum(1)  # (B,)
        apart = (middle.square() + spread.exp() - 1 - spread).sum(1)
        bound: Tensor = (missed / self.sigma**2 + apart).mean() / 2
        return bound

    @torch.inference_mode()
    def finish(self, rows: Pictures) -> None:
        """Learn how the numbers of each label lie: their mean and their covariance.

        Labels of few pictures lean on the covariance of all.
        """
        where = device.place(self)
        parts = zip(torch.split(rows.x, _TOGETHER), torch.split(rows.y, _TOGETHER), strict=True)
        told = [self.numbers(x.to(where), y.to(where)) for x, y in parts]
        middle = torch.cat([one.cpu().double() for one, _ in told])  # (N, Z)
        own = torch.cat([two.cpu().double().exp() for _, two in told])  # (N, Z)
        found = [middle[rows.y == label] for label in range(len(rows.labels))]
        centres = torch.stack([one.mean(0) for one in found])
        apart = middle - centres[rows.y]
        whole = apart.T @ apart / len(apart)
        noise = middle.shape[1]
        for label, one in enumerate(found):
            near = one - centres[label]
            spread = (near.T @ near + noise * whole) / (len(one) + noise)
            spread += own[rows.y == label].mean(0).diag() + _SMALLEST * torch.eye(noise)
            self.middle[label] = centres[label].float()
            self.reach[label] = torch.linalg.cholesky(spread).float()
