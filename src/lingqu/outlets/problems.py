"""Errors as RFC 9457 problem documents, in the caller's language."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import orjson

from lingqu.core.errors import (
    AccessError,
    DataError,
    GateError,
    LingquError,
    OutletError,
    SpecError,
    StoreError,
)
from lingqu.core.i18n import Language, text
from lingqu.core.nouns import Json

Headers = list[tuple[bytes, bytes]]
STATUS: dict[str, int] = {
    "outlets.bad_json": 400,
    "use.too_deep": 400,
    "outlets.bad_form": 400,
    "outlets.no_rows": 400,
    "outlets.which_channel": 400,
    "outlets.unknown_path": 404,
    "outlets.unknown_question": 404,
    "outlets.wrong_method": 405,
    "outlets.slow_body": 408,
    "outlets.unknown_coding": 415,
    "outlets.gone": 499,
    "outlets.stopped": 503,
    "outlets.stopped_because": 503,
    "outlets.too_late": 504,
}
"""Message key → status, where the class of the error does not say it."""
GONE = STATUS["outlets.gone"]
"""What is noted of a request whose caller has hung up; nobody is sent it."""
_CLASSES: tuple[tuple[type[LingquError], int], ...] = (
    (DataError, 422),
    (SpecError, 400),
    (OutletError, 503),
    (GateError, 503),
    (StoreError, 503),
)


def status_of(error: LingquError) -> int:
    """Return the HTTP status that an error means.

    Example:
        >>> status_of(DataError("outlets.no_rows")), status_of(AccessError("outlets.bad_key", 401))
        (400, 401)
    """
    if isinstance(error, AccessError):
        return error.status
    if error.key in STATUS:
        return STATUS[error.key]
    return next((status for kind, status in _CLASSES if isinstance(error, kind)), 500)


def problem(
    error: LingquError,
    to: Language | None = None,
    more: Mapping[str, Json] | None = None,
    status: int = 0,
) -> tuple[int, Headers, bytes]:
    """Return status, headers and body of the reply that tells of an error.

    Args:
        error: What went wrong.
        to: Language of `detail` and `next`.
        more: Further members of the document.
        status: HTTP status; by the error when omitted.
    """
    status = status or status_of(error)
    document: dict[str, Json] = {
        "type": f"urn:lingqu:{error.key}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": text(error.key, to, **error.facts),
        "next": text(f"outlets.next_{status}", to),
        **(more or {}),
    }
    headers: Headers = [(b"content-type", b"application/problem+json")]
    if status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="lingqu"'))
    if status in (429, 503):
        seconds = str(error.facts.get("seconds", 1))
        headers.append((b"retry-after", seconds.encode()))
    if status == 415:
        headers.append((b"accept-encoding", str(error.facts["expected"]).encode()))
    if status == 405:
        headers.append((b"allow", str(error.facts["expected"]).encode()))
    return status, headers, orjson.dumps(document)
