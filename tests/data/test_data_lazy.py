"""Tables that stream: the same rows, schema and errors as when they are read whole."""

from __future__ import annotations

import bz2
import gzip
import pickle
import sqlite3
import tarfile
import zipfile
from datetime import datetime
from pathlib import Path

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from lingqu.core.errors import DataError
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Schema
from lingqu.data.fitting import MisfitError
from lingqu.data.lazy import LazyTable, held, scan, staged
from lingqu.data.resolve import resolve

ROWS = 400
TABLE = pl.DataFrame(
    {
        "age": [i % 90 for i in range(ROWS)],
        "price": [round(i * 1.7, 2) if i % 11 else None for i in range(ROWS)],
        "city": [("北京", "Aix", "New York")[i % 3] for i in range(ROWS)],
        "paid": [("yes", "no")[i % 2] for i in range(ROWS)],
        "day": [f"2024-{i % 12 + 1:02}-{i % 28 + 1:02}" for i in range(ROWS)],
        "note": [f"a note of some words, number {i}, which is 很长 enough" for i in range(ROWS)],
    }
)


def text_of(frame: pl.DataFrame, separator: str = ",") -> str:
    return frame.write_csv(separator=separator)


def small(path: Path, **options: object) -> LazyTable:
    """Open a table so that it takes many batches and its schema is a guess."""
    return scan(str(path), options or None, size=500, sample=50)


def meaning(schema: Schema) -> list[dict[str, object]]:
    return [row | {"reason": "", "reason_zh": ""} for row in schema.to_json()]


def same(table: LazyTable, whole: Dataset) -> None:
    got = table.collect()
    assert meaning(got.schema) == meaning(whole.schema)
    assert_frame_equal(got.frame, whole.frame)
    assert got.digest == whole.digest


