"""How a caller wants answers to be written: the words of OpenAI's API, read at the door.

Source: OpenAI API reference, "Create chat completion" (`temperature`, `top_p`, `stop`, `seed`,
`max_tokens`); `top_k` as in other servers of language models.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lingqu.core.errors import DataError
from lingqu.core.nouns import Json

_STOPS, _LONGEST = 4, 100
_SEED = 2**63 - 1
SCHEMA: dict[str, Json] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "temperature": {"type": "number", "minimum": 0, "maximum": 2},
        "top_k": {"type": "integer", "minimum": 0},
        "top_p": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "stop": {
            "oneOf": [
                {"type": "string", "minLength": 1, "maxLength": _LONGEST},
                {"type": "array", "maxItems": _STOPS,
                 "items": {"type": "string", "minLength": 1, "maxLength": _LONGEST}},
            ]
        },
        "seed": {"type": "integer", "minimum": 0, "maximum": _SEED},
        "max_tokens": {"type": "integer", "minimum": 1},
    },
}  # fmt: skip
"""The options as JSON Schema, for the documents of a server."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What one request asks of the writing; what is None is as the release has it.

    Args:
        temperature: 0 always takes the likeliest; 1 draws as the model thinks; at most 2.
        top_k: Only so many of the likeliest may be drawn; 0 for all.
        top_p: Only the likeliest that make up this share may be drawn; 1 for all.
        stop: Texts at which an answer also ends, instead of those of the release.
        seed: Of the draws.
        max_tokens: Most tokens of an answer; never more than the context holds.

    Example:
        >>> Writing.of({"temperature": 0.7, "stop": "\\n"}).to_json()
        {'temperature': 0.7, 'stop': ['\\n']}
    """

    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    stop: tuple[str, ...] | None = None
    seed: int | None = None
    max_tokens: int | None = None

    @classmethod
    def of(cls, given: Json) -> Writing:
        """Read what a caller sent.

        Raises:
            DataError: It is no object, names an option that there is not, or a value is out of
                its range.
        """
        if not isinstance(given, Mapping):
            raise _refused("options", "{temperature: 0.7, …}", given)
        known = SCHEMA["properties"]
        for name, value in given.items():
            if name not in known:
                raise _refused("options", ", ".join(known), name)
            if value is not None and not _LEGAL[name](value):
                raise _refused(f"options.{name}", _EXPECTED[name], value)
        stop = given.get("stop")
        stops = (stop,) if isinstance(stop, str) else stop
        return cls(**{**given, "stop": None if stops is None else tuple(stops)})

    def to_json(self) -> dict[str, Json]:
        """Return what was asked, without what was not."""
        said = {name: value for name, value in asdict(self).items() if value is not None}
        return said | ({"stop": list(self.stop)} if self.stop is not None else {})


def _number(value: Any, low: float, high: float) -> bool:
    real = isinstance(value, int | float) and not isinstance(value, bool)
    return real and math.isfinite(value) and low <= value <= high


def _whole(value: Any, low: int, high: int = _SEED) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _texts(value: Any) -> bool:
    texts = [value] if isinstance(value, str) else value
    return isinstance(texts, list | tuple) and len(texts) <= _STOPS and all(
        isinstance(text, str) and 0 < len(text) <= _LONGEST for text in texts
    )  # fmt: skip


_LEGAL: dict[str, Callable[[Any], bool]] = {
    "temperature": lambda value: _number(value, 0, 2),
    "top_k": lambda value: _whole(value, 0),
    "top_p": lambda value: _number(value, 0, 1) and value > 0,
    "stop": _texts,
    "seed": lambda value: _whole(value, 0),
    "max_tokens": lambda value: _whole(value, 1),
}
_EXPECTED = {
    "temperature": "≥ 0, ≤ 2",
    "top_k": "≥ 0",
    "top_p": "> 0, ≤ 1",
    "stop": f"1–{_LONGEST} characters, ≤ {_STOPS} of them",
    "seed": f"≥ 0, ≤ {_SEED}",
    "max_tokens": "≥ 1",
}


def _refused(option: str, expected: str, received: Any) -> DataError:
    shown = received if isinstance(received, int | float) else str(received)[:60]
    return DataError("replies.bad_writing", option=option, expected=expected, received=shown)
