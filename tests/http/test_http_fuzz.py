"""Whatever is sent to the control API, it answers with what its document promises."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.walked import walked

from lingqu.http.app import make_app
from lingqu.workspace import Workspace

HEADERS = {"Authorization": "Bearer lqa_test"}
_TEXT = st.text(max_size=30)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_YAML = st.sampled_from(
    ["channel: x\n", "data: y.csv\n", "train: {task: classify, target: t}\n", "govern: ", "[", ": "]
)
_CHANNELS = st.lists(_YAML | _TEXT, min_size=1, max_size=5).map("".join)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    folder = walked(tmp_path_factory.mktemp("fuzz") / "here")
    with Workspace(folder / ".lingqu") as workspace:
        yield Caller(workspace)


class Caller:
    """Calls the application in this process."""

    def __init__(self, workspace: Workspace) -> None:
        self.app = make_app(workspace, "lqa_test")

    async def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {**HEADERS, **more.pop("headers", {})}
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as opened:
            return await opened.request(method, path, headers=headers, **more)

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._send(method, path, **more))


GETS = (
    "/v1/runs/{}",
    "/v1/runs/{}/findings",
    "/v1/runs/{}/report",
    "/v1/releases/{}",
    "/v1/releases/{}/problems",
    "/v1/releases/{}/export",
    "/v1/channels/{}/route",
    "/v1/catalogue/{}",
    "/v1/data/versions/{}",
    "/v1/data/versions/{}/card",
    "/v1/channels/{}/wanted",
    "/v1/channels/{}/suspects",
    "/v1/channels/{}/removed",
)
_few = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def check(reply: httpx.Response) -> None:
    """Never a 500; a refusal is a problem document."""
    assert reply.status_code < 500, reply.text
    if reply.status_code >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["status"] == reply.status_code


def send(client: Caller, method: str, path: str, body: object) -> None:
    """Send what JSON has no word for too, such as Infinity."""
    kind = {"content-type": "application/json"}
    check(client(method, path, content=json.dumps(body).encode(), headers=kind))


@_few
@given(path=st.sampled_from(GETS), name=_TEXT.filter(bool))
def test_names_of_any_kind(client: Caller, path: str, name: str) -> None:
    check(client("GET", path.format(quote(name, safe=""))))


@_few
@given(text=_CHANNELS)
def test_channels_of_any_kind(client: Caller, text: str) -> None:
    check(client("POST", "/v1/plans", json={"channel": text}))


@_few
@given(
    path=st.sampled_from(
        [
            "/v1/plans",
            "/v1/drafts",
            "/v1/keys",
            "/v1/prune",
            "/v1/erase",
            "/v1/channels/no/deploy",
            "/v1/channels/churn/call",
            "/v1/channels/churn/act",
            "/v1/channels/churn/fixes",
            "/v1/channels/churn/undo",
            "/v1/data/versions",
            "/v1/releases/no/approve",
        ]
    ),
    body=_ANY,
)
def test_bodies_of_any_kind(client: Caller, path: str, body: object) -> None:
    send(client, "POST", path, body)


@_few
@given(kind=_TEXT, subject=_TEXT, limit=st.integers() | _TEXT)
def test_questions_of_any_kind(client: Caller, kind: str, subject: str, limit: object) -> None:
    asked = {"kind": kind, "subject": subject, "limit": str(limit)}
    check(client("GET", "/v1/events", params=asked))
    check(client("GET", "/v1/actions", params={"channel": kind, "state": subject}))
    check(client("GET", "/v1/compare", params={"first": kind, "second": subject}))


@_few
@given(name=_TEXT, quota=_TEXT, expires=_TEXT)
def test_keys_of_any_kind(client: Caller, name: str, quota: str, expires: str) -> None:
    check(client("POST", "/v1/keys", json={"name": name, "quota": quota, "expires": expires}))


@_few
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {name: _ANY for name in ("age", "paid", "city", "sex", "person")},
            optional={"more": _ANY},
        ),
        min_size=1,
        max_size=3,
    )
)
def test_rows_of_any_kind(client: Caller, rows: list[object]) -> None:
    send(client, "POST", "/v1/channels/churn/call", {"rows": rows})


@_few
@given(source=_TEXT, predict=st.none() | _TEXT)
def test_drafts_of_any_kind(client: Caller, source: str, predict: str | None) -> None:
    for name in (source, "people.csv", "channel.yaml"):
        check(client("POST", "/v1/drafts", json={"source": name, "predict": predict}))


@_few
@given(action=_TEXT | st.sampled_from(["notify", "block", "retrain"]), options=_ANY, to=_TEXT)
def test_decisions_of_any_kind(client: Caller, action: str, options: object, to: str) -> None:
    send(client, "POST", "/v1/channels/churn/act", {"action": action, "options": options})
    check(client("PUT", "/v1/channels/churn/route", json={"release": to, "fallback": to}))
    check(client("POST", "/v1/erase", json={"column": to, "value": action}))


def test_a_folder_name_leads_nowhere(client: Caller, tmp_path: Path) -> None:
    for name in ("..%2F..%2Fetc%2Fpasswd", "%00", "%2Fetc"):
        check(client("GET", f"/v1/releases/{name}/problems"))