def written(folder: Path, kind: str) -> Path:
    path = folder / kind
    data = text_of(TABLE).encode()
    match kind.partition(".")[2]:
        case "csv.gz":
            path.write_bytes(gzip.compress(data))
        case "csv.bz2":
            path.write_bytes(bz2.compress(data))
        case "csv.zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("inner.csv", data)
        case "tsv":
            path.write_text(text_of(TABLE, "\t"), encoding="utf-8")
        case "csv" if kind.startswith("gb"):
            path.write_bytes(data.decode().encode("gb18030"))
        case "csv" if kind.startswith("wide"):
            path.write_bytes(data.decode().encode("utf-16"))
        case "csv" if kind.startswith("marked"):
            path.write_bytes(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
        case "csv" if kind.startswith("mac"):
            path.write_bytes(data.replace(b"\n", b"\r"))
        case "csv":
            path.write_bytes(data)
        case "jsonl":
            path.write_bytes(b"\n".join(orjson.dumps(row) for row in TABLE.to_dicts()))
        case "parquet":
            TABLE.write_parquet(path, row_group_size=64)
        case "arrow":
            TABLE.write_ipc(path)
    return path


KINDS = [
    "plain.csv", "gb.csv", "wide.csv", "marked.csv", "mac.csv", "a.tsv", "a.csv.gz", "a.csv.bz2",
    "a.csv.zip", "a.jsonl", "a.parquet", "a.arrow",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_streamed_rows_are_those_of_the_source(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, kind)
    table = small(path)
    assert table.rows in (None, ROWS)
    same(table, resolve(str(path)).read())


@pytest.mark.parametrize("kind", ["plain.csv", "wide.csv", "a.csv.zip", "a.jsonl"])
def test_text_comes_in_many_batches(tmp_path: Path, kind: str) -> None:
    batches = list(small(written(tmp_path, kind)).batches())
    assert len(batches) > 10
    assert sum(batch.height for batch in batches) == ROWS


def test_several_files_are_one_table(tmp_path: Path) -> None:
    for place in range(3):
        TABLE.slice(place * 100, 100).write_parquet(tmp_path / f"p{place}.parquet")
        TABLE.slice(place * 100, 100).write_csv(tmp_path / f"c{place}.csv")
    for pattern in ("p*.parquet", "c*.csv"):
        table = small(tmp_path / pattern)
        same(table, resolve(str(tmp_path / pattern)).read())
        assert table.facts["files"] == 3
    TABLE.select("age").write_csv(tmp_path / "c3.csv")
    with pytest.raises(DataError, match="'price'") as refused:
        small(tmp_path / "c*.csv").confirmed()
    assert refused.value.key == "data.files_differ"


def test_a_database_streams(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as base:
        base.execute("create table t (age real, city text)")
        base.executemany("insert into t values (?, ?)", TABLE.select("age", "city").iter_rows())
    base.close()
    url = f"sqlite:///{tmp_path}/a.db?table=t"
    table = scan(url, {"chunk_rows": 37}, sample=50)
    assert [batch.height for batch in table.batches()][:2] == [37, 37]
    same(table, resolve(url).read())


def test_what_cannot_stream_is_given_in_batches(tmp_path: Path) -> None:
    table = scan(TABLE)
    assert table.proved and table.rows == ROWS
    assert pl.concat(list(table.batches(["city"]))).equals(TABLE.select("city"))
    TABLE.write_ipc_stream(tmp_path / "a.arrows")
    same(small(tmp_path / "a.arrows"), resolve(str(tmp_path / "a.arrows")).read())
    # A compressed columnar file has no rows that could be read without those before it.
    (tmp_path / "a.parquet.gz").write_bytes(
        gzip.compress(written(tmp_path, "a.parquet").read_bytes())
    )
    same(small(tmp_path / "a.parquet.gz"), resolve(str(tmp_path / "a.parquet.gz")).read())


CELL = st.one_of(
    st.text(alphabet='ab1, ;"\n\r水\t', max_size=6),
    st.integers(-5, 5).map(str),
    st.sampled_from(["", "NA", "2024-01-05", "0.5"]),
)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=30),
    size=st.integers(8, 200),
    header=st.booleans(),
)
def test_any_cells_are_cut_nowhere(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    size: int,
    header: bool,
) -> None:
    path = tmp_path_factory.mktemp("cells") / "a.csv"
    frame = pl.DataFrame(
        rows, schema={"a": pl.String, "b": pl.String, "c": pl.String}, orient="row"
    )
    options = {"delimiter": ",", "header": header, "kinds": dict.fromkeys(
        ("a", "b", "c") if header else ("column_1", "column_2", "column_3"), "text"
    )}  # fmt: skip
    frame.write_csv(path, include_header=header, quote_style="always")
    whole = resolve(str(path), options).read()
    table = scan(str(path), options, size=size, sample=3)
    assert_frame_equal(pl.concat(list(table.batches())), whole.frame)


def late(tmp_path: Path, column: str, value: str, row: int = 350) -> Path:
    """Write the table with one odd cell, long after the rows the schema is guessed from."""
    texts = TABLE.cast(pl.String).with_columns(
        pl.when(pl.int_range(pl.len()) == row).then(pl.lit(value)).otherwise(column).alias(column)
    )
    texts.write_csv(tmp_path / "late.csv")
    return tmp_path / "late.csv"


def test_a_late_cell_is_named_with_file_row_column_and_value(tmp_path: Path) -> None:
    path = late(tmp_path, "age", "young")
    with pytest.raises(MisfitError) as refused:
        list(small(path).batches())
    said = str(refused.value)
    assert str(path) in said and "row 351" in said and "'age'" in said and "'young'" in said
    assert pickle.loads(pickle.dumps(refused.value)).facts == refused.value.facts


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("age", "young", "text"),
        ("paid", "maybe", "category"),
        ("price", "NA", "number"),
        ("day", "2024/03/04", "text"),
        ("day", "?", "datetime"),
        ("age", "12.5", "number"),
    ],
)
def test_a_late_cell_widens_its_column_as_reading_whole_does(
    tmp_path: Path, column: str, value: str, kind: str
) -> None:
    path = late(tmp_path, column, value)
    table = small(path).confirmed()
    assert table.schema[column].kind == kind and table.rows == ROWS
    assert table.schema[column].nullable == (table.collect().frame[column].null_count() > 0)
    assert table.confirmed() is table
    assert_frame_equal(pl.concat(list(table.batches())), resolve(str(path)).read().frame)


def test_days_and_months_are_not_swapped_from_batch_to_batch(tmp_path: Path) -> None:
    days = [f"{i % 9 + 1:02}/{i % 9 + 1:02}/2024" for i in range(200)] + ["25/12/2024"] * 3
    pl.DataFrame({"day": days, "n": range(203)}).write_csv(tmp_path / "a.csv")
    table = small(tmp_path / "a.csv")
    assert table.schema["day"].format == "%m/%d/%Y"
    table = table.confirmed()
    assert table.schema["day"].format == "%d/%m/%Y"
    assert table.collect().frame["day"][-1] == datetime(2024, 12, 25)


