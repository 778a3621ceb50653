"""Options of all pre-trained models that write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lingqu.core.errors import SpecError
from lingqu.learn.deep.options import Trained
from lingqu.release.replies.drawing import Wish


@dataclass(kw_only=True)
class Writes(Trained):
    """How a pre-trained model is tuned, kept, and how it writes.

    Args:
        sha256: Digest of the folder; any when empty.
        rung: ``auto`` climbs; ``prompt`` (as it came), ``lora`` or ``full`` takes that one.
        task: What is learned, by whose score it climbs; a channel says so itself.
        context: Most tokens of what is asked and its answer together; 0 for as many as the model
            reads, 512 at most. Of what is longer the beginning is left out, and that is told.
        most: Most tokens of an answer.
        temperature: 0 always takes the likeliest token; 1 draws as the model thinks.
        top_k: Only so many of the likeliest may be drawn; 0 for all.
        top_p: Only the likeliest that make up this share may be drawn; 1 for all.
        stop: Texts at which an answer also ends; they are not part of it.
        draws: Seed of the draws.
        bits: Of each number of the weights that are released: 32, or 8 or 4, which are kept only
            if held-out answers stay as good.
        rank: Width of each adapter.
        learning_rate: Highest learning rate; 0 for 0.0005 of adapters and 0.00005 of all weights.
    """

    sha256: str = ""
    rung: Literal["auto", "prompt", "lora", "full"] = "auto"
    task: Literal["", "answer", "translate", "chat"] = ""
    context: int = 0
    most: int = 60
    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    stop: list[str] = field(default_factory=list)
    draws: int = 0
    bits: Literal[32, 8, 4] = 32
    rank: int = 8
    batch: int = 16
    learning_rate: float = 0.0
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        least = {"context": (0, 8)[self.context > 0], "most": 1, "rank": 1, "batch": 1}
        for option, low in least.items():
            if getattr(self, option) < low:
                raise SpecError("replies.bad_option", option=option, expected=f"≥ {low}",
                                received=getattr(self, option))  # fmt: skip
        self.wish(())  # refuses numbers that cannot be

    def wish(self, ends: tuple[tuple[int, ...], ...]) -> Wish:
        """Return how answers are written; each ends at one of some sequences of tokens."""
        return Wish(self.most, self.temperature, self.top_k, self.top_p, ends, self.draws)
