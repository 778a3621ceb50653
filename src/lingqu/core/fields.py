"""Types of the values in a channel file: each reads what people write and says what it expects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    Strict,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from lingqu.core import units
from lingqu.core.errors import SpecError
from lingqu.core.rules import Rule, parse

T = TypeVar("T")
Whole = Annotated[int, Strict()]
"""A whole number; 2.0 and true are not."""


class Section(BaseModel):
    """A part of the channel file: nothing in it can change, nothing unknown can be in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def to_plain(self) -> dict[str, Any]:
        """Return what differs from the defaults, as it would be written."""
        plain: dict[str, Any] = self.model_dump(mode="json", exclude_defaults=True)
        return plain


def described(english: str, chinese: str, default: Any = ..., **limits: Any) -> Any:
    """Declare a field with its one sentence for the reference page, in both languages."""
    extra = {"x-zh": chinese, **limits.pop("json_schema_extra", {})}
    if callable(default):
        return Field(
            default_factory=default, description=english, json_schema_extra=extra, **limits
        )
    return Field(default, description=english, json_schema_extra=extra, **limits)


def refusal(key: str, at: tuple[str, ...] = (), **facts: Any) -> PydanticCustomError:
    """Return the error that pydantic collects and `core/problems.py` turns into a SpecError.

    Args:
        key: Key of the message.
        at: Place of the mistake, below the section whose validator found it.
        **facts: What fills the message.
    """
    return PydanticCustomError("lingqu", "refused", {"key": key, "facts": facts, "at": at})


def reading(function: Callable[[Any], T]) -> Callable[[Any], T]:
    """Let pydantic collect the SpecError of a reader, with the place where it was raised."""

    def read(value: Any) -> T:
        try:
            return function(value)
        except SpecError as error:
            raise refusal(error.key, **error.facts) from error

    return read


def _name(value: Any) -> Any:
    """Columns may be called 64: YAML reads a number, we mean its text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _names(value: Any) -> Any:
    return (value,) if isinstance(value, str | int) and not isinstance(value, bool) else value


def _group(value: Any) -> str | tuple[str, ...] | None:
    """Read one column as its name, several as a tuple of names."""
    if value is None:
        return None
    listed = tuple(_name(one) for one in value) if isinstance(value, list | tuple) else None
    names = listed if listed is not None else (_name(value),)
    if not names or not all(isinstance(name, str) and 0 < len(name) <= 300 for name in names):
        raise refusal("core.bad_group", received=value)
    return names[0] if len(names) == 1 else names


def _seconds(value: Any) -> float:
    return units.seconds(value)


def _rule(value: Any) -> Rule:
    return value if isinstance(value, Rule) else parse(value)


def _quota(value: Any) -> str:
    return units.quotas_text(units.parse_quotas(value))


def _test_share(value: Any) -> float:
    part = units.share(value)
    if not 0 < part < 1:
        raise SpecError("core.bad_amount", value=value, expected="> 0, < 1 (< 100%)")
    return part


_QUANTITY: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string"}]}
_NAME: dict[str, Any] = {"type": ["string", "integer"]}
_NAMES: dict[str, Any] = {"anyOf": [_NAME, {"type": "array", "items": _NAME}]}

Name = Annotated[
    str, BeforeValidator(_name), Field(min_length=1, max_length=300), WithJsonSchema(_NAME)
]
Names = Annotated[tuple[Name, ...], BeforeValidator(_names), WithJsonSchema(_NAMES)]
GroupNames = Annotated[
    str | tuple[str, ...] | None,
    PlainValidator(_group),
    PlainSerializer(lambda names: names if isinstance(names, str | None) else list(names)),
    WithJsonSchema(_NAMES),
]
"""One name as it is, several as a tuple."""
Duration = Annotated[
    float,
    PlainValidator(reading(_seconds)),
    PlainSerializer(units.duration_text, return_type=str),
    WithJsonSchema(_QUANTITY),
]
"""Seconds, written ``5 min``."""
Size = Annotated[
    int,
    PlainValidator(reading(units.bytes_of)),
    PlainSerializer(units.bytes_text, return_type=str),
    WithJsonSchema(_QUANTITY),
]
"""Bytes, written ``20 MB``."""
TestShare = Annotated[float, PlainValidator(reading(_test_share)), WithJsonSchema(_QUANTITY)]
QuotaText = Annotated[str, PlainValidator(reading(_quota)), WithJsonSchema({"type": "string"})]
RuleField = Annotated[
    Rule,
    PlainValidator(reading(_rule)),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["roc_auc >= 0.8"]}),
]
