"""The section `train` of a channel file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import field_validator

from lingqu.core.catalog import near
from lingqu.core.fields import (
    Duration,
    Name,
    Section,
    Size,
    Whole,
    described,
    refusal,
)
from lingqu.core.nouns import Task
from lingqu.core.piece import Piece, PieceField

WORKING: tuple[Task, ...] = ("classify", "regress")
PLANNED: tuple[str, ...] = (
    "forecast",
    "recommend",
    "detect",
    "flag",
    "verify",
    "translate",
    "answer",
    "chat",
    "embed",
    "generate",
    "control",
)


class TrainSection(Section):
    """What the model must do, and what finding it may cost."""

    task: Task = described("What the model does.", "模型要做的事。")
    target: Name = described("Column to predict.", "要预测的列。")
    budget: Duration = described(
        "Wall time for trying, choosing and combining models, at least 1 s.",
        "尝试、挑选和组合模型可用的时间，至少 1 s。",
        60.0,
    )
    algorithm: tuple[PieceField, ...] = described(
        "`auto`, or the algorithm or list of algorithms to try.",
        "`auto`，或要尝试的一个或一列算法。",
        (),
        json_schema_extra={"x-family": "algorithms", "x-bare": True},
    )
    optimise: tuple[Literal["calibrate", "threshold"], ...] = described(
        "What to do with the chosen model: `calibrate` its probabilities, move the `threshold`.",
        "对选定的模型再做什么：`calibrate` 校准概率，`threshold` 调整阈值。",
        (),
    )
    metric: str | None = described(
        "Score to choose by; the usual one of the task when omitted.",
        "挑选模型所依据的指标；省略时取该任务常用的。",
        None,
    )
    seed: Whole = described(
        "Seed of every random draw in training.", "训练中一切随机数的种子。", 0, ge=0, lt=2**32
    )
    folds: Whole | None = described(
        "Folds of cross-validation; decided by the number of rows when omitted.",
        "交叉验证的折数；省略时依行数决定。",
        None,
        ge=2,
        le=50,
    )
    workers: Whole | None = described(
        "Processes at once; the number of cores when omitted.",
        "同时运行的进程数；省略时取核数。",
        None,
        ge=1,
        le=1024,
    )
    memory: Size = described(
        "Memory one candidate may use before it is stopped.",
        "一个候选模型可用的内存，超出即停止。",
        2_000_000_000,
    )

    @field_validator("task", mode="before")
    @classmethod
    def _known_task(cls, written: Any) -> Any:
        if written in PLANNED:
            raise refusal("core.planned_task", task=written, works=", ".join(WORKING))
        if written not in WORKING:
            known = near(str(written), WORKING)
            raise refusal("core.unknown_task", task=written, near=known, works=", ".join(WORKING))
        return written

    @field_validator("budget")
    @classmethod
    def _possible_budget(cls, budget: float) -> float:
        if budget < 1:
            raise refusal("core.small_budget", received=budget)
        return budget

    @field_validator("memory")
    @classmethod
    def _possible_memory(cls, memory: int) -> int:
        if memory < 100_000_000:
            raise refusal("core.small_memory", received=memory)
        return memory

    @field_validator("algorithm", mode="before")
    @classmethod
    def _bare_algorithm(cls, written: Any) -> Any:
        if written is None or written == "auto":
            return ()
        return (written,) if isinstance(written, str | Mapping | Piece) else written

    @property
    def budget_s(self) -> float:
        """Seconds for choosing; the same as `budget`."""
        return self.budget

    @property
    def memory_mb(self) -> float:
        """Memory of one candidate in MB; the same as `memory`."""
        return self.memory / 1e6

    @property
    def algorithms(self) -> tuple[tuple[str, Any], ...]:
        """Names and options of the algorithms to try; empty for `auto`."""
        return tuple((piece.name, piece.options or {}) for piece in self.algorithm)
