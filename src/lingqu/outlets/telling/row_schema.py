"""What one row of a request may be, as JSON Schema."""

from __future__ import annotations

from lingqu.core.nouns import Json
from lingqu.core.schema import Column, Schema
from lingqu.release.baskets.block import EXCLUDE, HISTORY

_TYPES: dict[str, dict[str, Json]] = {
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "category": {"type": ["string", "null"]},
    "text": {"type": ["string", "null"]},
    "datetime": {"type": ["string", "null"], "description": "ISO 8601"},
}
_ASIDE: dict[str, Json] = {
    HISTORY: {
        "type": ["array", "null"],
        "items": {"type": "string"},
        "description": "Items that somebody took: in place of a user, or beside one, whose "
        "history they then go on.",
    },
    EXCLUDE: {
        "type": ["boolean", "null"],
        "description": "Whether items that were taken are left out of the list; true when absent.",
    },
}


def row_schema(
    schema: Schema, history: Column | None = None, basket: Column | None = None
) -> dict[str, Json]:
    """Return the JSON Schema of one row.

    Args:
        schema: What callers send.
        history: The value itself, where a forecast may start from newer ones, or None.
        basket: The items, where a caller may list some instead of naming a user, or None.

    Example:
        >>> row_schema(Schema((Column("age", "number"),)))["required"]
        ['age']
    """
    properties = {column.name: _cell(column) for column in schema}
    if history is not None:
        known = "A newer value that is known; absent or null where one is to be forecast."
        properties[history.name] = {"type": ["number", "null"], "description": known}
    if schema.seed is not None:
        return {"type": "object", "required": [], "properties": properties}
    if basket is None:
        return {"type": "object", "required": list(schema.names), "properties": properties}
    ways = [{"required": [name]} for name in (*schema.names, HISTORY)]
    return {"type": "object", "anyOf": ways, "properties": {**properties, **_ASIDE}}


def _cell(column: Column) -> dict[str, Json]:
    if column.kind in ("image", "vector"):
        inner: dict[str, Json] = {"type": "number"}
        for size in reversed(column.shape):
            inner = {"type": "array", "items": inner, "minItems": size, "maxItems": size}
        if column.kind == "vector":
            return inner
        encoded = {"type": "string", "description": "A picture file, base64 or data URI."}
        return {"anyOf": [inner, encoded]}
    if column.kind == "audio":
        said = "A WAV, FLAC or OGG file, base64 or data URI."
        return {"type": "string", "description": said}
    cell = dict(_TYPES.get(column.kind, {}))
    if column.kind == "category" and column.levels:
        cell["examples"] = list(column.levels[:8])
    return cell
