"""Errors of the control API as problem documents (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from lingqu.core.errors import (
    AccessError,
    DataError,
    GateError,
    LingquError,
    OutletError,
    SpecError,
    StoreError,
    TrainError,
)
from lingqu.core.i18n import text

STATUS: dict[type[LingquError], int] = {
    SpecError: 422,
    DataError: 422,
    TrainError: 422,
    GateError: 409,
    OutletError: 409,
    StoreError: 404,
}
MISSING = frozenset({"flow.no_channel", "flow.unknown_release"})
"""Keys that say that what the path names is not there."""
RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "A problem document (RFC 9457).",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
}
"""What every operation may answer instead."""


def add_problems(app: FastAPI) -> None:
    """Let an application answer every error with a problem document."""
    app.add_exception_handler(LingquError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _unrouted)


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, LingquError)
    status = error.status if isinstance(error, AccessError) else 400
    for kind, code in STATUS.items():
        if isinstance(error, kind):
            status = code
    if error.key in MISSING:
        status = 404
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    return _document(error.key, status, str(error), headers)


def _invalid(request: Request, error: Exception) -> Response:
    """Answer a request whose body or parameters are of the wrong form."""
    assert isinstance(error, RequestValidationError)
    wrong = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return _document("http.invalid", 422, "; ".join(wrong))


def _unrouted(request: Request, error: Exception) -> Response:
    """Answer a request for a path or a method that is not there."""
    assert isinstance(error, HTTPException)
    key = "http.unknown_method" if error.status_code == 405 else "http.unknown_path"
    detail = text(key, method=request.method, path=request.url.path)
    return _document(key, error.status_code, detail, dict(error.headers or {}))


def _document(
    key: str, status: int, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    title = HTTPStatus(status).phrase
    body = {"type": f"urn:lingqu:{key}", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")
