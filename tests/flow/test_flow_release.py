"""After a run: find, compare, approve, verify, export, call."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.walked import people

from lingqu.core.errors import DataError, GateError, StoreError
from lingqu.release.release import Release
from lingqu.workspace import Workspace


def digest_of(workspace: Workspace) -> str:
    return workspace.releases()[0].digest


class TestFind:
    def test_a_release_by_digest_prefix_or_channel(self, workspace: Workspace) -> None:
        digest = digest_of(workspace)
        assert len(digest) == 64
        for name in (digest, digest[:12], "churn"):
            assert workspace.release(name).digest == digest

    def test_the_report_of_a_run(self, workspace: Workspace) -> None:
        page = workspace.report(workspace.runs()[0].id)
        text = page.read_text(encoding="utf-8")
        assert text.lower().startswith("<!doctype html>")
        assert "churn" in text and digest_of(workspace)[:12] in text

    def test_a_run_without_a_report(self, workspace: Workspace) -> None:
        run = workspace.runs()[0].id
        workspace.home.blobs.remove(f"reports/{run}.html")
        with pytest.raises(StoreError, match=run):
            workspace.report(run)


class TestCompare:
    def test_a_run_with_itself_differs_nowhere(self, workspace: Workspace) -> None:
        run = workspace.runs()[0].id
        rows = workspace.compare(run, run)
        assert {"accuracy", "roc_auc"} <= {row["measure"] for row in rows}
        assert all(row["change"] == 0 for row in rows)
        assert not any(row["apart"] for row in rows)

    def test_intervals_that_do_not_meet_are_marked(self, workspace: Workspace) -> None:
        from lingqu.core.nouns import Finding, Run

        home = workspace.home
        at = home.clock()
        scores = {"r1": (0.6, 0.5, 0.7), "r2": (0.9, 0.85, 0.95), "r3": (0.72, 0.65, 0.8)}
        for run, (value, low, high) in scores.items():
            home.ledger.runs.start(Run(run, "x", "v", "done", at))
            found = [Finding("metrics", "auc", value, low=low, high=high)]
            found += [Finding("metrics", "only", 1.0)] if run == "r1" else []
            home.ledger.findings.add("x", run, "gate", at, found)
        apart = {r["measure"]: r for r in workspace.compare("r1", "r2")}
        assert apart["auc"]["apart"] is True
        assert apart["auc"]["change"] == pytest.approx(0.3)
        assert apart["only"]["second"] is None and apart["only"]["change"] is None
        near = {r["measure"]: r for r in workspace.compare("r1", "r3")}
        assert near["auc"]["apart"] is False


class TestApprove:
    def waiting(self, workspace: Workspace) -> str:
        from lingqu.core.nouns import ReleaseRecord

        record = ReleaseRecord("e" * 64, "wait", "r", "candidate", workspace.home.clock(), {})
        workspace.home.ledger.releases.put(record)
        return record.digest

    def test_a_person_approves_and_the_trail_names_them(self, workspace: Workspace) -> None:
        digest = self.waiting(workspace)
        assert workspace.approve(digest[:12], "李冰").state == "approved"
        (event,) = [e for e in workspace.events("release.approved", digest)]
        assert event.detail == {"by": "李冰"}

    def test_nobody_cannot_approve(self, workspace: Workspace) -> None:
        digest = self.waiting(workspace)
        with pytest.raises(GateError, match="--by"):
            workspace.approve(digest, "  ")
        assert workspace.releases("wait")[0].state == "candidate"

    def test_what_does_not_wait_cannot_be_approved(self, workspace: Workspace) -> None:
        with pytest.raises(GateError, match="approved"):
            workspace.approve("churn", "me")


class TestExport:
    def test_a_folder_that_answers_without_the_workspace(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        written = workspace.export("churn", tmp_path / "out" / "release")
        exported = Release.open(written)
        rows = people(5, seed=3)
        assert exported.digest == digest_of(workspace)
        assert exported.predict(rows).equals(workspace.release("churn").predict(rows))
        assert workspace.events("release.exported")[-1].subject == exported.digest

    def test_two_zips_are_the_same_bytes(self, workspace: Workspace, tmp_path: Path) -> None:
        first = workspace.export("churn", tmp_path / "a.zip")
        second = workspace.export("churn", tmp_path / "b.zip")
        assert first.read_bytes() == second.read_bytes()
        with zipfile.ZipFile(first) as archive:
            archive.extractall(tmp_path / "unpacked")
        assert Release.open(tmp_path / "unpacked").digest == digest_of(workspace)
        assert workspace.verify(str(tmp_path / "unpacked")) == []

    @pytest.mark.parametrize("name", ["there", "there.zip"])
    def test_nothing_is_overwritten(self, workspace: Workspace, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("mine")
        with pytest.raises(StoreError, match=r"there.*exists"):
            workspace.export("churn", tmp_path / name)
        assert (tmp_path / name).read_text() == "mine"

    def test_a_place_that_cannot_be_written(self, workspace: Workspace, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError, match="file"):
            workspace.export("churn", tmp_path / "file" / "out.zip")

    def test_a_damaged_release_is_not_exported(self, workspace: Workspace, tmp_path: Path) -> None:
        folder = workspace.home.root / "blobs" / "releases" / digest_of(workspace)
        card = next(folder.rglob("README.md"))
        card.write_text(card.read_text(encoding="utf-8") + "!", encoding="utf-8")
        assert workspace.verify("churn") != []
        with pytest.raises(GateError, match="README"):
            workspace.export("churn", tmp_path / "out")
        assert not (tmp_path / "out").exists()


class TestCall:
    def test_rows_and_frames_get_the_same_answers(self, workspace: Workspace) -> None:
        rows = people(4, seed=5)
        said = workspace.call("churn", rows)
        assert set(said[0]) >= {"prediction", "confidence"}
        assert workspace.call("churn", rows.to_dicts()) == said
        assert workspace.call("churn", rows.to_pandas()) == said
        assert workspace.call("churn", rows.to_arrow()) == said
        assert {answer["prediction"] for answer in said} <= {"yes", "no"}

    def test_a_file_for_a_channel_of_tables_is_refused(self, workspace: Workspace) -> None:
        with pytest.raises(DataError) as caught:
            workspace.call("churn", Path("face.png"))
        assert caught.value.key == "flow.call_one_file"


@pytest.mark.slow
def test_a_server_is_sent_the_bytes_of_the_pictures_that_a_caller_names(tmp_path: Path) -> None:
    for row in range(40):
        shade = np.full((8, 8), 40 + 150 * (row % 2) + row, np.uint8)
        place = tmp_path / "faces" / ("light" if row % 2 else "dark")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(shade).save(place / f"{row}.png")
    file = tmp_path / "channel.yaml"
    file.write_text(
        "channel: faces\ndata: faces\ngovern: []\n"
        "train: {task: classify, target: label, algorithm: logistic, budget: 10 s}\n"
        "outlets: [server]\n",
        encoding="utf-8",
    )
    picture = tmp_path / "faces" / "light" / "1.png"
    with Workspace(tmp_path / ".lingqu") as workspace:
        workspace.run(file)
        here = workspace.call("faces", picture)
        workspace.deploy("faces")
        try:
            said = workspace.call("faces", picture)
            by_name = workspace.call("faces", [{"image": str(picture)}])
            with pytest.raises(DataError):
                workspace.call("faces", [{"image": str(tmp_path / "absent.png")}])
        finally:
            workspace.undeploy("faces")
    assert said[0]["prediction"] == here[0]["prediction"] == "light"
    assert by_name[0]["prediction"] == "light"
