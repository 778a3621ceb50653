"""What clients send and what comes back, as bytes: the same for every way of sending them."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from lingqu.core.errors import AccessError, DataError, LingquError, OutletError
from lingqu.core.nouns import Json
from lingqu.core.ranking_names import BESIDE

ROWS = 500
"""Rows sent in one request."""
MEDIA: Mapping[str, str] = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".arrow": "application/vnd.apache.arrow.file",
    ".arrows": "application/vnd.apache.arrow.stream",
}
"""Ending of a file → media type of its table."""


def rows_path(channel: str, explain: bool) -> str:
    """Return the path on which rows are answered."""
    return f"/c/{quoted(channel)}?probabilities=1" + ("&explain=1" if explain else "")


def feedback_path(channel: str) -> str:
    """Return the path that takes labels."""
    return f"/c/{quoted(channel)}/feedback"


def stream_path(channel: str) -> str:
    """Return the path on which a text is answered while it is written."""
    return f"/v2/models/{quoted(channel)}/generate_stream"


def quoted(channel: str) -> str:
    """Return a channel's name as a part of a path."""
    return urllib.parse.quote(channel, safe="")


def rows_body(rows: Sequence[Mapping[str, Any]], options: Mapping[str, Json] | None) -> bytes:
    """Return the body that asks for answers to rows."""
    asked: dict[str, Any] = {"rows": list(rows)}
    if options is not None:
        asked["options"] = dict(options)
    return orjson.dumps(asked, _plain, _OPTIONS)


def feedback_body(items: Sequence[tuple[str, Json]], replace: bool) -> bytes:
    """Return the body that tells labels."""
    labels = [{"prediction_id": name, "label": label} for name, label in items]
    if replace:
        labels = [{**label, "replace": True} for label in labels]
    return orjson.dumps({"feedback": labels}, _plain, _OPTIONS)


def text_body(text: str, options: Mapping[str, Json]) -> bytes:
    """Return the body that asks for an answer in words."""
    return orjson.dumps({"text_input": text, "parameters": dict(options)})


def answers_of(reply: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Return one answer a row, with what the reply says beside it."""
    answers: list[dict[str, Json]] = [{"prediction": said} for said in reply["predictions"]]
    for answer, sure in zip(answers, reply.get("confidence") or (), strict=False):
        answer["confidence"] = sure
    for end in ("low", "high"):
        for answer, value in zip(answers, reply.get(end) or (), strict=False):
            answer[end] = value
    for answer, why in zip(answers, reply.get("reasons") or (), strict=False):
        answer["reasons"] = why
    for name in BESIDE:
        for answer, told in zip(answers, reply.get(name) or (), strict=False):
            answer[name] = told
    for name, cells in (reply.get("beside") or {}).items():
        for answer, told in zip(answers, cells, strict=False):
            answer[name] = told
    for answer, inside in zip(answers, reply.get("sets") or (), strict=False):
        answer["set"] = inside
    for flag in ("fallback", "out_of_range"):
        for answer, told in zip(answers, reply.get(flag) or (), strict=False):
            answer[flag] = told
    levels = [f"quantile.{level:g}" for level in reply.get("levels") or ()]
    for answer, row in zip(answers, reply.get("quantiles") or (), strict=False):
        answer.update(zip(levels, row, strict=True))
    names = [f"probability.{name}" for name in reply.get("classes") or ()]
    for answer, row in zip(answers, reply.get("probabilities") or (), strict=False):
        answer.update(zip(names, row, strict=True))
    return answers


def media_of(path: str | Path) -> str:
    """Return the media type of a table by the ending of its file.

    Raises:
        DataError: It is none of those.

    Example:
        >>> media_of("new.csv")
        'text/csv'
    """
    ending = Path(path).suffix.lower()
    if ending not in MEDIA:
        raise DataError("outlets.bad_form", problem=f"*{ending or '—'}", expected=", ".join(MEDIA))
    return MEDIA[ending]


def events(lines: Iterable[bytes]) -> Iterator[Json]:
    """Yield the data of server-sent events, out of the lines of a reply.

    Example:
        >>> list(events([b'data: {"a": 1}', b"", b"data: [DONE]"]))
        [{'a': 1}]
    """
    for line in lines:
        if line.startswith(b"data:"):
            data = line[5:].strip()
            if data == b"[DONE]":
                return
            yield orjson.loads(data)


def text_of(event: Json) -> str:
    """Return what an event of a stream adds to a text.

    Raises:
        OutletError: It tells that the stream was broken off.
    """
    if "text_output" not in event:
        raise OutletError("outlets.refused", code=event.get("status", 500),
                          detail=str(event.get("detail", event))[:200])  # fmt: skip
    return str(event["text_output"])


def unreachable(address: str, error: Exception) -> OutletError:
    """Return the error of a server that does not answer."""
    problem = str(getattr(error, "reason", error)) or type(error).__name__
    return OutletError("outlets.unreachable", address=address, problem=problem)


def refusal(status: int, body: bytes) -> LingquError:
    """Return the error that a reply tells of."""
    try:
        detail = str(orjson.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        detail = body[:200].decode(errors="replace")
    if status in (401, 403, 413, 429):
        return AccessError("outlets.refused", status, code=status, detail=detail)
    if status in (400, 422):
        return DataError("outlets.refused", code=status, detail=detail)
    return OutletError("outlets.refused", code=status, detail=detail)


_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def _plain(value: Any) -> Json:
    if isinstance(value, bytes):
        return "data:application/octet-stream;base64," + base64.b64encode(value).decode()
    return str(value)