def test_what_was_constant_in_the_sample_may_vary_later(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "n": [f"{i}.5" for i in range(300)],
            "flat": ["7"] * 250 + ["8"] * 50,
            "empty": [None] * 250 + ["1.5"] * 50,
            "word": ["x"] * 250 + ["y"] * 50,
        }
    )
    frame.write_csv(tmp_path / "a.csv")
    guess = small(tmp_path / "a.csv")
    assert {c.name for c in guess.schema if c.role == "ignored"} == {"flat", "empty", "word"}
    table = guess.confirmed()
    assert [c.role for c in table.schema] == ["feature"] * 4
    assert table.schema["empty"].kind == "number" and table.schema["empty"].nullable
    assert table.schema["flat"].kind in ("number", "category")


def test_a_key_that_repeats_later_is_no_key(tmp_path: Path) -> None:
    pl.DataFrame({"user_id": [*range(300), 299, 299], "x": [i / 7 for i in range(302)]}).write_csv(
        tmp_path / "a.csv"
    )
    guess = small(tmp_path / "a.csv")
    assert guess.schema["user_id"].role == "id"
    assert guess.confirmed().schema["user_id"].role == "feature"
    pl.DataFrame({"user_id": range(300), "x": [i / 7 for i in range(300)]}).write_csv(
        tmp_path / "b.csv"
    )
    assert small(tmp_path / "b.csv").confirmed().schema["user_id"].role == "id"


def test_a_declared_kind_is_never_widened(tmp_path: Path) -> None:
    path = late(tmp_path, "age", "young")
    table = small(path, kinds={"age": "number"})
    with pytest.raises(DataError, match="row 351") as refused:
        table.confirmed()
    assert not isinstance(refused.value, MisfitError)


def test_keys_that_come_later_are_columns(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"a": i + 0.5} for i in range(200)]
    rows += [{"a": i + 0.5, "b": f"word {i % 3}"} for i in range(200)]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(orjson.dumps(row) for row in rows))
    table = small(tmp_path / "a.jsonl")
    assert table.schema.names == ("a",)
    with pytest.raises(MisfitError, match="'b'"):
        list(table.batches())
    table = table.confirmed()
    assert table.schema["b"].nullable
    got = table.collect().frame["b"]
    assert got.null_count() == 200 and got[-1] == "word 1"


@pytest.mark.parametrize(
    ("change", "key", "row"),
    [
        ("1,2,3", "data.ragged", 352),
        ("1,2,3,4,5,6,7,8", "data.ragged", 352),
        ('1,2,"3,4,5', "data.bad_quotes", 352),
        ("\xff\xfe,1,2,3,4", "collect.mixed_encodings", 353),
    ],
)
def test_a_broken_line_is_named_as_in_a_whole_file(
    tmp_path: Path, change: str, key: str, row: int
) -> None:
    lines = text_of(TABLE.drop("note")).encode().splitlines()
    lines[352] = change.encode("latin-1")
    path = tmp_path / "broken.csv"
    path.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(DataError) as refused:
        small(path).confirmed()
    assert (refused.value.key, refused.value.facts["row"]) == (key, row)
    with pytest.raises(DataError) as whole:
        resolve(str(path)).read()
    assert (whole.value.key, whole.value.facts["row"]) == (key, row)
    if key.startswith("data."):
        assert refused.value.facts == whole.value.facts


def test_a_giant_cell_and_a_broken_json_line_keep_their_row(tmp_path: Path) -> None:
    path = late(tmp_path, "city", "x" * 3000)
    with pytest.raises(DataError, match="351"):
        small(path, max_characters=2000).confirmed()
    lines = [b'{"a": %d}' % i for i in range(300)]
    lines[250] = b'{"a": oops}'
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    with pytest.raises(DataError) as refused:
        small(tmp_path / "a.jsonl").confirmed()
    assert refused.value.key == "data.bad_json" and refused.value.facts["row"] == 251


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "data.empty_file"),
        (b"\n\n", "data.empty_file"),
        (b"a,b\n", "data.no_rows"),
        (b"PK\x03\x04 no archive", "collect.unpack_broken"),
        (b"\x1f\x8b\x08 cut short", "collect.unpack_broken"),
        (b"\x00\x01binary\x00", "data.binary_file"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, data: bytes, key: str) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(DataError) as refused:
        scan(str(tmp_path / "a.csv"))
    assert refused.value.key == key


