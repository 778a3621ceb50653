"""A decoder that read much more than the rows at hand, shown them, and tuned as far as it pays."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from lingqu.core.catalog import require
from lingqu.core.nouns import Dataset, Json, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.pretrained.writers.options import Writes

if TYPE_CHECKING:
    from lingqu.learn.pretrained.writers.causal import Causal

NEEDS = "torch", "tokenizers", "transformers", "safetensors"
_SHOWN = 3
"""Rows that a model without a template of a chat is shown."""


@dataclass
class PretrainedDecoder(Writes):
    """Write answers with a pre-trained decoder from a folder of Hugging Face or a GGUF file.

    It climbs a ladder: the decoder as it came, asked by its own template of a chat or, where it
    has none, behind a few rows with their answers; adapters of low rank inside it; all of its
    weights. Only what is said in the answers is learned. It goes on while the score of held-out
    answers gains more than one standard error, and begins no rung that has no time or memory.

    Args:
        path: The folder (``config.json``, ``*.safetensors``, ``tokenizer.json``) or a GGUF file;
            in a channel also ``asset:`` and a name.
        system: What is said to it before every conversation; nothing when empty.
        shots: Rows with answers that it is shown before a question where it was not tuned; -1
            for 3 where it has no template of a chat, else none.

    Example:
        >>> PretrainedDecoder("models/smollm2", bits=8).rung, sorted(PretrainedDecoder.tasks)
        ('auto', ['answer', 'chat', 'translate'])

    Source: Radford et al., 2019 (GPT-2); Brown et al., 2020, arXiv:2005.14165 (rows shown before
        a question); Hu et al., 2021, arXiv:2106.09685 (adapters).
    """

    name: ClassVar[str] = "pretrained_decoder"
    tasks: ClassVar[frozenset[str]] = frozenset({"answer", "translate", "chat"})
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})
    engine: ClassVar[str] = "torch"

    path: str
    system: str = ""
    shots: int = -1

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Climb on `train` and `valid`; return the best rung within `budget.seconds`."""
        end = time.monotonic() + budget.seconds
        for package in NEEDS:
            require(package, self.name)
        # A channel is validated without these seconds of imports.
        from lingqu.learn.pretrained.rungs import Lesson
        from lingqu.learn.pretrained.writers.causal import Causal
        from lingqu.learn.pretrained.writers.climb import Climb
        from lingqu.learn.pretrained.writers.folder import DECODERS, WriterFolder
        from lingqu.learn.replies.reading import read

        folder = WriterFolder.opened(self.path, DECODERS, self.sha256)
        rows = read(train)
        system = [{"role": "system", "content": self.system}] if self.system else []
        count = (0 if folder.chat else _SHOWN) if self.shots < 0 else self.shots
        shown = _shown(rows.texts, rows.wanted, count, budget.seed)

        def made(rung: str) -> Causal:
            before = [*system, *shown] if rung == "prompt" else system
            return Causal(folder, self.context or min(512, folder.longest), before)

        climb = Climb(self, self.name, Lesson(train, valid, budget, end, progress), made)
        return climb.model()

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.pretrained_decoder(rows, columns, classes)


def _shown(
    texts: Sequence[str], wanted: Sequence[str], count: int, seed: int
) -> list[Mapping[str, Json]]:
    """Return a few rows as a conversation."""
    drawn = np.random.default_rng(seed).permutation(len(texts))[:count].tolist()
    return [
        {"role": role, "content": text}
        for row in drawn
        for role, text in (("user", texts[row]), ("assistant", wanted[row]))
    ]
