"""Both clients against a live server: rows, tables, texts, labels, and when they ask again."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.outlets.asking import OneApp, make_app, opened
from tests.outlets.live import live
from tests.outlets.text_samples import DECODER, packed

from lingqu.core.errors import AccessError, DataError, OutletError
from lingqu.outlets.calling.async_client import AsyncClient
from lingqu.outlets.calling.client import Client
from lingqu.outlets.calling.typescript import client as typescript

BOLD: dict[str, Any] = {"temperature": 2, "seed": 5}


@pytest.fixture(scope="module")
def app(releases: dict[str, Path]) -> OneApp:
    return make_app(opened(releases["people"]))


@pytest.fixture(scope="module")
def rows(app: OneApp) -> list[dict[str, Any]]:
    served = app.serving.first
    assert served is not None
    return [row["input"] for row in served.release.golden["rows"]]


@pytest.fixture(scope="module")
def address(app: OneApp) -> Iterator[str]:
    with live(app) as found:
        yield found


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("clients") / "talks"
    with live(make_app(opened(packed(folder, "chat", "decoder", DECODER)))) as found:
        yield found


def test_both_clients_say_the_same(address: str, rows: list[dict[str, Any]]) -> None:
    many = rows * 40  # more than go into one request
    there = Client(address, "people").predict(many)

    async def asked() -> list[Any]:
        client = AsyncClient(address, "people")
        return list(await asyncio.gather(*(client.predict(many) for _ in range(3))))

    assert asyncio.run(asked()) == [there] * 3
    assert len(there) == len(many)
    reply = Client(address, "people").answers(rows[:2])
    assert len(reply["prediction_ids"]) == 2 and reply["predictions"] == [
        answer["prediction"] for answer in there[:2]
    ]


def test_refusals_are_errors_of_the_house(address: str) -> None:
    with pytest.raises(DataError, match="age"):
        Client(address, "people").predict([{"no": 1}])
    with pytest.raises(DataError, match="age"):
        asyncio.run(AsyncClient(address, "people").predict([{"no": 1}]))
    with pytest.raises(AccessError):
        Client(address, "people", "lq_wrong").predict([{}])
    with pytest.raises(OutletError):
        Client(address, "nobody").predict([{}])


@pytest.mark.parametrize("ending", ["csv", "parquet", "arrow", "arrows"])
def test_a_file_is_answered_into_a_file(
    address: str, rows: list[dict[str, Any]], tmp_path: Path, ending: str
) -> None:
    pl.DataFrame(rows).write_csv(tmp_path / "in.csv")
    out = tmp_path / f"out.{ending}"
    Client(address, "people").table(tmp_path / "in.csv", out)
    read = {"csv": pl.read_csv, "parquet": pl.read_parquet}.get(ending, pl.read_ipc_stream)
    assert read(out).height == len(rows)  # type: ignore[operator]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", out.name]
    with pytest.raises(DataError, match="xlsx"):
        Client(address, "people").table(tmp_path / "in.xlsx", out)


def test_a_text_is_read_while_it_is_written(talks: str) -> None:
    parts = list(Client(talks, "talks").generate("open", **BOLD))

    async def asked() -> list[str]:
        return [part async for part in AsyncClient(talks, "talks").generate("open", **BOLD)]

    assert asyncio.run(asked()) == parts and len(parts) > 3
    whole = Client(talks, "talks").predict([{"text": "open"}], BOLD)
    assert "".join(parts) == whole[0]["prediction"]


@contextmanager
def scripted(*replies: tuple[int, dict[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """A server that says these things in turn, and what it was told of deadlines."""
    left, seen = list(replies), list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            seen.append(self.headers.get("x-deadline-ms", ""))
            status, headers = left.pop(0)
            body = b'{"predictions": [1]}' if status == 200 else b'{"detail": "later"}'
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize(
    ("replies", "retries", "status", "times"),
    [
        (((429, {"retry-after": "0"}), (503, {}), (200, {})), 2, 200, 3),
        (((429, {}), (200, {})), 0, 429, 1),
        (((500, {}), (200, {})), 5, 500, 1),
        (((422, {}), (200, {})), 5, 422, 1),
        (((503, {"retry-after": "60"}), (200, {})), 5, 503, 1),
    ],
)
def test_it_asks_again_only_where_that_is_safe(
    kind: Any, replies: Any, retries: int, status: int, times: int
) -> None:
    with scripted(*replies) as (where, seen):
        client = kind(where, "c", retries=retries, deadline_s=20)

        def asked() -> Any:
            said = client.predict([{"a": 1}])
            return asyncio.run(said) if kind is AsyncClient else said

        if status == 200:
            assert asked() == [{"prediction": 1}]
        else:
            with pytest.raises((AccessError, DataError, OutletError), match=str(status)):
                asked()
    assert len(seen) == times
    assert all(0 < int(told) <= 20_000 for told in seen)


def test_nobody_there_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for client in (Client, AsyncClient):
        with pytest.raises(OutletError, match="No server answers"):
            said: Any = client(f"http://127.0.0.1:{port}", "c", retries=1).predict([{}])
            asyncio.run(said)


def test_a_client_in_typescript_has_what_the_channel_has(app: OneApp, talks: str) -> None:
    source = typescript(Client(talks, "talks").request("GET", "/openapi.json"))
    for line in ("  predict(body: PredictBody, query:", "  generateStream(body:",
                 "  chatStream(body: ChatBody)"):  # fmt: skip
        assert line in source
    assert '"talks"' in source and source.count("{") == source.count("}")
