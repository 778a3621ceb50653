"""A channel of logged decisions: refused at the door, planned, walked, judged, served."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.learn.decision_tables import ACTIONS, decisions

from lingqu.core.errors import DataError, SpecError
from lingqu.core.spec import Channel
from lingqu.flow.control_rows import walk_of
from lingqu.flow.data_stage import source_of
from lingqu.flow.plan import plan
from lingqu.flow.validate import validate
from lingqu.report.html import render
from lingqu.workspace import Workspace

KEYS = "target: banner, reward: click, propensity: propensity"
CHANNEL = """\
channel: banners
data: log.csv
train:
  {task: control, target: banner, reward: click, propensity: propensity, budget: 20 s, workers: 1}
release: {require: ["off_policy.gain > 0", "off_policy.unsupported <= 0"]}
"""


def channel(train: str = KEYS, more: str = "") -> str:
    return f"channel: banners\ndata: log.csv\ntrain: {{task: control, {train}}}\n{more}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (channel("target: banner, reward: click"), "propensity is missing"),
        (channel("reward: click, propensity: propensity"), "target is missing"),
        (channel("target: banner"), "reward, propensity is missing"),
        (channel().replace("control", "classify"), "belongs to logged decisions"),
        (channel().replace("log.csv", '{environment: "gym:Taxi-v4"}'), "belongs to logged"),
    ],
)
def test_a_log_without_its_columns_is_refused(text: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        Channel.parse(text)
    assert says in str(caught.value)


def test_only_estimates_choose_a_policy_and_only_known_ones() -> None:
    for name in ("ips", "snips", "dm", "dr"):
        validate(Channel.parse(channel(f"{KEYS}, metric: {name}")))
    with pytest.raises(SpecError, match="accuracy"):
        validate(Channel.parse(channel(f"{KEYS}, metric: accuracy")))


def test_who_learns_by_acting_is_refused_for_a_log_and_the_other_way_round() -> None:
    with pytest.raises(SpecError, match="best_action, reward_regression, doubly_robust"):
        validate(Channel.parse(channel(f"{KEYS}, algorithm: ppo")))
    acting = channel("algorithm: doubly_robust").replace(
        "log.csv", '{environment: "gym:FrozenLake-v1"}'
    )
    with pytest.raises(SpecError, match="value_iteration"):
        validate(Channel.parse(acting))


def test_a_method_of_tables_is_refused_at_plan_where_there_is_no_table() -> None:
    text = channel("algorithm: value_iteration, episodes: 4")
    cart = Channel.parse(text.replace("log.csv", '{environment: "gym:CartPole-v1"}'))
    with pytest.raises(SpecError, match="states none"):
        plan(cart, walk_of(cart).read())


def written(folder: Path, text: str = CHANNEL, rows: int = 1500) -> Channel:
    decisions(rows).frame.write_csv(folder / "log.csv")
    (folder / "channel.yaml").write_text(text, encoding="utf-8")
    return Channel.load(folder / "channel.yaml")


def test_a_plan_tells_what_each_column_is(tmp_path: Path) -> None:
    declared = written(tmp_path)
    told = plan(declared, source_of(declared).read())
    lines = {(one.section, one.name): one.value for one in told.settings}
    assert lines["train", "algorithm"] == ["best_action", "reward_regression", "doubly_robust"]
    assert "propensity" in str(lines["data", "column propensity"])
    assert "reward" in str(lines["data", "column click"])
    assert lines["train", "metric"] == "dr"
    assert "off_policy" in lines["train", "judge"] and "leakage" not in lines["train", "judge"]


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    declared = written(tmp_path, CHANNEL.replace("reward: click", "reward: gain"))
    with pytest.raises(DataError, match="gain"):
        plan(declared, source_of(declared).read())
    with pytest.raises(DataError, match="could look at"):
        bare = CHANNEL.replace("data: log.csv", "data: {source: log.csv, drop: [age, pace, taste]}")
        declared = written(tmp_path, bare)
        plan(declared, source_of(declared).read())


def test_a_log_is_walked_judged_and_served(tmp_path: Path) -> None:
    written(tmp_path)
    opened = Workspace(tmp_path / ".lingqu")
    done = opened.run(tmp_path / "channel.yaml")
    assert done.state == "done"
    found = {f.measure: f for f in opened.findings(done.id)}
    gain = found["off_policy.gain"]
    assert gain.value is not None and gain.value > 0.1
    assert not any(measure.startswith("leakage") for measure in found)
    page = next((tmp_path / ".lingqu").glob(f"blobs/reports/{done.id}.html")).read_text("utf-8")
    assert "IPS: rewards, weighed" in page and "IPS：加权奖励" in page
    asked = decisions(5, seed=9).frame.select("age", "pace", "taste")
    said = opened.call("banners", asked)
    assert isinstance(said, pl.DataFrame) or said is not None
    assert set(ACTIONS) >= set(_labels(said))


def _labels(said: object) -> list[str]:
    frame = said if isinstance(said, pl.DataFrame) else pl.DataFrame(said)
    return list(frame.get_column("prediction"))


def test_a_report_of_a_log_that_says_nothing_says_so() -> None:
    drawn = render({"run": {}, "decisions": [{"measure": "off_policy.ips", "value": None}]})
    assert "Nothing could be estimated" in drawn
