"""A net that finds objects as points: the centre of each, and from there how far it reaches.

Source: Zhou, Wang and Krähenbühl, "Objects as points" (CenterNet), 2019, arXiv:1904.07850; no
anchors. Spots as wide as their boxes: Liu et al., "TTFNet", 2019, arXiv:1909.00700.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lingqu.core.box_metrics import counts, matched, mean_precision
from lingqu.core.errors import TrainError
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs, device
from lingqu.learn.deep import export
from lingqu.learn.deep.encoders.resnet import Residual
from lingqu.learn.deep.options import Trained
from lingqu.learn.detect.scenes import Scenes, scenes
from lingqu.learn.loop import Batch, Plan, Task
from lingqu.learn.replies.training import Training
from lingqu.release.replies import reply_encoding
from lingqu.release.replies.boxes import read_maps

STEP = 4
"""Pixels of a step of the maps."""
_ALIGNED = 16
"""Pictures are filled up to a multiple of this: so often is the map halved."""
_FLOOR = -2.19
"""First bias of the centres: a chance of 0.1, so that the empty rest does not drown the spots."""
_SIZES = 0.1
"""How much an error of sizes counts beside those of centres and offsets."""
_TOGETHER = 64
_OUTPUTS = ("centres", "sizes", "offsets")
_CUTS = np.linspace(0.05, 0.95, 37)


@dataclass
class Centres(Trained):
    """Learn where the centres of objects are, how wide and high each is, and what it is.

    The chance of a centre is a map for each label; its peaks are the objects. Nothing is guessed
    about sizes or shapes beforehand.

    Args:
        width: Channels of the finest layer; each halving of the map has twice as many.
        most: Boxes of a picture, at most.
        threshold: Chance from which a box is said; 0 takes the one with the best F1 on held-out
            pictures, or 0.3 where there are none.
        flip: Whether pictures may be mirrored at random; not where left and right differ, as in
            digits and letters.
        shift: Share of the sides by which pictures are moved at random.
        zoom: Share by which they are made larger or smaller at random.
        light: Share by which their light and contrast are changed at random.

    Example:
        >>> Centres(width=8).flip
        False

    Source: Zhou, Wang and Krähenbühl, 2019, arXiv:1904.07850.
    """

    name: ClassVar[str] = "centres"
    tasks: ClassVar[frozenset[str]] = frozenset({"detect"})
    kinds: ClassVar[frozenset[Kind]] = frozenset({"image"})
    engine: ClassVar[str] = "torch"

    width: int = 16
    most: int = 50
    threshold: float = 0.0
    flip: bool = False
    shift: float = 0.1
    zoom: float = 0.1
    light: float = 0.2
    batch: int = 16
    learning_rate: float = 4e-3
    weight_decay: float = 0.01
    clip: float = 5.0

    def __post_init__(self) -> None:
        for option, low, high in (
            ("width", 4, 512), ("most", 1, 1000), ("threshold", 0, 0.99), ("shift", 0, 0.9),
            ("zoom", 0, 0.9), ("light", 0, 0.9),
        ):  # fmt: skip
            if not low <= getattr(self, option) <= high:
                raise TrainError("deep.bad_number", option=option, expected=f"{low} – {high}",
                                 received=getattr(self, option))  # fmt: skip

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, keep the epoch that finds most in `valid`."""
        begun = time.monotonic()
        rows = scenes(train)
        held = scenes(valid) if _has_boxes(valid) else None
        labels = rows.labels
        net_of = (rows.pictures, len(labels), self.width)
        data = _tensors(rows, labels)
        training = Training(
            self.name, lambda: Finding(Maps.of(*net_of), self), data, (data["x"][:1],),
            (lambda task: _judged(task, held, labels, self.most)) if held else None,
            self.patience,
        )  # fmt: skip
        plan = Plan.of(
            self, epochs=self.epochs or costs.centres_epochs(len(rows)), seed=budget.seed
        )
        task, notes = training.run(plan, budget, progress, begun)
        at = self.threshold or (_threshold(task, held, labels, self.most) if held else 0.3)
        notes = {**notes, "threshold": at, "labels": len(labels), "pictures": len(rows)}
        notes["settled"] = {**notes["settled"], "threshold": at}
        block = rows.block("boxes", labels, threshold=at, most=self.most, step=STEP)
        graph = export.together(
            task.net, {"pictures": data["x"][:2]}, _OUTPUTS,
            {name: {0: "B"} for name in ("pictures", *_OUTPUTS)}, budget.threads,
        )  # fmt: skip
        member = Member(self.name, self.name, 1.0, reply_encoding(block, rows.left_out), graph,
                        notes)  # fmt: skip
        return Model("detect", (), (member,))

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.centres(rows, columns, classes)


