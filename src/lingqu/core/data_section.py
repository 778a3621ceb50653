"""The section `data` of a channel file."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, WithJsonSchema, model_validator
from pydantic_core import CoreSchema

from lingqu.core.facts import EXPECTED_RETENTION, FACTS, retention_days
from lingqu.core.fields import (
    GroupNames,
    Name,
    Names,
    Section,
    TestShare,
    Whole,
    described,
    refusal,
)
from lingqu.core.schema import Kind

Fact = Literal["license", "consent", "purpose", "origin", "owner", "retention"]
_FACT = {"type": "string", "enum": list(FACTS)}
Facts = Annotated[
    tuple[Fact, ...],
    BeforeValidator(lambda given: (given,) if isinstance(given, str) else given),
    WithJsonSchema({"anyOf": [_FACT, {"type": "array", "items": _FACT}]}),
]


class DataSection(Section):
    """Where the rows come from, what its columns are for, and how test rows are set aside."""

    source: Name | None = described(
        "Where the rows come from: a file, a folder, a glob, an SQL or S3 URL, or "
        "`sklearn:digits`.",
        "数据从哪里来：文件、文件夹、通配路径、SQL 或 S3 地址，或 `sklearn:digits`。",
        None,
    )
    environment: Name | None = described(
        "For `task: control`, in place of `source`: what a policy acts in, `gym:<id>` such as "
        "`gym:CartPole-v1`, or `module:Class` that can be imported beside this file.",
        "`task: control` 中代替 `source`：策略所处的环境，`gym:<id>`（如 `gym:CartPole-v1`），"
        "或可在本文件旁导入的 `module:Class`。",
        None,
    )
    test: TestShare = described(
        "Share of the rows set aside for judging only, never for fitting or choosing.",
        "留出只用于评判的行的比例，绝不用于训练或挑选。",
        0.2,
    )
    seed: Whole = described("Seed of the split.", "划分所用的随机种子。", 42, ge=0, lt=2**32)
    split: Literal["auto", "random", "stratified", "time", "group", "distinct"] = described(
        "How test rows are chosen; `auto` decides by the declared columns and the task, "
        "`distinct` keeps equal rows and nearly equal texts on one side.",
        "怎样选测试行；`auto` 依声明的列和任务决定，"
        "`distinct` 让相同的行和几乎相同的文本只落在一侧。",
        "auto",
    )
    time: Name | None = described(
        "Column with the time of a row; test rows are then the latest.",
        "表示时间的列；此时测试行取最近的行。",
        None,
    )
    group: GroupNames = described(
        "Column whose equal values stay on one side of the split; for `forecast` the column, or "
        "the list of columns, that names a series.",
        "分组列；同组的行只会落在划分的一侧；`forecast` 任务中为标识序列的一列或几列。",
        None,
    )
    id: Name | None = described(
        "Column that names a row; never a feature.", "标识每一行的列；不作特征。", None
    )
    weight: Name | None = described(
        "Column with the weight of a row in training.", "每行训练权重所在的列。", None
    )
    protected: Names = described(
        "Columns of protected attributes, used to judge fairness and never as features.",
        "受保护属性的列，用来评判公平，不作特征。",
        (),
    )
    see_protected: bool = described(
        "Whether the model may read the protected columns too; in many uses that is unlawful.",
        "模型是否也可以读取受保护的列；在许多用途中这是违法的。",
        False,
    )
    drop: Names = described("Columns to leave out.", "不使用的列。", ())
    kinds: dict[Name, Kind] = described(
        "Kinds of columns where the inferred ones are wrong.",
        "推断有误时，指定列的种类。",
        dict,
    )
    license: str | None = described("Licence of the data.", "数据的许可。", None)
    consent: str | None = described(
        "Ground on which personal data is used.", "使用个人数据的依据。", None
    )
    purpose: str | None = described("What the data may be used for.", "数据允许的用途。", None)
    origin: str | None = described(
        "Who made or gathered the data, and how.", "数据由谁、怎样产生或收集。", None
    )
    owner: str | None = described("Who answers for the data.", "数据的负责人。", None)
    retention: str | None = described(
        "How long the data may be kept, such as `90 d` or `2 years`.",
        "数据可保存多久，如 `90 d` 或 `2 years`。",
        None,
    )
    require_facts: Facts = described(
        "Facts that must be declared, of license, consent, purpose, origin, owner, retention.",
        "必须声明的事实，可取 license、consent、purpose、origin、owner、retention。",
        (),
    )
    represent: dict[Name, dict[str, Annotated[float, Field(ge=0)]]] = described(
        "Whom the data should stand for: column → group → share, such as "
        "`{sex: {f: 0.5, m: 0.5}}`.",
        "数据应代表谁：列 → 群组 → 比例，如 `{sex: {f: 0.5, m: 0.5}}`。",
        dict,
    )
    options: dict[str, Any] = described(
        "Options of the source, such as `delimiter` of a CSV file; of an environment, what its "
        "constructor is given.",
        "数据源的选项，如 CSV 的 `delimiter`；环境则是其构造函数的参数。",
        dict,
    )

    @model_validator(mode="before")
    @classmethod
    def _bare_source(cls, written: Any) -> Any:
        return {"source": written} if isinstance(written, str) else written

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        named = [name for name in ("source", "environment") if getattr(self, name) is not None]
        if len(named) != 1:
            raise refusal("control.one_of", received=" + ".join(named) or "—")
        return self

    @model_validator(mode="after")
    def _facts_are_declared(self) -> Self:
        missing = [name for name in self.require_facts if not (getattr(self, name) or "").strip()]
        if missing:
            raise refusal(
                "core.missing_facts",
                ("require_facts",),
                missing=", ".join(missing),
                first=missing[0],
            )
        try:
            retention_days(self.retention or "")
        except ValueError:
            raise refusal(
                "core.bad_retention",
                ("retention",),
                received=self.retention,
                expected=EXPECTED_RETENTION,
            ) from None
        return self

    @model_validator(mode="after")
    def _columns_agree(self) -> Self:
        for how in ("time", "group"):
            if self.split == how and getattr(self, how) is None:
                raise refusal("core.split_column", ("split",), split=how)
        single = [self.time, *self.groups, self.id, self.weight]
        used = [name for name in single if name is not None]
        for name in self.drop:
            if name in (*used, *self.protected):
                raise refusal("core.column_twice", column=name)
        for name in used:
            if used.count(name) > 1:
                raise refusal("core.column_twice", column=name)
        return self

    @property
    def named(self) -> str:
        """What the rows come from, as the channel names it: its source, or its environment."""
        return str(self.source or self.environment)

    @property
    def groups(self) -> tuple[str, ...]:
        """The columns of `group`, none, one or several."""
        if self.group is None:
            return ()
        return (self.group,) if isinstance(self.group, str) else self.group

    def to_plain(self) -> Any:
        plain = super().to_plain()
        return plain["source"] if plain.keys() == {"source"} else plain

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        whole = handler.resolve_ref_schema(handler(core_schema))
        one_of_both = [{"required": ["source"]}, {"required": ["environment"]}]
        return {"anyOf": [{"type": "string", "minLength": 1}, {**whole, "oneOf": one_of_both}]}
