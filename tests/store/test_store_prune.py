"""Retention: what goes, what stays, and what a crash in the middle leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from lingqu.core.nouns import (
    Backend,
    Candidate,
    Finding,
    ReleaseRecord,
    ReleaseState,
    Route,
    Run,
    StageRecord,
)
from lingqu.core.ports import Blobs
from lingqu.store.blobs import open_blobs
from lingqu.store.ledger import Ledger
from lingqu.store.prune import PruneReport, prune
from lingqu.store.quotas import Claim, Window
from lingqu.store.tables import runs
from lingqu.store.usage import Used

NOW = "2026-11-30T00:00:00.000000+00:00"


def at(day: int) -> str:
    return f"2026-11-{day:02}T00:00:00.000000+00:00"


def digest(name: str) -> str:
    return name.ljust(16, "0")


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return open_blobs(str(tmp_path / "blobs"))


def walk(
    ledger: Ledger, blobs: Blobs, day: int, channel: str = "digits", state: ReleaseState = "retired"
) -> str:
    """One finished run that left one of everything."""
    name = digest(f"{channel}-{day}-")
    blobs.write(f"datasets/{name}.parquet", b"rows")
    blobs.write(f"models/{name}.lqm", b"model")
    blobs.write(f"candidates/{name}.lqm", b"fit")
    blobs.write(f"releases/{name}/release.json", b"{}")
    blobs.write(f"reports/{name}.html", b"<html>")
    ledger.runs.start(Run(name, channel, "v", "running", at(day)))
    ledger.datasets.put(name, channel, "train", f"datasets/{name}.parquet", [], {}, 1, [], at(day))
    result = {"train": {"digest": name}, "blobs": [f"models/{name}.lqm"]}
    stage = StageRecord("train", f"key-{name}", "done", 1.0, result)
    ledger.stages.put(stage, at(day))
    ledger.runs.stage(name, stage)
    ledger.candidates.add(
        name, f"fit-{name}", Candidate("svm", "svm", "done"), f"candidates/{name}.lqm"
    )
    ledger.findings.add(channel, name, "gate", at(day), [Finding("metrics", "roc_auc", 0.9)])
    ledger.releases.put(ReleaseRecord(name, channel, name, state, at(day)))
    ledger.events.append("run.done", name, {}, at(day))
    ledger.runs.finish(name, "done", at(day), name)
    return name


def paths(blobs: Blobs, name: str) -> int:
    return sum(name in path for path in blobs.list(""))


class TestPrune:
    def test_the_old_goes_and_the_young_and_the_newest_stay(
        self, ledger: Ledger, blobs: Blobs
    ) -> None:
        old, older = walk(ledger, blobs, 2), walk(ledger, blobs, 1)
        young = walk(ledger, blobs, 29)
        lonely = walk(ledger, blobs, 1, "iris")
        report = prune(ledger, blobs, NOW, keep_days=10, keep_last=1)
        size = len(b"rowsmodelfit{}<html>")
        assert report == PruneReport(2, 2, 2, 2, 0, 2, 2, blobs=10, bytes=2 * size)
        assert {run.id for run in ledger.runs.list()} == {young, lonely}
        assert [paths(blobs, name) for name in (old, older, young, lonely)] == [0, 0, 5, 5]
        assert ledger.events.head().count == 4
        assert ledger.events.verify().ok
        assert [ledger.candidates.list(n) != [] for n in (old, young)] == [False, True]
        assert prune(ledger, blobs, NOW, keep_days=10, keep_last=1) == PruneReport()

    def test_a_dry_run_says_the_same_and_removes_nothing(
        self, ledger: Ledger, blobs: Blobs
    ) -> None:
        for day in (1, 2, 3):
            walk(ledger, blobs, day)
        listed, revision = blobs.list(""), ledger.revision()
        dry = prune(ledger, blobs, NOW, 10, 1, dry_run=True)
        assert (blobs.list(""), len(ledger.runs.list()), ledger.revision()) == (listed, 3, revision)
        assert replace(dry, dry_run=False) == prune(ledger, blobs, NOW, 10, 1)
        assert dry.runs == 2 and dry.blobs == 10

    @pytest.mark.parametrize("state", ["candidate", "approved", "live", "blocked"])
    def test_a_release_that_is_not_retired_keeps_its_bytes(
        self, ledger: Ledger, blobs: Blobs, state: ReleaseState
    ) -> None:
        name = walk(ledger, blobs, 1, state=state)
        walk(ledger, blobs, 29)
        prune(ledger, blobs, NOW, 10, 1)
        assert ledger.releases.get(name).state == state
        assert f"releases/{name}/release.json" in blobs.list("")
        kept = {run.id for run in ledger.runs.list()}
        assert (name in kept) == (state in ("approved", "live"))

    def test_what_a_route_falls_back_to_stays(self, ledger: Ledger, blobs: Blobs) -> None:
        first, second, third = (walk(ledger, blobs, day) for day in (1, 2, 29))
        ledger.routes.set(Route("digits", (Backend(second, 1.0),), ""))
        ledger.routes.set(Route("digits", (Backend(third, 1.0),), first))
        prune(ledger, blobs, NOW, 10, 1)
        assert {run.id for run in ledger.runs.list()} == {first, third}
        assert [r.digest for r in ledger.releases.list()] == [third, first]
        assert (paths(blobs, first), paths(blobs, second)) == (5, 0)

    def test_a_stage_used_lately_is_kept_without_its_run(
        self, ledger: Ledger, blobs: Blobs
    ) -> None:
        name = walk(ledger, blobs, 1)
        walk(ledger, blobs, 29)
        ledger.stages.touch(f"key-{name}", at(28))
        report = prune(ledger, blobs, NOW, 10, 1)
        assert (report.runs, report.stages) == (1, 0)
        assert blobs.list("models") == [
            f"models/{digest(n)}.lqm" for n in ("digits-1-", "digits-29-")
        ]
        assert blobs.list("datasets")[0] == f"datasets/{name}.parquet"

    def test_usage_and_live_findings_age(self, ledger: Ledger, blobs: Blobs) -> None:
        for hour in (1_000_000_800, 4_000_000_800):
            ledger.usage.add([Used("k", "digits", "", hour, 1)])
            ledger.quotas.claim([Claim(Window("k", "rows", "h", hour), 9.0, 1.0, 0.0)])
        for day in (1, 29):
            ledger.findings.add("digits", "", "live", at(day), [Finding("drift", "psi", 0.1)])
        report = prune(ledger, blobs, NOW, 10, 1)
        assert (report.usage, report.findings) == (1, 1)
        assert [used.hour for used in ledger.usage.list()] == [4_000_000_800]
        assert ledger.quotas.spent(Window("k", "rows", "h", 4_000_000_800)) == 1
        assert ledger.quotas.spent(Window("k", "rows", "h", 1_000_000_800)) == 0
        assert [r.at for r in ledger.findings.records()] == [at(29)]

    def test_bytes_that_a_crash_left_are_found(self, ledger: Ledger, blobs: Blobs) -> None:
        kept = walk(ledger, blobs, 29)
        blobs.write("models/nobody-names-this.lqm", b"12345")
        blobs.write(f"releases/{digest('gone')}/model.onnx", b"123")
        report = prune(ledger, blobs, NOW, 10, 1)
        assert (report.blobs, report.bytes, report.runs) == (2, 8, 0)
        assert paths(blobs, kept) == 5

    def test_a_crash_between_rows_and_bytes_leaves_nothing_dangling(
        self, ledger: Ledger, blobs: Blobs
    ) -> None:
        old, young = walk(ledger, blobs, 1), walk(ledger, blobs, 29)

        class Dying:
            def __init__(self, inner: Blobs, removals: int) -> None:
                self.open, self.write, self.list = inner.open, inner.write, inner.list
                self.inner, self.removals = inner, removals

            def remove(self, path: str) -> None:
                if self.removals == 0:
                    raise KeyboardInterrupt
                self.removals -= 1
                self.inner.remove(path)

        with pytest.raises(KeyboardInterrupt):
            prune(ledger, Dying(blobs, 2), NOW, 10, 1)
        assert [run.id for run in ledger.runs.list()] == [young]
        assert (paths(blobs, old), paths(blobs, young)) == (3, 5)
        assert prune(ledger, blobs, NOW, 10, 1).blobs == 3
        assert (paths(blobs, old), paths(blobs, young)) == (0, 5)

    def test_while_a_run_walks_no_bytes_go(self, ledger: Ledger, blobs: Blobs) -> None:
        old = walk(ledger, blobs, 1)
        walk(ledger, blobs, 29)
        blobs.write("models/being-made-just-now.lqm", b"x")
        ledger.runs.start(Run("walking", "digits", "v", "running", at(1)))
        assert prune(ledger, blobs, NOW, 10, 1, dry_run=True).waiting
        report = prune(ledger, blobs, NOW, 10, 1)
        assert (report.runs, report.blobs, report.waiting) == (1, 0, True)
        assert paths(blobs, old) == 5
        ledger.runs.finish("walking", "done", at(30))
        assert prune(ledger, blobs, NOW, 10, 1).blobs == 6

    def test_sweeping_stops_when_a_run_begins(self, ledger: Ledger, blobs: Blobs) -> None:
        for n in range(250):
            blobs.write(f"models/{n:03}.lqm", b"x")

        class Starting:
            def __init__(self, inner: Blobs) -> None:
                self.open, self.write, self.list = inner.open, inner.write, inner.list
                self.inner, self.removed = inner, 0

            def remove(self, path: str) -> None:
                self.inner.remove(path)
                self.removed += 1
                if self.removed == 150:
                    ledger.runs.start(Run("late", "digits", "v", "running", at(30)))

        report = prune(ledger, Starting(blobs), NOW, 10, 1)
        assert (report.blobs, report.waiting) == (200, True)
        assert len(blobs.list("models")) == 50

    def test_the_newest_version_of_a_dataset_stays(self, ledger: Ledger, blobs: Blobs) -> None:
        for name in ("one", "two"):
            blobs.write(f"datasets/{name}.parquet", b"x")
            ledger.datasets.put(
                digest(name), "digits", "train", f"datasets/{name}.parquet", [], {}, 1, [], at(1)
            )
        assert prune(ledger, blobs, NOW, 10, 1).datasets == 1
        assert [d.digest for d in ledger.datasets.list()] == [digest("two")]
        assert blobs.list("") == ["datasets/two.parquet"]

    def test_a_word_that_is_a_folder_name_keeps_nothing(self, ledger: Ledger, blobs: Blobs) -> None:
        name = walk(ledger, blobs, 29)
        ledger.runs.stage(name, StageRecord("x", "k", "done", 0, {"kind": "models", "a": "gone"}))
        blobs.write("models/gone.lqm", b"x")
        assert prune(ledger, blobs, NOW, 10, 1).blobs == 1

    def test_files_that_were_never_finished_go(
        self, sqlite_ledger: Ledger, blobs: Blobs, tmp_path: Path
    ) -> None:
        blobs.write("models/left.lqm", b"x")
        half = tmp_path / "blobs" / ".partial" / "0123"
        for _ in range(2):
            half.parent.mkdir(exist_ok=True)
            half.write_bytes(b"half")
            prune(sqlite_ledger, blobs, NOW, 10, 1)
            assert not half.exists()

    def test_a_run_whose_process_died_does_not_hold_the_sweep(
        self, sqlite_ledger: Ledger, blobs: Blobs
    ) -> None:
        sqlite_ledger.runs.start(Run("dead", "digits", "v", "running", at(1)))
        with sqlite_ledger.transaction() as connection:
            process = connection.execute(sa.select(runs.c.process)).scalar_one()
            connection.execute(sa.update(runs).values(process={**process, "started": 1.0}))
        blobs.write("models/left.lqm", b"x")
        report = prune(sqlite_ledger, blobs, NOW, 10, 1)
        assert (report.blobs, report.waiting) == (1, False)
        assert sqlite_ledger.runs.get("dead").state == "failed"