def test_an_archive_of_tapes_streams_too(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.csv.zip", "w") as archive:
        archive.add(written(tmp_path, "plain.csv"), "inner.csv")
    same(small(tmp_path / "a.csv.zip"), resolve(str(tmp_path / "plain.csv")).read())


def test_the_encoding_is_told_where_it_first_shows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    plain = "".join(f"{i},plain\n" for i in range(9000))
    words = "".join(f"{i},清清的河水\n" for i in range(9000))
    path.write_bytes(b"n,note\n" + plain.encode() + words.encode("gb18030"))
    table = scan(str(path), size=5000, sample=50).confirmed()
    assert table.collect().frame["note"][-1] == "清清的河水"
    half = b"n,note\n" + words.encode() + words.encode("gb18030")
    path.write_bytes(half)
    with pytest.raises(DataError) as refused:
        scan(str(path), size=5000, sample=50).confirmed()
    assert refused.value.key == "collect.mixed_encodings"
    assert refused.value.facts["row"] == 9002 and refused.value.facts["guess"] == "gb18030"
    path.write_bytes(half.replace("河".encode("gb18030"), b"\xff\xff"))
    with pytest.raises(DataError) as refused:
        scan(str(path), size=5000, sample=50).confirmed()
    assert refused.value.facts["row"] == 9002 and refused.value.facts["guess"] == "cp1252"
    path.write_bytes(("n,note\n" + words).encode("utf-16")[:-1])
    with pytest.raises(DataError) as refused:
        scan(str(path), size=5000, sample=50).confirmed()
    assert refused.value.key == "data.wrong_encoding" and refused.value.facts["row"] == 9001


def test_several_encodings_are_tried_on_each_line(tmp_path: Path) -> None:
    lines = [f"{i},河水".encode(("utf-8", "gb18030")[i % 2]) for i in range(400)]
    (tmp_path / "a.csv").write_bytes(b"n,note\n" + b"\n".join(lines))
    table = small(tmp_path / "a.csv", encoding="utf-8, gb18030").confirmed()
    assert set(pl.concat(list(table.batches(["note"])))["note"]) == {"河水"}


def test_limits_hold_while_streaming(tmp_path: Path) -> None:
    data = b"a,b\n" + b"1,2\n" * 600_000
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(data))
    with pytest.raises(DataError) as refused:
        scan(str(tmp_path / "a.csv.gz"), {"max_mb": 1}).confirmed()
    assert refused.value.key == "collect.limit_total"


def test_a_broken_parquet_file_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "a.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError) as refused:
        scan(str(path))
    assert refused.value.key == "data.broken_file"
    pl.DataFrame({"a": pl.Series([], dtype=pl.Float64)}).write_parquet(tmp_path / "none.parquet")
    with pytest.raises(DataError) as refused:
        scan(str(tmp_path / "none.parquet"))
    assert refused.value.key == "data.no_rows"


def test_floats_as_levels_are_written_one_by_one(tmp_path: Path) -> None:
    values = [float(i % 3) for i in range(300)] + [2.5]
    pl.DataFrame({"code": values}).write_parquet(tmp_path / "a.parquet")
    table = scan(str(tmp_path / "a.parquet"), {"kinds": {"code": "category"}})
    assert set(pl.concat(list(table.batches()))["code"]) == {"0", "1", "2", "2.5"}


def test_a_lazy_frame_reads_what_a_query_needs(tmp_path: Path) -> None:
    table = small(written(tmp_path, "plain.csv")).confirmed()
    whole = table.collect().frame
    lazy = table.frame()
    assert lazy.collect_schema() == whole.schema
    got = lazy.filter(pl.col("age") > 80).select("city", "age").collect()
    assert_frame_equal(got, whole.filter(pl.col("age") > 80).select("city", "age"))
    assert_frame_equal(lazy.head(7).collect(), whole.head(7))
    seen: list[int] = []

    def through(batch: pl.DataFrame) -> pl.DataFrame:
        seen.append(batch.height)
        return batch.filter(pl.col("paid"))

    kept = table.frame(through).collect()
    assert sum(seen) == ROWS and kept.height == ROWS // 2


def test_a_staged_table_is_the_same_table(tmp_path: Path) -> None:
    table = small(written(tmp_path, "plain.csv")).confirmed()
    table.frame().sink_parquet(tmp_path / "rows.parquet")
    again = staged(tmp_path / "rows.parquet", table)
    same(again, table.collect())
    assert_frame_equal(again.frame().select("day").collect(), table.frame().select("day").collect())
    whole = table.collect()
    assert held(whole).collect().digest == whole.digest
