"""What a reply to rows holds, as JSON Schema: by task, and by what the release answers."""

from __future__ import annotations

from lingqu.core.nouns import REPLIES, TEXTS, Json
from lingqu.core.predictions import in_numbers
from lingqu.outlets.protocols import described
from lingqu.outlets.reading.columns import WARNINGS
from lingqu.outlets.served import Served
from lingqu.release.contributions import usual_values

_LISTS: dict[str, Json] = {
    "predictions": {
        "type": "array",
        "description": "Of each row the items, the best first.",
        "items": {"type": "array", "items": {"type": "string"}},
    },
    "scores": {
        "type": "array",
        "description": "How likely each item is held to be the next.",
        "items": {"type": "array", "items": {"type": "number"}},
    },
    "based_on": {"type": "array", "items": {"enum": ["history", "features", "popularity"]}},
    "unknown": {
        "type": "array",
        "description": "Of each row the names in it that nobody knows: its user, items.",
        "items": {"type": "array", "items": {"type": "string"}},
    },
}
_REASONS: dict[str, Json] = {
    "type": "array",
    "description": "Of each flagged row the columns that make it odd, the strongest first: "
    "`share` of its oddness, its `value`, and what is `usual`.",
    "items": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "column": {"type": "string"}, "share": {"type": "number"}, "value": {}, "usual": {}
            },
        },
    },
}  # fmt: skip


_CONTRIBUTIONS: dict[str, Json] = {
    "type": "array",
    "description": "Asked for with `explain`: of each row the columns without which its answer "
    "would differ most, the strongest first: the `change` that is due to its `value` in place of "
    "what is `usual`.",
    "items": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "column": {"type": "string"}, "change": {"type": "number"}, "value": {}, "usual": {}
            },
        },
    },
}  # fmt: skip
_OF_POLICY: dict[str, Json] = {
    name: {"type": "array", "items": {"type": "boolean"}, "description": told}
    for name, told in (
        ("fallback", "Whether a rule answered a row, since it is unlike all of training."),
        ("out_of_range", "Whether a row is unlike all that the policy was trained on."),
    )
}
_SETS: dict[str, Json] = {
    "type": "array",
    "description": "Of each row the classes that together hold the truth as often as the release "
    "states, the likeliest first.",
}


def _said(task: str) -> dict[str, Json]:
    """Return the schema of one answer of a task whose answers are texts, tags, vectors, boxes."""
    if task in TEXTS:
        return {"type": "string"}
    if task == "generate":
        return {"anyOf": [{"type": "object"}, {"type": "string", "format": "uri"}]}
    part = {"tag": "string", "embed": "number"}.get(task, "object")
    return {"type": "array", "items": {"type": part}}


def reply_schema(served: Served) -> dict[str, Json]:
    """Return the description of a reply that answers rows."""
    regress = in_numbers(served.release.task, served.release.classes)
    said: dict[str, Json] = (
        {"type": "number"} if regress else {"enum": list(served.release.classes)}
    )
    properties: dict[str, Json] = {
        "predictions": {"type": "array", "items": said},
        "release": {"type": "string"},
        "prediction_ids": {"type": "array", "items": {"type": "string"}},
        "warnings": {
            "type": "array",
            "items": {"type": "string"},
            "maxItems": WARNINGS,
            "description": "Categories that were never seen in training: column, value, rows.",
        },
    }
    if "low" in served.answered:
        ends: dict[str, Json] = {"type": "array", "items": {"type": "number"}}
        properties |= {"low": ends, "high": ends}
    if "set" in served.answered:
        properties["sets"] = _SETS | {"items": {"type": "array", "items": said, "minItems": 1}}
    properties |= {name: told for name, told in _OF_POLICY.items() if name in served.answered}
    if served.levels:
        told: dict[str, Json] = {"type": "array", "items": {"type": "number"}}
        known: dict[str, Json] = {"type": "array", "items": told}
        properties |= {"levels": {**told, "const": list(served.levels)}, "quantiles": known}
    if served.release.task == "recommend":
        properties |= _LISTS
        properties.pop("warnings")
    elif served.release.task in REPLIES:
        properties["predictions"] = {"type": "array", "items": _said(served.release.task)}
        beside = {name: {"type": "array"} for name in served.golden_names[1:]}
        if "confidence" in beside:
            del beside["confidence"]
            properties["confidence"] = {"type": "array", "items": {"type": "number"}}
        if beside:
            properties["beside"] = {"type": "object", "properties": beside}
    elif not regress:
        numbers: dict[str, Json] = {"type": "array", "items": {"type": "number"}}
        properties["confidence"] = numbers
        properties["classes"] = {"type": "array", "items": {"type": "string"}}
        properties["probabilities"] = {"type": "array", "items": numbers}
    if served.release.task == "flag":
        properties["reasons"] = _REASONS
    elif usual_values(served.release):
        properties["reasons"] = _CONTRIBUTIONS
    schema = {
        "type": "object",
        "required": ["predictions", "release", "prediction_ids"],
        "properties": properties,
    }
    content = {"application/json": {"schema": schema}, **described.tables()}
    return {"description": "One answer a row.", "content": content}
