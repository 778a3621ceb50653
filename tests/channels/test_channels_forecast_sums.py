"""Forecasts of series named by two columns, of their sums, with quantiles: the whole path."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import orjson
import pytest
from tests.learn.test_learn_forecast_sums import DAYS, asked, stores

from lingqu import Workspace
from lingqu.core.errors import DataError, SpecError
from lingqu.outlets.calling.messages import answers_of
from lingqu.outlets.reading.forms import metadata, rows_in, rows_out, tensors_out
from lingqu.outlets.served import Served
from lingqu.outlets.telling.openapi import document
from lingqu.store.folders import release_folder

CHANNEL = """\
channel: stores
data: {source: stores.csv, group: [region, store]}
train:
  {task: forecast, target: sales, horizon: 7, budget: 6 s, algorithm: theta, gaps: zero,
   quantiles: [0.9, 0.1], hierarchy: [region]}
release: {require: ["sums.mase(total) <= 3", "sums.coverage(region) >= 0"]}
"""


def _written(folder: Path, text: str = CHANNEL) -> Path:
    stores().frame.write_csv(folder / "stores.csv")
    (folder / "channel.yaml").write_text(text, encoding="utf-8")
    return folder / "channel.yaml"


@pytest.mark.slow
def test_sums_and_quantiles_go_through_the_whole_path(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / ".lingqu")
    run = workspace.run(_written(tmp_path))
    assert run.state == "done" and run.summary["test"]["mase"] < 3
    rows = asked(("north", "a"), ("north", "b"), ("north", None), (None, None)).to_dicts()
    said = workspace.call("stores", rows)
    assert said[2]["prediction"] == pytest.approx(said[0]["prediction"] + said[1]["prediction"])
    assert list(said[3])[-2:] == ["quantile.0.1", "quantile.0.9"]
    with ThreadPoolExecutor(1) as threads:
        served = Served.open(release_folder(workspace.home, run.release), threads)
        sent = msgspec.json.decode(msgspec.json.encode({"rows": rows}))
        columns = rows_in(served, sent, 100)
        answer = served.run([columns])[0]
        reply = rows_out(served, columns, answer, ["i"] * 4, False)
        assert reply["levels"] == [0.1, 0.9]
        sent_back = orjson.loads(orjson.dumps(reply, option=orjson.OPT_SERIALIZE_NUMPY))
        assert answers_of(sent_back)[3]["quantile.0.9"] == pytest.approx(said[3]["quantile.0.9"])
        tensors = tensors_out(served, {}, columns, answer)["outputs"]
        assert tensors[-1]["shape"] == [4, 2]
        assert metadata(served, [])["outputs"][-1]["name"] == "quantiles"
        described = msgspec.json.encode(document(served, "stores")).decode()
        assert '"const":[0.1,0.9]' in described
    page = (workspace.home.root / "blobs" / f"reports/{run.id}.html").read_text(encoding="utf-8")
    drawn = page.split('id="forecast"')[1].split("</section>")[0]
    assert drawn.count("<figure") == 1 + 2 + 3 and "total: * / *" in drawn
    assert "各层汇总" in drawn and "分位数" in drawn and "自下而上" in page


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[0.9, 0.1]", "[0.9, 1.0]", "quantiles"),
        ("[0.9, 0.1]", "[0.5, 0.5]", "each once"),
        ("hierarchy: [region]", "hierarchy: [town]", r"'town'.*region, store"),
        ("hierarchy: [region]", "hierarchy: [region, region]", "each column once"),
        ("group: [region, store]", "group: []", "group: .region, store."),
        ("group: [region, store]", "group: [region, region]", "two uses"),
        ("group: [region, store]", "group: [region, sales]", "data.group"),
    ],
)
def test_what_is_unclear_is_refused_at_the_door(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    path = _written(tmp_path, CHANNEL.replace(old, new))
    with pytest.raises(SpecError, match=words):
        Workspace(tmp_path / ".lingqu").plan(path)


def test_several_columns_name_series_and_nothing_else(tmp_path: Path) -> None:
    text = """\
channel: stores
data: {source: stores.csv, group: [region, store]}
train: {task: regress, target: sales}
"""
    with pytest.raises(SpecError, match=r"region, store.*one column"):
        Workspace(tmp_path / ".lingqu").plan(_written(tmp_path, text))


def test_series_that_end_apart_are_refused_at_plan_where_sums_are_asked(tmp_path: Path) -> None:
    path = _written(tmp_path, CHANNEL.replace("gaps: zero", "gaps: fill"))
    frame = stores().frame
    frame.filter((frame["store"] != "b") | (frame["date"] < frame["date"][DAYS - 9])).write_csv(
        tmp_path / "stores.csv"
    )
    with pytest.raises(DataError, match=r"'north / b' ends at"):
        Workspace(tmp_path / ".lingqu").plan(path)
