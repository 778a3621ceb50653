"""A decoder that is shown texts with their answers, and writes the answers of others.

Source: Radford et al., 2018, "Improving language understanding by generative pre-training" (§3.3:
a question, a sign, the answer); Raffel et al., 2019, arXiv:1910.10683, §3.2.4 (the loss of a prefix
model is on what follows the prefix).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from lingqu.core.errors import SpecError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs, device
from lingqu.learn.deep.options import Trained, refuse_width
from lingqu.learn.language.gpt import Gpt, Shape
from lingqu.learn.language.step import graph_of
from lingqu.learn.loop import SIZE, Batch, Plan, Task
from lingqu.learn.replies.answers import LEFT_OUT, rows_of
from lingqu.learn.replies.reading import Reading, read
from lingqu.learn.replies.training import Training
from lingqu.release.replies import reply_encoding
from lingqu.release.replies.alphabet import Alphabet
from lingqu.release.replies.drawing import Wish
from lingqu.release.replies.template import PLAIN, folded, prompt_of

_TOGETHER = 32
"""Rows that are judged at a time."""


@dataclass
class Decoder(Trained):
    """Learn to write the answer to a text, character by character, from texts with answers.

    It can say what nobody said before, and so also what is wrong: where rows are few, a memory of
    them is often the better answer, and the choice takes whatever is.

    Args:
        width: Numbers of a place inside, a multiple of `heads`.
        layers: Blocks.
        heads: Of each block.
        dropout: Share that is hidden in training.
        characters: Most characters that have a number; others cannot be written.
        context: Most characters of what is asked and its answer together; of what is longer, the
            beginning is left out, and that is told.
        most: Most characters of an answer.
        temperature: 0 always takes the likeliest character; 1 draws as the model thinks.
        top_k: Only so many of the likeliest may be drawn; 0 for all.
        top_p: Only the likeliest that make up this share may be drawn; 1 for all.
        stop: Texts at which an answer also ends; they are not part of it.
        draws: Seed of the draws.

    Example:
        >>> Decoder(temperature=0.7, top_p=0.9).top_p
        0.9

    Source: Radford et al., 2018 and 2019 (GPT); Raffel et al., 2019, arXiv:1910.10683.
    """

    name: ClassVar[str] = "decoder"
    tasks: ClassVar[frozenset[str]] = frozenset({"answer", "translate", "chat"})
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})
    engine: ClassVar[str] = "torch"

    width: int = 128
    layers: int = 3
    heads: int = 4
    dropout: float = 0.2
    characters: int = 4000
    context: int = 256
    most: int = 120
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    stop: list[str] = field(default_factory=list)
    draws: int = 0
    batch: int = 16
    weight_decay: float = 0.1
    patience: int = 4

    def __post_init__(self) -> None:
        refuse_width(self.width, self.heads)
        for option, least in (("characters", 8), ("context", 8)):
            if getattr(self, option) < least:
                raise SpecError("replies.bad_option", option=option, expected=f"≥ {least}",
                                received=getattr(self, option))  # fmt: skip
        self._wish(Alphabet(""))  # refuses numbers that cannot be

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, keep the epoch after which answers of `valid` are the likeliest."""
        begun = time.monotonic()
        rows = read(train)
        prompts, answers = _texts(rows)
        alphabet = Alphabet.of([*prompts, *answers], most=self.characters)
        data, cut = self._tensors(prompts, answers, alphabet)
        held = self._held(valid, alphabet) if len(valid) else []
        shape = Shape(len(alphabet), self.context, self.width, self.layers, self.heads,
                      self.dropout)  # fmt: skip
        training = Training(
            self.name, lambda: Answering(Gpt(shape)), data, (data["x"][:1, :-1],),
            (lambda task: _judged(task, held)) if held else None, self.patience,
        )  # fmt: skip
        plan = Plan.of(self, epochs=self.epochs or costs.decoder_epochs(len(prompts)),
                       seed=budget.seed)  # fmt: skip
        task, notes = training.run(plan, budget, progress, begun)
        block = {
            "type": "decoder", "columns": list(rows.columns), "characters": alphabet.characters,
            "template": PLAIN, "context": self.context, "wish": self._wish(alphabet).to_json(),
            "stop": list(self.stop),
            "layers": self.layers, "heads": self.heads, "size": self.width // self.heads,
        }  # fmt: skip
        member = Member(
            self.name, self.name, 1.0, reply_encoding(block, rows.left_out),
            graph_of(task.net, budget.threads), {**notes, "told": _told(notes, cut, len(prompts))},
        )  # fmt: skip
        return Model("answer", (), (member,))

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.decoder(rows, columns, classes)

    def _wish(self, alphabet: Alphabet) -> Wish:
        """Return how answers are written; each ends where the template says that it does."""
        ends = [PLAIN["assistant"][1], *self.stop]
        stop = tuple(tuple(alphabet.encode(end)) for end in ends)
        return Wish(self.most, self.temperature, self.top_k, self.top_p, stop, self.draws)

    def _tensors(
        self, prompts: Sequence[str], answers: Sequence[str], alphabet: Alphabet
    ) -> tuple[dict[str, Tensor], int]:
        """Return rows to learn from, and how many of them were cut short."""
        asked = [alphabet.encode(prompt) for prompt in prompts]
        return rows_of(asked, [alphabet.encode(answer) for answer in answers], self.context)

    def _held(self, valid: Dataset, alphabet: Alphabet) -> list[Mapping[str, Tensor]]:
        """Return held-out rows in batches."""
        data, _ = self._tensors(*_texts(read(valid)), alphabet)
        order = torch.split(data[SIZE].argsort(stable=True), _TOGETHER)
        return [{name: tensor[rows] for name, tensor in data.items()} for rows in order]


