"""One net of any mixture of columns: an encoder per kind, a fusion, a head."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from lingqu.core.errors import TrainError
from lingqu.core.i18n import Language, both
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs, losses
from lingqu.learn.deep import cnn
from lingqu.learn.deep.encoders.recurrent import Recurrent
from lingqu.learn.deep.encoders.resnet import ResNet
from lingqu.learn.deep.encoders.table import Table
from lingqu.learn.deep.encoders.transformer import Transformer
from lingqu.learn.deep.encoders.vit import Vit
from lingqu.learn.deep.fusion import Attend, Early, Late
from lingqu.learn.deep.options import Encoders, Supervision
from lingqu.learn.deep.pretrain import pretrain
from lingqu.learn.deep.supervised import Fold, Recipe, fold, learn
from lingqu.learn.loop import Plan
from lingqu.learn.tabular.options import Curve
from lingqu.release.encode import layout
from lingqu.release.reading import Reading
from lingqu.release.tokens import cut_rows, vocabulary_size

LONGEST = 512
"""Words of a text that are read without being asked."""
_TOGETHER = 256
"""Rows that are answered at a time when a net that reads or sees is judged."""


@dataclass
class Net(Curve, Encoders, Supervision):
    """Learn one net of all columns: tables, pictures, texts, vectors, and any mixture of them.

    Numbers, categories, dates and vectors go through layers of sums; each picture and the texts
    through an encoder of their own, which is learned from scratch together with the rest.

    Args:
        pretrain: Passes in which a `transformer` first guesses hidden words of the training texts,
            for at most half of the time; 0 for none.
        context: Most words of a row that are read; 0 for all: then a row with more than 512 is
            refused.

    Example:
        >>> Net(text="lstm").text, sorted(Net.kinds)[:3]
        ('lstm', ['boolean', 'category', 'datetime'])

    Source: Baltrušaitis, Ahuja and Morency, 2017, arXiv:1705.09406; each encoder names its own.
    """

    name: ClassVar[str] = "net"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "text", "datetime", "image", "vector"}
    )
    engine: ClassVar[str] = "torch"

    pretrain: int = 0
    context: int = 0
    batch: int = 0

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, keep the epoch that is best on `valid`."""
        start = time.monotonic()
        rows = fold(train, valid, "net", wish=self.target, reading=Reading(context=self.context))
        parts = parts_of(rows.encoding)
        self._refuse_long(parts)
        batch = self.batch or costs.net_batch(len(rows.x))
        notes: dict[str, Json] = {"parts": [part.told() for part in parts]}
        if cut := _cut(train, rows.encoding):
            notes["told"] = [dict(cut)]
        plan = Plan.of(self, epochs=1, batch=batch, seed=budget.seed)

        def before(net: nn.Module, tried: Plan, kept: Path | None) -> None:
            until = 0.5 * (budget.seconds - (time.monotonic() - start))
            notes["pretrained"] = self._pretrained(net, rows, tried, until, kept)

        recipe = Recipe(
            self.name,
            lambda: Mixture(parts, self, rows.outputs),
            losses.fitting(self.loss, rows.goal, self.label_smoothing),
            augment=jiggled(parts) if self.augment else None,
            patience=self.patience,
            checkpoint=self.checkpoint,
            notes=notes,
            refit={"target": rows.bend.kind} if rows.bend else {},
            chunk=_TOGETHER,
            size=_lengths(rows.x[:], parts),
            before=before if self.pretrain else None,
        )
        epochs = self.epochs or costs.net_epochs(len(rows.x), batch)
        plan = replace(plan, epochs=epochs)
        left = replace(budget, seconds=budget.seconds - (time.monotonic() - start))
        return learn(rows, recipe, plan, left, progress)

    def _pretrained(
        self, net: nn.Module, rows: Fold, plan: Plan, seconds: float, kept: Path | None
    ) -> list[Json]:
        """Let the reader of a net learn the language of the texts; return the loss by pass."""
        assert isinstance(net, Mixture)
        part, reader = net.parts[-1], net.encoders[-1]
        if not isinstance(reader, Transformer):
            raise TrainError("deep.no_pretraining", text=self.text if part.kind == "text" else "-")
        ids = part.of(rows.x[:])
        run = pretrain(reader, ids, replace(plan, epochs=self.pretrain), seconds, kept)
        return [round(row["train_loss"], 4) for row in run.curve]

    def _refuse_long(self, parts: Sequence[Part]) -> None:
        """Refuse texts that nobody said might be cut."""
        length = max((part.width for part in parts if part.kind == "text"), default=0)
        if not self.context and length > LONGEST:
            raise TrainError("deep.too_long", received=length, expected=LONGEST)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.net(rows, columns, classes)


