"""The verbs of data over the control API."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from lingqu.workspace import Workspace


def test_versions_are_recorded_listed_compared_and_have_cards(
    client: httpx.Client, folder: Path
) -> None:
    table = folder / "plants.csv"
    table.write_text("site,height\nnorth,1\nsouth,2\n", encoding="utf-8")
    asked = {"source": "plants.csv", "message": "first", "facts": {"license": "mit"}}
    first = client.post("/v1/data/versions", json=asked).json()["version"]
    table.write_text("site,height\nnorth,1\nsouth,2\neast,3\n", encoding="utf-8")
    second = client.post("/v1/data/versions", json={**asked, "message": "more"}).json()
    listed = client.get("/v1/data/versions", params={"name": second["name"]}).json()
    assert [row["message"] for row in listed] == ["more", "first"]
    shown = client.get(f"/v1/data/versions/{first[:12]}").json()
    assert shown["rows"] == 2 and shown["facts"]["license"] == "mit"
    sides = {"first": first, "second": second["version"]}
    assert client.get("/v1/data/diff", params=sides).json()["rows"]["added"] == 1
    card = client.get(f"/v1/data/versions/{first}/card", params={"form": "croissant"})
    assert card.headers["content-type"] == "application/ld+json" and card.json()["@type"]
    assert "#" in client.get(f"/v1/data/versions/{first}/card").text


@pytest.mark.parametrize("source", ["/etc/passwd", "../", ".lingqu/api.token"])
def test_only_files_beside_the_workspace_are_read(client: httpx.Client, source: str) -> None:
    reply = client.post("/v1/data/versions", json={"source": source})
    assert reply.status_code == 422 and reply.json()["type"] == "urn:lingqu:http.outside"


def test_rows_are_decided_on(client: httpx.Client, workspace: Workspace) -> None:
    suspects = client.get("/v1/channels/churn/suspects").json()
    wanted = client.get("/v1/channels/churn/wanted").json()
    assert suspects == workspace.data_suspects("churn")
    assert wanted == workspace.data_wanted("churn") and wanted
    assert client.get("/v1/channels/churn/removed").json() == []
    unknown = {"rows": [{"row": "ffffffff", "label": "yes"}], "by": "ada"}
    reply = client.post("/v1/channels/churn/fixes", json=unknown)
    assert reply.status_code == 422 and "ffffffff" in reply.json()["detail"]
    both = {"rows": ["ffffffff"], "operator": "dedupe", "by": "ada"}
    assert client.post("/v1/channels/churn/undo", json=both).status_code == 422
    if suspects:
        right = {"rows": [{"row": suspects[0]["id"], "label": suspects[0]["suggested"]}], "by": "a"}
        assert client.post("/v1/channels/churn/fixes", json=right).json() == {"rows": 1}
        back = {"rows": [suspects[0]["id"]], "by": "ada"}
        assert client.post("/v1/channels/churn/undo", json=back).json() == {"rows": 1}


def test_an_unknown_channel_is_refused(client: httpx.Client) -> None:
    assert client.get("/v1/channels/nobody/wanted").status_code in (404, 422)
