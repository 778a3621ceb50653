"""Tasks whose answers are texts: from the channel file to a server, its log and its watch."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from tests.learn.reply_tables import phrases

from lingqu import Workspace
from lingqu.core.errors import SpecError
from lingqu.release.release import Release
from lingqu.store.folders import release_folder

pytestmark = pytest.mark.slow
CHANNEL = """\
channel: commands
data: {source: commands.csv, split: random}
train: {task: translate, target: y, budget: 5 s}
release: {require: ["chrf >= 0.5", "exact_match >= 0.3"]}
outlets: [server]
access: {keys: [app]}
"""


def test_a_text_is_learnt_judged_served_and_watched(tmp_path: Path) -> None:
    phrases(240).frame.write_csv(tmp_path / "commands.csv")
    path = tmp_path / "channel.yaml"
    path.write_text(CHANNEL, encoding="utf-8")
    with Workspace(tmp_path / ".lingqu") as workspace:
        run = workspace.run(path)
        assert run.state == "done", run.summary
        assert run.summary["test"]["chrf"] > 0.5
        release = Release.open(release_folder(workspace.home, run.release))
        golden = release.golden["rows"]
        assert golden[0]["output"].keys() == {"prediction", "confidence", "nearest"}
        page = workspace.report(run.id).read_text(encoding="utf-8")
        assert "打开文件" in page or "打开页面" in page
        samples = page[page.index('id="samples"') : page.index('id="findings"')]
        # A text is no class: whether it is good enough is told by scores, not by a cross.
        assert "test rows, spread" in samples and "✗" not in samples
        opened = workspace.deploy("commands")
        address, key = opened.outlets[0].address, opened.secrets["app"]
        try:
            _asked(address, key, [row["input"] for row in golden], golden)
            rows = [{"text": "save the page"}, {"text": "close the list"}]
            answers = workspace.call("commands", rows, key)
            assert [answer["prediction"] for answer in answers] == ["保存页面", "关闭列表"]
        finally:
            workspace.undeploy("commands")


def _asked(
    address: str, key: str, rows: list[dict[str, str]], golden: list[dict[str, dict[str, str]]]
) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(timeout=30, headers=headers) as client:
        said = client.post(f"{address}/c/commands", json={"rows": rows}).json()
        assert said["predictions"] == [row["output"]["prediction"] for row in golden]
        assert len(said["confidence"]) == len(said["beside"]["nearest"]) == len(rows)
        told = client.get(f"{address}/v2/models/commands").json()["outputs"]
        assert [output["name"] for output in told] == ["prediction", "confidence", "nearest"]
        tensor = {"name": "text", "datatype": "BYTES", "shape": [1], "data": ["open the file"]}
        reply = client.post(f"{address}/v2/models/commands/infer", json={"inputs": [tensor]}).json()
        assert reply["outputs"][0]["data"] == ["打开文件"]
        described = client.get(f"{address}/openapi.json")
        assert described.status_code == 200 and '"beside"' in described.text


def test_a_score_that_cannot_decide_is_refused_at_the_door(tmp_path: Path) -> None:
    phrases(60).frame.write_csv(tmp_path / "commands.csv")
    path = tmp_path / "channel.yaml"
    path.write_text(CHANNEL.replace("budget", "metric: perplexity, budget"), encoding="utf-8")
    with Workspace(tmp_path / ".lingqu") as workspace:
        with pytest.raises(SpecError, match="chrf, bleu"):
            workspace.run(path)
        assert workspace.runs() == []


def test_a_score_of_another_task_is_refused_at_the_door(tmp_path: Path) -> None:
    phrases(60).frame.write_csv(tmp_path / "commands.csv")
    path = tmp_path / "channel.yaml"
    path.write_text(CHANNEL.replace("chrf >= 0.5", "accuracy >= 0.5"), encoding="utf-8")
    with Workspace(tmp_path / ".lingqu") as workspace, pytest.raises(SpecError, match="accuracy"):
        workspace.run(path)
