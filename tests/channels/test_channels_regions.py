"""Intervals and sets from the channel file to the report: the whole path."""

from __future__ import annotations

from pathlib import Path

import pytest

from lingqu import Workspace
from lingqu.release.release import Release
from lingqu.store.folders import release_folder

pytestmark = pytest.mark.slow
CHANNELS = {
    "regress": """\
channel: progression
data: {source: "sklearn:diabetes", protected: [sex]}
train: {task: regress, target: progression, algorithm: elastic_net, budget: 3 s, coverage: 0.9}
release: {require: ["coverage >= 0.75"]}
""",
    "classify": """\
channel: cultivars
data: "sklearn:wine"
train: {task: classify, target: cultivar, algorithm: logistic, budget: 3 s, coverage: 0.9}
release: {require: ["coverage >= 0.75"]}
""",
}


def test_what_is_stated_is_measured_shown_and_answered(tmp_path: Path) -> None:
    with Workspace(tmp_path / ".lingqu") as workspace:
        for task, text in CHANNELS.items():
            path = tmp_path / f"{task}.yaml"
            path.write_text(text, encoding="utf-8")
            _walk(workspace, task, path)


def _walk(workspace: Workspace, task: str, path: Path) -> None:
    run = workspace.run(path)
    assert run.state == "done", run.summary
    test = run.summary["test"]
    assert test["coverage"] > 0.75
    assert ("interval_width" if task == "regress" else "set_size") in test
    release = Release.open(release_folder(workspace.home, run.release))
    assert release.manifest.coverage == 0.9
    golden = release.golden["rows"]
    answers = workspace.call(run.channel, [row["input"] for row in golden])
    for answer, row in zip(answers, golden, strict=True):
        if task == "regress":
            assert answer["low"] < answer["prediction"] < answer["high"]
            assert answer["low"] == pytest.approx(row["output"]["low"], rel=1e-6)
        else:
            assert answer["prediction"] == answer["set"][0]
            assert answer["set"] == row["output"]["set"]
    page = workspace.report(run.id).read_text(encoding="utf-8")
    assert "How sure an answer is" in page and "答案有多可靠" in page
    found = {finding.subject for finding in release.findings}
    assert ("coverage.group(sex)" if task == "regress" else "coverage") in found
