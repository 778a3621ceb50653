"""Tables larger than memory, forced into many batches: the same answers as in memory."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from lingqu.core.digest import of_frame
from lingqu.core.errors import DataError, SpecError, StoreError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.data import versions
from lingqu.data.lazy import LazyTable, held, scan
from lingqu.data.resolve import resolve
from lingqu.data.table_size import HELD, fits, streamed
from lingqu.flow.copies_large import _later, find_copies
from lingqu.flow.data_large import (
    Marked,
    check_large,
    commit_large,
    dedupe_large,
    open_large,
    scan_large,
)
from lingqu.flow.data_versions import commit
from lingqu.govern.contract.evaluate import evaluate
from lingqu.govern.contract.rules import parse
from lingqu.govern.dedupe import Dedupe
from lingqu.release.column_profile.table import TableProfile
from lingqu.store.home import Home, open_home

ROWS = 600
NOW = "2026-01-01T00:00:00.000000+00:00"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    opened = open_home(tmp_path / "home", clock=lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A CSV of 600 rows; rows 500 to 509 copy rows 100 to 109."""
    random = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "age": random.integers(0, 90, ROWS),
            "price": np.round(random.exponential(30, ROWS), 3),
            "tax": np.zeros(ROWS),
            "city": random.choice(["北京", "Aix", "Rome"], ROWS),
            "day": [f"2024-{i % 12 + 1:02}-{i % 28 + 1:02}" for i in range(ROWS)],
            "note": [f"a note, number {i}, of some words" if i % 9 else None for i in range(ROWS)],
        }
    ).with_columns(tax=pl.col("price") * 0.2)
    frame = pl.concat([frame[:500], frame[100:110], frame[510:]])
    frame.write_csv(tmp_path / "shop.csv")
    return tmp_path / "shop.csv"


def small(path: Path) -> LazyTable:
    return scan(str(path), size=700, sample=60)


def test_a_scan_profiles_types_and_relates(path: Path, tmp_path: Path) -> None:
    whole = resolve(str(path)).read()
    expected = TableProfile(whole.schema)
    expected.add(whole.frame)
    for folder in (None, tmp_path / "staged"):
        found = scan_large(small(path), folder=folder)
        assert found.rows == ROWS and found.table.proved
        assert found.columns["note"]["missing"] == whole.frame["note"].null_count()
        for name, column in expected.to_json()["columns"].items():
            assert found.columns[name]["distinct"] == column["distinct"]
            assert found.columns[name].get("quantiles") == column.get("quantiles")
        strong = {f.subject: f.value for f in found.findings}
        assert strong["associations.pair(price, tax)"] == pytest.approx(1.0)
        assert found.table.collect().digest == whole.digest
        shown = json.loads(json.dumps(found.to_json(), allow_nan=False))
        assert shown["rows"] == ROWS and shown["findings"][0]["check"] == "associations"
    assert found.table.ready and (tmp_path / "staged" / "shop.rows.parquet").is_file()


def test_a_column_that_widens_late_is_profiled_as_what_it_is(path: Path, tmp_path: Path) -> None:
    lines = path.read_text().splitlines()
    lines[560] = "old" + lines[560][lines[560].index(",") :]
    path.write_text("\n".join(lines))
    found = scan_large(small(path), folder=tmp_path / "staged")
    assert found.table.schema["age"].kind in ("category", "text")
    assert found.columns["age"]["kind"] == found.table.schema["age"].kind
    assert found.rows == ROWS == found.columns["age"]["rows"]


def test_a_key_that_repeats_late_is_profiled_again(tmp_path: Path) -> None:
    values = [*range(400), 399, 399]
    pl.DataFrame({"user_id": values, "x": [v / 7 for v in values]}).write_csv(tmp_path / "a.csv")
    found = scan_large(small(tmp_path / "a.csv"))
    assert found.columns["user_id"]["kind"] == "category"
    assert found.columns["user_id"]["top"]["399"] == 3


def test_a_declared_kind_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    rows = [str(i) for i in range(300)] + ["old"]
    pl.DataFrame({"age": rows, "x": rows}).write_csv(tmp_path / "a.csv")
    table = scan(str(tmp_path / "a.csv"), {"kinds": {"age": "number"}}, size=100, sample=20)
    with pytest.raises(DataError, match="row 301"):
        scan_large(table)


def test_a_contract_is_judged_as_in_memory(path: Path, tmp_path: Path) -> None:
    rules = parse(
        [
            {"range": {"column": "age", "min": 0, "max": 80}},
            {"not_null": "note"},
            {"levels": {"column": "city", "allowed": ["北京", "Aix"]}},
            {"unique": "price"},
            {"mean": {"column": "price", "min": 0, "max": 100}},
            {"no_future": "day"},
            {"compare": "tax <= price"},
            {"range": {"column": "absent", "max": 1}},
        ]
    )
    as_of = datetime(2025, 1, 1)
    expected = evaluate(resolve(str(path)).read().frame, rules, as_of)
    for table in (small(path), scan_large(small(path), folder=tmp_path / "staged").table):
        found = check_large(table, rules, as_of)
        # The sum of floats depends on the order of the sums.
        observed = [r.to_json().pop("observed") for r in found]
        assert observed == pytest.approx([r.observed for r in expected])
        shown = [[{**r.to_json(), "observed": ""} for r in part] for part in (found, expected)]
        assert shown[0] == shown[1]
    assert {r.verdict for r in expected} == {"pass", "fail", "unknown"}