class Answering(Task):
    """A decoder that learns the answers, and of what was asked nothing.

    Args:
        net: The decoder.
    """

    def __init__(self, net: Gpt) -> None:
        super().__init__()
        self.net = net

    def forward(self, ids: Tensor) -> Tensor:
        out: Tensor = self.net(ids)
        return out

    def loss(self, batch: Batch) -> Tensor:
        scores, truth = self.told(batch)
        return F.cross_entropy(scores, truth)

    def told(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return scores and truth of the places that tell an answer, (A, V) and (A,)."""
        longest = int(batch[SIZE].max()) - 1
        truth = batch["truth"][:, :longest]
        there = truth != LEFT_OUT
        return self.net(batch["x"][:, :longest])[there], truth[there]


def _texts(rows: Reading) -> tuple[list[str], list[str]]:
    """Return what is asked and what is answered, as the decoder reads and writes them."""
    asked = enumerate(rows.texts, start=1)
    behind = PLAIN["assistant"][1]
    return [prompt_of(t, PLAIN, row) for row, t in asked], [folded(w) + behind for w in rows.wanted]


def _judged(task: Answering, held: Sequence[Mapping[str, Tensor]]) -> dict[str, float]:
    """Measure on held-out rows: nats a character of the answers, and how many are told first."""
    where, loss, right, seen = device.place(task), 0.0, 0, 0
    with torch.inference_mode():
        for part in held:
            scores, truth = task.told({name: tensor.to(where) for name, tensor in part.items()})
            loss += float(F.cross_entropy(scores, truth, reduction="sum"))
            right += int((scores.argmax(1) == truth).sum())
            seen += len(truth)
    return {"valid_loss": loss / max(1, seen), "valid_score": right / max(1, seen)}


def _told(notes: Mapping[str, Json], cut: int, rows: int) -> list[Json]:
    """Return what a report says of a fit, in both languages."""
    told: list[Json] = []
    losses = [row["valid_loss"] for row in notes["curve"] if "valid_loss" in row]
    if losses:
        told.append(both("replies.note_perplexity", value=round(exp(min(losses)), 2)))
    if cut:
        told.append(both("replies.note_cut", rows=cut, of=rows))
    return told
