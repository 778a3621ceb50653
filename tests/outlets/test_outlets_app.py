from __future__ import annotations

import asyncio
import base64
import json
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.outlets.asking import OneApp, ask, ask_all, make_app, opened

from lingqu.core.errors import OutletError
from lingqu.outlets.access import keys
from lingqu.outlets.room import Limits
from lingqu.outlets.served import Served


def golden(served: Served) -> tuple[list[Any], list[Any]]:
    rows = served.release.golden["rows"]
    return [row["input"] for row in rows], [row["output"]["prediction"] for row in rows]


def is_problem(reply: Any, status: int, kind: str = "") -> bool:
    document = reply.json
    assert reply.headers["content-type"] == "application/problem+json"
    assert set(document) >= {"type", "title", "status", "detail", "next"}
    assert document["detail"] and document["next"]
    assert (reply.status, document["status"]) == (status, status), document
    assert kind in document["type"]
    return True


def test_every_form_of_rows_gets_the_same_answers(people: Served):
    app = make_app(people)
    rows, said = golden(people)
    table = {name: [row[name] for row in rows] for name in rows[0]}
    for body in ({"rows": rows}, rows, {"columns": table}):
        reply = ask(app, "POST", "/c/people", body)
        assert reply.status == 200
        assert reply.json["predictions"] == said
        assert reply.json["release"] == people.digest
        assert len(set(reply.json["prediction_ids"])) == len(rows)
        assert "probabilities" not in reply.json
    assert ask(app, "POST", "/c/people", rows[0]).json["predictions"] == said[:1]


def test_probabilities_are_given_when_asked_for(people: Served):
    rows, _ = golden(people)
    reply = ask(make_app(people), "POST", "/c/people?probabilities=1", {"rows": rows}).json
    assert reply["classes"] == ["no", "yes"]
    for sure, row in zip(reply["confidence"], reply["probabilities"], strict=True):
        assert sum(row) == pytest.approx(1)
        assert sure in row


def test_regression_has_no_confidence(prices: Served):
    rows, said = golden(prices)
    reply = ask(make_app(prices), "POST", "/c/prices?probabilities=1", rows).json
    assert reply["predictions"] == pytest.approx(said, abs=1e-6)
    assert "confidence" not in reply and "probabilities" not in reply


def test_requests_at_once_are_answered_each_with_its_own(digits: Served):
    app = make_app(digits)
    rows, said = golden(digits)
    replies = ask_all(app, [("POST", "/c/digits", {"rows": [row]}, {}) for row in rows])
    assert [reply.json["predictions"] for reply in replies] == [[label] for label in said]
    assert app.records.logged == len(rows)


def test_an_unseen_category_is_answered_with_a_warning(people: Served):
    rows, _ = golden(people)
    odd = {**rows[0], "town": "Atlantis"}
    for path, body in (
        ("/c/people", [odd, odd, rows[1]]),
        ("/invocations", {"dataframe_records": [odd, odd, rows[1]]}),
    ):
        reply = ask(make_app(people), "POST", path, body)
        assert reply.status == 200
        (warning,) = reply.json["warnings"]
        assert "'town'" in warning and "Atlantis" in warning and "2" in warning
        assert "warnings" not in ask(make_app(people), "POST", "/c/people", rows[:2]).json
    inputs = [
        {"name": name, "datatype": "BYTES", "shape": [1], "data": [value]}
        for name, value in odd.items()
    ]
    reply = ask(make_app(people), "POST", "/v2/models/people/infer", {"inputs": inputs})
    assert "Atlantis" in reply.json["parameters"]["warnings"]


def test_a_large_body_is_read_off_the_loop(digits: Served):
    rows, said = golden(digits)
    app = make_app(digits)
    reply = ask(app, "POST", "/c/digits", {"rows": rows * 60})
    assert reply.json["predictions"] == said * 60
    bad = [*rows * 60, {"image": "no"}]
    assert is_problem(ask(app, "POST", "/c/digits", bad), 422)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 5000, 400),
        (b"5", 400),
        (b"null", 400),
        (b'"rows"', 400),
        (b"[]", 400),
        (b'{"rows": []}', 400),
        (b'{"rows": [1]}', 400),
        (b'{"columns": {"age": [1]}}', 422),
        (b'{"rows": {"a": 1}}', 422),
        (b"{}", 422),
        (b'{"age": 1}', 422),
    ],
)
def test_bodies_that_are_no_rows(people: Served, body: bytes, status: int):
    assert is_problem(ask(make_app(people), "POST", "/c/people", body), status)


