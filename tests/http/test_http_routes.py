"""Every further verb of the workspace over the control API."""

from __future__ import annotations

import io
import threading
import zipfile
from pathlib import Path

import httpx
import pytest
from tests.http.asking import until
from tests.walked import CHANNEL

from lingqu.core.errors import AccessError, OutletError
from lingqu.core.nouns import Action
from lingqu.http.background import Background
from lingqu.release.release import Release
from lingqu.workspace import Workspace

ROW = {"person": "P1", "age": 20, "paid": 110.0, "city": "Lyon", "sex": "f"}


class TestPath:
    def test_a_draft_of_a_file_beside_the_workspace(
        self, client: httpx.Client, folder: Path
    ) -> None:
        asked = {"source": "people.csv", "predict": "churned"}
        text = client.post("/v1/drafts", json=asked).json()["channel"]
        assert "target: churned" in text and str(folder / "people.csv") in text
        assert client.post("/v1/plans", json={"channel": text}).json()["rows"] == 160

    @pytest.mark.parametrize(
        "source",
        [
            "/etc/passwd",
            "../",
            ".",
            ".lingqu/api.token",
            "~/x",
            "s3://a/b",
            "sklearn:iris",
            "a\x00b",
            "link.csv",
            "x" * 5000,
        ],
    )
    def test_no_other_file_is_read(
        self, client: httpx.Client, folder: Path, tmp_path: Path, source: str
    ) -> None:
        (tmp_path / "other.csv").write_text("a,b\n1,2\n")
        (folder / "link.csv").unlink(missing_ok=True)
        (folder / "link.csv").symlink_to(tmp_path / "other.csv")
        (folder / ".lingqu" / "api.token").write_text("lqa_secret")
        reply = client.post("/v1/drafts", json={"source": source})
        assert reply.status_code == 422
        assert reply.json()["type"] == "urn:lingqu:http.outside"

    def test_a_known_channel_is_run_by_its_name(self, client: httpx.Client) -> None:
        reply = client.post("/v1/runs", json={"name": "churn"})
        assert reply.status_code == 202 and reply.json()["channel"] == "churn"
        run = reply.json()["id"]
        done = until(lambda: client.get(f"/v1/runs/{run}").json(), "state", ("done",))
        assert {stage["state"] for stage in done["stages"]} <= {"done", "reused"}

    def test_relative_paths_begin_beside_the_workspace(self, client: httpx.Client) -> None:
        assert client.post("/v1/plans", json={"channel": CHANNEL}).json()["rows"] == 160
        assert client.post("/v1/plans", json={"name": "churn"}).json()["rows"] == 160

    def test_a_name_is_never_a_folder(
        self, client: httpx.Client, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(folder)
        (folder / "sub").mkdir(exist_ok=True)
        (folder / "sub" / "channel.yaml").write_text(CHANNEL.replace("churn\n", "other\n", 1))
        for path in ("sub/deploy", "sub/watch", "sub/respond"):
            reply = client.post(f"/v1/channels/{path}", json={})
            assert reply.json()["type"] == "urn:lingqu:flow.no_channel", path


class TestRelease:
    def test_an_export_is_a_release_elsewhere(self, client: httpx.Client, tmp_path: Path) -> None:
        reply = client.get("/v1/releases/churn/export")
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "application/zip"
        assert "churn-" in reply.headers["content-disposition"]
        zipfile.ZipFile(io.BytesIO(reply.content)).extractall(tmp_path / "churn")
        opened = Release.open(tmp_path / "churn")
        assert opened.digest[:12] in reply.headers["content-disposition"]


class TestUse:
    def test_a_channel_is_asked(self, client: httpx.Client, workspace: Workspace) -> None:
        told = client.post("/v1/channels/churn/call", json={"rows": [ROW, {**ROW, "age": 70}]})
        assert told.json() == workspace.call("churn", [ROW, {**ROW, "age": 70}])
        assert {answer["prediction"] for answer in told.json()} <= {"yes", "no"}

    def test_who_answers_is_changed(self, client: httpx.Client, workspace: Workspace) -> None:
        digest = workspace.releases("churn")[0].digest
        asked = {"release": digest[:12]}
        route = client.put("/v1/channels/churn/route", json=asked).json()
        alone = {"release": digest, "share": 1.0, "arm": "champion", "when": ""}
        assert route["backends"] == [alone]
        assert client.get("/v1/channels/churn/route").json() == route

    def test_a_channel_is_stopped_and_resumed_and_its_routes_are_told(
        self, client: httpx.Client, workspace: Workspace
    ) -> None:
        workspace.switch("churn", workspace.releases("churn")[0].digest)
        why = {"reason": "wrong prices", "by": "ann"}
        stopped = client.post("/v1/channels/churn/route/stop", json=why).json()
        assert (stopped["stopped"], stopped["reason"], stopped["by"]) == (True, *why.values())
        resumed = client.post("/v1/channels/churn/route/resume", json={}).json()
        assert resumed["stopped"] is False
        undone = client.post("/v1/channels/churn/route/undo", json={}).json()
        assert undone["stopped"] is True
        told = client.get("/v1/channels/churn/route/history").json()
        assert told[0] == undone and len(told) >= 4
        bad = {"arms": {"a": {"release": "churn", "share": 0.5}}}
        assert client.put("/v1/channels/churn/route/arms", json=bad).status_code == 422

    def test_promotion_and_the_queue_are_told(
        self, client: httpx.Client, workspace: Workspace
    ) -> None:
        workspace.switch("churn", workspace.releases("churn")[0].digest)
        told = client.post("/v1/channels/churn/promote", json={"step": True}).json()
        assert (told["verdict"], told["done"]) == ("none", False)
        assert client.get("/v1/channels/churn/queue").json() == []
        reply = client.post("/v1/queue/none", json={"answer": "yes"})
        assert reply.json()["type"] == "urn:lingqu:route.not_waiting"

    def test_nothing_was_asked_so_nothing_is_watched(self, client: httpx.Client) -> None:
        reply = client.post("/v1/channels/churn/watch", params={"partial": True})
        assert (reply.status_code, reply.json()) == (200, [])

    def test_an_action_by_hand_and_what_is_asked_for(
        self, client: httpx.Client, workspace: Workspace
    ) -> None:
        asked = client.post("/v1/channels/churn/act", json={"action": "retrain"}).json()
        assert (asked["name"], asked["state"]) == ("retrain", "requested")
        reply = client.post("/v1/channels/churn/respond")
        assert reply.status_code == 202
        assert reply.json() == {"channel": "churn", "actions": [asked["id"]]}

        def told() -> Action:
            (action,) = [a for a in workspace.actions("churn") if a.id == asked["id"]]
            return action

        done = until(lambda: vars(told()), "state", ("done", "failed"))
        assert done["state"] == "done" and done["detail"]["run"]
        shown = client.get("/v1/actions", params={"channel": "churn"}).json()
        assert asked["id"] in {action["id"] for action in shown}


class TestHouse:
    def test_a_prune_is_a_dry_run_unless_it_is_said(
        self, client: httpx.Client, workspace: Workspace
    ) -> None:
        before = len(workspace.runs())
        told = client.post("/v1/prune", json={"keep_days": 0, "keep_last": 0})
        assert told.status_code == 200 and told.json()["dry_run"] is True
        assert len(workspace.runs()) == before
        assert client.post("/v1/prune", json={"dry_run": False}).json()["dry_run"] is False
        assert workspace.events("prune", limit=1)[0].kind == "prune"

    def test_a_person_is_erased(self, client: httpx.Client) -> None:
        told = client.post("/v1/erase", json={"column": "person", "value": "P0007"}).json()
        assert told["rows"] >= 1 and told["event"] > 0
        again = client.post("/v1/erase", json={"column": "person", "value": "P0007"}).json()
        assert again["rows"] == 0

    def test_the_doctor(self, client: httpx.Client, workspace: Workspace) -> None:
        told = client.get("/v1/doctor").json()
        assert [row.keys() for row in told] == [row.keys() for row in workspace.doctor()]
        assert told

    @pytest.mark.parametrize("family", ["sources", "actions"])
    def test_the_catalogue(self, client: httpx.Client, family: str) -> None:
        told = client.get(f"/v1/catalogue/{family}").json()
        assert told == dict(Workspace.catalogue(family))  # type: ignore[arg-type]
        assert all(told.values())


class TestBackground:
    def test_a_thing_is_not_begun_twice_and_its_failure_is_logged(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        background, go = Background(), threading.Event()

        def work() -> None:
            go.wait(10)
            raise OutletError("outlets.not_open")

        thread = background.start("respond a", work)
        with pytest.raises(AccessError, match="respond a"):
            background.start("respond a", work)
        other = background.start("respond b", go.set)
        thread.join(10)
        other.join(10)
        assert "respond a" in caplog.text
        background.start("respond a", go.set).join(10)