@dataclass(frozen=True)
class Part:
    """Columns of the tensor that one encoder reads.

    Args:
        kind: ``table``, ``image`` or ``text``.
        start: First of them.
        width: How many; of a text, at most.
        shape: Of a picture, (C, H, W).
        words: How many numbers a word may have.
    """

    kind: str
    start: int
    width: int
    shape: tuple[int, ...] = ()
    words: int = 0

    def of(self, x: Tensor) -> Tensor:
        """Return what the encoder reads, out of (B, W)."""
        if self.kind == "text":
            return x[:, self.start :].to(torch.int64).clamp(0, self.words - 1)
        mine = x[:, self.start : self.start + self.width]
        return mine.view(-1, *self.shape) if self.kind == "image" else mine

    def told(self) -> Mapping[str, Json]:
        """Return what a report says of it."""
        return {"kind": self.kind, "width": self.width, "shape": list(self.shape)}


def parts_of(encoding: Mapping[str, Json]) -> tuple[Part, ...]:
    """Return who reads what of an encoding of the style ``net``: the table, pictures, texts."""
    parts, table = [], 0
    for block, place in layout(encoding):
        width = place.stop - place.start
        if block["type"] == "pixels":
            height, breadth = block["size"] or block["shape"][:2]
            shape = (width // (height * breadth), height, breadth)
            parts.append(Part("image", place.start, width, shape))
        elif block["type"] == "tokens":
            parts.append(Part("text", place.start, width, words=vocabulary_size(block)))
        else:
            table = place.stop
    return (*([Part("table", 0, table)] if table else []), *parts)


class Mixture(nn.Module):
    """Encoders side by side, and what joins them: (B, W) → (B, K).

    Example:
        >>> parts = (Part("table", 0, 3), Part("text", 3, 5, words=9))
        >>> Mixture(parts, Net(width=8, heads=2), 2)(torch.ones(4, 6)).shape
        torch.Size([4, 2])
    """

    def __init__(self, parts: Sequence[Part], wish: Encoders, outputs: int) -> None:
        super().__init__()
        self.parts = tuple(parts)
        self.encoders = nn.ModuleList(_encoder(part, wish) for part in parts)
        widths = [_width(part, wish) for part in parts]
        if wish.fusion == "late":
            self.fusion: nn.Module = Late(widths, outputs)
        elif wish.fusion == "attention":
            self.fusion = Attend(widths, wish.width, wish.heads, outputs, wish.dropout)
        else:
            self.fusion = Early(widths, wish.width, outputs, wish.activation, wish.dropout)

    def forward(self, x: Tensor) -> Tensor:
        if not torch.onnx.is_in_onnx_export():  # a graph is handed no more words than there are
            x = self._cut(x)
        found = [e(part.of(x)) for e, part in zip(self.encoders, self.parts, strict=True)]
        out: Tensor = self.fusion(found)
        return out

    def _cut(self, x: Tensor) -> Tensor:
        """Leave out the places behind the longest text of these rows."""
        last = self.parts[-1]
        if last.kind != "text":
            return x
        read = x[:, last.start :].any(0).nonzero()
        return x[:, : last.start + 1 + (int(read.max()) if len(read) else 0)]


def _cut(train: Dataset, encoding: Mapping[str, Json]) -> Mapping[Language, str]:
    """Return what is to be said of the texts that were cut; nothing where none was."""
    for block in encoding["blocks"]:
        if block["type"] == "tokens" and (rows := cut_rows(train.frame, block)):
            return both("deep.note_cut", rows=rows, of=len(train), length=block["length"])
    return {}


def _lengths(x: Tensor, parts: Sequence[Part]) -> Tensor | None:
    """Return how many words each row has, (N,), where there are texts."""
    last = parts[-1]
    return (x[:, last.start :] > 0).sum(1) if last.kind == "text" else None


def _encoder(part: Part, wish: Encoders) -> nn.Module:
    width, layers, heads, dropout = wish.width, wish.layers, wish.heads, wish.dropout
    if part.kind == "table":
        return Table(part.width, width, layers, wish.activation, dropout, wish.members)
    if part.kind == "text":
        if wish.text == "transformer":
            return Transformer(part.words, part.width, width, layers, heads, dropout)
        return Recurrent(part.words, width, layers, wish.text, dropout)
    channels, size = part.shape[0], (part.shape[1], part.shape[2])
    if wish.image == "resnet":
        return ResNet(channels, size, width, layers)
    if wish.image == "vit":
        return Vit(channels, size, width, layers, heads, dropout)
    return cnn.network(channels, size, width, max(8, width // 2), dropout)


def _width(part: Part, wish: Encoders) -> int:
    """Return how many numbers an encoder answers."""
    return wish.width * (2 if part.kind == "text" and wish.text != "transformer" else 1)


def jiggled(parts: Sequence[Part]) -> Callable[[Tensor], Tensor] | None:
    """Return what changes the pictures of a batch at random, if there are any."""
    pictures = [part for part in parts if part.kind == "image" and min(part.shape[1:]) >= 6]
    if not pictures:
        return None

    def changed(x: Tensor) -> Tensor:
        x = x.clone()
        for part in pictures:
            x[:, part.start : part.start + part.width] = cnn.jiggle(part.of(x)).flatten(1)
        return x

    return changed
