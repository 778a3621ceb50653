"""A net that finds the answer to a question in a text that is handed to it.

Source: Seo et al., 2016, arXiv:1611.01603 and Devlin et al., 2018, arXiv:1810.04805, §4.2 (where an
answer begins and where it ends); Chen et al., 2017, arXiv:1704.00051, §3.2 (which words of the text
stand in the question); Wang et al., 2017, "Gated self-matching networks" (a text that looks at
itself between two readings).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lingqu.core.errors import DataError, TrainError
from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json, Member, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs, device
from lingqu.learn.deep import export
from lingqu.learn.deep.attention import Block
from lingqu.learn.deep.encoders.recurrent import BothWays
from lingqu.learn.deep.options import Trained, refuse_width
from lingqu.learn.loop import SIZE, Batch, Plan, Task
from lingqu.learn.replies.training import Training
from lingqu.release.replies import joined, reply_encoding
from lingqu.release.replies.spans import CONTEXT, Asked, Numbering

_TWICE, MOST_WORDS = 2, 20_000
_TOGETHER = 64
_HIDDEN = -1e9
_NAMES = ("words", "kinds", "match")


@dataclass
class Reader(Trained):
    """Learn to find the answer to a question in a text: words of the text, as they stand there.

    Of the features that are texts, the one in which most answers stand is the text; the others are
    the question. Rows whose answer does not stand in their text teach nothing and are counted.

    Args:
        cell: Reads from both ends: ``lstm`` or ``gru``.
        width: Numbers of a place inside, a multiple of `heads`.
        layers: Times that all is read; between two of them, all places look at each other.
        heads: Of each block that attends.
        dropout: Share that is hidden in training.
        context: Most words of question and text together; the end of what is longer is not read,
            and that is told.

    Example:
        >>> Reader(cell="gru").context
        384

    Source: Seo et al., 2016, arXiv:1611.01603; Chen et al., 2017, arXiv:1704.00051.
    """

    name: ClassVar[str] = "reader"
    tasks: ClassVar[frozenset[str]] = frozenset({"answer"})
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})
    engine: ClassVar[str] = "torch"

    cell: Literal["lstm", "gru"] = "lstm"
    width: int = 64
    layers: int = 2
    heads: int = 4
    dropout: float = 0.2
    context: int = 384
    learning_rate: float = 5e-3
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        refuse_width(self.width, self.heads)
        for option, least in (("context", 8), ("layers", 1)):
            if getattr(self, option) < least:
                raise TrainError("deep.bad_number", option=option, expected=f"≥ {least}",
                                 received=getattr(self, option))  # fmt: skip

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, keep the epoch that finds the answers of `valid` best."""
        begun = time.monotonic()
        questions, context = columns_of(train)
        rows, spans, lost = self._rows(train, questions, context)
        words = _known(rows)
        numbering = Numbering(words)
        data = _tensors(rows, spans, numbering)
        held = self._held(valid, questions, context, numbering) if len(valid) else []
        sample = tuple(data[name][:1] for name in _NAMES)
        training = Training(
            self.name, lambda: Finding(Places(numbering.size, self)), data, sample,
            (lambda task: _judged(task, held)) if held else None, self.patience,
        )  # fmt: skip
        plan = Plan.of(self, epochs=self.epochs or costs.reader_epochs(len(rows)),
                       seed=budget.seed)  # fmt: skip
        task, notes = training.run(plan, budget, progress, begun)
        block = {
            "type": "reader", "questions": questions, "context": context, "words": words,
            "most": self.context, "longest": max(last - first + 1 for first, last in spans),
        }  # fmt: skip
        left_out = [c.name for c in train.schema.features if c.name not in (*questions, context)]
        told: list[Json] = (
            [both("replies.note_lost", rows=lost, of=lost + len(rows))] if lost else []
        )
        member = Member(
            self.name, self.name, 1.0, reply_encoding(block, left_out),
            _graph(task.net, data, budget.threads), {**notes, "told": told},
        )  # fmt: skip
        return Model("answer", (), (member,))

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.reader(rows, columns, classes)

    def _rows(
        self, dataset: Dataset, questions: Sequence[str], context: str
    ) -> tuple[list[Asked], list[tuple[int, int]], int]:
        """Return rows as words, the first and last word of each answer, and how many were lost."""
        target = dataset.schema.target
        assert target is not None  # `columns_of` has asked for one
        sides = (joined(dataset.frame, questions).to_list(),
                 joined(dataset.frame, [context]).to_list(),
                 dataset.frame[target.name].to_list())  # fmt: skip
        rows, spans, lost = [], [], 0
        for question, text, wanted in zip(*sides, strict=True):
            asked = Asked.of(question, text, self.context)
            found = _places(asked, str(wanted or "").strip())
            if found is None:
                lost += 1
                continue
            rows.append(asked)
            spans.append(found)
        if not rows:
            raise DataError("replies.not_inside", target=target.name, column=context,
                            rows=len(dataset))  # fmt: skip
        return rows, spans, lost

    def _held(
        self, valid: Dataset, questions: Sequence[str], context: str, numbering: Numbering
    ) -> list[Mapping[str, Tensor]]:
        """Return held-out rows in batches; none where no answer stands in its text."""
        try:
            rows, spans, _ = self._rows(valid, questions, context)
        except DataError:
            return []
        order = sorted(range(len(rows)), key=lambda row: len(rows[row].words))
        parts = [order[at : at + _TOGETHER] for at in range(0, len(order), _TOGETHER)]
        return [_tensors([rows[r] for r in some], [spans[r] for r in some], numbering)
                for some in parts]  # fmt: skip


