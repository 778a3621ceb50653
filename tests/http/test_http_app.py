"""The control API on a real workspace: token, problem documents, every verb."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.http.asking import TOKEN, until, until_status
from tests.walked import CHANNEL

from lingqu.core.errors import AccessError
from lingqu.http.serve import serve, token_of


def operations(client: httpx.Client) -> list[tuple[str, str]]:
    paths = client.get("/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, verbs in paths.items() for method in verbs]


class TestDoor:
    def test_health_needs_no_token(self, address: str) -> None:
        reply = httpx.get(f"{address}/health", trust_env=False)
        assert reply.status_code == 200 and reply.json()["status"] == "ok"

    @pytest.mark.parametrize(
        "header",
        [None, "", "Bearer", f"Bearer {TOKEN}x", TOKEN, f"Basic {TOKEN}", "Bearer é"],
    )
    def test_everything_else_needs_the_token(
        self, client: httpx.Client, address: str, header: str | None
    ) -> None:
        headers = {} if header is None else {"Authorization": header.encode()}
        with httpx.Client(base_url=address, trust_env=False) as stranger:
            for method, path in operations(client):
                if path == "/health":
                    continue
                reply = stranger.request(method, path, headers=headers)
                assert reply.status_code == 401, (method, path)
                assert reply.headers["content-type"] == "application/problem+json"
                assert reply.json()["type"] == "urn:lingqu:http.token"
                assert reply.json()["title"] == "Unauthorized"
                assert reply.headers["www-authenticate"] == "Bearer"

    def test_the_document_describes_every_operation(self, client: httpx.Client) -> None:
        document = client.get("/openapi.json").json()
        assert document["openapi"].startswith("3.")
        summaries = [
            verb["summary"] for verbs in document["paths"].values() for verb in verbs.values()
        ]
        assert len(summaries) == len(set(summaries)) > 18


class TestProblems:
    @pytest.mark.parametrize(
        ("method", "path", "body", "status", "key"),
        [
            ("GET", "/v1/runs/none", None, 404, "store.unknown_run"),
            ("GET", "/v1/releases/none", None, 404, "flow.unknown_release"),
            ("POST", "/v1/releases/churn/approve", {"by": "me"}, 409, "flow.not_waiting"),
            ("POST", "/v1/plans", {"channel": "channel: x"}, 422, "core."),
            ("POST", "/v1/plans", {"channel": ": ["}, 422, "core."),
            ("POST", "/v1/plans", {}, 422, "http.invalid"),
            ("POST", "/v1/plans", {"channel": CHANNEL, "more": 1}, 422, "http.invalid"),
            ("POST", "/v1/keys", {"name": "a", "quota": "lots"}, 422, "core."),
            ("POST", "/v1/plans", {"channel": CHANNEL, "name": "churn"}, 422, "http.invalid"),
            ("POST", "/v1/plans", {"name": "none"}, 404, "flow.no_channel"),
            ("POST", "/v1/runs", {"name": "/etc/passwd"}, 404, "flow.no_channel"),
            ("POST", "/v1/channels/none/call", {"rows": [{"a": 1}]}, 404, "flow.no_channel"),
            ("POST", "/v1/channels/churn/call", {"rows": []}, 422, "http.invalid"),
            ("POST", "/v1/channels/churn/call", {"rows": [{"age": 1}]}, 422, ""),
            ("PUT", "/v1/channels/none/route", {"release": "churn"}, 404, "flow.no_channel"),
            ("PUT", "/v1/channels/churn/route", {"release": "no"}, 404, "flow.unknown_release"),
            ("PUT", "/v1/channels/churn/route", {}, 422, "http.invalid"),
            ("POST", "/v1/channels/none/respond", None, 404, "flow.no_channel"),
            ("POST", "/v1/channels/none/watch", None, 404, "flow.no_channel"),
            ("POST", "/v1/channels/none/act", {"action": "notify"}, 404, "flow.no_channel"),
            ("POST", "/v1/channels/churn/act", {"action": "dance"}, 422, "core.unknown_piece"),
            ("POST", "/v1/prune", {"keep_days": -1}, 422, "http.invalid"),
            ("POST", "/v1/erase", {"column": "", "value": "P1"}, 422, "http.invalid"),
            ("GET", "/v1/catalogue/spells", None, 422, "http.invalid"),
            ("GET", "/v1/releases/none/export", None, 404, "flow.unknown_release"),
            ("POST", "/v1/drafts", {"source": "none.csv"}, 422, "http.outside"),
            ("DELETE", "/v1/keys/nobody", None, 404, "flow.no_key"),
            ("POST", "/v1/channels/none/deploy", {}, 404, "flow.no_channel"),
            ("POST", "/v1/channels/churn/deploy", {"canary": 2}, 422, "http.invalid"),
            ("GET", "/v1/runs?limit=many", None, 422, "http.invalid"),
            ("GET", "/v1/nothing", None, 404, "http.unknown_path"),
            ("PUT", "/v1/runs", None, 405, "http.unknown_method"),
        ],
    )
    def test_a_refusal_is_a_problem_document(
        self, client: httpx.Client, method: str, path: str, body: Any, status: int, key: str
    ) -> None:
        reply = client.request(method, path, json=body)
        told = reply.json()
        assert reply.status_code == status
        assert reply.headers["content-type"] == "application/problem+json"
        assert told["title"] == HTTPStatus(status).phrase and told["status"] == status
        assert told["type"].startswith(f"urn:lingqu:{key}")
        assert told["detail"]

    def test_a_body_that_is_not_json(self, client: httpx.Client) -> None:
        headers = {"content-type": "application/json"}
        reply = client.post("/v1/plans", content=b"{nope", headers=headers)
        assert reply.status_code == 422
        assert reply.json()["type"] == "urn:lingqu:http.invalid"


class TestVerbs:
    def test_a_plan(self, client: httpx.Client, folder: Path) -> None:
        text = CHANNEL.replace("people.csv", str(folder / "people.csv"))
        told = client.post("/v1/plans", json={"channel": text}).json()
        assert told["channel"] == "churn" and told["rows"] == 160

    def test_a_run_is_started_and_asked_for(self, client: httpx.Client, folder: Path) -> None:
        text = CHANNEL.replace("people.csv", str(folder / "people.csv"))
        reply = client.post("/v1/runs", json={"channel": text})
        assert reply.status_code == 202
        run = reply.json()["id"]
        done = until(lambda: client.get(f"/v1/runs/{run}").json(), "state", ("done",))
        assert done["channel"] == "churn" and len(done["stages"]) == 5
        assert any(f["measure"] == "roc_auc" for f in client.get(f"/v1/runs/{run}/findings").json())
        page = until_status(lambda: client.get(f"/v1/runs/{run}/report"), 200)
        assert "churn" in page.text
        (row,) = client.get("/v1/runs", params={"limit": 1}).json()
        assert row == {
            **{name: done[name] for name in ("id", "channel", "state", "started", "ended")},
            "release": done["release"],
            "metric": done["summary"]["metric"],
            "score": done["summary"]["validation_score"],
        }
        rows = client.get("/v1/compare", params={"first": run, "second": run}).json()
        assert all(row["change"] in (0, None) for row in rows)

    def test_a_run_that_fails_says_so_under_its_id(self, client: httpx.Client) -> None:
        text = CHANNEL.replace("people.csv", "/nowhere/people.csv")
        run = client.post("/v1/runs", json={"channel": text}).json()["id"]
        failed = until(lambda: client.get(f"/v1/runs/{run}").json(), "state", ("failed",))
        assert "/nowhere/people.csv" in failed["summary"]["error"]

    def test_releases(self, client: httpx.Client) -> None:
        (record,) = [r for r in client.get("/v1/releases").json() if r["channel"] == "churn"][:1]
        manifest = client.get(f"/v1/releases/{record['digest'][:12]}").json()
        assert manifest["digest"] == record["digest"]
        assert client.get("/v1/releases/churn/problems").json() == {"problems": []}

    def test_keys_are_made_listed_without_hash_and_disabled(self, client: httpx.Client) -> None:
        made = client.post("/v1/keys", json={"name": "app", "quota": "600/min"})
        assert made.status_code == 201
        assert made.json()["secret"].startswith("lq_")
        (listed,) = client.get("/v1/keys").json()
        assert listed["quota"] == "600/min"
        assert "hash" not in listed and "secret" not in listed
        assert client.delete(f"/v1/keys/{made.json()['id']}").json()["disabled"] is True

    def test_what_is_not_deployed(self, client: httpx.Client) -> None:
        assert client.get("/v1/channels/churn/route").json() is None
        assert client.get("/v1/outlets").json() == []
        assert client.post("/v1/channels/churn/undeploy").json() == {"closed": []}
        assert client.get("/v1/actions").json() == []

    def test_the_trail(self, client: httpx.Client) -> None:
        assert client.get("/v1/audit").json()["ok"] is True
        events = client.get("/v1/events", params={"kind": "run.started", "limit": 1}).json()
        assert [event["kind"] for event in events] == ["run.started"]
        assert client.get("/v1/events", params={"limit": -5}).status_code == 200


class TestServe:
    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
    def test_a_public_address_is_refused(self, folder: Path, host: str) -> None:
        with pytest.raises(AccessError, match="loopback"):
            serve(str(folder / ".lingqu"), host, 0)

    def test_the_token_is_made_once_for_its_owner_only(self, tmp_path: Path) -> None:
        token = token_of(tmp_path)
        assert token.startswith("lqa_") and len(token) > 40
        assert token_of(tmp_path) == token
        assert (tmp_path / "api.token").stat().st_mode & 0o777 == 0o600
