"""The ladder: from counting n-grams to learning all of a pre-trained encoder, as far as it pays."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar, Literal

from lingqu.core.catalog import require
from lingqu.core.nouns import Dataset, Model
from lingqu.core.ports import Budget, Progress
from lingqu.core.schema import Kind
from lingqu.learn import costs
from lingqu.learn.pretrained.sources import source_of


@dataclass
class Pretrained:
    """Learn with an encoder that has read, seen or heard much more, from a folder.

    It climbs a ladder: a linear model of n-grams (or pixels), which costs seconds; the frozen
    encoder's vectors with a linear head; adapters of low rank inside the encoder; all of its
    weights. It goes on while held-out rows gain more than one standard error, and begins no rung
    that cannot end in time. What is best on held-out rows is kept, whichever it is. Other columns
    stand beside the vector, read as a linear model reads them.

    Args:
        path: The folder: ``config.json``, ``*.safetensors``, and ``tokenizer.json`` or
            ``preprocessor_config.json``; in a channel also ``asset:`` and a name.
        sha256: Digest of the folder; any when empty.
        rung: ``auto`` climbs; ``words``, ``frozen``, ``lora`` or ``full`` takes that one.
        context: Most pieces of a text that are read, longer texts are cut and counted; 0 for as
            many as the model reads: then longer texts are refused.
        seconds: Most seconds of a recording that are heard, longer ones are cut and counted; 0 for
            twice the longest training recording: then longer ones are refused.
        pooling: How one vector is made of many: their ``mean``, the ``first``, or what the folder
            says (``auto``).
        c: Inverse strength of the penalty of the head, to classify; 0 tries three.
        rank: Width of each adapter.
        epochs: Passes over the rows where the encoder learns; 0 chooses by the number of rows.
        batch: Rows of a step.
        learning_rate: Highest learning rate; 0 for 0.0005 of adapters and 0.0001 of all weights.
        optimiser: ``gd``, ``sgd``, ``momentum``, ``adam`` or ``adamw``.
        schedule: ``constant``, ``step``, ``cosine``, ``one_cycle`` or ``warm_up``.
        weight_decay: Pull of the weights towards 0.
        label_smoothing: Share of the probability spread over all classes while the encoder learns.
        clip: Largest joint norm of the gradients; 0 for no limit.
        precision: ``float32``, ``bfloat16``, or ``auto``: bfloat16 where the machine has
            instructions for it.

    Example:
        >>> Pretrained("models/minilm").rung, sorted(Pretrained.tasks)
        ('auto', ['classify', 'regress'])

    Source: Howard and Ruder, 2018, arXiv:1801.06146; Hu et al., 2021, arXiv:2106.09685; Kumar et
        al., 2022, arXiv:2202.10054 (the head first).
    """

    name: ClassVar[str] = "pretrained"
    tasks: ClassVar[frozenset[str]] = frozenset({"classify", "regress"})
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {"number", "category", "boolean", "text", "datetime", "image", "vector", "audio"}
    )
    engine: ClassVar[str] = "torch"

    path: str
    sha256: str = ""
    rung: Literal["auto", "words", "frozen", "lora", "full"] = "auto"
    context: int = 0
    seconds: float = 0.0
    pooling: Literal["auto", "mean", "first"] = "auto"
    c: float = 0.0
    rank: int = 8
    epochs: int = 0
    batch: int = 32
    learning_rate: float = 0.0
    optimiser: Literal["gd", "sgd", "momentum", "adam", "adamw"] = "adamw"
    schedule: Literal["constant", "step", "cosine", "one_cycle", "warm_up"] = "one_cycle"
    weight_decay: float = 0.01
    label_smoothing: float = 0.1
    clip: float = 1.0
    precision: Literal["float32", "bfloat16", "auto"] = "float32"

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Climb on `train` and `valid`; return the best rung within `budget.seconds`."""
        end = time.monotonic() + budget.seconds
        for package in ("torch", "tokenizers", "transformers"):
            require(package, self.name)
        # A channel is validated without these seconds of imports.
        from lingqu.learn.pretrained.climb import Climb
        from lingqu.learn.pretrained.rungs import Lesson

        source = source_of(self.path, self.sha256)
        climb = Climb(self, Lesson(train, valid, budget, end, progress), source)
        if self.rung == "auto" and len(valid):
            return climb.best()
        return climb.only("frozen" if self.rung == "auto" else self.rung)

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit."""
        return costs.pretrained(rows, columns, classes)
