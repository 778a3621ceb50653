"""The net by whose eyes pictures are compared: fitted on real ones, the same for every maker."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lingqu.learn.deep import export
from lingqu.learn.deep.supervised import seeded
from lingqu.learn.generate.pictures import Pictures
from lingqu.learn.loop import Batch, Plan, Task, fit

SEEN = 64
"""Numbers that say what is in a picture."""
_WIDTH, _BATCH, _RATE = 32, 64, 1e-3
STEPS, _MOST = 340, 15
"""Steps that it learns, in so many passes at most."""
_ROWS = 5000
"""Pictures that it learns from at most: what it must tell apart is little."""
_WAYS = 4
"""Ways in which a picture is mirrored: not, sideways, upside down, both."""


def eyes(rows: Pictures, seed: int = 0, steps: int = STEPS) -> bytes:
    """Return the graph of a net that learned to tell the labels of pictures.

    Args:
        rows: Training pictures. Without labels it learns which way each was mirrored.
        seed: Of its first weights and the order of rows.
        steps: How long it learns; eyes that only choose between makers need less.

    Returns:
        ONNX bytes: ``pictures`` (B, C, H, W) → ``seen`` (B, 64), ``said`` (B, K).
    """
    x, y = rows.x[:_ROWS], rows.y[:_ROWS]
    labels = len(rows.labels)
    if labels < 2:
        x, y, labels = *_mirrored(x), _WAYS
    with seeded(seed):
        task = _Named(Seeing(rows.size, labels))
    epochs = max(1, min(_MOST, round(steps * _BATCH / len(x))))
    plan = Plan(epochs=epochs, batch=_BATCH, learning_rate=_RATE, optimiser="adam", seed=seed)
    fit(task, {"x": x, "y": y}, plan)
    free = {name: {0: "B"} for name in ("pictures", "seen", "said")}
    return export.together(task.net, {"pictures": rows.x[:2]}, ["seen", "said"], free)


class Seeing(nn.Module):
    """Pictures (B, C, H, W) → what is seen (B, 64), and a logit of each label (B, K).

    Args:
        size: Channels, height and width of a picture.
        labels: How many there are.
    """

    def __init__(self, size: tuple[int, int, int], labels: int) -> None:
        super().__init__()
        channels, height, width = size
        layers: list[nn.Module] = [nn.Conv2d(channels, _WIDTH, 3, 1, 1), nn.ReLU()]
        inner = _WIDTH
        while min(height, width) >= 8:
            layers += [nn.Conv2d(inner, 2 * _WIDTH, 4, 2, 1), nn.ReLU()]
            inner, height, width = 2 * _WIDTH, height // 2, width // 2
        flat = inner * height * width
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(flat, SEEN), nn.ReLU())
        self.head = nn.Linear(SEEN, labels)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        seen = self.body(pictures)
        return seen, self.head(seen)


class _Named(Task):
    """The net, and how far it is from the labels."""

    def __init__(self, net: Seeing) -> None:
        super().__init__()
        self.net = net

    def loss(self, batch: Batch) -> Tensor:
        return F.cross_entropy(self.net(batch["x"])[1], batch["y"])


def _mirrored(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return every picture in one of the ways, in turn, and which it is."""
    way = torch.arange(len(x)) % _WAYS
    out = x.clone()
    out[way % 2 == 1] = out[way % 2 == 1].flip(3)
    out[way >= 2] = out[way >= 2].flip(2)
    return out, way
