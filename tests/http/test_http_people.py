"""Roles over the control API: who may what, and who did it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from lingqu.workspace import Workspace


@pytest.fixture(scope="module")
def person(client: httpx.Client, address: str) -> Iterator[Callable[[str], httpx.Client]]:
    """Return a client that asks with the token of somebody who has a role."""
    opened: list[httpx.Client] = []

    def ask_as(role: str) -> httpx.Client:
        made = client.post("/v1/people", json={"name": f"{role}-{len(opened)}", "role": role})
        assert made.status_code == 201, made.text
        headers = {"Authorization": f"Bearer {made.json()['secret']}"}
        opened.append(httpx.Client(base_url=address, headers=headers, timeout=60, trust_env=False))
        return opened[-1]

    yield ask_as
    for one in opened:
        one.close()


def test_an_auditor_reads_and_changes_nothing(person: Callable[[str], httpx.Client]) -> None:
    auditor = person("auditor")
    for path in ("/v1/runs", "/v1/events", "/v1/audit", "/v1/usage", "/v1/people", "/v1/keys"):
        assert auditor.get(path).status_code == 200, path
    changes = [
        ("POST", "/v1/keys", {"name": "x"}),
        ("POST", "/v1/people", {"name": "x", "role": "admin"}),
        ("DELETE", "/v1/people/auditor-0", None),
        ("POST", "/v1/channels/churn/deploy", {}),
        ("POST", "/v1/channels/churn/undeploy", None),
        ("POST", "/v1/channels/churn/act", {"action": "block"}),
        ("POST", "/v1/prune", {"dry_run": False}),
        ("POST", "/v1/erase", {"column": "id", "value": "1"}),
        ("POST", "/v1/data/versions", {"source": "people.csv"}),
        ("POST", "/v1/channels/churn/call", {"rows": [{}]}),
    ]
    for method, path, body in changes:
        reply = auditor.request(method, path, json=body)
        assert (reply.status_code, reply.json()["type"]) == (
            403,
            "urn:lingqu:access.wrong_role",
        ), path
        assert "Roles that could" in reply.json()["detail"]


def test_events_name_who_asked(
    person: Callable[[str], httpx.Client], client: httpx.Client, workspace: Workspace
) -> None:
    operator = person("operator")
    made = operator.post("/v1/keys", json={"name": "theirs", "verbs": ["read"]})
    assert made.status_code == 201
    turned = operator.post(f"/v1/keys/{made.json()['id']}/rotate", json={"overlap": "1 h"})
    assert turned.status_code == 200
    told = {e.kind: e.detail["by"] for e in workspace.home.ledger.events.list(subject=None)[-3:]}
    assert {told["key.made"], told["key.rotated"]} == {"operator-1"}
    listed = {key["id"]: key for key in client.get("/v1/keys").json()}
    assert listed[turned.json()["id"]]["made_by"] == "operator-1"
    assert listed[turned.json()["id"]]["verbs"] == ["read"]
    assert "hash" not in listed[turned.json()["id"]]


def test_a_role_that_was_taken_away_opens_nothing(
    person: Callable[[str], httpx.Client], client: httpx.Client
) -> None:
    viewer = person("viewer")
    assert viewer.get("/v1/runs").status_code == 200
    name = next(p["name"] for p in client.get("/v1/people").json() if p["role"] == "viewer")
    assert client.delete(f"/v1/people/{name}").json()["disabled"]
    assert viewer.get("/v1/runs").status_code == 401


def test_use_is_told_in_sums(client: httpx.Client) -> None:
    assert client.get("/v1/usage", params={"by": "key, day"}).status_code == 200
    refused = client.get("/v1/usage", params={"by": "person"})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:lingqu:access.unknown_by")
