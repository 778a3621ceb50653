"""A client of a server outlet: rows, tables and texts in, answers out, over the standard library.

`AsyncClient` (`lingqu.outlets.calling.async_client`) asks the same without blocking an event loop.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from lingqu.core.nouns import Json
from lingqu.outlets.calling.asker import Asker, bodies, label_bodies
from lingqu.outlets.calling.messages import (
    answers_of,
    events,
    feedback_path,
    media_of,
    refusal,
    rows_body,
    rows_path,
    stream_path,
    text_body,
    text_of,
    unreachable,
)


class Client(Asker):
    """Asks one channel of one server, and waits for its reply.

    Args are those of `Asker`: ``Client("http://127.0.0.1:8080", "churn", key)``.
    """

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
        for body in bodies(rows, options):
            answers += answers_of(self.request("POST", rows_path(self.channel, explain), body))
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
        target = rows_path(self.channel, False)
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
        body = text_body(text, options)
        with self._opened("POST", stream_path(self.channel), body, {}) as reply:
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
        for body in label_bodies(labels, replace):
            states += self.request("POST", feedback_path(self.channel), body)["states"]
        return states

    def request(self, method: str, path: str, body: bytes | None = None) -> Json:
        """Send one request and return the JSON of its reply."""
        return orjson.loads(self._sent(method, path, body, {}))

    @cached_property
    def _opener(self) -> urllib.request.OpenerDirector:
        # No proxy: an outlet is addressed directly, and often lies on this machine.
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._tls)
        )

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
            told = {**self._told(left), **headers}
            asked = urllib.request.Request(
                self.address + path, data=body, headers=told, method=method
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


def _nobody(error: Exception) -> bool:
    """Tell whether no connection was made: then nothing can have been answered."""
    return isinstance(getattr(error, "reason", error), ConnectionRefusedError)
