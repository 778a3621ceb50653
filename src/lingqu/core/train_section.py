"""The section `train` of a channel file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, WithJsonSchema, field_validator, model_validator

from lingqu.core.catalog import near
from lingqu.core.fields import (
    Duration,
    Name,
    Names,
    Section,
    Size,
    Whole,
    described,
    reading,
    refusal,
)
from lingqu.core.floors import parse_optimise
from lingqu.core.model_limits import parse_limit
from lingqu.core.nouns import Task
from lingqu.core.piece import Piece, PieceField
from lingqu.core.train_options import WORKING, check

LimitField = Annotated[
    str,
    BeforeValidator(reading(lambda value: str(parse_limit(value)))),
]
OptimiseField = Annotated[
    str,
    BeforeValidator(reading(parse_optimise)),
    WithJsonSchema(
        {"anyOf": [{"enum": ["calibrate", "threshold", "compress"]},
                   {"type": "string", "pattern": "^(threshold|compress)\\(.+\\)$"},
                   {"type": "object", "required": ["threshold"], "additionalProperties": False,
                    "properties": {"threshold": {"type": "string"}}},
                   {"type": "object", "required": ["compress"], "additionalProperties": False,
                    "properties": {"compress": {"type": "string"}}}]}
    ),
]  # fmt: skip


class TrainSection(Section):
    """What the model must do, and what finding it may cost."""

    task: Task = described("What the model does.", "模型要做的事。")
    target: Name = described(
        "Column to predict; may be left out for `flag` and in an environment; for `generate`, the "
        "column by which rows can be asked for, where one is named.",
        "要预测的列；`flag` 任务和有环境时可以省略；`generate` 任务中是可指定取值来生成的列，"
        "省略时不加指定。",
        "",
    )
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
    model: PieceField | None = described(
        "A model that was trained elsewhere, such as `{onnx: model.onnx}`: it is not fitted here, "
        "and takes the rest of the path like any other.",
        "在别处训练好的模型，例如 `{onnx: model.onnx}`：不在这里训练，其余各步与其他模型相同。",
        None,
        json_schema_extra={"x-family": "formats"},
    )
    optimise: tuple[OptimiseField, ...] = described(
        "What to do with the chosen model: `calibrate` its probabilities, move the `threshold`, "
        "or move it so that it keeps a floor: `threshold(recall >= 0.95)` (`recall`, "
        "`precision` or `specificity` of the second of two classes); `compress` it as far as it "
        "loses at most half a point, or what is said: `compress(loss <= 0.01)`.",
        "对选定的模型再做什么：`calibrate` 校准概率，`threshold` 调整阈值，或把阈值调到守住下限处："
        "`threshold(recall >= 0.95)`（可用第二个类别的 `recall`、`precision`、`specificity`）；"
        "`compress` 压缩模型，损失不超过半个点，或所写的限度：`compress(loss <= 0.01)`。",
        (),
    )
    metric: str | None = described(
        "Score to choose by; the usual one of the task when omitted.",
        "挑选模型所依据的指标；省略时取该任务常用的。",
        None,
    )
    rate: float | None = described(
        "Flag: share of rows that is expected to be odd; without labels 0.01 when omitted.",
        "异常检测：预计异常的行所占比例；没有标签时省略即为 0.01。",
        None,
        gt=0,
        le=0.5,
    )
    top: Whole = described(
        "Recommend: how many items an answer lists.",
        "推荐：每个答案列出多少个物品。",
        10,
        ge=1,
        le=100,
    )
    horizon: Whole | None = described(
        "Forecast: how many steps ahead; the last so many of each series judge the model.",
        "预测：向前多少步；每条序列最后这么多步用来评判模型。",
        None,
        ge=1,
        le=10_000,
    )
    baseline: str | None = described(
        "Control: the policy to beat, which also walks the rows: `random`, `rule` (the "
        "environment's own `rule(observation)`), or `module:function`; the rule if there is one.",
        "强化学习：要胜过、并用来走出数据的策略：`random`、`rule`（环境自己的 `rule(observation)"
        "`），"
        "或 `module:function`；省略时有规则用规则，否则随机。",
        None,
    )
    episodes: Whole = described(
        "Control: fresh episodes that judge the policy, and as many of the baseline.",
        "强化学习：评判策略的新回合数，基准策略也是这么多。",
        20,
        ge=1,
        le=10_000,
    )
    steps_limit: Whole | None = described(
        "Control: steps after which an episode is cut off; the environment's own when omitted.",
        "强化学习：多少步后截断一个回合；省略时用环境自己的上限。",
        None,
        ge=1,
        le=1_000_000,
    )
    fallback: str | float | dict[str, Any] | None = described(
        "Control: what is answered to an observation outside the range of training: an action, "
        "`{column, edges, actions}`, or `{sum: {column: weight}, edges, actions}`; what the "
        "environment states when omitted.",
        "强化学习：观测超出训练范围时的回答：一个动作、`{column, edges, actions}`，或 "
        "`{sum: {列名: 权重}, edges, actions}`；省略时用环境给出的。",
        None,
    )
    season: Whole | None = described(
        "Forecast: steps of a season, 1 for none; found from the values when omitted.",
        "预测：一个季节周期的步数，没有则为 1；省略时从数值中找出。",
        None,
        ge=1,
        le=10_000,
    )
    gaps: Literal["fill", "zero", "refuse"] = described(
        "Forecast: what a missing time means: `fill` draws a line between its neighbours, "
        "`zero` counts as 0, `refuse` stops.",
        "预测：缺少的时间怎样处理：`fill` 以相邻值连线补上，`zero` 记为 0，`refuse` 即停止。",
        "fill",
    )
    coverage: float | None = described(
        "Share of the truth that the interval around a value, or the set of classes, should "
        "hold; for `forecast` 0.9 when omitted, else there is none.",
        "数值的区间或类别的预测集应包含多大比例的真实值；省略时 `forecast` 为 0.9，其他任务不给。",
        None,
        gt=0,
        lt=1,
    )
    coverage_by: Literal["rows", "class"] = described(
        "Classify: within what the coverage is kept: over all `rows`, or within each `class`.",
        "分类：覆盖率在什么范围内达到：全部行（`rows`），或每个类别各自（`class`）。",
        "rows",
    )
    quantiles: tuple[float, ...] = described(
        "Forecast: quantiles that each answer tells beside its interval, such as "
        "`[0.1, 0.5, 0.9]`.",
        "预测：除区间外，每个答案还给出的分位数，例如 `[0.1, 0.5, 0.9]`。",
        (),
    )
    hierarchy: Names = described(
        "Forecast: columns of `data.group`, from the largest part to the smallest, whose sums are "
        "forecast too, and the sum of all; the sums of parts are the sums.",
        "预测：`data.group` 中的列，由大到小；按它们的汇总及总和也一并预测，且各部分相加等于汇总。",
        (),
    )
    reward: Name | None = described(
        "Control, from logged decisions: column with what came of the action.",
        "控制，由决策记录学习：动作结果（奖励）所在的列。",
        None,
    )
    propensity: Name | None = described(
        "Control, from logged decisions: column with how probable the action was when it was "
        "taken.",
        "控制，由决策记录学习：当时采取该动作的概率所在的列。",
        None,
    )
    limits: tuple[LimitField, ...] = described(
        "What a model must keep to be chosen, such as `latency <= 1 ms`, `size <= 20 MB`, "
        "`memory <= 300 MB`, `fairness.gap(sex) <= 0.05`.",
        "入选的模型必须满足的限制，例如 `latency <= 1 ms`、`size <= 20 MB`、"
        "`memory <= 300 MB`、`fairness.gap(sex) <= 0.05`。",
        (),
    )
    monotone: dict[Name, Literal["increasing", "decreasing"]] = described(
        "Columns with which the answer may only rise (`increasing`) or fall (`decreasing`).",
        "预测只能随之上升（`increasing`）或下降（`decreasing`）的列。",
        {},
    )
    size: Literal["accurate", "balanced", "small"] = described(
        "How much the model may cost in use: `balanced` answers 10,000 rows in half a second, "
        "`small` in a tenth of that, `accurate` keeps every fold.",
        "模型在使用时的开销：`balanced` 半秒内应答一万行，`small` 再快十倍，"
        "`accurate` 保留各折的全部模型。",
        "balanced",
    )
    refit: bool | None = described(
        "Fit every member again on all training rows; where it is better when omitted.",
        "让每个成员在全部训练数据上重新训练；省略时只在更好时这样做。",
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
        if written not in WORKING:
            known = near(str(written), WORKING)
            raise refusal("core.unknown_task", task=written, near=known, works=", ".join(WORKING))
        return written

    @model_validator(mode="after")
    def _fitting_options(self) -> Self:
        check(self)
        return self

    @field_validator("quantiles")
    @classmethod
    def _possible_quantiles(cls, given: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(given)) < len(given) or not all(0 < level < 1 for level in given):
            raise refusal("core.bad_quantiles", received=", ".join(f"{q:g}" for q in given))
        return tuple(sorted(given))

    @field_validator("hierarchy")
    @classmethod
    def _possible_hierarchy(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(given)) < len(given) or set(given) & {"total", "series"}:
            raise refusal("core.hierarchy_names", received=", ".join(given))
        return given

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
