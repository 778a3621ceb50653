"""`lingqu score` as a user types it, and the bar that a terminal shows."""

from __future__ import annotations

import io
import json

import polars as pl
from rich.console import Console
from tests.cli.terminal import Terminal

from lingqu.cli.score import Bar
from lingqu.flow.score import Progress


def test_a_file_is_answered_and_bad_rows_are_told(lingqu: Terminal):
    frame = pl.read_csv(lingqu.folder / "people.csv", infer_schema=False).drop("churned")
    ages = ["old" if i == 4 else age for i, age in enumerate(frame["age"].to_list())]
    frame.with_columns(pl.Series("age", ages)).write_csv(lingqu.folder / "new.csv")
    shown = lingqu("score", "churn", "new.csv", "--out", "out.csv", "--keep", "person")
    assert f"answered {frame.height} rows" in shown and "1 of them could not be read" in shown
    found = pl.read_csv(lingqu.folder / "out.csv")
    assert found["person"].to_list() == frame["person"].to_list()
    assert found["prediction"].null_count() == 1
    line = json.loads((lingqu.folder / "out.csv.bad.jsonl").read_text())
    assert line["row"] == 5 and "'old'" in line["reason"]

    told = lingqu.json("score", "churn", "new.csv", "--out", "out.parquet")
    assert (told["rows"], told["bad"], told["kept"]) == (frame.height, 1, 0)
    lingqu("score", "churn", "new.csv", "--out", "out.csv", "--most-bad", "0")
    assert lingqu.code == 1 and "row 5" in lingqu.err


def test_the_bar_tells_rows_rate_and_time_left():
    screen = io.StringIO()
    with Bar("in.csv", Console(file=screen, force_terminal=True, width=100)) as bar:
        for rows in (0, 1_000, 2_000):
            bar.hear(Progress(rows, 0, 0, 10_000))
        bar.refresh()
        shown = screen.getvalue()
    assert "in.csv: 2,000 rows" in shown and "rows/s" in shown and "s left" in shown
    quiet = io.StringIO()
    with Bar("in.csv", Console(file=quiet)) as bar:
        bar.hear(Progress(5, 0, 0, None))
    assert quiet.getvalue() == ""
