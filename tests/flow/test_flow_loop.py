"""The loop: doubted labels, removed rows and gaps come back as decisions and as a wish list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.walked import channel, write_channel

from lingqu.core.errors import DataError, SpecError, StoreError
from lingqu.core.nouns import Dataset, Run
from lingqu.core.row_digest import of_rows
from lingqu.core.schema import Column, Schema
from lingqu.flow.decisions import EVENT, Decisions, corrected, decide, decided, row_ids, row_key
from lingqu.flow.last_run import newest_run, stage_results
from lingqu.flow.suspects import read_accepted, write_suspects
from lingqu.flow.walk import Walk
from lingqu.store.home import Home
from lingqu.workspace import Workspace

CHANNEL = """\
channel: plants
data: {source: people.csv, represent: {site: {north: 0.5, south: 0.5}}}
govern: [dedupe, find_label_errors]
train: {task: classify, target: kind, algorithm: [logistic, k_neighbours], budget: 40 s, workers: 1}
"""
AT = "2026-01-01T00:00:00+00:00"
FLIPPED = (3, 40, 77, 114)


def plants() -> pl.DataFrame:
    """Two kinds that are easily told apart, some with the wrong label, a few rows twice."""
    rng = np.random.default_rng(4)
    code = np.arange(160) % 2
    kinds = np.array(["fern", "moss"])[code]
    for row in FLIPPED:
        kinds[row] = {"fern": "moss", "moss": "fern"}[kinds[row]]
    frame = pl.DataFrame(
        {
            "height": code * 6 + rng.normal(0, 0.7, 160),
            "width": code * -4 + rng.normal(0, 0.7, 160),
            "site": ["north" if i % 8 else "south" for i in range(160)],
            "kind": kinds,
        }
    )
    return pl.concat([frame, frame[5:11]])  # some of the copies fall on one side of the split


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Workspace]:
    write_channel(tmp_path, CHANNEL, plants())
    with Workspace(tmp_path / ".lingqu") as workspace:
        workspace.run(tmp_path / "channel.yaml")
        yield workspace


def again(workspace: Workspace) -> dict[str, object]:
    workspace.run(workspace.home.root.parent / "channel.yaml")
    return dict(stage_results(workspace.home, newest_run(workspace.home, "plants")))


@pytest.mark.slow
def test_accepted_labels_become_a_new_version(
    opened: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stage_results(opened.home, newest_run(opened.home, "plants"))
    found = opened.data_suspects("plants")
    assert len(found) >= 2 and {"id", "given", "suggested", "values"} <= found[0].keys()
    key, columns = row_key(opened.home), ["height", "width", "site"]
    truth = {of_rows(plants()[row : row + 1], columns, key)[0] for row in FLIPPED}
    assert found[0]["id"] in truth

    file = tmp_path / "suspects.csv"
    assert write_suspects(opened.home, "plants", file) == len(found)
    table = pl.read_csv(file, infer_schema=False)
    accepted = pl.when(pl.col("id").is_in(list(truth))).then(pl.lit("yes")).otherwise(pl.lit(""))
    table.with_columns(accept=accepted).write_csv(file)
    fixes = read_accepted(file)
    assert fixes and all(fix["to"] != fix["from"] for fix in fixes)
    assert opened.data_fix("plants", fixes, "ada", "seen on site") == len(fixes)

    after = again(opened)
    assert after["data"]["decided"]["relabelled"] == len(fixes)  # type: ignore[index]
    assert after["data"]["train"]["digest"] != before["data"]["train"]["digest"]  # type: ignore[index]
    newest = opened.data_log("plants/train", 1)[0]
    assert f"{len(fixes)} label(s) corrected" in newest["message"] and newest["parents"]
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    assert f"更正 {len(fixes)} 个标签" in opened.data_log("plants/train", 1)[0]["message"]
    assert not opened.data_log("plants/test", 1)[0]["parents"]  # nobody touched those rows
    assert not {row["id"] for row in opened.data_suspects("plants")} & {f["row"] for f in fixes}
    event = opened.events(kind=EVENT)[-1]
    assert event.detail["by"] == "ada" and event.detail["note"] == "seen on site"

    opened.data_undo("plants", [fix["row"] for fix in fixes], by="ada")
    assert again(opened)["data"]["train"]["digest"] == before["data"]["train"]["digest"]  # type: ignore[index]


@pytest.mark.slow
def test_a_removed_row_is_kept_once_somebody_says_so(opened: Workspace) -> None:
    gone = opened.data_removed("plants")
    assert gone[0]["operator"] == "dedupe" and gone[0]["reason_zh"]
    rows = stage_results(opened.home, newest_run(opened.home, "plants"))["govern"]["train"]["rows"]
    assert opened.data_undo("plants", [gone[0]["id"][:8]], by="bo") >= 1
    after = again(opened)["govern"]
    assert after["train"]["rows"] == rows + 1  # type: ignore[index]
    assert [row["id"] for row in after["removed"]] == [row["id"] for row in gone[1:]]  # type: ignore[index]
    with pytest.raises(SpecError) as caught:
        opened.data_undo("plants", operator="outliers", by="bo")
    assert caught.value.key == "loop.no_removal"


@pytest.mark.slow
def test_what_is_wanted_names_groups_slices_and_missed_rows(opened: Workspace) -> None:
    items = opened.data_wanted("plants")
    reasons = {item["reason"] for item in items}
    assert {"under_share", "few_of_slice"} <= reasons
    share = next(item for item in items if item["reason"] == "under_share")
    assert "'south'" in share["what"] and "south" in share["what_zh"]
    total = share["have"] + share["wanted"]
    rows = stage_results(opened.home, newest_run(opened.home, "plants"))["data"]["train"]["rows"]
    assert total / (rows + share["wanted"]) == pytest.approx(0.5, abs=0.02)
    # All that both learners miss here are flips: they are doubted, and nobody should collect more.
    assert "missed" not in reasons and opened.data_suspects("plants")


@pytest.mark.slow
def test_rows_that_all_learners_miss_are_named_as_they_were_read(tmp_path: Path) -> None:
    declared = CHANNEL.replace("[dedupe, find_label_errors]", "[dedupe]")
    write_channel(tmp_path, declared, plants())
    with Workspace(tmp_path / ".lingqu") as workspace:
        workspace.run(tmp_path / "channel.yaml")
        items = workspace.data_wanted("plants")
        key, columns = row_key(workspace.home), ["height", "width", "site"]
    shown = [row for item in items if item["reason"] == "missed" for row in item["rows"]]
    truth = {of_rows(plants()[row : row + 1], columns, key)[0] for row in FLIPPED}
    assert shown and all(row["values"] for row in shown)
    assert {row["id"] for row in shown} & truth
    assert {row["id"] for row in shown} <= set(of_rows(plants(), columns, key))


@pytest.mark.slow
def test_a_row_may_be_called_what_its_id_column_says(tmp_path: Path) -> None:
    named = plants().with_columns(plant=pl.format("P{}", pl.int_range(pl.len()) % 160))
    declared = CHANNEL.replace("people.csv,", "people.csv, id: plant,").replace("[dedupe, ", "[")
    write_channel(tmp_path, declared, named)
    with Workspace(tmp_path / ".lingqu") as workspace:
        workspace.run(tmp_path / "channel.yaml")
        first = workspace.data_suspects("plants")[0]
        fix = {"row": first["values"]["plant"], "to": first["suggested"]}
        assert workspace.data_fix("plants", [fix], "ada") == 1
        label = {first["id"]: (first["given"], first["suggested"])}
        assert decided(workspace.home, "plants").labels == label
        workspace.data_undo("plants", [fix["row"]], by="ada")
        assert not decided(workspace.home, "plants")
        with pytest.raises(SpecError) as caught:
            workspace.data_fix("plants", [{**fix, "row": "P999"}], "ada")
        assert caught.value.key == "loop.unknown_row"


def test_a_channel_that_was_never_walked_says_so(home: Home) -> None:
    with pytest.raises(StoreError) as caught:
        newest_run(home, "plants")
    assert "lingqu run" in str(caught.value)


@pytest.mark.parametrize(("kept", "expected"), [(True, 2), (False, 1), (None, 2)])
def test_the_newest_attempt_counts_unless_the_gate_went_back(
    home: Home, kept: bool | None, expected: int
) -> None:
    home.ledger.runs.start(Run("r", "churn", "v", "running", AT))
    walk = Walk(home, channel(), "r")
    walk.stage("data", 0, lambda: {"rows": 9})
    for attempt in (1, 2):
        walk.attempt = attempt
        for name in ("govern", "train"):
            walk.stage(name, attempt, lambda: {"attempt": walk.attempt})
    if kept is not None:
        home.ledger.events.append("gate.second_attempt", "r", {"added": [], "kept": kept}, AT)
    home.ledger.runs.finish("r", "done", AT)
    left = stage_results(home, newest_run(home, "churn"), ("data", "govern", "train"))
    assert left["data"] == {"rows": 9}
    assert left["govern"] == left["train"] == {"attempt": expected}


def test_the_last_decision_of_a_row_holds(home: Home) -> None:
    for row in ("r1", "r2"):
        decide(home, "c", "label", [{"row": row, "from": "a", "to": "b"}], "x")
    decide(home, "c", "drop", [{"row": "r1"}], "x")
    decide(home, "c", "withdraw", [{"row": "r2"}], "x")
    decide(home, "other", "keep", [{"row": "r3"}], "x")
    assert decided(home, "c") == Decisions(dropped=frozenset({"r1"}))
    assert decided(home, "c").key() and not decided(home, "nobody")


def test_many_decisions_are_many_events_and_all_hold(home: Home) -> None:
    assert decide(home, "c", "keep", [{"row": f"r{i}"} for i in range(1234)], "x") == 1234
    assert len(decided(home, "c").kept) == 1234


SCHEMA = Schema((Column("a", "number"), Column("y", "category", "target", levels=("no", "yes"))))


def test_a_decision_about_another_label_does_not_touch_the_row() -> None:
    data = Dataset(pl.DataFrame({"a": [1.0, 2.0], "y": ["no", "yes"]}), SCHEMA)
    ids = row_ids(data.frame, SCHEMA, b"k")
    decisions = Decisions(labels={ids[0]: ("yes", "no"), ids[1]: ("yes", "perhaps")})
    after, stay, counts = corrected(data, ids, decisions)
    assert after.frame["y"].to_list() == ["no", "perhaps"] and stay.all()
    assert counts["relabelled"] == 1 and after.schema["y"].levels == ("no", "yes", "perhaps")


def test_a_label_that_no_number_is_is_refused() -> None:
    schema = Schema((Column("a", "number"), Column("y", "number", "target")))
    data = Dataset(pl.DataFrame({"a": [1.0], "y": [2.0]}), schema)
    ids = row_ids(data.frame, schema, b"k")
    with pytest.raises(DataError):
        corrected(data, ids, Decisions(labels={ids[0]: ("2.0", "many")}))


def test_signs_in_a_text_look_like_no_end_and_no_gap_of_a_cell() -> None:
    rows = [("a\x1f", "b"), ("a", "\x1fb"), (None, None), (None, "\x00"), ("\x1bz", None)]
    frame = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    assert len(set(of_rows(frame, ["a", "b"]))) == len(rows)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.none() | st.integers(-5, 5), st.none() | st.text(max_size=4)),
        min_size=1,
        max_size=12,
    )
)
def test_equal_rows_share_a_digest_and_no_others_do(
    rows: list[tuple[int | None, str | None]],
) -> None:
    safe = [(n, None if t is None else t.encode("utf-8", "ignore").decode()) for n, t in rows]
    frame = pl.DataFrame(safe, schema={"n": pl.Int64, "t": pl.String}, orient="row")
    ids = of_rows(frame, ["n", "t"])
    assert len(set(ids)) == len(set(safe))
    assert of_rows(frame.with_columns(pl.col("n").cast(pl.Float64)), ["n", "t"]) == ids
    assert of_rows(frame[::-1], ["n", "t"]) == ids[::-1]
    keyed = of_rows(frame, ["n", "t"], b"key")
    assert len(set(keyed)) == len(set(safe)) and not set(keyed) & set(ids)


@pytest.mark.parametrize(
    ("labels", "suggested", "accepts", "to"),
    [
        ("1 0 7", "2", "0 1 yes", {"a": "0", "b": "1", "c": "2"}),
        ("n x y", "q", "y n no", {"a": "y", "b": "n"}),
        ("fern moss moss", "rush", "1 0 x", {"a": "rush", "c": "rush"}),
        ("no no yes", "maybe", "yes no moss", {"a": "maybe", "c": "moss"}),
    ],
)
def test_what_was_filled_in_is_a_word_or_a_label(
    labels: str, suggested: str, accepts: str, to: dict[str, str], tmp_path: Path
) -> None:
    pl.DataFrame(
        {
            "accept": accepts.split(),
            "id": ["a", "b", "c"],
            "given": labels.split(),
            "suggested": [suggested] * 3,
        }
    ).write_csv(tmp_path / "s.csv")
    assert {fix["row"]: fix["to"] for fix in read_accepted(tmp_path / "s.csv")} == to


@pytest.mark.parametrize("content", ["", "accept,id\nyes,1\n", "\x00"])
def test_a_file_that_is_no_list_of_suspects_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_accepted(tmp_path / "s.csv")
    assert caught.value.key == "loop.bad_file"
