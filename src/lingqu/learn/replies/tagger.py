"""A net that reads a row from both ends and gives each token its tag.

Source: Huang, Xu and Yu, 2015, arXiv:1508.01991 (a recurrent net in both ways); Lample et al.,
2016, arXiv:1603.01360 (words beside their characters).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lingqu.core.nouns import Dataset, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs, device
from lingqu.learn.deep import export
from lingqu.learn.deep.encoders.recurrent import BothWays
from lingqu.learn.deep.options import Trained, refuse_width
from lingqu.learn.loop import SIZE, Batch, Plan, Task
from lingqu.learn.replies.tagged import Tagged, read_tagged
from lingqu.learn.replies.training import Training
from lingqu.release.replies import reply_encoding
from lingqu.release.replies.tags import SIDE, UNKNOWN, Spelling, batches

_TWICE = 2
"""A word that came once tells nothing of the next text."""
MOST_WORDS, MOST_CHARACTERS = 30_000, 6_000
_SPELT = 16
"""Numbers of a character inside."""
_FREE = {0: "B", 1: "T"}
_LEFT_OUT = -100
"""Truth of the places behind a row."""


@dataclass
class Tagger(Trained):
    """Learn the tag of each token from the token, its spelling and its neighbours.

    A word is read by its number, if training rows held it more than once, and by four characters
    from each of its ends: endings tell the kind of a word that nobody has seen.

    Args:
        cell: ``lstm`` or ``gru``.
        width: Numbers of a place inside, even.
        layers: Layers of cells, each read from both ends.
        dropout: Share that is hidden in training.
        hidden_words: Share of the words whose numbers are hidden in training, so that their
            spelling is used.
        label_smoothing: Share of the probability that is spread over all tags.

    Example:
        >>> Tagger(cell="gru").width
        128

    Source: Huang, Xu and Yu, 2015, arXiv:1508.01991; Lample et al., 2016, arXiv:1603.01360.
    """

    name: ClassVar[str] = "tagger"
    tasks: ClassVar[frozenset[str]] = frozenset({"tag"})
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})
    engine: ClassVar[str] = "torch"

    cell: Literal["lstm", "gru"] = "lstm"
    width: int = 128
    layers: int = 1
    dropout: float = 0.3
    hidden_words: float = 0.1
    batch: int = 0
    learning_rate: float = 1e-2
    weight_decay: float = 0.01
    label_smoothing: float = 0.0

    def __post_init__(self) -> None:
        refuse_width(self.width)

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, keep the epoch that tags `valid` best."""
        begun = time.monotonic()
        rows = read_tagged(train)
        words, characters = _known(rows)
        names = sorted(set(chain.from_iterable(rows.tags)))
        spelling = Spelling(words, characters)
        data = _tensors(rows, spelling, names)
        held = _parts(read_tagged(valid), spelling, names) if len(valid) else []
        sizes = *spelling.sizes, len(names)
        training = Training(
            self.name, lambda: Tagging(TagNet(*sizes, self), self), data,
            (data["words"][:1], data["characters"][:1]),
            (lambda task: _judged(task, held)) if held else None, self.patience,
        )  # fmt: skip
        batch = self.batch or costs.tagger_batch(len(rows.tokens))
        epochs = self.epochs or costs.tagger_epochs(len(rows.tokens))
        plan = Plan.of(self, epochs=epochs, batch=batch, seed=budget.seed)
        task, notes = training.run(plan, budget, progress, begun)
        block = {
            "type": "tagger", "columns": [rows.column], "tags": names, "words": words,
            "characters": characters,
        }  # fmt: skip
        member = Member(
            self.name, self.name, 1.0, reply_encoding(block, rows.left_out),
            _graph(task.net, data, budget.threads), notes,
        )  # fmt: skip
        return Model("tag", (), (member,))

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.tagger(rows, columns, classes)


class TagNet(nn.Module):
    """Words and their characters → scores of each tag, (B, T), (B, T, 2 · SIDE) → (B, T, K).

    Example:
        >>> net = TagNet(9, 9, 3, Tagger(width=8))
        >>> net(torch.ones(2, 5, dtype=torch.int64), torch.ones(2, 5, 8, dtype=torch.int64)).shape
        torch.Size([2, 5, 3])
    """

    def __init__(self, words: int, characters: int, tags: int, wish: Tagger) -> None:
        super().__init__()
        self.words = nn.Embedding(words, wish.width, padding_idx=0)
        self.characters = nn.Embedding(characters, _SPELT, padding_idx=0)
        for table in (self.words, self.characters):
            nn.init.normal_(table.weight, std=0.1)
        self.spelt = nn.Linear(2 * SIDE * _SPELT, wish.width)
        self.places = BothWays(wish.width, wish.layers, wish.cell, wish.dropout)
        self.told = nn.Linear(wish.width, tags)

    def forward(self, words: Tensor, characters: Tensor) -> Tensor:
        spelt = self.spelt(self.characters(characters).flatten(2))  # (B, T, C)
        x = self.words(words) + torch.relu(spelt)
        out: Tensor = self.told(self.places(x, words > 0))
        return out


