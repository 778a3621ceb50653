"""The OpenAPI document of a channel, made from its release's schema, and a page to read it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import orjson

from lingqu import __version__
from lingqu.core.i18n import Language, both, text
from lingqu.core.nouns import REPLIES, TEXTS, Json
from lingqu.core.predictions import in_numbers
from lingqu.core.schema import Column, Schema
from lingqu.outlets.protocols import described
from lingqu.outlets.reading.columns import WARNINGS
from lingqu.outlets.served import Served
from lingqu.release.baskets.block import EXCLUDE, HISTORY
from lingqu.release.contributions import usual_values
from lingqu.release.replies.writing import SCHEMA as WRITING

_TYPES: dict[str, dict[str, Json]] = {
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "category": {"type": ["string", "null"]},
    "text": {"type": ["string", "null"]},
    "datetime": {"type": ["string", "null"], "description": "ISO 8601"},
}


def document(served: Served, channel: str) -> dict[str, Json]:
    """Return the OpenAPI 3.1 document of a channel."""
    row = row_schema(served.reader.schema, served.reader.history, served.schema.basket)
    example = {"rows": [served.release.golden["rows"][0]["input"]]}
    body: dict[str, Json] = {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["rows"],
                    "properties": {"rows": {"type": "array", "minItems": 1, "items": row}},
                },
                "example": example,
            },
            **described.tables(),
        },
    }
    if served.writes:
        asked = body["content"]["application/json"]["schema"]["properties"]
        asked["options"] = {**WRITING, "description": _WRITING}
    problem = {"$ref": "#/components/responses/Problem"}
    refusals = {str(code): problem for code in (400, 401, 403, 408, 413, 422, 429, 503, 504)}
    probabilities = {
        "name": "probabilities",
        "in": "query",
        "description": "1 adds the probability of every class.",
        "schema": {"type": "integer", "enum": [0, 1]},
    }
    predict = {
        "summary": "Answer rows.",
        "operationId": "predict",
        "parameters": [probabilities, *_explain(served)],
        "requestBody": body,
        "responses": {"200": _reply(served), **refusals, "default": problem},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": channel,
            "version": served.digest[:12],
            "description": f"Lingqu {__version__}",
        },
        "paths": {
            f"/c/{channel}": {"post": predict},
            **described.paths(served, channel),
            "/invocations": {
                "post": {
                    **_plain("Answer rows (MLflow scoring protocol)."),
                    "operationId": "invocations",
                    "requestBody": {"required": True, "content": {"application/json": {}}},
                    "responses": {"200": {"description": "OK"}, **refusals},
                }
            },
            "/health": {"get": {**_plain("Liveness and readiness."), "security": []}},
            "/metrics": {"get": _plain("Prometheus metrics.")},
        },
        "security": [{"bearer": []}, {"header": []}],
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
            "responses": {
                "Problem": {
                    "description": "RFC 9457 problem document.",
                    "content": {"application/problem+json": {"schema": _PROBLEM}},
                },
                **described.responses(),
            },
            "schemas": described.components(),
        },
    }


def _explain(served: Served) -> list[dict[str, Json]]:
    if not usual_values(served.release):
        return []
    told = "1 adds `reasons`: the columns that each answer rests on, with what is due to them."
    schema: dict[str, Json] = {"type": "integer", "enum": [0, 1]}
    return [{"name": "explain", "in": "query", "description": told, "schema": schema}]


_WRITING = "How the answers shall be written; what is left out is as the release has it."
_PROBLEM: dict[str, Json] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "next"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "next": {"type": "string"},
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


def _plain(summary: str) -> dict[str, Json]:
    problem = {"$ref": "#/components/responses/Problem"}
    return {"summary": summary, "responses": {"200": {"description": "OK"}, "default": problem}}


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


def _reply(served: Served) -> dict[str, Json]:
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


_STYLE = """
:root{color-scheme:light dark;--line:#8884}body{font:16px/1.55 system-ui,sans-serif;margin:0 auto;
max-width:56rem;padding:2rem 1rem}h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .6rem;
border-bottom:1px solid var(--line);vertical-align:top}pre{overflow:auto;padding:.8rem;
border:1px solid var(--line);border-radius:.4rem}code{font:.9em ui-monospace,monospace}
[lang=zh]{color:#777}
"""


def page(served: Served, channel: str) -> bytes:
    """Return the documentation as one HTML page that loads nothing else."""
    described = document(served, channel)
    example = orjson.dumps(
        described["paths"][f"/c/{channel}"]["post"]["requestBody"]["content"]["application/json"][
            "example"
        ]
    ).decode()
    if len(example) > 1500:
        example = example[:1500] + " …"
    columns = ", ".join(served.reader.names)
    classes = ", ".join(served.release.classes)
    kind = "docs_classes" if classes else "docs_number"
    leads = []
    languages: tuple[Language, ...] = ("en", "zh")
    for to in languages:
        answers = text(f"outlets.{kind}", to, classes=classes)
        if served.release.task == "recommend":
            answers = text("recommend.docs_lists", to, count=len(served.release.classes))
        elif served.release.task in REPLIES:
            key = "docs_text" if served.release.task in TEXTS else "docs"
            answers = text(f"replies.{key}", to)
            if served.release.task == "generate":
                answers = text("generate.docs", to)
        lead = text(
            "outlets.docs_lead",
            to,
            columns=columns,
            answers=answers,
            release=served.digest[:12],
        )
        leads.append(f'<p lang="{to}">{html.escape(lead)}</p>')
    call = (
        f"curl $ADDRESS/c/{channel} \\\n  -H 'Authorization: Bearer lq_…' \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d '{example}'"
    )
    paths = [
        (method.upper(), path, operation["summary"])
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]
    rows = [(c.name, c.kind, _described(c)) for c in served.reader.schema]
    parts = [
        f"<h1>{_two('docs_title', channel=channel)}</h1>",
        *leads,
        f"<h2>{_two('docs_try')}</h2><pre><code>{html.escape(call)}</code></pre>",
        f"<h2>{_two('docs_columns')}</h2>{_table(rows)}",
        f"<h2>{_two('docs_paths')}</h2>{_table(paths)}",
        f"<h2>OpenAPI</h2><pre><code>{_pretty(described)}</code></pre>",
    ]
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(channel)}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>"
    ).encode()


def _described(column: Column) -> str:
    if column.shape:
        return " × ".join(map(str, column.shape))
    return ", ".join(column.levels[:12]) + (" …" if len(column.levels) > 12 else "")


def _two(key: str, **facts: Any) -> str:
    said = both(f"outlets.{key}", **facts)
    return f'{html.escape(said["en"])} <span lang="zh">{html.escape(said["zh"])}</span>'


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    cells = (
        f"<tr><td><code>{html.escape(a)}</code></td><td><code>{html.escape(b)}</code></td>"
        f"<td>{html.escape(c)}</td></tr>"
        for a, b, c in rows
    )
    return f"<table>{''.join(cells)}</table>"


def _pretty(value: Json) -> str:
    return html.escape(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
