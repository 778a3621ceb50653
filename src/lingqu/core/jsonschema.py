"""The JSON Schema of `channel.yaml`, for editors: completion, and red lines where it is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lingqu.core import catalog, sections
from lingqu.core.sections import Declaration, Section

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def channel_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a channel file.

    It accepts the short forms (``data: path``, a piece as a bare name, one algorithm without a
    list) and knows the names of every piece that is installed here. A key ``x-zh`` beside a
    ``description`` is the same sentence in Chinese.

    Example:
        >>> channel_schema()["required"]
        ['channel', 'data', 'train']
    """
    schema = Declaration.model_json_schema(mode="validation")
    for section, part in [("Declaration", schema), *schema["$defs"].items()]:
        written = _defaults(section)
        for name, field in _objects(part):
            field.pop("title", None)
            if "default" in field:
                field["default"] = written[name]
            # Pydantic leaves a description out where it repeats that of the section.
            field.setdefault("description", _model(section).model_fields[name].description)
            family = field.pop("x-family", None)
            if family is not None:
                _name_pieces(field, family)
            if field.pop("x-bare", False):
                array = {"type": "array", "items": field.pop("items")}
                field.pop("type", None)
                field["anyOf"] = [array, array["items"]]
            if name in ("release", "monitor", "respond", "outlets", "access"):
                _may_be_empty(field)
    return {"$schema": DIALECT, **schema}


def _defaults(section: str) -> dict[str, Any]:
    """Return the defaults of a section as they would be written: `60 s`, not 60.0."""
    plain: dict[str, Any] = _model(section).model_construct().model_dump(mode="json")
    return plain


def _model(section: str) -> type[Section]:
    found: type[Section] = getattr(sections, section)
    return found


def _objects(part: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    for branch in [part, *part.get("anyOf", ())]:
        yield from branch.get("properties", {}).items()


def _name_pieces(field: dict[str, Any], family: catalog.Family) -> None:
    """Replace the loose schema of a piece by one that knows the names of its family."""
    names = sorted(catalog.names(family))
    bare = [*names, "auto"] if family == "algorithms" else names
    piece = {
        "anyOf": [
            {"enum": bare},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": {name: {} for name in names},
            },
        ]
    }
    for branch in [field, *field.get("anyOf", ())]:
        if "items" in branch:
            branch["items"] = piece
            return
    field.update(piece)


def _may_be_empty(field: dict[str, Any]) -> None:
    """A section with nothing below its name counts as left out."""
    kept = ("description", "default", "x-zh")
    notes = {name: field.pop(name) for name in kept if name in field}
    whole = dict(field)
    field.clear()
    field.update({"anyOf": [whole, {"type": "null"}], **notes})
