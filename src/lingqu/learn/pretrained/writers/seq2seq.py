"""An encoder with a decoder that learned from much more than the rows at hand, tuned on them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from lingqu.core.catalog import require
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.pretrained.writers.decoder import NEEDS
from lingqu.learn.pretrained.writers.options import Writes


@dataclass
class PretrainedSeq2Seq(Writes):
    """Write answers with a pre-trained pair of encoder and decoder: T5, BART or Marian.

    It climbs the ladder of `pretrained_decoder`: as it came, adapters, all weights. `context`
    counts what is read and what is written each by itself.

    Args:
        path: The folder: ``config.json``, ``*.safetensors``, ``tokenizer.json``; in a channel also
            ``asset:`` and a name.
        prefix: What is said before every text, such as ``translate English to German:``.

    Example:
        >>> PretrainedSeq2Seq("models/t5-small", prefix="summarize:").most
        60

    Source: Raffel et al., 2019, arXiv:1910.10683 (T5); Lewis et al., 2019, arXiv:1910.13461 (BART);
        Hu et al., 2021, arXiv:2106.09685 (adapters).
    """

    name: ClassVar[str] = "pretrained_seq2seq"
    tasks: ClassVar[frozenset[str]] = frozenset({"answer", "translate", "chat"})
    kinds: ClassVar[frozenset[Kind]] = frozenset({"text"})
    engine: ClassVar[str] = "torch"

    path: str
    prefix: str = ""

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Climb on `train` and `valid`; return the best rung within `budget.seconds`."""
        end = time.monotonic() + budget.seconds
        for package in NEEDS:
            require(package, self.name)
        # A channel is validated without these seconds of imports.
        from lingqu.learn.pretrained.rungs import Lesson
        from lingqu.learn.pretrained.writers.climb import Climb
        from lingqu.learn.pretrained.writers.folder import PAIRS, WriterFolder
        from lingqu.learn.pretrained.writers.pair import ReadWrite
        from lingqu.release.replies.pair import Pair

        folder = WriterFolder.opened(self.path, PAIRS, self.sha256)
        context = self.context or min(512, folder.longest)
        lesson = Lesson(train, valid, budget, end, progress)
        climb = Climb(
            self, self.name, lesson, lambda _: ReadWrite(folder, context, self.prefix), Pair
        )
        return climb.model()

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.pretrained_decoder(rows, columns, classes)