def test_a_wrong_cell_names_row_and_column(people: Served):
    rows, _ = golden(people)
    reply = ask(make_app(people), "POST", "/c/people", [rows[0], {**rows[1], "age": "old"}])
    assert is_problem(reply, 422)
    assert "age" in reply.json["detail"] and "2" in reply.json["detail"]


def test_limits_of_rows_and_body(people: Served):
    app = make_app(people, limits=Limits(rows=2, body=5000))
    rows, _ = golden(people)
    assert ask(app, "POST", "/c/people", rows[:2]).status == 200
    assert is_problem(ask(app, "POST", "/c/people", rows[:3]), 413, "too_many_rows")
    table = {name: [row[name] for row in rows] for name in rows[0]}
    assert is_problem(ask(app, "POST", "/c/people", {"columns": table}), 413)
    too_big = ask(app, "POST", "/c/people", b"x" * 5001)
    assert is_problem(too_big, 413, "body_too_big")
    assert too_big.headers["connection"] == "close"
    assert is_problem(ask(app, "POST", "/c/people", b"x" * 1_000_000), 413)


def test_paths_and_methods(people: Served):
    app = make_app(people)
    assert is_problem(ask(app, "GET", "/nothing"), 404)
    assert is_problem(ask(app, "POST", "/c/other", b"[]"), 404)
    for method, path, allowed in (
        ("GET", "/c/people", "POST"),
        ("DELETE", "/health", "GET, HEAD"),
        ("POST", "/metrics", "GET, HEAD"),
        ("GET", f"/v2/models/people/versions/{people.digest}/infer", "POST"),
    ):
        reply = ask(app, method, path)
        assert is_problem(reply, 405)
        assert reply.headers["allow"] == allowed


