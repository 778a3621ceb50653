"""A tiny client of a server outlet: rows in, answers out, over HTTP with the standard library."""

from __future__ import annotations

import base64
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from lingqu.core.errors import AccessError, DataError, LingquError, OutletError
from lingqu.core.nouns import Json
from lingqu.core.ranking_names import BESIDE

ROWS = 500
"""Rows sent in one request."""


class Client:
    """Asks one channel of one server.

    Args:
        address: ``http://127.0.0.1:8080``.
        channel: Name of the channel.
        key: Secret of a key; empty where none is needed.
        timeout_s: Wall seconds to wait for one reply.
        tls: How to trust the server; the certificates of the system when omitted.
        headers: More headers to send.
    """

    def __init__(
        self,
        address: str,
        channel: str,
        key: str = "",
        *,
        timeout_s: float = 30.0,
        tls: ssl.SSLContext | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.address = address.rstrip("/")
        self.channel = channel
        self._timeout_s = timeout_s
        self._headers = {"content-type": "application/json", **(headers or {})}
        if key:
            self._headers["authorization"] = f"Bearer {key}"
        # No proxy: an outlet is addressed directly, and often lies on this machine.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)
        )

    def predict(
        self, rows: Sequence[Mapping[str, Any]], options: Mapping[str, Json] | None = None
    ) -> list[dict[str, Json]]:
        """Return one answer a row.

        Args:
            rows: ``{column: value}`` each; bytes are sent as data URIs.
            options: How texts shall be written, such as ``{"temperature": 0.7}``.

        Returns:
            Rows of ``prediction`` and, for classification, ``confidence`` and
            ``probability.<class>``.

        Raises:
            AccessError: The key is missing, refused or over its quota.
            DataError: The server cannot read the rows.
            OutletError: Nobody answers, or the channel is stopped.
        """
        answers: list[dict[str, Json]] = []
        for start in range(0, len(rows), ROWS):
            path = f"/c/{urllib.parse.quote(self.channel, safe='')}?probabilities=1"
            asked: dict[str, Any] = {"rows": list(rows[start : start + ROWS])}
            if options is not None:
                asked["options"] = dict(options)
            body = orjson.dumps(asked, _plain, _OPTIONS)
            answers += _rows(self.request("POST", path, body))
        return answers

    def request(self, method: str, path: str, body: bytes | None = None) -> Json:
        """Send one request and return the JSON of its reply."""
        asked = urllib.request.Request(
            self.address + path, data=body, headers=self._headers, method=method
        )
        try:
            with self._opener.open(asked, timeout=self._timeout_s) as reply:
                return orjson.loads(reply.read())
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read()) from None
        except (OSError, ValueError) as error:
            problem = str(getattr(error, "reason", error))
            raise OutletError(
                "outlets.unreachable", address=self.address, problem=problem
            ) from error


_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def _plain(value: Any) -> Json:
    if isinstance(value, bytes):
        return "data:application/octet-stream;base64," + base64.b64encode(value).decode()
    return str(value)


def _rows(reply: Mapping[str, Json]) -> list[dict[str, Json]]:
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
    for answer, ruled in zip(answers, reply.get("fallback") or (), strict=False):
        answer["fallback"] = ruled
    levels = [f"quantile.{level:g}" for level in reply.get("levels") or ()]
    for answer, row in zip(answers, reply.get("quantiles") or (), strict=False):
        answer.update(zip(levels, row, strict=True))
    names = [f"probability.{name}" for name in reply.get("classes") or ()]
    for answer, row in zip(answers, reply.get("probabilities") or (), strict=False):
        answer.update(zip(names, row, strict=True))
    return answers


def _refusal(status: int, body: bytes) -> LingquError:
    try:
        detail = str(orjson.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        detail = body[:200].decode(errors="replace")
    if status in (401, 403, 413, 429):
        return AccessError("outlets.refused", status, code=status, detail=detail)
    if status in (400, 422):
        return DataError("outlets.refused", code=status, detail=detail)
    return OutletError("outlets.refused", code=status, detail=detail)
