"""A client of a server outlet: rows, tables and texts in, answers out, over the standard library.

`AsyncClient` (`lingqu.outlets.calling.async_client`) asks the same without blocking an event loop.
"""

from __future__ import annotations

import base64
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from lingqu.core.errors import AccessError, DataError, LingquError, OutletError
from lingqu.core.nouns import Json
from lingqu.core.ranking_names import BESIDE
from lingqu.outlets.calling.retrying import Patience

ROWS = 500
"""Rows sent in one request."""
MEDIA: Mapping[str, str] = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".arrow": "application/vnd.apache.arrow.file",
    ".arrows": "application/vnd.apache.arrow.stream",
}
"""Ending of a file → media type of its table."""


class Client:
    """Asks one channel of one server.

    Args:
        address: ``http://127.0.0.1:8080``.
        channel: Name of the channel.
        key: Secret of a key; empty where none is needed.
        timeout_s: Wall seconds to wait for one reply.
        tls: How to trust the server; the certificates of the system when omitted.
        headers: More headers to send.
        retries: Times that a request is sent again where that can do no harm: nobody was there,
            or the server says that it did not take it (429, 503) and when to come again.
        deadline_s: Seconds for everything, waits too; the server is told. 0 for none.
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
        retries: int = 0,
        deadline_s: float = 0.0,
    ) -> None:
        self.address = address.rstrip("/")
        self.channel = channel
        self._timeout_s = timeout_s
        self._patience = Patience(retries, deadline_s)
        self._headers = {"content-type": "application/json", **(headers or {})}
        if key:
            self._headers["authorization"] = f"Bearer {key}"
        # No proxy: an outlet is addressed directly, and often lies on this machine.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)
        )

    def predict(
        self,
        rows: Sequence[Mapping[str, Any]],
        options: Mapping[str, Json] | None = None,
        *,
        explain: bool = False,
    ) -> list[dict[str, Json]]:
        """Return one answer a row.

        Args:
            rows: ``{column: value}`` each; bytes are sent as data URIs.
            options: How texts shall be written, such as ``{"temperature": 0.7}``.
            explain: Whether each answer comes with what it rests on, as ``reasons``.

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
            body = rows_body(rows[start : start + ROWS], options)
            reply = self.request("POST", rows_path(self.channel, explain), body)
            answers += _rows(reply)
        return answers

    def answers(
        self, rows: Sequence[Mapping[str, Any]], options: Mapping[str, Json] | None = None
    ) -> Json:
        """Return the whole reply to a few rows: answers, ``release``, ``prediction_ids``."""
        return self.request("POST", rows_path(self.channel, False), rows_body(rows, options))

    def table(self, path: str | Path, out: str | Path) -> None:
        """Let the rows of a small file be answered, and write the answers to another.

        Args:
            path: CSV, Parquet or Arrow, by its ending; within the server's limits on a request.
            out: The same, in the form of its own ending.

        Raises:
            DataError: An ending is none of these, or the server cannot read the table.
        """
        headers = {"content-type": media_of(path), "accept": media_of(out)}
        target = f"{rows_path(self.channel, False)}"
        data = self._sent("POST", target, Path(path).read_bytes(), headers)
        partial = Path(f"{out}.part")
        partial.write_bytes(data)
        partial.replace(out)

    def generate(self, text: str, **options: Json) -> Iterator[str]:
        """Yield what a channel writes to a text, while it is written.

        Args:
            text: What is asked.
            options: How it shall be written, such as ``temperature=0.7``.

        Raises:
            DataError: The channel writes nothing, or an option cannot be.
            OutletError: The stream was broken off.
        """
        path = f"/v2/models/{_quoted(self.channel)}/generate_stream"
        body = orjson.dumps({"text_input": text, "parameters": options})
        with self._opened("POST", path, body, {}) as reply:
            for event in events(reply):
                if text := text_of(event):
                    yield text

    def feedback(self, labels: Mapping[str, Json], *, replace: bool = False) -> list[str]:
        """Tell what was right after all; it is on the server's disk when this returns.

        Args:
            labels: Prediction id → label.
            replace: Whether labels that are known may be corrected.

        Returns:
            Of each whether it was ``new`` or ``known``.

        Raises:
            DataError: An id is of no answer of this channel.
        """
        states: list[str] = []
        items = list(labels.items())
        for start in range(0, len(items), ROWS):
            body = feedback_body(items[start : start + ROWS], replace)
            path = f"/c/{_quoted(self.channel)}/feedback"
            states += self.request("POST", path, body)["states"]
        return states

    def request(self, method: str, path: str, body: bytes | None = None) -> Json:
        """Send one request and return the JSON of its reply."""
        return orjson.loads(self._sent(method, path, body, {}))

    def _sent(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> bytes:
        try:
            with self._opened(method, path, body, headers) as reply:
                data: bytes = reply.read()
                return data
        except OSError as error:
            raise unreachable(self.address, error) from error

    def _opened(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Any:
        """Return an open reply, after as many attempts as patience allows."""
        begun, attempt = time.monotonic(), 1
        while True:
            spent = time.monotonic() - begun
            left = self._patience.left_s(spent, self._timeout_s)
            told = dict(headers)
            if self._patience.deadline_s:
                told["x-deadline-ms"] = str(int(left * 1000))
            asked = urllib.request.Request(
                self.address + path, data=body, headers={**self._headers, **told}, method=method
            )
            try:
                return self._opener.open(asked, timeout=left)
            except urllib.error.HTTPError as error:
                with error:
                    status, after = error.code, error.headers.get("retry-after") or ""
                    refused = refusal(status, error.read())
            except (OSError, ValueError) as error:
                status, after = 0, ""
                refused = unreachable(self.address, error)
                if not _nobody(error):
                    raise refused from error
            wait = self._patience.wait_s(attempt, status, after, time.monotonic() - begun)
            if wait is None:
                raise refused
            time.sleep(wait)
            attempt += 1


def rows_path(channel: str, explain: bool) -> str:
    """Return the path on which rows are answered."""
    return f"/c/{_quoted(channel)}?probabilities=1" + ("&explain=1" if explain else "")


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


def _quoted(channel: str) -> str:
    return urllib.parse.quote(channel, safe="")


def _nobody(error: Exception) -> bool:
    """Tell whether no connection was made: then nothing can have been answered."""
    return isinstance(getattr(error, "reason", error), ConnectionRefusedError)


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