class Tagging(Task):
    """A net that learns tags; some words show it their spelling only.

    Args:
        net: Gives scores.
        wish: Has the shares that are hidden and smoothed.
    """

    def __init__(self, net: TagNet, wish: Tagger) -> None:
        super().__init__()
        self.net, self.hidden, self.smoothing = net, wish.hidden_words, wish.label_smoothing

    def forward(self, words: Tensor, characters: Tensor) -> Tensor:
        out: Tensor = self.net(words, characters)
        return out

    def loss(self, batch: Batch) -> Tensor:
        words = batch["words"]
        longest = int((words > 0).sum(1).max().clamp(min=1))
        words, truth = words[:, :longest], batch["tags"][:, :longest]
        hidden = (torch.rand(words.shape, device=words.device) < self.hidden) & (words > 0)
        words = torch.where(hidden, torch.full_like(words, UNKNOWN), words)
        scores = self.net(words, batch["characters"][:, :longest])
        return F.cross_entropy(scores.flatten(0, 1), truth.flatten(), ignore_index=_LEFT_OUT,
                               label_smoothing=self.smoothing)  # fmt: skip


class Chances(nn.Module):
    """A net whose scores are made into chances."""

    def __init__(self, net: TagNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, words: Tensor, characters: Tensor) -> Tensor:
        return self.net(words, characters).softmax(2)  # type: ignore[no-any-return]


def _known(rows: Tagged) -> tuple[list[str], str]:
    """Return the words and the characters that get a number of their own, frequent ones first."""
    counted = Counter(token.lower() for token in chain.from_iterable(rows.tokens))
    order = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    words = [word for word, count in order if count >= _TWICE][:MOST_WORDS]
    letters = Counter(c for token in chain.from_iterable(rows.tokens) for c in token)
    ranked = sorted(letters.items(), key=lambda item: (-item[1], item[0]))
    characters = "".join(c for c, count in ranked if count >= _TWICE)[:MOST_CHARACTERS]
    return words, characters


def _tensors(rows: Tagged, spelling: Spelling, names: Sequence[str]) -> dict[str, Tensor]:
    """Return words, characters, tags and lengths of rows, those without tokens left out."""
    kept = [row for row, tokens in enumerate(rows.tokens) if tokens]
    words, characters = spelling.numbers([rows.tokens[row] for row in kept])
    place = {name: number for number, name in enumerate(names)}
    tags = torch.full(words.shape, _LEFT_OUT, dtype=torch.int64)
    for number, row in enumerate(kept):
        told = [place.get(tag, _LEFT_OUT) for tag in rows.tags[row]]
        tags[number, : len(told)] = torch.tensor(told)
    there = torch.from_numpy(words)
    return {
        "words": there, "characters": torch.from_numpy(characters), "tags": tags,
        SIZE: (there > 0).sum(1),
    }  # fmt: skip


def _parts(rows: Tagged, spelling: Spelling, names: Sequence[str]) -> list[Mapping[str, Tensor]]:
    """Return held-out rows in batches of like length."""
    found: list[Mapping[str, Tensor]] = []
    for some in batches([len(tokens) for tokens in rows.tokens]):
        part = Tagged(rows.column, (), [rows.tokens[row] for row in some],
                      [rows.tags[row] for row in some])  # fmt: skip
        found.append(_tensors(part, spelling, names))
    return found


def _judged(task: Tagging, held: Sequence[Mapping[str, Tensor]]) -> dict[str, float]:
    """Measure on held-out rows: nats a token, and the share of tags that are right.

    A tag that no training row held counts as wrong, and in no loss.
    """
    loss, right, known, seen = 0.0, 0, 0, 0
    for scores, truth in _scored(task, held):
        loss += float(F.cross_entropy(scores, truth, ignore_index=_LEFT_OUT, reduction="sum"))
        right += int((scores.argmax(1) == truth).sum())
        known += int((truth != _LEFT_OUT).sum())
        seen += len(truth)
    return {"valid_loss": loss / max(1, known), "valid_score": right / max(1, seen)}


def _scored(task: Tagging, held: Sequence[Mapping[str, Tensor]]) -> Iterator[tuple[Tensor, Tensor]]:
    where = device.place(task)
    with torch.inference_mode():
        for part in held:
            there = part["words"] > 0
            scores = task(part["words"].to(where), part["characters"].to(where)).cpu()
            yield scores[there], part["tags"][there]


def _graph(net: TagNet, data: Mapping[str, Tensor], threads: int) -> bytes:
    """Return the graph of a net, compared with it on two rows."""
    longest = int(data[SIZE][:2].max())
    given = {name: data[name][:2, :longest] for name in ("words", "characters")}
    free: dict[str, dict[int, str]] = dict.fromkeys(("words", "characters", "chances"), _FREE)
    return export.together(Chances(net), given, ["chances"], free, threads)