def test_copies_are_those_that_the_operator_marks(path: Path) -> None:
    found = dedupe_large(small(path))
    whole = resolve(str(path)).read()
    step = Dedupe()
    step.fit(whole)
    marked = (~step.apply(whole).frame["lingqu.keep"]).arg_true().to_list()
    assert found.marks[0].rows.tolist() == marked == list(range(500, 510))
    assert found.marks[0].evidence["copy_of"].tolist() == list(range(100, 110))
    assert found.report["copies"] == found.report["groups"] == 10
    assert found.report["samples"][0] == [100, 500]
    assert found.report["by_chance"] < 0.01


def test_copies_of_coarse_columns_are_only_reported(path: Path) -> None:
    found = dedupe_large(small(path), ["city", "age"])
    whole = resolve(str(path)).read()
    step = Dedupe(subset=("city", "age"))
    step.fit(whole)
    step.apply(whole)
    report = step.report()
    assert found.marks == () and found.report["only_reported"] and report["only_reported"]
    assert found.report["copies"] == report["copies"] > ROWS / 2
    assert found.report["by_chance"] == pytest.approx(report["by_chance"], abs=0.01)
    dropped = dedupe_large(small(path), ["city", "age"], coarse="drop")
    assert len(dropped.marks[0].rows) == report["copies"]
    with pytest.raises(SpecError, match="'town'"):
        dedupe_large(small(path), ["town"])
    none = dedupe_large(
        held(Dataset(pl.DataFrame({"a": [1.0, 2.0]}), Schema((Column("a", "number"),))))
    )
    assert none.marks == () and none.report["copies"] == 0


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=60))
def test_later_rows_copy_the_first_one(values: list[tuple[int, int]]) -> None:
    first = np.array([a for a, _ in values], dtype=np.uint64)
    second = np.array([b for _, b in values], dtype=np.uint64)
    rows, originals = _later(first, second)
    expected = [(i, values.index(v)) for i, v in enumerate(values) if values.index(v) < i]
    assert list(zip(rows.tolist(), originals.tolist(), strict=True)) == expected


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([None, 0.0, -0.0, 1.5, float("nan")]),
            st.sampled_from([None, "", "x", "x "]),
            st.sampled_from([None, True, False]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_rows_are_equal_as_polars_has_it(rows: list[tuple[object, ...]]) -> None:
    frame = pl.DataFrame(
        rows, schema={"a": pl.Float64, "b": pl.String, "c": pl.Boolean}, orient="row"
    )
    schema = Schema((Column("a", "number"), Column("b", "category"), Column("c", "boolean")))
    found = find_copies(held(Dataset(frame, schema)), coarse="drop")
    marked = found.marks[0].rows.tolist() if found.marks else []
    expected = (~frame.select(pl.struct("a", "b", "c").is_first_distinct()).to_series()).arg_true()
    assert marked == expected.to_list()


def test_a_committed_version_is_the_one_that_memory_would_commit(path: Path, home: Home) -> None:
    whole = resolve(str(path)).read()
    table = scan_large(small(path), folder=home.folder("scan")).table
    marks = dedupe_large(table).marks
    odd = Marked(np.array([3, 500]), "outliers: far from all", "outliers：远离其他")
    kept = commit_large(
        home, table, [*marks, odd], channel="shop", message="first", facts={"license": "CC0"}
    )
    stays = [i for i in range(ROWS) if i not in {3, *range(500, 510)}]
    expected = whole.frame[stays]
    assert kept.digest == of_frame(expected, table.schema)
    assert (kept.rows, kept.removed) == (ROWS - 11, 11)
    stored = versions.load(kept.blob, home.blobs)
    assert_frame_equal(stored.frame, expected)
    assert stored.schema == table.schema and stored.facts["license"] == "CC0"
    record = home.ledger.datasets.get(kept.digest)
    assert record is not None and record.blob == kept.blob and record.rows == kept.rows
    assert (record.channel, record.name, record.message) == ("shop", "shop", "first")
    assert record.facts["removed"] == {"rows": 11, "blob": kept.removed_blob}
    assert record.version == kept.version and record.bytes == kept.bytes > 0
    with home.blobs.open(kept.removed_blob) as file:
        gone = pl.read_parquet(file)
    assert gone["row"].to_list() == [3, *range(500, 510)]
    # Row 500 was marked twice: the first mark is the one that counts.
    assert gone["reason"][0].startswith("outliers") and gone["reason"][1].startswith("dedupe")
    assert orjson.loads(gone["evidence"][1]) == {"copy_of": 100} and gone["evidence"][0] == ""
    assert not list(home.folder("tmp").iterdir())


def test_nothing_marked_and_committed_again_writes_nothing_new(path: Path, home: Home) -> None:
    first = commit_large(home, small(path))
    blobs = home.blobs.list("datasets")
    again = commit_large(home, small(path))
    assert first == again and first.removed_blob == "" and home.blobs.list("datasets") == blobs
    assert first.digest == resolve(str(path)).read().digest


def test_a_version_opens_as_a_table_that_streams(path: Path, home: Home, tmp_path: Path) -> None:
    kept = commit_large(home, small(path))
    table = open_large(home, kept.blob, tmp_path / "open")
    assert table.rows == ROWS and table.ready
    assert table.collect().digest == kept.digest
    assert scan_large(table).columns["age"]["rows"] == ROWS
    with pytest.raises(StoreError):
        open_large(home, "datasets/none.parquet", tmp_path / "open")
    home.blobs.write("datasets/odd.parquet", b"no parquet")
    with pytest.raises(DataError) as refused:
        open_large(home, "datasets/odd.parquet", tmp_path / "open")
    assert refused.value.key == "data.bad_version"


def test_marks_that_cannot_be_meant_are_refused(path: Path, home: Home) -> None:
    table = small(path).confirmed()
    with pytest.raises(DataError, match="600"):
        commit_large(home, table, [Marked(np.array([ROWS]), "x")])
    with pytest.raises(DataError, match="600"):
        commit_large(home, table, [Marked(np.arange(ROWS), "x")])
    picture = Schema((Column("p", "image"),))
    media = held(Dataset(pl.DataFrame({"p": ["a.png"]}), picture))
    with pytest.raises(DataError, match="image"):
        commit_large(home, media)
    assert home.blobs.list("datasets") == []


CHANNEL = """\
channel: shop
data:
  source: {source}
  time: day
  protected: [city]
  drop: [tax]
  kinds: {{note: category}}
  license: CC0-1.0
train: {{task: {task}, target: {target}}}
"""


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("target", ["", "age", "rating", "price"])
def test_a_streamed_commit_is_the_commit_that_memory_makes(
    path: Path, home: Home, form: str, target: str
) -> None:
    rows = pl.read_csv(path).with_columns(rating=pl.col("age") % 3 == 0, note=pl.col("day"))
    file = path.with_suffix(f".{form}")
    rows.write_csv(file) if form == "csv" else rows.write_parquet(file)
    source = str(file)
    if target:
        task = "classify" if target == "rating" else "regress"
        written = CHANNEL.format(source=file.name, task=task, target=target)
        (path.parent / "channel.yaml").write_text(written)
        source = str(path.parent / "channel.yaml")
    streamed = commit(home, source, held=0)
    assert streamed.record.rows == ROWS and streamed.record.bytes > 0
    again = commit(home, source)
    assert again.unchanged and again.record == streamed.record
    stored = versions.load(streamed.record.blob, home.blobs)
    assert of_frame(stored.frame, stored.schema) == streamed.record.digest
    assert dict(stored.facts).get("license") == ("CC0-1.0" if target else None)
    assert not list(home.folder("tmp").iterdir())


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"target": "aged"}, "data.target_absent"),
        ({"data": {"source": "shop.csv", "group": "town"}}, "data.role_absent"),
        ({"target": "gone"}, "data.target_empty"),
        ({"data": {"source": "shop.csv"}}, "data.column_empty"),
    ],
)
def test_a_streamed_commit_refuses_what_memory_refuses(
    path: Path, home: Home, changes: dict[str, object], key: str
) -> None:
    pl.read_csv(path).with_columns(gone=pl.lit(None, pl.String)).write_csv(path)
    declared = {
        "channel": "shop",
        "data": changes.get("data", {"source": "shop.csv", "drop": ["gone"]}),
        "train": {"task": "regress", "target": changes.get("target", "price")},
    }
    if changes.get("target") == "gone":
        declared["data"] = {"source": "shop.csv"}
    (path.parent / "channel.yaml").write_text(json.dumps(declared))
    for bound in (0, HELD):
        with pytest.raises(DataError) as refused:
            commit(home, str(path.parent / "channel.yaml"), held=bound)
        assert refused.value.key == key


def test_what_is_large_is_told_from_the_file_before_it_is_read(path: Path, tmp_path: Path) -> None:
    packed = tmp_path / "shop.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    columnar = tmp_path / "shop.parquet"
    pl.read_csv(path).write_parquet(columnar)
    pl.DataFrame({"v": [[1.0, 2.0]] * 9}).write_parquet(tmp_path / "media.parquet")
    for file in (path, packed, columnar):
        assert streamed(resolve(str(file))) is None and fits(scan(str(file)))
        assert streamed(resolve(str(file)), held=1) is not None
        assert not fits(scan(str(file)), held=1)
    assert fits(scan(str(tmp_path / "media.parquet")), held=1)
    assert streamed(resolve(pl.DataFrame({"a": [1]})), held=0) is None
    short = scan(str(path), sample=60)
    unknown = replace(short, sample=pl.concat([short.sample] * 2000))
    assert fits(unknown, held=2 * path.stat().st_size)
    assert not fits(unknown, held=path.stat().st_size)
