"""What is wrong with a channel file: pydantic's errors as ours, with line and near names."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from lingqu.core.catalog import near
from lingqu.core.errors import SpecError
from lingqu.core.phrases import Phrase, expected
from lingqu.core.sections import (
    AccessSection,
    ClaimsSection,
    DataSection,
    Declaration,
    MonitorSection,
    OidcSection,
    PriceSection,
    ReleaseSection,
    Response,
    RouteSection,
    TlsSection,
    TrainSection,
)

Path = tuple[str | int, ...]
_SECTIONS: Mapping[Path, type[BaseModel]] = {
    (): Declaration,
    ("data",): DataSection,
    ("train",): TrainSection,
    ("release",): ReleaseSection,
    ("monitor",): MonitorSection,
    ("respond",): Response,
    ("access",): AccessSection,
    ("access", "tls"): TlsSection,
    ("access", "route"): RouteSection,
    ("access", "price"): PriceSection,
    ("access", "oidc"): OidcSection,
    ("access", "oidc", "claims"): ClaimsSection,
}


@dataclass(frozen=True)
class Lines:
    """Errors one below the other."""

    errors: tuple[SpecError, ...]

    def __str__(self) -> str:
        return "\n".join(f"- {error}" for error in self.errors)


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as people write it.

    Example:
        >>> dotted(("govern", 2, "mask", "columns"))
        'govern[2].mask.columns'
    """
    shown = ""
    for part in path:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown


def nearest_line(path: Sequence[str | int], lines: Mapping[Path, int]) -> int | None:
    """Return the line of a path, or of the nearest thing around it that has one."""
    for length in range(len(path), 0, -1):
        if tuple(path[:length]) in lines:
            return lines[tuple(path[:length])]
    return None


def place(path: Sequence[str | int], file: str, lines: Mapping[Path, int]) -> Phrase:
    """Say where something stands: ``\\`govern[2]\\` (channel.yaml line 7)``."""
    line = nearest_line(path, lines)
    if not path:
        return Phrase("core.where_file", {"file": file})
    if line is None:
        return Phrase("core.where_section", {"path": dotted(path), "file": file})
    return Phrase("core.where_line", {"path": dotted(path), "file": file, "line": line})


def joined(errors: Sequence[SpecError], file: str) -> SpecError:
    """Make one error of all: the first in full, the others listed below it.

    `facts["problems"]` holds all of them.
    """
    if len(errors) == 1:
        return errors[0]
    return SpecError(
        "core.problems",
        first=errors[0],
        count=len(errors) - 1,
        file=file,
        others=Lines(tuple(errors[1:])),
        problems=tuple(errors),
    )


def translated(error: ValidationError, file: str, lines: Mapping[Path, int]) -> SpecError:
    """Turn everything that pydantic found into one SpecError, in the order of the lines."""
    found = [
        (nearest_line(_path(row), lines) or 0, number, _one(row, file, lines))
        for number, row in enumerate(error.errors(include_url=False))
    ]
    found.sort(key=lambda item: item[:2])
    return joined([problem for _, _, problem in found], file)


def _one(row: Any, file: str, lines: Mapping[Path, int]) -> SpecError:
    path = _path(row)
    where = place(path, file, lines)
    kind = row["type"]
    if kind == "extra_forbidden":
        return SpecError(
            "core.unknown_key",
            where=where,
            name=path[-1],
            near=near(str(path[-1]), _keys(path[:-1])),
        )
    if kind == "missing":
        return SpecError(
            "core.missing_key",
            where=place(path[:-1], file, lines),
            name=path[-1],
            description=_meaning(path),
        )
    if kind == "lingqu":
        facts = {name: _cut(fact) for name, fact in row["ctx"]["facts"].items()}
        return SpecError("core.at", where=where, problem=SpecError(row["ctx"]["key"], **facts))
    return SpecError(
        "core.wrong_value", where=where, expected=expected(row), received=_shown(row["input"])
    )


def _path(row: Any) -> Path:
    at = row["ctx"]["at"] if row["type"] == "lingqu" else ()
    return (*(part for part in row["loc"] if part != "[key]"), *at)


def _section(path: Path) -> type[BaseModel] | None:
    return _SECTIONS.get(tuple(part for part in path if isinstance(part, str)))


def _keys(path: Path) -> Iterable[str]:
    section = _section(path)
    return list(section.model_fields) if section else []


def _meaning(path: Path) -> Phrase | str:
    """Say what a missing key is for."""
    section = _section(path[:-1])
    field = section.model_fields.get(str(path[-1])) if section else None
    if field is None:
        return ""
    extra = field.json_schema_extra
    chinese = extra.get("x-zh", "") if isinstance(extra, dict) else ""
    return Phrase("core.either", {"english": field.description or "", "chinese": chinese})


def _cut(fact: Any) -> Any:
    return fact[:200] + "…" if isinstance(fact, str) and len(fact) > 200 else fact


def _shown(value: Any) -> str:
    short = reprlib.Repr()
    short.maxstring = short.maxother = 60
    return short.repr(value)