class Places(nn.Module):
    """Words of a question and a text → log p of each place to begin and to end the answer.

    Example:
        >>> net = Places(9, Reader(width=8, heads=2))
        >>> ones = torch.ones(2, 5, dtype=torch.int64)
        >>> [told.shape for told in net(ones, 2 * ones, ones)]
        [torch.Size([2, 5]), torch.Size([2, 5])]
    """

    def __init__(self, words: int, wish: Reader) -> None:
        super().__init__()
        self.words = nn.Embedding(words, wish.width, padding_idx=0)
        self.kinds = nn.Embedding(3, wish.width)
        self.match = nn.Embedding(2, wish.width)
        for table in (self.words, self.kinds, self.match):
            nn.init.normal_(table.weight, std=0.1)
        self.reads = nn.ModuleList(
            BothWays(wish.width, 1, wish.cell, wish.dropout) for _ in range(wish.layers)
        )
        self.looks = nn.ModuleList(
            Block(wish.width, wish.heads, dropout=wish.dropout) for _ in range(wish.layers - 1)
        )
        self.told = nn.Linear(wish.width, 2)

    def forward(self, words: Tensor, kinds: Tensor, match: Tensor) -> tuple[Tensor, Tensor]:
        there = kinds > 0  # (B, T)
        x = self.words(words) + self.kinds(kinds) + self.match(match)  # (B, T, C)
        x = self.reads[0](x, there)
        for look, read in zip(self.looks, self.reads[1:], strict=True):
            x = read(look(x, there), there)
        scores = self.told(x).masked_fill((kinds != CONTEXT).unsqueeze(2), _HIDDEN)
        told = scores.log_softmax(1)  # (B, T, 2)
        return told[:, :, 0], told[:, :, 1]


class Finding(Task):
    """A net that learns where answers begin and end.

    Args:
        net: Tells log p of each place.
    """

    def __init__(self, net: Places) -> None:
        super().__init__()
        self.net = net

    def forward(self, words: Tensor, kinds: Tensor, match: Tensor) -> tuple[Tensor, Tensor]:
        starts, ends = self.net(words, kinds, match)
        return starts, ends

    def loss(self, batch: Batch) -> Tensor:
        longest = int(batch[SIZE].max())
        starts, ends = self.net(*(batch[name][:, :longest] for name in _NAMES))
        return (F.nll_loss(starts, batch["first"]) + F.nll_loss(ends, batch["last"])) / 2


def columns_of(dataset: Dataset) -> tuple[list[str], str]:
    """Return the columns of the question, and that of the text in which most answers stand.

    Raises:
        DataError: Fewer than two features are texts, or there is no target.
    """
    target = dataset.schema.target
    texts = [column.name for column in dataset.schema.features if column.kind == "text"]
    if len(texts) < 2 or target is None:
        kinds = ", ".join(sorted(column.kind for column in dataset.schema.features)) or "—"
        raise DataError("replies.no_context", received=kinds)
    wanted = dataset.frame[target.name].to_list()

    def inside(name: str) -> int:
        cells = zip(dataset.frame[name].to_list(), wanted, strict=True)
        return sum(str(w).strip().lower() in str(cell).lower() for cell, w in cells if w)

    context = max(texts, key=inside)
    return [name for name in texts if name != context], context


def _places(asked: Asked, wanted: str) -> tuple[int, int] | None:
    """Return the first and last word of an answer among all words; None where it is not there."""
    begin = asked.text.find(wanted)
    begin = asked.text.lower().find(wanted.lower()) if begin < 0 else begin
    if begin < 0 or not wanted:
        return None
    end = begin + len(wanted)
    inside = [n for n, (a, b) in enumerate(asked.spans) if a < end and b > begin]
    return (asked.question + inside[0], asked.question + inside[-1]) if inside else None


def _known(rows: Sequence[Asked]) -> list[str]:
    counted = Counter(chain.from_iterable(row.words for row in rows))
    order = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [word for word, count in order if count >= _TWICE][:MOST_WORDS]


def _tensors(
    rows: Sequence[Asked], spans: Sequence[tuple[int, int]], numbering: Numbering
) -> dict[str, Tensor]:
    """Return what the net reads, where answers begin and end, and lengths."""
    made = {name: torch.from_numpy(each) for name, each in numbering.tensors(rows).items()}
    first, last = np.array(spans, np.int64).T
    lengths = torch.tensor([len(row.words) for row in rows])
    return {**made, "first": torch.from_numpy(first.copy()),
            "last": torch.from_numpy(last.copy()), SIZE: lengths}  # fmt: skip


def _judged(task: Finding, held: Sequence[Mapping[str, Tensor]]) -> dict[str, float]:
    """Measure on held-out rows: nats a side, and the share of answers with both sides right."""
    where, loss, right, seen = device.place(task), 0.0, 0, 0
    with torch.inference_mode():
        for part in held:
            starts, ends = task(*(part[name].to(where) for name in _NAMES))
            first, last = part["first"].to(where), part["last"].to(where)
            loss += float(F.nll_loss(starts, first, reduction="sum")) / 2
            loss += float(F.nll_loss(ends, last, reduction="sum")) / 2
            right += int(((starts.argmax(1) == first) & (ends.argmax(1) == last)).sum())
            seen += len(first)
    return {"valid_loss": loss / max(1, seen), "valid_score": right / max(1, seen)}


def _graph(net: Places, data: Mapping[str, Tensor], threads: int) -> bytes:
    """Return the graph of a net, compared with it on two rows."""
    longest = int(data[SIZE][:2].max())
    given = {name: data[name][:2, :longest] for name in _NAMES}
    sides = {0: "B", 1: "T"}
    free: dict[str, dict[int, str]] = {name: sides for name in (*_NAMES, "starts", "ends")}
    return export.together(net, given, ["starts", "ends"], free, threads)
