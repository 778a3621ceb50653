"""A whole channel file as a pydantic model: its sections, and how they fit together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Self

from pydantic import field_validator, model_validator

from lingqu.core.access_section import ClaimsSection, OidcSection, PriceSection, TlsSection
from lingqu.core.data_section import DataSection
from lingqu.core.fields import (
    Name,
    Section,
    described,
    refusal,
)
from lingqu.core.phrases import Phrase
from lingqu.core.piece import PieceField
from lingqu.core.route_section import RouteSection
from lingqu.core.train_options import WORKING
from lingqu.core.train_section import TrainSection
from lingqu.core.use_sections import (
    AccessSection,
    MonitorSection,
    ReleaseSection,
    Response,
)

__all__ = [
    "WORKING",
    "AccessSection",
    "ClaimsSection",
    "DataSection",
    "Declaration",
    "MonitorSection",
    "OidcSection",
    "PriceSection",
    "ReleaseSection",
    "Response",
    "RouteSection",
    "Section",
    "TlsSection",
    "TrainSection",
]

_CHANNEL_NAME = re.compile(r"\w[\w.-]{0,63}")


def _absent_when_empty(written: Any) -> Any:
    """A section with nothing below its name is a section left out."""
    if not isinstance(written, Mapping):
        return written
    return {name: value for name, value in written.items() if value is not None}


class Declaration(Section):
    """A channel file: the whole path of a model, from raw data to defended use."""

    channel: Name = described(
        "Name of the channel: letters, digits, `_`, `-` and `.`.",
        "渠道的名字：文字、数字、`_`、`-` 和 `.`。",
    )
    data: DataSection = described(
        "Where the rows come from, as a path or with details.", "数据从哪里来：路径，或详细写明。"
    )
    govern: tuple[PieceField, ...] | None = described(
        "Operators that judge, clean and protect the rows; chosen by `lingqu plan` when omitted.",
        "评判、清洗、保护数据的算子；省略时由 `lingqu plan` 选定。",
        None,
        json_schema_extra={"x-family": "operators"},
    )
    train: TrainSection = described(
        "What the model must do, and what finding it may cost.",
        "模型要做什么，寻找它可用多少资源。",
    )
    release: ReleaseSection = described(
        "What a model must show before it may be used.",
        "模型投入使用前必须满足什么。",
        ReleaseSection,
    )
    outlets: tuple[PieceField, ...] = described(
        "Places where releases are used.",
        "发布在哪里使用。",
        (),
        json_schema_extra={"x-family": "drivers"},
    )
    monitor: MonitorSection = described(
        "How the live model is watched.", "怎样监测使用中的模型。", MonitorSection
    )
    respond: tuple[Response, ...] = described(
        "What is done when a rule holds.", "规则成立时做什么。", ()
    )
    access: AccessSection = described(
        "Who may call, how often, and which releases answer.",
        "谁可以调用、多频繁、由哪些发布作答。",
        AccessSection,
    )

    _omitted = model_validator(mode="before")(staticmethod(_absent_when_empty))

    @field_validator("channel")
    @classmethod
    def _usable_name(cls, name: str) -> str:
        if not _CHANNEL_NAME.fullmatch(name):
            raise refusal("core.channel_name", received=name)
        return name

    @model_validator(mode="after")
    def _target_is_free(self) -> Self:
        data, target = self.data, self.train.target
        for use in ("time", "group", "id", "weight", "drop"):
            named = getattr(data, use)
            if target == named or (isinstance(named, tuple) and target in named):
                at = ("train", "target")
                raise refusal("core.target_used", at, target=target, use=f"data.{use}")
        return self

    @model_validator(mode="after")
    def _environments_are_for_control(self) -> Self:
        data, train = self.data, self.train
        if data.environment is None:
            if train.task == "control" and train.reward is None:
                missing = ", ".join(name for name in ("target",) if not train.target)
                told = ", ".join(filter(None, [missing, "reward, propensity"]))
                raise refusal("tables.log_columns", ("train",), missing=told)
            return self
        if train.reward is not None:
            raise refusal("tables.only_logged", ("train", "reward"), option="reward")
        if train.task != "control":
            raise refusal("control.task", ("data", "environment"), task=train.task)
        why = Phrase("control.why_govern")
        if self.govern:
            raise refusal("control.not_with", ("govern",), option="govern", why=why)
        used = ("time", "group", "id", "weight", "protected", "drop", "kinds", "split")
        given = [name for name in used if name in data.model_fields_set]
        if given:
            at = ("data", given[0])
            raise refusal("control.not_with", at, option=f"data.{given[0]}", why=why)
        return self

    @model_validator(mode="after")
    def _groups_name_series(self) -> Self:
        groups, train = self.data.groups, self.train
        if len(groups) > 1 and train.task != "forecast":
            received = ", ".join(groups)
            raise refusal("core.one_group", ("data", "group"), received=received, task=train.task)
        wrong = [name for name in train.hierarchy if name not in groups]
        if wrong:
            raise refusal(
                "core.hierarchy_column", ("train", "hierarchy"), received=wrong[0],
                expected=", ".join(groups) or "—",
            )  # fmt: skip
        return self