def test_problems_speak_the_callers_language(people: Served):
    app = make_app(people)
    chinese = ask(app, "GET", "/nothing", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert "此处没有" in chinese.json["detail"]
    assert "There is no" in ask(app, "GET", "/nothing").json["detail"]


def test_every_path_but_health_needs_the_key(people: Served):
    key, secret = keys.make("app", ("people",), "3/min")
    app = make_app(people, keys=[key])
    rows, _ = golden(people)
    closed = ["/metrics", "/docs", "/openapi.json", "/v2", "/v2/models/people", "/nothing"]
    for path in closed:
        reply = ask(app, "GET", path)
        assert is_problem(reply, 401)
        assert "Basic" in reply.headers["www-authenticate"] or path != "/docs"
    assert is_problem(ask(app, "POST", "/c/people", rows), 401)
    assert is_problem(ask(app, "POST", "/invocations", b"{}"), 401)
    for path in ("/health", "/v2/health/live", "/v2/health/ready"):
        assert ask(app, "GET", path).status == 200
    pair = base64.b64encode(f"me:{secret}".encode()).decode()
    for header in (f"Bearer {secret}", f"Basic {pair}"):
        assert ask(app, "GET", "/docs", headers={"Authorization": header}).status == 200
    for header in ("Basic ===", "Basic " + base64.b64encode(b"no").decode(), "Digest x", "é"):
        assert is_problem(ask(app, "GET", "/docs", headers={"Authorization": header}), 401)
    for _ in range(3):
        reply = ask(app, "POST", "/c/people", rows, {"X-API-Key": secret})
        assert reply.status == 200
    over = ask(app, "POST", "/c/people", rows, {"X-API-Key": secret})
    assert is_problem(over, 429, "over_quota")
    assert 1 <= int(over.headers["retry-after"]) <= 60


def test_without_keys_strangers_are_refused(people: Served):
    assert is_problem(ask(make_app(people), "GET", "/metrics", client="10.0.0.8"), 401)
    assert ask(make_app(people), "GET", "/health", client="10.0.0.8").status == 200


def test_a_canary_gets_its_share_and_a_session_stays(releases: dict[str, Path], digits: Served):
    other = opened(releases["digits1"])
    app = make_app(digits, other, shares=(0.9, 0.1))
    body = {"rows": golden(digits)[0][:1]}
    replies = ask_all(app, [("POST", "/c/digits", body, {})] * 200)
    said = [reply.json["release"] for reply in replies]
    assert 19 <= said.count(other.digest) <= 21
    arms = {entry.arm for entry in app.records.entries}
    assert arms == {"champion", "canary"}
    for session in "abcdef":
        same = ask_all(app, [("POST", "/c/digits", body, {"X-Session": session})] * 5)
        assert len({reply.json["release"] for reply in same}) == 1


def test_a_stopped_channel_says_so(digits: Served):
    app = make_app(channel="digits")
    for method, path in (("POST", "/c/digits"), ("GET", "/docs"), ("GET", "/openapi.json")):
        reply = ask(app, method, path, b"[]" if method == "POST" else b"")
        assert is_problem(reply, 503, "stopped")
        assert reply.headers["retry-after"]
    assert ask(app, "GET", "/health").json["status"] == "stopped"
    assert ask(app, "GET", "/v2/health/ready").status == 503
    assert is_problem(ask(app, "GET", "/v2/models/digits"), 503)


def test_the_open_inference_protocol(people: Served, digits: Served):
    app = make_app(people)
    rows, said = golden(people)
    kinds = {"age": "FP64", "member": "BOOL", "town": "BYTES", "note": "BYTES", "joined": "BYTES"}
    inputs = [
        {"name": n, "shape": [len(rows)], "datatype": k, "data": [row[n] for row in rows]}
        for n, k in kinds.items()
    ]
    assert ask(app, "GET", "/v2").json["name"] == "lingqu"
    for root in ("/v2/models/people", f"/v2/models/people/versions/{people.digest}"):
        described = ask(app, "GET", root).json
        assert {part["name"]: part["datatype"] for part in described["inputs"]} == kinds
        assert ask(app, "GET", f"{root}/ready").json["ready"] is True
        reply = ask(app, "POST", f"{root}/infer", {"id": "7", "inputs": inputs}).json
        assert (reply["id"], reply["model_name"]) == ("7", "people")
        outputs = {part["name"]: part for part in reply["outputs"]}
        assert outputs["prediction"]["data"] == said
        assert outputs["probabilities"]["shape"] == [len(rows), 2]
    wanted = {"inputs": inputs, "outputs": [{"name": "confidence"}]}
    (only,) = ask(app, "POST", "/v2/models/people/infer", wanted).json["outputs"]
    assert only["name"] == "confidence"
    columns = [{**part, "shape": [len(rows), 1]} for part in inputs]
    nested = [{**part, "data": [[v] for v in part["data"]]} for part in columns]
    for form in (columns, nested):
        reply = ask(app, "POST", "/v2/models/people/infer", {"inputs": form})
        assert reply.json["outputs"][0]["data"] == said

    rows, said = golden(digits)
    app = make_app(digits)
    images = [row["image"] for row in rows]
    flat = [pixel for image in images for line in image for pixel in line]
    for data in (images, flat):
        part = {"name": "image", "shape": [16, 8, 8], "datatype": "FP32", "data": data}
        reply = ask(app, "POST", "/v2/models/digits/infer", {"inputs": [part]})
        assert reply.json["outputs"][0]["data"] == said


@pytest.mark.parametrize(
    "given",
    [
        {},
        [],
        {"inputs": 5},
        {"inputs": [5]},
        {"inputs": [{"name": "age"}]},
        {"inputs": [{"name": "age", "shape": [1], "datatype": "WHAT", "data": [1]}]},
        {"inputs": [{"name": "age", "shape": [2], "datatype": "FP64", "data": [1]}]},
        {"inputs": [{"name": "age", "shape": [0], "datatype": "FP64", "data": []}]},
        {"inputs": [{"name": "age", "shape": [1, 0], "datatype": "FP64", "data": []}]},
        {"inputs": [{"name": "age", "shape": [-1], "datatype": "FP64", "data": [1]}]},
        {"inputs": [{"name": "age", "shape": [True], "datatype": "FP64", "data": [1]}]},
        {"inputs": [{"name": "age", "shape": [1], "datatype": "FP64", "data": [1]}]},
    ],
)
def test_tensors_that_cannot_be_read(people: Served, given: Any):
    reply = ask(make_app(people), "POST", "/v2/models/people/infer", given)
    assert reply.status in (400, 422)
    assert reply.json["error"]
    assert is_problem(reply, reply.status)


def test_versions_that_do_not_answer_are_not_found(people: Served):
    app = make_app(people)
    for path in ("/v2/models/people/versions/abc", "/v2/models/people/versions/abc/infer"):
        assert is_problem(ask(app, "GET", path), 404)
    assert is_problem(ask(app, "POST", "/v2/models/people/versions/abc/infer", b"{}"), 404)


def test_mlflow_invocations(people: Served):
    app = make_app(people)
    rows, said = golden(people)
    names = list(rows[0])
    split = {"columns": names, "data": [[row[name] for name in names] for row in rows]}
    table = {name: [row[name] for row in rows] for name in names}
    for body in (
        {"dataframe_split": split},
        {"dataframe_records": rows},
        {"instances": rows},
        {"inputs": table},
    ):
        assert ask(app, "POST", "/invocations", body).json == {"predictions": said}
    for body in (
        [],
        {"rows": rows},
        {"dataframe_split": {"columns": names}},
        {"dataframe_split": {"columns": names, "data": [[1]]}},
    ):
        assert is_problem(ask(app, "POST", "/invocations", body), 400)


def test_the_described_schema_accepts_what_is_accepted(people: Served, digits: Served):
    for served in (people, digits):
        app = make_app(served)
        name = served.release.name
        document = ask(app, "GET", "/openapi.json").json
        assert document["openapi"].startswith("3.1")
        predict = document["paths"][f"/c/{name}"]["post"]
        body = predict["requestBody"]["content"]["application/json"]
        rows, _ = golden(served)
        jsonschema.validate({"rows": rows}, body["schema"])
        reply = ask(app, "POST", f"/c/{name}?probabilities=1", body["example"])
        answers = predict["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(reply.json, answers)
        problem = document["components"]["responses"]["Problem"]["content"]
        refused = ask(app, "POST", f"/c/{name}", b"{}").json
        jsonschema.validate(refused, problem["application/problem+json"]["schema"])


def test_the_page_loads_nothing_and_escapes(people: Served):
    text = ask(make_app(people), "GET", "/docs").body.decode()
    assert "/c/people" in text and "渠道" in text
    assert "src=" not in text and "<link" not in text and "@import" not in text


def test_metrics_count_what_happened(people: Served):
    app = make_app(people)
    rows, _ = golden(people)
    ask(app, "POST", "/c/people", rows[:3])
    ask(app, "POST", "/c/people", b"{")
    ask(app, "GET", "/nothing")
    lines = ask(app, "GET", "/metrics").body.decode().splitlines()
    release = people.digest[:12]
    series = f'lingqu_requests_total{{channel="people",release="{release}",arm="champion"'
    assert f'{series},status="200"}} 1' in lines
    assert f'{series},status="400"}} 1' in lines
    whose = f'channel="people",release="{release}",arm="champion"'
    assert f"lingqu_rows_total{{{whose}}} 3" in lines
    assert f'lingqu_latency_milliseconds_bucket{{{whose},le="+Inf"}} 1' in lines
    assert 'lingqu_log_dropped_total{channel="people"} 0' in lines
    health = ask(app, "GET", "/health").json
    assert (health["requests"], health["errors"], health["logged"]) == (3, 0, 3)


def test_the_outlets_own_questions_are_neither_counted_nor_logged(
    releases: dict[str, Path], digits: Served
):
    other = opened(releases["digits1"])
    app = make_app(digits, other, shares=(1.0, 0.0))
    body = {"rows": golden(digits)[0]}
    headers = {"Authorization": "Bearer probe-secret", "X-Release": other.digest}
    assert ask(app, "POST", "/c/digits", body, headers).json["release"] == other.digest
    assert app.counters.summary()["requests"] == 0
    assert app.records.entries == []
    del headers["Authorization"]
    assert ask(app, "POST", "/c/digits", body, headers).json["release"] == digits.digest


def test_our_own_mistake_is_a_500_that_is_logged(people: Served, caplog: pytest.LogCaptureFixture):
    app = make_app(people)
    rows, _ = golden(people)

    def broken(parts: Any) -> Any:
        raise RuntimeError("a mistake of ours")

    kept, people.batcher._run = people.batcher._run, broken
    try:
        reply = ask(app, "POST", "/c/people", rows)
    finally:
        people.batcher._run = kept
    assert is_problem(reply, 500, "broken")
    assert "a mistake of ours" in caplog.text and "a mistake of ours" not in reply.body.decode()
    (entry,) = app.records.entries
    assert (entry.status, entry.rows, entry.answer) == (500, len(rows), None)


def test_a_release_that_is_too_slow_is_logged_as_failed(people: Served):
    app = make_app(people)
    rows, _ = golden(people)
    kept, people.batcher._deadline_s = people.batcher._deadline_s, -1.0
    try:
        reply = ask(app, "POST", "/c/people", rows)
    finally:
        people.batcher._deadline_s = kept
    assert is_problem(reply, 504)
    assert app.records.entries[0].status == 504


def test_a_body_that_does_not_arrive_is_refused(people: Served, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lingqu.outlets.asgi.BODY_S", 0.02)
    app = make_app(people)
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(5)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/c/people",
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 408
    with pytest.raises(RuntimeError, match="websocket"):
        asyncio.run(app({"type": "websocket"}, receive, send))


JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
PATHS = ("/c/people", "/v2/models/people/infer", "/invocations")
KEYS = ("rows", "columns", "inputs", "instances", "dataframe_split", "dataframe_records")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PATHS), st.binary(max_size=60) | JSONS.map(lambda v: json.dumps(v).encode()))
def test_no_body_is_ever_a_500(app_of_people: OneApp, path: str, body: bytes):
    reply = ask(app_of_people, "POST", path, body)
    assert reply.status in (200, 400, 413, 422), reply.body


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(PATHS),
    st.sampled_from(KEYS),
    st.sampled_from(("age", "member", "town", "note", "joined")),
    JSONS,
    st.integers(0, 2),
)
def test_no_cell_is_ever_a_500(
    app_of_people: OneApp, path: str, form: str, column: str, cell: Any, place: int
):
    served = app_of_people.serving.first
    assert served is not None
    rows = [dict(row) for row in golden(served)[0][:3]]
    rows[place][column] = cell
    table = {name: [row[name] for row in rows] for name in rows[0]}
    tensors = [
        {"name": n, "shape": [3], "datatype": "BYTES", "data": data} for n, data in table.items()
    ]
    body: Any = {
        "rows": rows,
        "columns": table,
        "inputs": tensors if path.startswith("/v2") else table,
        "instances": rows,
        "dataframe_split": {"columns": list(table), "data": [list(r.values()) for r in rows]},
        "dataframe_records": rows,
    }[form]
    reply = ask(app_of_people, "POST", path, {form: body})
    assert reply.status in (200, 400, 422), reply.body


