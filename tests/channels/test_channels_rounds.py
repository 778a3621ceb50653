"""Runs of the tasks flag and recommend that are killed −9 in the middle, and go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from tests.learn.basket_tables import shop
from tests.learn.flag_tables import machines

import lingqu

pytestmark = pytest.mark.slow
ROWS: dict[str, pl.DataFrame] = {"shop": shop(users=50).frame, "machines": machines(300).frame}
CHANNELS = {
    "shop": (
        "channel: shop\ndata: {source: shop.csv, group: user, time: moment}\n"
        "train: {task: recommend, target: item, budget: 40 s, workers: 1, "
        "algorithm: [item_knn, {ease: {penalty: 20}}, {ease: {penalty: 50}}, {bpr: {factors: 8}}]}"
    ),
    "machines": (
        "channel: machines\ndata: machines.csv\n"
        "train: {task: flag, target: y, budget: 40 s, workers: 1, "
        "algorithm: [mahalanobis, linear_autoencoder, isolation_forest, lof]}"
    ),
}


@pytest.mark.parametrize("name", CHANNELS)
def test_finished_fits_of_a_killed_run_are_not_fitted_again(name: str, tmp_path: Path) -> None:
    ROWS[name].write_csv(tmp_path / f"{name}.csv")
    (tmp_path / "channel.yaml").write_text(CHANNELS[name] + "\n")
    killed = subprocess.Popen(
        [Path(sys.executable).with_name("lingqu"), "run"],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    fits = tmp_path / ".lingqu" / "blobs" / "candidates"
    deadline = time.monotonic() + 60
    while not (fits.is_dir() and len(list(fits.glob("*.fit"))) > 1):
        assert killed.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in fits.glob("*.fit")}
    with lingqu.open(tmp_path / ".lingqu") as workspace:
        (before,) = workspace.runs()
        done = workspace.run(tmp_path / "channel.yaml")
        assert (before.state, done.state) == ("running", "done")
    # What was fitted again would have been written again.
    still = {path.name: path.stat().st_mtime_ns for path in fits.glob("*.fit")}
    assert {file: still[file] for file in kept} == kept and len(still) > len(kept)