class Maps(nn.Module):
    """Pictures → chances of centres, sizes and offsets, all on a map of a quarter of the sides.

    (B, C, H, W) → (B, K, h, w), (B, 2, h, w), (B, 2, h, w).

    Args:
        channels: Of the pictures.
        labels: How many.
        width: Channels of the finest layer.
        mean: Of the pixels of training pictures.
        scale: Their standard deviation.

    Example:
        >>> [out.shape[1:] for out in Maps(1, 10, 8, 0.0, 1.0)(torch.zeros(2, 1, 60, 60))]
        [torch.Size([10, 16, 16]), torch.Size([2, 16, 16]), torch.Size([2, 16, 16])]
    """

    def __init__(self, channels: int, labels: int, width: int, mean: float, scale: float) -> None:
        super().__init__()
        self.mean, self.scale = mean, scale
        self.stem = nn.Conv2d(channels, width, 3, 2, 1, bias=False)
        self.fine = nn.Sequential(Residual(width, 2 * width, 2), Residual(2 * width, 2 * width))
        self.middle = nn.Sequential(
            Residual(2 * width, 4 * width, 2), Residual(4 * width, 4 * width)
        )
        self.coarse = nn.Sequential(
            Residual(4 * width, 4 * width, 2), Residual(4 * width, 4 * width)
        )
        self.lower = nn.Conv2d(4 * width, 4 * width, 1)
        self.upper = nn.Conv2d(4 * width, 2 * width, 1)
        self.joined = Residual(2 * width, 2 * width)
        self.heads = nn.ModuleList(_head(2 * width, outer) for outer in (labels, 2, 2))
        bias = self.heads[0][-1].bias  # type: ignore[index]
        nn.init.constant_(bias, _FLOOR)

    @classmethod
    def of(cls, pictures: np.ndarray[Any, Any], labels: int, width: int) -> Maps:
        """Return a net that fits the pictures (N, C, H, W)."""
        mean, scale = float(pictures.mean()), float(pictures.std())
        return cls(pictures.shape[1], labels, width, mean, scale or 1.0)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        logits, sizes, offsets = self.raw((pictures - self.mean) / self.scale)
        return logits.sigmoid(), sizes, offsets

    def raw(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits, sizes and offsets of standardised pictures, (B, C, H, W)."""
        height, width = int(x.shape[2]), int(x.shape[3])
        x = F.pad(x, (0, -width % _ALIGNED, 0, -height % _ALIGNED))
        fine = self.fine(self.stem(x))  # (B, 2w, H/4, W/4)
        middle = self.middle(fine)  # (B, 4w, H/8, W/8)
        coarse = self.coarse(middle)  # (B, 4w, H/16, W/16)
        middle = middle + F.interpolate(self.lower(coarse), scale_factor=2.0)
        fine = self.joined(fine + F.interpolate(self.upper(middle), scale_factor=2.0))
        logits, sizes, offsets = (head(fine) for head in self.heads)
        return logits, F.softplus(sizes), offsets.sigmoid()


def _head(inner: int, outer: int) -> nn.Sequential:
    return nn.Sequential(
        nn.BatchNorm2d(inner), nn.ReLU(), nn.Conv2d(inner, inner, 3, 1, 1), nn.ReLU(),
        nn.Conv2d(inner, outer, 1),
    )  # fmt: skip


class Finding(Task):
    """A net that learns spots, sizes and offsets.

    Args:
        net: Gives maps.
        wish: Says how pictures are changed at random.
    """

    def __init__(self, net: Maps, wish: Centres) -> None:
        super().__init__()
        self.net, self.wish = net, wish

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        out: tuple[Tensor, Tensor, Tensor] = self.net(pictures)
        return out

    def loss(self, batch: Batch) -> Tensor:
        x, boxes = moved(batch["x"], batch["boxes"], self.wish)  # (B, C, H, W), (B, M, 5)
        x = (x - self.net.mean) / self.net.scale
        if self.wish.light:
            draw = torch.rand(2, len(x), 1, 1, 1, device=x.device) * 2 - 1
            x = x * (1 + self.wish.light * draw[0]) + self.wish.light * draw[1]
        logits, sizes, offsets = self.net.raw(x)
        spots, there = spotted(boxes, logits.shape)  # (B, K, h, w), (B, M)
        count = there.sum().clamp(min=1)
        middle = boxes[..., 1:3] / STEP  # (B, M, 2), across and down
        cell = middle.floor()
        place = (cell[..., 1] * logits.shape[3] + cell[..., 0]).to(torch.int64).clamp(min=0)
        place = place.clamp(max=logits[0, 0].numel() - 1)[:, None].expand(-1, 2, -1)  # (B, 2, M)
        wide = sizes.flatten(2).gather(2, place).transpose(1, 2)  # (B, M, 2)
        inside = offsets.flatten(2).gather(2, place).transpose(1, 2)
        size_loss = (wide - boxes[..., 3:] / STEP).abs().sum(2)
        offset_loss = (inside - (middle - cell)).abs().sum(2)
        reach = ((_SIZES * size_loss + offset_loss) * there).sum() / count
        return heat_focal(logits, spots) / count + reach


def heat_focal(logits: Tensor, spots: Tensor) -> Tensor:
    """Return the focal loss of maps of chances, summed; near a centre a mistake counts less.

    Args:
        logits: (B, K, h, w).
        spots: 1 at centres, falling around them, 0 elsewhere.

    Source: Law and Deng, "CornerNet", 2018, arXiv:1808.01244, equation 1; α = 2, β = 4.
    """
    chance = logits.sigmoid()
    centre = spots >= 1
    found = -((1 - chance) ** 2) * F.logsigmoid(logits)
    empty = -((1 - spots) ** 4) * chance**2 * F.logsigmoid(-logits)
    return torch.where(centre, found, empty).sum()


def spotted(boxes: Tensor, shape: torch.Size) -> tuple[Tensor, Tensor]:
    """Return the map that is wanted: at each centre a spot as wide as its box.

    Args:
        boxes: Label (−1 for none), centre across and down, width and height, (B, M, 5), pixels.
        shape: Of the map, (B, K, h, w).

    Returns:
        (B, K, h, w), 1 at the centres; and which boxes have their centre on the map, (B, M).
    """
    _, labels, height, width = shape
    across = torch.arange(width, device=boxes.device)
    down = torch.arange(height, device=boxes.device)
    cell = (boxes[..., 1:3] / STEP).floor()  # (B, M, 2)
    limit = torch.tensor([width, height], device=boxes.device)
    there = (boxes[..., 0] >= 0) & (cell >= 0).all(2) & (cell < limit).all(2)
    spread = (boxes[..., 3:] / STEP / 6).clamp(min=0.3)  # (B, M, 2)
    x = ((across - cell[..., :1]) / spread[..., :1]) ** 2  # (B, M, w)
    y = ((down - cell[..., 1:]) / spread[..., 1:]) ** 2  # (B, M, h)
    spots = torch.exp(-(y[..., :, None] + x[..., None, :]) / 2) * there[..., None, None]
    found = torch.zeros(shape, device=boxes.device)
    rows = torch.arange(len(boxes), device=boxes.device)
    label = boxes[..., 0].clamp(min=0, max=labels - 1).to(torch.int64)
    for box in range(boxes.shape[1]):  # several boxes of one label share a map
        chosen = found[rows, label[:, box]]
        found[rows, label[:, box]] = torch.maximum(chosen, spots[:, box])
    return found, there


def moved(x: Tensor, boxes: Tensor, wish: Centres) -> tuple[Tensor, Tensor]:
    """Shift, scale and perhaps mirror pictures at random, and their boxes with them."""
    if not (wish.shift or wish.zoom or wish.flip):
        return x, boxes
    draw = torch.rand(4, len(x), device=x.device) * 2 - 1
    zoom = 1 + wish.zoom * draw[0]
    mirror = torch.where(draw[3] < 0, -1.0, 1.0) if wish.flip else torch.ones_like(zoom)
    right, below, none = wish.shift * draw[1], wish.shift * draw[2], torch.zeros_like(zoom)
    rows = [zoom * mirror, none, right, none, zoom, below]  # where a pixel comes from
    grid = F.affine_grid(torch.stack(rows, 1).view(-1, 2, 3), list(x.shape), align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    sides = torch.tensor([x.shape[3], x.shape[2]], device=x.device, dtype=x.dtype)
    come = torch.stack([zoom * mirror, zoom], 1)[:, None]  # (B, 1, 2)
    middle = 2 * boxes[..., 1:3] / sides - 1
    middle = (middle - torch.stack([right, below], 1)[:, None]) / come
    size = boxes[..., 3:] / zoom[:, None, None]
    return x, torch.cat([boxes[..., :1], (middle + 1) * sides / 2, size], 2)


def _has_boxes(valid: Dataset) -> bool:
    """Say whether there are pictures with boxes to judge by."""
    target = valid.schema.target
    return target is not None and any(valid.frame.get_column(target.name).to_list())


def _tensors(rows: Scenes, labels: list[str]) -> dict[str, Tensor]:
    """Return pictures (N, C, H, W) and boxes (N, M, 5), filled up with boxes of no label."""
    place = {label: number for number, label in enumerate(labels)}
    most = max(map(len, rows.boxes), default=0)
    boxes = torch.full((len(rows), max(1, most), 5), -1.0)
    boxes[..., 3:] = 1.0
    for row, told in enumerate(rows.boxes):
        for number, box in enumerate(told):
            middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            sides = (place[box["label"]], *middle, box["width"], box["height"])
            boxes[row, number] = torch.tensor(sides)
    return {"x": torch.from_numpy(rows.pictures), "boxes": boxes}


def _said(task: Finding, held: Scenes, labels: list[str], most: int) -> list[list[dict[str, Json]]]:
    """Return the boxes that a net finds in held-out pictures, all of them."""
    where, found = device.place(task), []
    for some in torch.split(torch.from_numpy(held.pictures), _TOGETHER):
        with torch.inference_mode():
            maps = [out.float().cpu().numpy() for out in task(some.to(where))]
        for centres, sizes, offsets in zip(*maps, strict=True):
            peaks = read_maps(centres, sizes, offsets, (STEP, STEP), most)
            found.append([_box(labels[label], sure, sides) for label, sure, sides in peaks])
    return found


def _box(label: str, sure: float, sides: np.ndarray[Any, Any]) -> dict[str, Json]:
    left, top, right, bottom = sides.tolist()
    return {"label": label, "x": left, "y": top, "width": right - left, "height": bottom - top,
            "sure": sure}  # fmt: skip


def _judged(task: Finding, held: Scenes, labels: list[str], most: int) -> Mapping[str, float]:
    """Measure on held-out pictures: the mean precision of boxes that half fit."""
    found = matched(held.boxes, _said(task, held, labels, most), (0.5,))
    value = float(mean_precision(found, np.ones((1, len(held))))[0])
    return {"valid_loss": 1 - value, "valid_score": value}


def _threshold(task: Finding, held: Scenes, labels: list[str], most: int) -> float:
    """Return the chance from which saying a box gives the best F1 on held-out pictures."""
    said = _said(task, held, labels, most)
    scores = []
    for at in _CUTS:
        kept = [[box for box in boxes if box["sure"] >= at] for boxes in said]
        hits, told, true = counts(held.boxes, kept).sum(axis=0)
        scores.append(2 * hits / max(1.0, told + true))
    best = _CUTS[np.flatnonzero(np.array(scores) >= max(scores) - 1e-9)]
    return round(float(best[len(best) // 2]), 4)
