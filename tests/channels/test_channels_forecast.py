"""A forecast from its file to its answers: the whole path."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from tests.learn.forecast_series import START, shops

from lingqu import Workspace
from lingqu.core.errors import DataError, SpecError
from lingqu.outlets.reading.forms import rows_in, rows_out
from lingqu.outlets.served import Served
from lingqu.outlets.telling.openapi import document
from lingqu.release.release import Release
from lingqu.store.folders import release_folder

pytestmark = pytest.mark.slow
CHANNEL = """\
channel: demand
data: {source: shops.csv, group: shop}
train: {task: forecast, target: sales, horizon: 7, budget: 6 s, algorithm: [theta, lag_linear]}
"""
DAYS = 90


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Any, Path]:
    folder = tmp_path_factory.mktemp("demand")
    rows = shops(days=DAYS, known=True).frame
    rows.with_columns(pl.col("advert").cast(pl.Int8)).write_csv(folder / "shops.csv")
    (folder / "channel.yaml").write_text(CHANNEL, encoding="utf-8")
    workspace = Workspace(folder / ".lingqu")
    return workspace, workspace.run(folder / "channel.yaml"), folder


def asked(day: int, shop: str = "s1", **more: Any) -> dict[str, Any]:
    return {"date": (START + dt.timedelta(days=day)).isoformat(), "shop": shop, "advert": 0} | more


def test_the_smallest_file_names_the_steps_and_finds_the_time(
    walked: tuple[Workspace, Any, Path],
) -> None:
    workspace, run, folder = walked
    assert run.state == "done" and run.summary["metric"] == "mase"
    test = run.summary["test"]
    assert 0 < test["mase"] < 1 and test["coverage"] > 0.6 and 0 < test["wql"] < 0.3
    settings = {s.name: s for s in workspace.plan(folder / "channel.yaml").settings}
    assert settings["column date"].value == "datetime, time"
    assert settings["split"].value == "horizon" and settings["horizon"].value == 7
    assert "known in advance" in settings["column advert"].why["en"]
    assert "theta" in settings["algorithm"].value


def test_forecasts_start_from_the_end_of_all_rows(walked: tuple[Workspace, Any, Path]) -> None:
    workspace, _, _ = walked
    said = workspace.call("demand", [asked(DAYS + step) for step in range(7)])
    assert all(row["low"] <= row["prediction"] <= row["high"] for row in said)
    assert len({round(row["prediction"], 3) for row in said}) == 7
    with pytest.raises(DataError, match="not after 2024-03-30"):
        workspace.call("demand", [asked(DAYS - 1)])


def test_newer_values_come_first_and_are_answered_as_they_are(
    walked: tuple[Workspace, Any, Path],
) -> None:
    workspace, _, _ = walked
    plain = workspace.call("demand", [asked(DAYS + 3)])[0]["prediction"]
    newer = [asked(DAYS + step, sales=200.0) for step in range(3)]
    said = workspace.call("demand", [*newer, asked(DAYS + 3), asked(DAYS + 9)])
    for row in said[:3]:
        assert list(row.values()) == pytest.approx([200.0] * 3, rel=1e-6)
    assert abs(said[3]["prediction"] - plain) > 1  # the same day, seen from another origin


def test_a_server_reads_newer_values_and_keeps_callers_apart(
    walked: tuple[Workspace, Any, Path],
) -> None:
    workspace, run, _ = walked
    folder = release_folder(workspace.home, run.release)
    with ThreadPoolExecutor(1) as threads:
        served = Served.open(folder, threads)
        assert not Release.open(folder).replay()

        def request(*rows: dict[str, Any]) -> Any:
            return rows_in(served, msgspec.json.decode(msgspec.json.encode({"rows": rows})), 100)

        plain = request(asked(DAYS + 1))
        newer = request(asked(DAYS, sales=400.0), asked(DAYS + 1))
        alone, together = served.run([plain])[0], served.run([newer, plain])
        assert together[1].predictions == pytest.approx(alone.predictions, rel=1e-6)
        assert together[0].predictions[0] == pytest.approx(400.0, rel=1e-6)
        assert abs(together[0].predictions[1] - alone.predictions[0]) > 1
        reply = rows_out(served, newer, together[0], ["a", "b"], False)
        assert len(reply["low"]) == len(reply["high"]) == 2
        table = served.reader.table({"date": ["2024-04-01"], "shop": ["s1"], "advert": [0]})
        assert table.height == 1
        row = document(served, "demand")["paths"]["/c/demand"]["post"]["requestBody"]
        assert "sales" in str(row)


def test_the_report_draws_series_and_steps(walked: tuple[Workspace, Any, Path]) -> None:
    workspace, run, _ = walked
    page = (workspace.home.root / "blobs" / f"reports/{run.id}.html").read_text(encoding="utf-8")
    assert 'id="forecast"' in page and "滚动起点" in page
    drawn = page.split('id="forecast"')[1].split("</section>")[0]
    assert drawn.count("<figure") == 3 and "s2" in drawn and "steps after 2024-03-23" in drawn


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("train: {task: forecast, target: sales}", "horizon"),
        ("train: {task: regress, target: sales, horizon: 3}", "task: forecast"),
        ("train: {task: forecast, target: sales, horizon: 3, metric: accuracy}", "mase"),
        ("train: {task: forecast, target: sales, horizon: 3, algorithm: ridge}", "ridge"),
    ],
)
def test_what_makes_no_sense_is_refused_at_the_door(tmp_path: Path, line: str, words: str) -> None:
    text = f"channel: demand\ndata: shops.csv\n{line}\n"
    (tmp_path / "channel.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=words):
        Workspace(tmp_path / ".lingqu").plan(tmp_path / "channel.yaml")


def test_a_table_without_dates_is_refused_at_plan(tmp_path: Path) -> None:
    pl.DataFrame({"x": range(20), "sales": [float(i % 5) for i in range(20)]}).write_csv(
        tmp_path / "shops.csv"
    )
    text = "channel: d\ndata: shops.csv\ntrain: {task: forecast, target: sales, horizon: 3}\n"
    (tmp_path / "channel.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match="time: date"):
        Workspace(tmp_path / ".lingqu").plan(tmp_path / "channel.yaml")
