"""The OpenAPI document of a channel, made from its release's schema."""

from __future__ import annotations

from lingqu import __version__
from lingqu.core.nouns import Json
from lingqu.outlets.protocols import described
from lingqu.outlets.served import Served
from lingqu.outlets.telling.reply_schema import reply_schema
from lingqu.outlets.telling.row_schema import row_schema
from lingqu.release.contributions import usual_values
from lingqu.release.replies.writing import SCHEMA as WRITING


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
    refusals = dict.fromkeys(described.REFUSALS, problem)
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
        "responses": {"200": reply_schema(served), **refusals, "default": problem},
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


def _plain(summary: str) -> dict[str, Json]:
    problem = {"$ref": "#/components/responses/Problem"}
    return {"summary": summary, "responses": {"200": {"description": "OK"}, "default": problem}}
