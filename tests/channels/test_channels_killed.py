"""Runs of nets and of models from elsewhere that are killed −9 in the middle, and go on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import chdir
from functools import partial
from pathlib import Path

import lightgbm
import numpy as np
import polars as pl
import psutil
import pytest
from tests.learn.brought_tables import TOWNS, numbers, table
from tests.learn.pretrained_folders import text_folder
from tests.learn.reply_tables import phrases
from tests.walked import states

import lingqu
from lingqu.core.nouns import Dataset, Run
from lingqu.workspace import Workspace

pytestmark = pytest.mark.slow
CHANNELS = {
    "pretrained": """\
data: {source: rows.csv, split: random, kinds: {text: text}}
govern: []
train:
  task: classify
  target: y
  budget: 60 s
  workers: 1
  folds: 2
  refit: false
  algorithm: {pretrained: {path: reader, rung: lora, epochs: 2, context: 20}}
""",
    "compressed": """\
data: {source: rows.csv, split: random}
govern: []
train:
  task: classify
  target: y
  budget: 60 s
  workers: 1
  folds: 2
  refit: true
  algorithm: {mlp: {hidden: [96, 64], epochs: 6}}
  optimise: ["compress(loss <= 0.2)"]
  limits: ["size <= 14 kB"]
""",
    "imported": """\
data: rows.csv
train: {task: classify, target: y, model: {lightgbm: {path: model.txt, levels: {town: TOWNS}}}}
""".replace("TOWNS", str(list(TOWNS))),
    "decoder": """\
data: {source: rows.csv, split: random, kinds: {text: text, y: text}}
train:
  task: translate
  target: y
  budget: 60 s
  workers: 1
  algorithm: {decoder: {epochs: 20, width: 16, layers: 1, heads: 2, most: 12}}
""",
}
TREES, ROWS = 4000, 8000
"""Of what is brought in: a stage of a few hundredths of a second is over before anyone looks."""
STAGES = ("data", "govern", "train", "check", "release")


def reading(rows: int = 80) -> pl.DataFrame:
    """Texts of which one word tells the class."""
    random = np.random.default_rng(0)
    words = ["the", "low", "middle", "high", "water", "lock", "gate", "today", "open", "now"]
    moods = ["good" if at % 2 else "bad" for at in range(rows)]
    texts = [" ".join(random.permutation([*random.choice(words, 5), mood])) for mood in moods]
    return pl.DataFrame({"text": texts, "y": moods})


def sums(rows: int = 240) -> pl.DataFrame:
    """Numbers, and whether two of them are together above zero."""
    x = np.random.default_rng(0).normal(size=(rows, 6))
    names = {f"x{at}": x[:, at].round(3) for at in range(6)}
    return pl.DataFrame({**names, "y": np.where(x[:, 0] + x[:, 1] > 0, "yes", "no")})


def brought() -> Dataset:
    """Rows of a model from elsewhere: so many that every stage takes a while."""
    return table("two", ("age", "size", "town"), rows=ROWS)


def written(name: str, folder: Path) -> Path:
    """Write a channel, its rows and the model that it brings; return the folder."""
    folder.mkdir()
    rows: Mapping[str, Callable[[], pl.DataFrame]] = {
        "pretrained": reading, "compressed": sums, "decoder": lambda: phrases(120).frame,
        "imported": lambda: brought().frame.rename({"two": "y"}),
    }  # fmt: skip
    frame = rows[name]()
    frame.write_csv(folder / "rows.csv")
    (folder / "channel.yaml").write_text(f"channel: {name}\n{CHANNELS[name]}", encoding="utf-8")
    if name == "pretrained":
        shutil.copytree(text_folder(), folder / "reader")
    if name == "imported":
        x = numbers(brought())
        data = lightgbm.Dataset(x, frame["y"].to_numpy() == "yes",
                                feature_name=["age", "size", "town"])  # fmt: skip
        wish = {"objective": "binary", "num_leaves": 31, "verbose": -1, "num_threads": 1}
        lightgbm.train(wish, data, TREES).save_model(folder / "model.txt")
    return folder


def fits_of(folder: Path) -> dict[str, int]:
    """Return the fits that a run has kept, and when each was written."""
    kept = (folder / ".lingqu" / "blobs" / "candidates").glob("*.fit")
    return {path.name: path.stat().st_mtime_ns for path in kept}


def under_way(folder: Path, stage: str) -> bool:
    """Tell whether a run is in a stage, as its ledger says."""
    if not (folder / ".lingqu" / "ledger.db").exists():
        return False
    with lingqu.open(folder / ".lingqu") as workspace:
        return any(states(run).get(stage) == "running" for run in workspace.runs())


def killed(folder: Path, now: Callable[[], bool]) -> None:
    """Start a run and kill it with all its processes as soon as `now` says so."""
    process = subprocess.Popen(
        [Path(sys.executable).with_name("lingqu"), "run"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not now():
        assert process.poll() is None, process.communicate()[1].decode()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def orphans(folder: Path) -> list[int]:
    """Return the processes that still work in a folder, once they had time to notice."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        left = [p.pid for p in psutil.process_iter(["cwd"]) if p.info["cwd"] == str(folder)]
        if not left:
            break
        time.sleep(0.05)
    return left


def undisturbed(name: str, folder: Path) -> Run:
    with chdir(written(name, folder)), Workspace(folder / ".lingqu") as workspace:
        return workspace.run("channel.yaml")


def gone_on(folder: Path) -> tuple[Run, Run]:
    """Walk on after a kill; return the run that was killed and the one that ended."""
    with chdir(folder), lingqu.open(folder / ".lingqu") as workspace:
        before = workspace.runs()[0]
        done = workspace.run("channel.yaml")
        first = workspace.show(before.id)
        assert (first.state, done.state) == ("failed", "done")
        assert workspace.audit().ok and workspace.release(done.release).replay() == []
    return before, done


@pytest.mark.parametrize(("name", "fits"), [("pretrained", 2), ("compressed", 5), ("decoder", 1)])
def test_a_run_of_nets_goes_on(name: str, fits: int, tmp_path: Path) -> None:
    """Killed between two fits; the compressed one after all of them, while forms are made."""
    folder = written(name, tmp_path / "killed")
    killed(folder, lambda: len(fits_of(folder)) >= fits)
    kept = fits_of(folder)
    assert orphans(folder) == []
    before, done = gone_on(folder)
    assert [states(before)[stage] for stage in STAGES[:3]] == ["done", "done", "running"]
    assert [states(done)[stage] for stage in STAGES[:3]] == ["reused", "reused", "done"]
    still = fits_of(folder)
    assert {file: still[file] for file in kept} == kept
    assert done.release == undisturbed(name, tmp_path / "whole").release


def test_a_run_of_a_model_from_elsewhere_goes_on(tmp_path: Path) -> None:
    """Killed twice: while the model is brought in, and while it is judged."""
    folder = written("imported", tmp_path / "killed")
    for at, stage in ((2, "train"), (3, "check")):
        killed(folder, partial(under_way, folder, stage))
        assert orphans(folder) == []
        with lingqu.open(folder / ".lingqu") as workspace:
            before = states(workspace.runs()[0])
        assert before[stage] == "running" and set(before) == set(STAGES[: at + 1])
    _, done = gone_on(folder)
    assert [states(done)[name] for name in STAGES] == ["reused"] * 3 + ["done"] * 2
    assert done.release == undisturbed("imported", tmp_path / "whole").release
