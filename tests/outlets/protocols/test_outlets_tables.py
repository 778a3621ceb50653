"""Whole tables in and out: CSV, Parquet, Arrow, and what unpacks to too much."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.outlets.asking import OneApp, Reply, ask, make_app, opened

from lingqu.outlets.protocols import arrow_sizes, parquet_sizes
from lingqu.outlets.protocols.rows import PIECE
from lingqu.outlets.room import Limits
from lingqu.outlets.sight.frames import frames

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
STREAM, FILE = "application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file"
LIMITS = Limits(rows=3000, body=200_000)


@pytest.fixture(scope="module")
def app(releases: dict[str, Path]) -> OneApp:
    return make_app(opened(releases["people"]), limits=LIMITS)


@pytest.fixture(scope="module")
def rows(app: OneApp) -> list[dict[str, Any]]:
    served = app.serving.first
    assert served is not None
    return [row["input"] for row in served.release.golden["rows"]]


def bytes_of(frame: pl.DataFrame, kind: str, **options: Any) -> bytes:
    sink = io.BytesIO()
    write = {CSV: frame.write_csv, PARQUET: frame.write_parquet,
             STREAM: frame.write_ipc_stream, FILE: frame.write_ipc}[kind]  # fmt: skip
    write(sink, **options)
    return sink.getvalue()


def frame_of(reply: Reply) -> pl.DataFrame:
    kind = reply.headers["content-type"].partition(";")[0]
    read = {CSV: pl.read_csv, PARQUET: pl.read_parquet, STREAM: pl.read_ipc_stream}[kind]
    return read(io.BytesIO(reply.body))  # type: ignore[operator, no-any-return]


def post(app: OneApp, body: bytes, kind: str, accept: str = "*/*", query: str = "") -> Reply:
    headers = {"content-type": kind, "accept": accept}
    return ask(app, "POST", f"/c/people{query}", body, headers)


@pytest.mark.parametrize("kind", [CSV, PARQUET, STREAM, FILE])
def test_a_table_is_answered_as_its_rows_are(
    app: OneApp, rows: list[dict[str, Any]], kind: str
) -> None:
    own = ask(app, "POST", "/c/people?probabilities=1", {"rows": rows}).json
    table = pl.DataFrame(rows).with_columns(more=pl.lit("is not read"))
    reply = post(app, bytes_of(table, kind), kind, query="?probabilities=1")
    assert reply.status == 200, reply.body
    found = frame_of(reply)
    assert found["prediction"].cast(pl.String).to_list() == [str(p) for p in own["predictions"]]
    assert found["confidence"].to_list() == pytest.approx(own["confidence"])
    assert found.columns[0] == "prediction_id" and found["prediction_id"].n_unique() == len(rows)
    shares = [name for name in found.columns if name.startswith("probability.")]
    assert len(shares) == 2
    assert reply.headers["x-release"] == own["release"]


@pytest.mark.parametrize(
    ("sent", "accept", "wanted"),
    [("application/json", CSV, CSV), (CSV, "application/json", "application/json"),
     (CSV, PARQUET, PARQUET), (PARQUET, "*/*", PARQUET), (CSV, f"{STREAM};q=1, */*", STREAM)],
)  # fmt: skip
def test_the_caller_says_in_what_form(
    app: OneApp, rows: list[dict[str, Any]], sent: str, accept: str, wanted: str
) -> None:
    table = pl.DataFrame(rows)
    body = json.dumps(rows).encode() if "json" in sent else bytes_of(table, sent)
    reply = post(app, body, sent, accept)
    assert reply.status == 200, reply.body
    assert reply.headers["content-type"].startswith(wanted)


def test_many_rows_go_in_pieces_and_come_back_whole(
    app: OneApp, rows: list[dict[str, Any]]
) -> None:
    table = pl.concat([pl.DataFrame(rows)] * 140)[: 2 * PIECE + 7]
    before = len(app.records.entries)
    reply = post(app, bytes_of(table, PARQUET), PARQUET)
    found = frame_of(reply)
    assert found.height == table.height
    first = found["prediction"][: len(rows)].to_list()
    assert found["prediction"].to_list() == (first * 140)[: table.height]
    logged = app.records.entries[before:]
    assert [entry.rows for entry in logged] == [PIECE, PIECE, 7]
    ids = pl.concat([part["prediction_id"] for part in frames(logged)])
    assert ids.to_list() == found["prediction_id"].to_list()
    told = post(app, bytes_of(table, PARQUET), PARQUET, "application/json").json
    assert told["predictions"] == found["prediction"].to_list()


@pytest.mark.parametrize("kind", [PARQUET, STREAM, FILE])
def test_what_unpacks_to_too_much_is_never_unpacked(app: OneApp, kind: str) -> None:
    bomb = pl.DataFrame({"age": [1.0] * LIMITS.rows, "note": ["x" * 5000] * LIMITS.rows})
    packing = {PARQUET: {"use_pyarrow": False}, STREAM: {"compression": "zstd"},
               FILE: {"compression": "zstd"}}[kind]  # fmt: skip
    data = bytes_of(bomb, kind, **packing)
    assert len(data) < LIMITS.body
    reply = post(app, data, kind)
    assert reply.status == 413, reply.body
    assert reply.json["type"] == "urn:lingqu:protocols.unpacks_large"
    many = pl.DataFrame({"age": [1.0] * 4000})
    assert post(app, bytes_of(many, kind), kind).status == 413


def test_a_footer_that_lies_is_not_believed() -> None:
    frame = pl.DataFrame({"note": ["x" * 1000] * 1000})
    data = bytearray(bytes_of(frame, PARQUET, compression="uncompressed", statistics=False))
    rows, size, _ = parquet_sizes.unpacked(bytes(data))
    assert rows == 1000 and size >= 1000
    for place in range(4, len(data) - 8):
        data[place : place + 1] = b"\xff"  # heads that point anywhere
        break
    with pytest.raises(ValueError):
        parquet_sizes.unpacked(b"PAR1" + b"\xff" * 40 + (30).to_bytes(4, "little") + b"PAR1")


@pytest.mark.parametrize("kind", [CSV, PARQUET, STREAM, FILE])
@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"PAR1", b"PAR1\x00\x00\x00\x00PAR1", b"ARROW1" * 4, b"{}"]
)
def test_what_is_no_table_is_refused(app: OneApp, kind: str, body: bytes) -> None:
    reply = post(app, body, kind)
    assert reply.status in (400, 422), (reply.status, reply.body)
    assert reply.headers["content-type"] == "application/problem+json"


@settings(max_examples=40, deadline=None)
@given(place=st.integers(4, 10_000), byte=st.integers(0, 255), cut=st.integers(0, 2000))
@pytest.mark.parametrize("kind", [PARQUET, STREAM, FILE])
def test_torn_tables_never_break_the_server(
    app: OneApp, rows: list[dict[str, Any]], kind: str, place: int, byte: int, cut: int
) -> None:
    data = bytearray(bytes_of(pl.DataFrame(rows), kind))
    data[place % len(data)] = byte
    reply = post(app, bytes(data[: max(1, len(data) - cut % 3)]), kind)
    assert reply.status in (200, 400, 413, 422), (reply.status, reply.body)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_heads_are_read_or_refused(data: bytes) -> None:
    for module, magic in ((parquet_sizes, b"PAR1"), (arrow_sizes, b"ARROW1")):
        for body in (data, magic + data + magic, b"\xff\xff\xff\xff" + data):
            try:
                rows, size, values = module.unpacked(body)
            except ValueError:
                continue
            assert min(rows, size, values) >= 0
