"""Tags, talks and vectors: from the channel file to an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.learn.reply_tables import phrases, tagged

from lingqu import Workspace
from lingqu.core.errors import DataError
from lingqu.core.nouns import Run

TAGS = """\
channel: tags
data: {source: rows.csv, split: random, kinds: {text: text}}
train:
  task: tag
  target: y
  budget: 20 s
  algorithm: [usual_tags, {tagger: {epochs: 4, width: 16}}]
release: {require: ["token_accuracy >= 0.9"]}
"""
TALKS = """\
channel: talks
data: {source: rows.csv, split: random, kinds: {text: text}}
train:
  task: chat
  target: y
  budget: 30 s
  algorithm: [{decoder: {epochs: 3, width: 16, layers: 1, heads: 2, context: 64, most: 12}}]
release: {require: ["perplexity <= 100"]}
"""
PAIRS = """\
channel: pairs
data: {source: rows.csv, split: random, kinds: {text: text, y: text}}
train: {task: embed, target: y, budget: 20 s, algorithm: [{ngram_axes: {width: 16}}]}
release: {require: ["mrr >= 0.2"]}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace; what is opened in it is closed."""
    with Workspace(tmp_path / ".lingqu") as opened:
        yield opened
        for channel in opened.home.ledger.channels.names():
            opened.undeploy(channel)


def walked(folder: Path, workspace: Workspace, channel: str, rows: pl.DataFrame) -> Run:
    rows.write_csv(folder / "rows.csv")
    path = folder / "channel.yaml"
    path.write_text(channel, encoding="utf-8")
    run = workspace.run(path)
    assert run.state == "done", run.summary
    workspace.deploy(run.channel)
    return run


@pytest.mark.slow
def test_tokens_are_tagged_and_a_crooked_row_is_refused_at_the_door(
    tmp_path: Path, workspace: Workspace
) -> None:
    rows = tagged(200).frame
    run = walked(tmp_path, workspace, TAGS, rows)
    assert run.summary["test"]["token_f1"] > 0.9
    (answer,) = workspace.call("tags", [{"text": "the boat opens a canal"}])
    assert answer["prediction"] == list("DNVDN")
    assert answer["tokens"] == ["the", "boat", "opens", "a", "canal"]
    crooked = rows.with_columns(y=pl.when(pl.int_range(200) == 6).then(pl.lit("N")).otherwise("y"))
    crooked.write_csv(tmp_path / "rows.csv")
    with pytest.raises(DataError, match="Row 7"):
        workspace.run(tmp_path / "channel.yaml")


@pytest.mark.slow
def test_a_talk_is_answered_whether_it_comes_as_text_or_as_messages(
    tmp_path: Path, workspace: Workspace
) -> None:
    run = walked(tmp_path, workspace, TALKS, phrases(200).frame)
    findings = {finding.subject: finding for finding in workspace.findings(run.id)}
    assert (findings["perplexity"].value or 0) > 1
    said = [{"role": "user", "content": "open the file"}]
    one, other = (
        workspace.call("talks", [{"text": cell}])[0]
        for cell in ("open the file", str(said).replace("'", '"'))
    )
    assert one["prediction"] == other["prediction"] and one["cut"] == 0
    assert len(one["prediction"]) <= 12 and 0 < one["confidence"] <= 1


@pytest.mark.slow
def test_pairs_lie_near_each_other(tmp_path: Path, workspace: Workspace) -> None:
    run = walked(tmp_path, workspace, PAIRS, phrases(200).frame)
    assert run.summary["test"]["mrr"] > 0.2
    rows = [{"text": text} for text in ("save the page", "保存页面", "删除图片")]
    here, near, far = (np.array(answer["prediction"]) for answer in workspace.call("pairs", rows))
    assert here @ near > here @ far
