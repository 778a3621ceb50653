"""How well a model that writes answers held-out rows, and whether another does better by luck.

Source: the rule of one standard error, here of paired differences: Breiman et al.,
"Classification and regression trees", 1984, section 3.4.3.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lingqu.core.nouns import Dataset, Json
from lingqu.core.text_metrics import answer_f1, chrf, chrf_counts
from lingqu.learn.loop import SIZE
from lingqu.learn.pretrained.writers.telling import Telling, Writer, asks
from lingqu.learn.replies.reading import read
from lingqu.release.replies import Run

Floats = NDArray[np.float64]
_MOST = 40
"""Held-out rows that are answered to compare rungs, at most."""
_TOGETHER = 4
"""Held-out rows that are read side by side."""


class Judge:
    """Answers held-out rows as a release would.

    Args:
        valid: The rows, at least one.
        task: By whose score: the F1 of words for ``answer``, else chrF.
        replier: Block → what answers.

    Attributes:
        took_s: Seconds of the last look at a net.
        pace: Seconds in which it read one place, then.
    """

    def __init__(
        self, valid: Dataset, task: str, replier: Callable[[Mapping[str, Any]], Any]
    ) -> None:
        rows, target = read(valid), valid.schema.target
        assert target is not None  # `read` has found one
        self._asked, self._wanted = rows.texts[:_MOST], rows.wanted[:_MOST]
        self._frame = valid.frame.drop_nulls(target.name).drop(target.name)[:_MOST]
        self._task, self._replier = task, replier
        self.took_s = self.pace = 0.0

    def look(self, writer: Writer, block: Mapping[str, Json]) -> tuple[Floats, float]:
        """Return the score of a net's answer to each row, and nats a token of wanted answers."""
        begun = time.monotonic()
        scores = self.scores(block, asks(writer.step()))
        self.took_s = time.monotonic() - begun
        rows, begun = self.rows(writer), time.monotonic()
        nats = Telling(writer).judged(rows)["valid_loss"]
        places = sum(float(part[SIZE].sum()) for part in rows)
        self.pace = (time.monotonic() - begun) / max(1.0, places)
        return scores, nats

    def scores(self, block: Mapping[str, Json], run: Run) -> Floats:
        """Return the score of the answer to each row, by whatever is asked."""
        said: Sequence[str] = self._replier(block).reply(self._frame, run).said
        if self._task == "answer":
            return answer_f1(self._wanted, said)
        return chrf(chrf_counts(self._wanted, said))

    def rows(self, writer: Writer) -> list[dict[str, Tensor]]:
        """Return the rows with their answers in small batches of like length."""
        data, _ = writer.rows(self._asked, self._wanted)
        parts = torch.split(data[SIZE].argsort(stable=True), _TOGETHER)
        return [{name: tensor[part] for name, tensor in data.items()} for part in parts]


def gained(before: Floats, now: Floats) -> tuple[float, float]:
    """Return by how much scores are higher in the mean, and the standard error of that.

    Example:
        >>> gained(np.array([0.25, 0.5]), np.array([0.5, 0.75]))
        (0.25, 0.0)
    """
    apart = now - before
    return float(apart.mean()), float(apart.std() / np.sqrt(len(apart)))
