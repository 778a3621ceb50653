"""A channel whose outlet bears small models only: its limit picks the form that is released."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import lingqu
from lingqu.core.errors import OutletError

CHANNEL = """\
channel: small
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
outlets: [{local: {max_mb: MAX_MB}}]
"""


@pytest.mark.slow
def test_the_limit_of_an_outlet_chooses_among_the_forms(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(240, 6))
    names = {f"x{at}": x[:, at].round(3) for at in range(6)}
    y = np.where(x[:, 0] + x[:, 1] > 0, "yes", "no")
    pl.DataFrame({**names, "y": y}).write_csv(tmp_path / "rows.csv")
    path = tmp_path / "channel.yaml"
    path.write_text(CHANNEL.replace("MAX_MB", "0.014"), encoding="utf-8")
    with lingqu.open(tmp_path / ".lingqu") as workspace:
        run = workspace.run(path)
        train = next(stage.result for stage in run.stages if stage.name == "train")
        forms = {form["name"]: form for form in train["account"]["forms"]}
        assert forms["original"]["state"] == "barred"
        assert "size_mb <= 0.014" in forms["original"]["reason"]
        (name,) = (name for name, form in forms.items() if form["state"] == "chosen")
        able = [form for form in forms.values() if form["state"] in ("chosen", "kept")]
        assert forms[name]["lost"] == min(form["lost"] for form in able)
        assert workspace.release(run.release).size_mb <= 0.014
        page = workspace.report(run.id).read_text(encoding="utf-8")
        assert "size_mb" in page and name in page
        (backend,) = workspace.deploy(path).route.backends
        assert backend.release == run.release
        # What was released before is judged by the limit of today.
        path.write_text(CHANNEL.replace("MAX_MB", "0.001"), encoding="utf-8")
        with pytest.raises(OutletError, match=r"takes `max_mb: 0\.001`"):
            workspace.deploy(path)
