"""What grows can be pruned, and a person's rows can be erased, end to end."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.walked import CHANNEL, channel, people, prune_in_a_year, states, write_channel

from lingqu.core.errors import StoreError
from lingqu.flow.last_run import REMOVED
from lingqu.workspace import Workspace


def files_with(folder: Path, text: str) -> list[str]:
    """Names of files that hold a text, also inside Parquet pages."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        held = text.encode() in path.read_bytes()
        if path.suffix == ".parquet":
            held = held or text in str(pl.read_parquet(path).to_dicts())
        if held:
            found.append(path.relative_to(folder).as_posix())
    return found


class TestPrune:
    def test_what_is_young_stays(self, workspace: Workspace) -> None:
        report = workspace.prune()
        assert (report.runs, report.releases, report.datasets) == (0, 0, 0)
        run = workspace.runs()[0]
        assert run.state == "done"
        assert workspace.report(run.id).is_file()
        assert workspace.findings(run.id)

    def test_old_runs_go_but_the_approved_release_and_the_trail_stay(
        self, workspace: Workspace
    ) -> None:
        workspace.run(channel(), people())
        workspace.run(channel(), people())
        before = workspace.audit().count
        tried = prune_in_a_year(workspace, dry_run=True)
        assert tried.dry_run
        assert len(workspace.runs()) == 3
        done = prune_in_a_year(workspace)
        assert done.runs == tried.runs == 2
        assert workspace.release("churn").replay() == []
        result = workspace.audit()
        assert result.ok and result.count == before + 1
        assert workspace.events("prune")[-1].detail["runs"] == done.runs

    def test_after_a_prune_a_run_makes_again_what_is_gone(self, workspace: Workspace) -> None:
        before = workspace.releases()[0].digest
        prune_in_a_year(workspace)
        again = workspace.run(channel(), people())
        assert again.state == "done" and again.release == before


class TestErase:
    PERSON = "P0007"

    def test_the_person_is_gone_from_every_version_and_the_release_is_named(
        self, workspace: Workspace
    ) -> None:
        blobs = workspace.home.root / "blobs"
        assert any(name.endswith(".parquet") for name in files_with(blobs, self.PERSON))
        release = workspace.releases()[0].digest
        report = workspace.erase("person", self.PERSON)
        assert report.rows == 1
        assert report.releases == (release,)
        assert report.runs == (workspace.runs()[0].id,)
        assert files_with(blobs, self.PERSON) == []
        event = workspace.events("data.erased")[-1]
        assert self.PERSON not in str(event.detail)
        assert workspace.audit().ok

    def test_the_release_stays_whole_until_a_person_retires_it(self, workspace: Workspace) -> None:
        workspace.erase("person", self.PERSON)
        assert workspace.verify("churn") == []
        assert workspace.release("churn").replay() == []

    def test_fitted_candidates_and_reports_of_the_runs_are_gone(self, workspace: Workspace) -> None:
        run = workspace.runs()[0].id
        blobs = workspace.home.blobs
        assert blobs.list("candidates") and blobs.list("reports")
        workspace.erase("person", self.PERSON)
        assert blobs.list("candidates") == []
        with pytest.raises(StoreError):
            workspace.report(run)

    def test_the_next_run_on_the_cleaned_source_makes_everything_again(
        self, workspace: Workspace
    ) -> None:
        workspace.erase("person", self.PERSON)
        kept = people().filter(people()["person"] != self.PERSON)
        again = workspace.run(channel(), kept)
        assert set(states(again).values()) == {"done"}
        assert workspace.erase("person", self.PERSON).rows == 0

    def test_somebody_unknown_changes_nothing(self, workspace: Workspace) -> None:
        report = workspace.erase("person", "P9999")
        assert (report.rows, report.releases, report.runs) == (0, (), ())
        assert set(states(workspace.run(channel(), people())).values()) <= {"done", "reused"}

    def test_lists_of_removed_rows_quote_the_value_no_more(
        self, folder: Path, workspace: Workspace
    ) -> None:
        value, rows = "987654.25", 2000
        owed = [float(value)] * 3 + [5000.0 + row for row in range(1600)] + [3.5] * 397
        declared = "govern: [{outliers: {action: mark, limits: {owed: [0, 100]}}}]\n"
        table = people(rows).with_columns(pl.Series("owed", owed))
        path = write_channel(
            folder / "debts", CHANNEL.replace("channel: churn", "channel: debts") + declared, table
        )
        workspace.data_clean(path)
        blobs = workspace.home.root / "blobs"
        (listed,) = workspace.home.blobs.list(REMOVED)
        assert listed in files_with(blobs, value)
        # A run that died before it recorded its list leaves one that no result names.
        workspace.home.blobs.write(f"{REMOVED}/left.json", (blobs / listed).read_bytes())
        workspace.erase("owed", value)
        assert files_with(blobs, value) == []
        with pytest.raises(StoreError) as caught:
            workspace.data_removed("debts")
        assert caught.value.key == "loop.pruned"

    @pytest.mark.parametrize(("column", "value"), [("", "x"), ("person", "")])
    def test_an_empty_wish_is_refused(self, workspace: Workspace, column: str, value: str) -> None:
        with pytest.raises(StoreError, match="erase"):
            workspace.erase(column, value)