@settings(max_examples=100, deadline=None)
@given(
    JSONS
    | st.lists(
        st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(), max_size=9),
        max_size=9,
    )
)
def test_no_picture_is_ever_a_500(app_of_digits: OneApp, cell: Any):
    served = app_of_digits.serving.first
    assert served is not None
    rows = [golden(served)[0][0], {"image": cell}]
    assert ask(app_of_digits, "POST", "/c/digits", rows).status in (200, 422)


@pytest.fixture(scope="module")
def app_of_people(people: Served) -> OneApp:
    return make_app(people)


@pytest.fixture(scope="module")
def app_of_digits(digits: Served) -> OneApp:
    return make_app(digits)


def test_keys_are_read_again_without_a_pause(people: Served):
    key, secret = keys.make("app", ("people",))
    app = make_app(people, keys=[key])
    rows, _ = golden(people)
    assert ask(app, "POST", "/c/people", rows, {"X-API-Key": secret}).status == 200
    from dataclasses import replace

    from tests.outlets.asking import Quotas

    app.guard.load([replace(key, disabled=True)], Quotas(), time.time())
    assert is_problem(ask(app, "POST", "/c/people", rows, {"X-API-Key": secret}), 401)


def test_a_refusal_for_reasons_of_the_house_is_unavailable():
    from lingqu.core.errors import GateError, LingquError, SpecError, StoreError
    from lingqu.outlets.problems import status_of

    assert status_of(GateError("x")) == status_of(StoreError("x")) == 503
    assert status_of(OutletError("x")) == 503
    assert status_of(SpecError("x")) == 400
    assert status_of(LingquError("x")) == 500
