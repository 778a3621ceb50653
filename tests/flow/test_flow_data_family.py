"""Which version was made from which, rows in memory, and facts that outlive a cleaning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lingqu.core.errors import DataError, SpecError
from lingqu.core.spec import Channel
from lingqu.workspace import Workspace

ROWS = pl.DataFrame({"day": ["2024-01-05", "2024-01-06"] * 6, "paid": [1.5, 2.5, 3.25] * 4})


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "home") as workspace:
        yield workspace


@pytest.mark.parametrize(
    "held",
    [ROWS, ROWS.lazy(), ROWS.to_pandas(), ROWS.to_arrow(), ROWS.to_dicts(), ROWS.to_dict()],
    ids=["polars", "lazy", "pandas", "arrow", "rows", "columns"],
)
def test_rows_in_memory_are_committed_judged_and_cleaned(opened: Workspace, held: Any) -> None:
    version = opened.data_commit(held, name="orders").record
    again = opened.data_commit(ROWS, name="orders")
    assert again.unchanged and again.record.version == version.version
    assert opened.data_check(held)["rows"] == opened.data_scan(held)["identity"]["rows"] == 12
    assert opened.data_clean(held, name="orders").document["identity"]["rows"] == 12


def test_what_is_no_table_is_refused(opened: Workspace) -> None:
    with pytest.raises(DataError, match="not a table"):
        opened.data_commit(3, name="three")


def test_a_version_does_not_come_after_itself(opened: Workspace) -> None:
    first = opened.data_commit(ROWS, name="orders").record.version
    second = opened.data_commit(ROWS, name="orders", facts={"license": "MIT"}).record.version
    newest, oldest = opened.data_log("orders")
    assert (newest["version"], oldest["version"]) == (second, first)
    assert (newest["parents"], oldest["parents"]) == ([first], [])


def test_cleaned_rows_keep_the_facts_and_the_line_of_what_was_committed(
    opened: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "steps.yaml").write_text("- {dedupe: {coarse: drop}}\n")
    opened.data_commit(ROWS, name="orders", facts={"license": "MIT"})
    raw = opened.data_log("orders")[0]["version"]
    made = opened.data_clean(ROWS, tmp_path / "steps.yaml", name="orders").version
    shown = opened.data_show("orders")
    assert shown["version"] == raw and shown["facts"]["license"] == "MIT"
    assert shown["made"] == [{"version": made, "name": "orders, cleaned"}]
    cleaned = opened.data_show("orders, cleaned")
    assert cleaned["parents"] == [raw] and cleaned["facts"]["license"] == "MIT"
    assert cleaned["made"] == [] and cleaned["rows"] == 6
    assert cleaned["sample"][0] == {"day": "2024-01-05", "paid": 1.5}

    opened.data_clean(ROWS.head(9), tmp_path / "steps.yaml", name="orders")
    assert opened.data_log("orders")[0]["parents"] == [raw]


@pytest.mark.parametrize(("named", "said"), [("paid", "it is the target"), ("nobody", "nobody")])
def test_hiding_what_a_model_cannot_do_without_is_refused_by_the_plan(
    opened: Workspace, named: str, said: str
) -> None:
    channel = Channel.parse(
        f"channel: c\ndata: frame\ngovern: [{{mask: {{columns: [{named}]}}}}]\n"
        "train: {task: regress, target: paid}\n"
    )
    rows = ROWS.with_columns(size=pl.int_range(pl.len()) * 1.5)
    with pytest.raises(SpecError, match=said):
        opened.plan(channel, frame=rows)
