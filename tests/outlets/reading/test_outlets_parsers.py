"""Whatever bytes reach a protocol, it answers or refuses in words: never a mistake of ours."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.outlets.asking import OneApp, ask, make_app, opened

from lingqu.core.errors import DataError
from lingqu.outlets.reading.depth import DEPTH, refuse_deep
from lingqu.outlets.reading.forms import decoded

ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
quick = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def people(releases: dict[str, Path]) -> OneApp:
    return make_app(opened(releases["people"]))


@pytest.fixture(scope="module")
def row(people: OneApp) -> dict[str, Any]:
    served = people.serving.first
    assert served is not None
    found: dict[str, Any] = served.release.golden["rows"][0]["input"]
    return found


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["", "NaN", "9" * 400, "2026-13-45", "\x00", "=1+1", "data:;base64,%%%"]),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def refused_in_words(app: OneApp, path: str, body: bytes, kind: str = "application/json") -> int:
    """Ask, and hold the reply to its promise; return its status."""
    reply = ask(app, "POST", path, body, {"Content-Type": kind})
    assert reply.status in (200, 400, 404, 413, 415, 422), (reply.status, reply.body[:300])
    if reply.status != 200:
        said = reply.json
        assert said.get("detail") or said["error"]["message"]
    return reply.status


@quick
@given(cells=st.dictionaries(st.sampled_from(["age", "member", "town", "note", "joined"]), values),
       other=values)  # fmt: skip
def test_rows_of_anything(people: OneApp, row: dict[str, Any], cells: Any, other: Any):
    odd = {**row, **cells}
    table = {"columns": {name: [cell] for name, cell in odd.items()}}
    several = {"rows": [row, odd]}, {"rows": [odd], "options": other}
    for said in (odd, [odd, row], table, *several, {"rows": other}, {"columns": other}, other):
        refused_in_words(people, "/c/people", json.dumps(said).encode())


@quick
@given(st.binary(max_size=200))
def test_bytes_of_anything(people: OneApp, data: bytes):
    for path in ("/c/people", "/invocations", "/v2/models/people/infer", "/v1/embeddings"):
        assert refused_in_words(people, path, data) != 200


tensors = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["age", "member", "town", "note", "joined", "x"]) | scalars,
        "shape": st.lists(st.integers(-2, 3) | scalars, max_size=3) | scalars,
        "datatype": st.sampled_from(["FP64", "BYTES", "BOOL", "INT8", "FP16"]) | scalars,
        "data": st.lists(scalars, max_size=3) | values,
    },
    optional={"parameters": st.dictionaries(st.just("binary_data_size"), scalars) | values},
)


@quick
@given(inputs=st.lists(tensors, max_size=5) | values, rest=st.dictionaries(
    st.sampled_from(["id", "outputs", "parameters"]), values))  # fmt: skip
def test_tensors_of_anything(people: OneApp, inputs: Any, rest: Any):
    body = json.dumps({**rest, "inputs": inputs}).encode()
    refused_in_words(people, "/v2/models/people/infer", body)


@quick
@given(head=st.integers(-5, 300) | st.text(alphabet="0123456789-+ x", max_size=12),
       size=st.integers(-3, 40) | scalars, raw=st.binary(max_size=40))  # fmt: skip
def test_binary_tensors_of_anything(people: OneApp, head: Any, size: Any, raw: bytes):
    parameters = {"binary_data_size": size}
    inputs = [{"name": n, "shape": [1], "datatype": "FP64", "parameters": parameters}
              for n in ("age", "member")]  # fmt: skip
    text = json.dumps({"inputs": inputs}).encode()
    for told in (head, len(text)):
        headers = {"Inference-Header-Content-Length": str(told)}
        reply = ask(people, "POST", "/v2/models/people/infer", text + raw, headers)
        assert reply.status in (400, 413, 422), (reply.status, reply.body[:300])


@quick
@given(said=st.dictionaries(st.sampled_from(
    ["model", "messages", "prompt", "input", "stream", "n", "stop", "temperature", "max_tokens",
     "encoding_format", "seed", "tools"]), values | st.just("people")))  # fmt: skip
def test_openai_bodies_of_anything(people: OneApp, said: Any):
    for path in ("/v1/chat/completions", "/v1/completions", "/v1/embeddings"):
        refused_in_words(people, path, json.dumps(said).encode())


@quick
@given(frame=st.dictionaries(st.sampled_from(["dataframe_split", "dataframe_records", "instances",
                                              "inputs", "columns"]), values))  # fmt: skip
def test_invocations_of_anything(people: OneApp, frame: Any):
    refused_in_words(people, "/invocations", json.dumps(frame).encode())


def tables(row: dict[str, Any]) -> dict[str, bytes]:
    """One good table in each form."""
    frame, found = pl.DataFrame([row] * 3), {}
    for kind in (ARROW, PARQUET, "text/csv"):
        sink = io.BytesIO()
        if kind == ARROW:
            frame.write_ipc_stream(sink, compat_level=pl.CompatLevel.oldest())
        elif kind == PARQUET:
            frame.write_parquet(sink)
        else:
            frame.write_csv(sink)
        found[kind] = sink.getvalue()
    return found


@quick
@given(kind=st.sampled_from([ARROW, PARQUET, "text/csv"]), place=st.floats(0, 1),
       byte=st.integers(0, 255), cut=st.booleans())  # fmt: skip
def test_tables_with_a_wrong_byte(
    people: OneApp, row: dict[str, Any], kind: str, place: float, byte: int, cut: bool
):
    data = bytearray(tables(row)[kind])
    assert refused_in_words(people, "/c/people", bytes(data), kind) == 200
    at = min(int(place * len(data)), len(data) - 1)
    data[at] = byte
    refused_in_words(people, "/c/people", bytes(data[:at] if cut else data), kind)


@quick
@given(st.binary(max_size=300), st.sampled_from([ARROW, PARQUET, "text/csv"]))
def test_tables_of_anything(people: OneApp, data: bytes, kind: str):
    for head in (b"", b"ARROW1\0\0", b"PAR1", b"\xff\xff\xff\xff"):
        refused_in_words(people, "/c/people", head + data + head[:4], kind)


@given(st.recursive(scalars, lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=40))
def test_no_text_is_taken_for_depth(value: Any):
    """What JSON nests decides, not what stands in its texts; the limit itself is allowed."""
    text = json.dumps([value, '["[{' * 40])
    assert depth(value) < DEPTH and not refuse_deep(text.encode())
    exact = b"[" * DEPTH + b'"[[\\"["' + b"]" * DEPTH
    assert decoded(exact)
    with pytest.raises(DataError):
        decoded(b"[" + exact + b"]")


def depth(value: Any) -> int:
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def test_an_unclosed_text_is_looked_at_once():
    """Ten megabytes that a careless pattern would read a million times over."""
    with pytest.raises(DataError):
        decoded(b"[" * 100 + b'"' + b'\\"' * 5_000_000)
