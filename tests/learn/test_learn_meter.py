"""The meter of a training: counted where the kernel counts, estimated elsewhere, and said."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from tests.learn.test_learn_deep import digits, few, nothing

from lingqu.core.ports import Budget
from lingqu.learn.deep.mlp import Mlp
from lingqu.learn.meter import CORE_W, GB_W, Meter


def counters(folder: Path, *uj: int, most: int = 10_000_000) -> None:
    for number, value in enumerate(uj):
        for path in (folder / f"intel-rapl:{number}", folder / f"intel-rapl:{number}:0"):
            path.mkdir(parents=True, exist_ok=True)
            (path / "energy_uj").write_text(f"{value}\n")
            (path / "max_energy_range_uj").write_text(f"{most}\n")


def test_counters_of_whole_sockets_are_added(tmp_path: Path) -> None:
    counters(tmp_path, 1_000_000, 5_000_000)
    meter = Meter(tmp_path)
    counters(tmp_path, 3_500_000, 6_000_000)
    used = meter.read()
    assert used.energy_by == "rapl" and used.energy_j == pytest.approx(3.5)


def test_a_counter_that_began_anew_is_understood(tmp_path: Path) -> None:
    counters(tmp_path, 9_000_000)
    meter = Meter(tmp_path)
    counters(tmp_path, 500_000)
    assert meter.read().energy_j == pytest.approx(1.5)


def test_a_counter_that_is_hidden_gives_an_estimate(tmp_path: Path) -> None:
    (tmp_path / "intel-rapl:0").mkdir()
    assert Meter(tmp_path).read().energy_by == "estimate"


def test_the_estimate_is_that_of_its_source(tmp_path: Path) -> None:
    meter = Meter(tmp_path)
    assert sum(i * i for i in range(300_000)) > 0
    used = meter.read()
    memory_w = GB_W * used.peak_mb / 1024
    assert used.cpu_s > 0 and used.wall_s > 0
    assert used.energy_j == pytest.approx(CORE_W * used.cpu_s + memory_w * used.wall_s)


def test_a_net_notes_how_it_computed_and_logs_what_it_used(
    caplog: pytest.LogCaptureFixture,
) -> None:
    train, valid = few(digits())
    learner = Mlp(epochs=2, precision="auto")
    with caplog.at_level(logging.INFO, "lingqu.learn"):
        one = learner.fit(train, valid, Budget(60), nothing)
    told = one.members[0].notes["training"]
    assert told["threads"] == 1 and told["precision"] == "float32" and told["precision_why"]
    assert "training of mlp: {'cpu_s': " in caplog.text and "'energy_j': " in caplog.text
    # Seconds are no part of a model: the same rows and seed give the same one.
    assert learner.fit(train, valid, Budget(60), nothing) == one
