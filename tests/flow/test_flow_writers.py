"""A channel with a pre-trained decoder, from its file to an answer that a request asks for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.learn.reply_tables import phrases
from tests.learn.writer_folders import folder_of

import lingqu
from lingqu.core.errors import DataError, SpecError

CHANNEL = """
channel: words
data: {source: phrases.csv, kinds: {text: text}, split: random}
train:
  task: translate
  target: y
  budget: 60 s
  memory: 4 GB
  algorithm: [{pretrained_decoder: {path: small, rung: prompt, most: 4, context: 64, bits: 8}}]
"""


@pytest.mark.slow
def test_a_channel_finds_its_folder_and_a_request_says_how_to_write(tmp_path: Path) -> None:
    frame = phrases(60).frame.with_row_index("n").unique("text", keep="first")
    frame.drop("n").write_csv(tmp_path / "phrases.csv")
    shutil.copytree(folder_of("llama", True), tmp_path / "small")
    (tmp_path / "channel.yaml").write_text(CHANNEL, encoding="utf-8")
    with lingqu.open(tmp_path / "workspace") as opened:
        run = opened.run(tmp_path / "channel.yaml")
        assert run.release is not None
        rows = [{"text": "open the file"}]
        (usual,), (short,) = (
            opened.call("words", rows, options=options) for options in (None, {"max_tokens": 1})
        )
        assert len(short["prediction"]) <= len(usual["prediction"]) and not short["ended"]
        with pytest.raises(DataError, match="temperature"):
            opened.call("words", rows, options={"temperature": -1})
    (tmp_path / "small" / "tokenizer.json").unlink()
    with (
        lingqu.open(tmp_path / "workspace") as opened,
        pytest.raises(SpecError, match=r"lacks 'tokenizer\.json'"),
    ):
        opened.plan(tmp_path / "channel.yaml")
