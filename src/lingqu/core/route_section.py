"""The section `access.route`: how a new release comes into use, and what stands in for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema

from lingqu.core.errors import SpecError
from lingqu.core.fields import Section, described, reading, refusal
from lingqu.core.nouns import Json
from lingqu.core.piece import Piece, PieceField
from lingqu.core.row_condition import parse_condition
from lingqu.core.units import share

_BEGIN = re.compile(r"(canary|shadow)(?:\s+(\S+(?:\s*%)?))?")
STEPS = (0.01, 0.05, 0.25, 0.5)
"""Shares of a canary before it gets everything."""


def step_of(piece: Piece) -> tuple[str, Json]:
    """Return one step of what stands in for a release that failed, checked.

    Args:
        piece: ``previous``, ``queue``, or ``{answer: …}`` with a constant, or with ``value`` or
            ``column`` and a condition ``when``.

    Raises:
        SpecError: It is none of these.

    Example:
        >>> step_of(Piece("answer", {"value": "review", "when": "amount > 100"}))
        ('answer', {'value': 'review', 'when': 'amount > 100'})
        >>> step_of(Piece("queue"))
        ('queue', None)
    """
    name, options = piece.name, piece.options
    if name in ("previous", "queue") and options is None:
        return name, None
    if name != "answer" or options is None:
        raise SpecError("route.bad_step", received=piece.to_plain())
    if isinstance(options, Mapping):
        known = options.keys() <= {"value", "column", "when"}
        if not known or ("value" in options) == ("column" in options):
            raise SpecError("route.bad_step", received=piece.to_plain())
        if options.get("when") is not None:
            parse_condition(options["when"])
        return name, dict(options)
    return name, options


def _share(value: Any) -> float:
    part = share(value)
    if not 0 < part < 1:
        raise SpecError("core.bad_amount", value=value, expected="> 0, < 1 (< 100%)")
    return part


def _written(part: float) -> str:
    return f"{part * 100:.12g}%"


def _condition(value: Any) -> str:
    return parse_condition(value).text


_QUANTITY: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string"}]}
Part = Annotated[
    float,
    PlainValidator(reading(_share)),
    PlainSerializer(_written, return_type=str),
    WithJsonSchema(_QUANTITY),
]
"""A share between 0 and 1, written ``5%``."""
ConditionText = Annotated[
    str, PlainValidator(reading(_condition)), WithJsonSchema({"type": "string"})
]


class RouteSection(Section):
    """How a new release comes into use, and what stands in for one that fails."""

    begin: str | None = described(
        "How a new release begins: at once (omitted), with a share of the calls (`canary 10%`), or "
        "beside the others, its answers compared and given to nobody (`shadow`, `shadow 20%`).",
        "新发布如何开始：立即全部启用（省略）、先分得一部分调用（`canary 10%`），或在旁作答、"
        "只作比较而不返回（`shadow`、`shadow 20%`）。",
        None,
    )
    when: ConditionText | None = described(
        "Only calls for which this holds go to the new release, such as `country == 'CN'`.",
        "只有满足此条件的调用才交给新发布，如 `country == 'CN'`。",
        None,
    )
    sticky: Literal["key", "session", "none"] = described(
        "What keeps a caller with one release: its session, else its key (`key`); its session "
        "only; or nothing.",
        "调用者凭什么固定在一个发布上：会话，否则密钥（`key`）；只凭会话（`session`）；或不固定。",
        "key",
    )
    otherwise: tuple[PieceField, ...] = described(
        "What is tried in turn when a release fails: `previous`, `{answer: …}`, `queue`.",
        "发布出错时依次尝试：`previous`、`{answer: …}`、`queue`。",
        (),
    )
    auto: Literal["off", "shadow", "canary", "full"] = described(
        "How far `lingqu promote` goes by itself: nowhere (`off`), into the shadow, up the steps "
        "of the canary, or all the way (`full`).",
        "`lingqu promote` 自行走多远：不走（`off`）、到影子、到金丝雀各级，或一直到底（`full`）。",
        "canary",
    )
    steps: tuple[Part, ...] = described(
        "Shares of a canary before it gets all calls.",
        "金丝雀在接管全部调用之前各级的比例。",
        STEPS,
    )
    margin: Part = described(
        "How much worse a release may be and still count as no worse: a part of the answers, or "
        "of the mean error.",
        "新发布差多少仍算不差：回答的比例，或平均误差的比例。",
        0.01,
    )
    alpha: Part = described(
        "Chance of promoting a release that is worse by the margin, however often it is looked at.",
        "把差出该幅度的发布提升上来的概率，无论查看多少次。",
        0.05,
    )
    least: int = described(
        "Calls that each step of a canary must have answered.",
        "金丝雀每一级至少要回答的调用数。",
        100,
        ge=1,
        le=10_000_000,
    )

    @model_validator(mode="before")
    @classmethod
    def _bare_begin(cls, written: Any) -> Any:
        return {"begin": begun(written)} if isinstance(written, str) else written

    @field_validator("begin")
    @classmethod
    def _known_begin(cls, begin: str | None) -> str | None:
        return None if begin is None else begun(begin)

    @field_validator("otherwise")
    @classmethod
    def _known_steps(cls, steps: tuple[Piece, ...]) -> tuple[Piece, ...]:
        try:
            for piece in steps:
                step_of(piece)
        except SpecError as error:
            raise refusal(error.key, **error.facts) from error
        return steps

    @field_validator("steps")
    @classmethod
    def _rising(cls, steps: tuple[float, ...]) -> tuple[float, ...]:
        if list(steps) != sorted(set(steps)):
            shown = ", ".join(map(_written, steps))
            raise refusal("core.bad_amount", value=shown, expected="1%, 5%, 25%, 50%")
        return steps

    @property
    def canary(self) -> float | None:
        """Share of calls that a new release gets at first, or None."""
        return self._part("canary")

    @property
    def shadow(self) -> float | None:
        """Share of calls of which a new release gets copies at first, or None."""
        return self._part("shadow")

    def _part(self, kind: str) -> float | None:
        if self.begin is None or not self.begin.startswith(kind):
            return None
        return share(self.begin.removeprefix(kind).strip() or 1.0)

    def to_plain(self) -> Any:
        plain = super().to_plain()
        return plain["begin"] if plain.keys() == {"begin"} else plain

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        whole = handler.resolve_ref_schema(handler(core_schema))
        return {"anyOf": [{"type": "string", "minLength": 1}, dict(whole)]}


def begun(text: str) -> str:
    """Return how a new release begins, in one way of writing it.

    Raises:
        PydanticCustomError: It is not ``canary 10%``, ``shadow`` or ``shadow 20%``.
    """
    found = _BEGIN.fullmatch(text.strip())
    if found is None:
        raise refusal("core.bad_route", received=text)
    kind, given = found[1], found[2]
    try:
        part = share(given) if given else float(kind == "shadow")
    except SpecError as error:
        raise refusal("core.bad_route", received=text) from error
    if not 0 < part <= 1 or (kind == "canary" and part == 1):
        raise refusal("core.bad_route", received=text)
    return "shadow" if kind == "shadow" and part == 1 else f"{kind} {_written(part)}"
