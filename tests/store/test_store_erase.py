"""Erasure of a person's rows."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

from lingqu.core.digest import of_frame
from lingqu.core.errors import StoreError
from lingqu.core.nouns import Candidate, Finding, ReleaseRecord, Run, StageRecord
from lingqu.core.ports import Blobs
from lingqu.core.schema import Column, Schema
from lingqu.store.blobs import open_blobs
from lingqu.store.erase import erase
from lingqu.store.erase_log import erase_log, matches
from lingqu.store.ledger import Ledger
from lingqu.store.signing import SigningKey

NOW = "2026-11-30T00:00:00.000000+00:00"
PERSON = "110101199003070011"
OTHER = "110101199003070038"
FRAME = pl.DataFrame({"id_card": [PERSON, OTHER, PERSON, None], "age": [1, 2, 3, 4]})
SCHEMA = Schema(
    (
        Column("id_card", "category", "id", levels=(PERSON, OTHER)),
        Column("age", "number", low=1.0, high=4.0),
    )
)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return open_blobs(str(tmp_path / "blobs"))


def keep(
    ledger: Ledger,
    blobs: Blobs,
    frame: pl.DataFrame,
    schema: Schema,
    name: str = "train",
    parents: tuple[str, ...] = (),
) -> str:
    digest = of_frame(frame, schema)
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    path = f"datasets/{digest}.parquet"
    blobs.write(path, buffer.getvalue())
    ledger.datasets.put(
        digest, "loans", name, path, schema.to_json(), {}, frame.height, parents, NOW
    )
    return digest


def read(blobs: Blobs, path: str) -> pl.DataFrame:
    with blobs.open(path) as file:
        return pl.read_parquet(file.read())


def walked(ledger: Ledger, blobs: Blobs, run: str, digest: str) -> None:
    """A run that read a dataset and left a model, a fit, a finding and a release."""
    ledger.runs.start(Run(run, "loans", "v", "done", NOW))
    blobs.write(f"models/{run}.lqm", b"m")
    blobs.write(f"candidates/{run}.lqm", b"c")
    data = StageRecord("data", f"data-{run}", "done", 1, {"digest": digest, "first": PERSON})
    train = StageRecord("train", f"train-{run}", "done", 1, {"blobs": [f"models/{run}.lqm"]})
    for record in (data, train):
        ledger.stages.put(record, NOW)
        ledger.runs.stage(run, record)
    ledger.candidates.add(
        run, f"fit-{run}", Candidate("svm", "svm", "done"), f"candidates/{run}.lqm"
    )
    sample = {"samples": [{"id_card": PERSON, "age": 1}], "n": 2}
    finding = Finding("duplicates", "quality.duplicates", 1.0, evidence=sample)
    ledger.findings.add("loans", run, "data", NOW, [finding, Finding("size", "rows", 4.0)])
    ledger.releases.put(ReleaseRecord(f"release-{run}", "loans", run, "live", NOW))


class TestErase:
    def test_the_rows_are_gone_and_all_that_was_made_of_them(
        self, ledger: Ledger, blobs: Blobs, signing_key: SigningKey
    ) -> None:
        old = keep(ledger, blobs, FRAME, SCHEMA)
        other = keep(ledger, blobs, FRAME.filter(pl.col("id_card") == OTHER), SCHEMA, "elsewhere")
        walked(ledger, blobs, "r1", old)
        walked(ledger, blobs, "r2", other)
        report = erase(ledger, blobs, "id_card", PERSON, NOW)

        new = report.datasets[old]
        assert (report.rows, len(report.datasets), report.runs) == (2, 1, ("r1",))
        kept = ledger.datasets.get(new)
        assert kept is not None and (kept.rows, kept.parents, kept.name) == (2, (old,), "train")
        assert read(blobs, kept.blob).to_dict(as_series=False) == {
            "id_card": [OTHER, None],
            "age": [2, 4],
        }
        assert new == of_frame(read(blobs, kept.blob), Schema.from_json(kept.schema_json))
        assert list(kept.schema_json[0]["levels"]) == [OTHER]
        gone = ledger.datasets.get(old)
        assert gone is not None and (gone.blob, gone.erased) == ("", NOW)
        assert f"datasets/{old}.parquet" not in blobs.list("")

        assert ledger.stages.find("data-r1") is ledger.stages.find("train-r1") is None
        assert ledger.stages.find("train-r2") is not None
        assert ledger.candidates.find("fit-r1") is None
        assert ledger.candidates.find("fit-r2") is not None
        assert blobs.list("models") == ["models/r2.lqm"]
        assert blobs.list("candidates") == ["candidates/r2.lqm"]
        assert report.releases == ("release-r1",)
        assert (report.stages, report.candidates, report.findings) == (2, 1, 2)
        (event,) = ledger.events.list(kind="data.erased")
        assert event.sequence == report.event
        assert event.detail["value"] == signing_key.keyed_hash(PERSON.encode())
        assert event.detail["rows"] == 2

    @pytest.mark.parametrize("dtype", [pl.String, pl.Categorical, pl.Enum([OTHER, PERSON])])
    def test_the_value_is_nowhere_any_more(
        self, sqlite_ledger: Ledger, blobs: Blobs, dtype: pl.DataType
    ) -> None:
        frame = FRAME.with_columns(pl.col("id_card").cast(dtype))
        old = keep(sqlite_ledger, blobs, frame, SCHEMA)
        walked(sqlite_ledger, blobs, "r1", old)
        erase(sqlite_ledger, blobs, "id_card", PERSON, NOW)
        with sqlite_ledger.snapshot() as connection:
            dump = "\n".join(connection.connection.iterdump())  # type: ignore[attr-defined]
        assert PERSON not in dump
        assert OTHER in dump
        (path,) = blobs.list("datasets")
        with blobs.open(path) as file:
            bare = pa.parquet.read_table(file, read_dictionary=["id_card"])
        seen = [repr(bare.schema), repr(bare["id_card"].chunks), str(read(blobs, path).schema)]
        for metadata in (bare.schema.metadata or {}, *(f.metadata or {} for f in bare.schema)):
            seen.extend(f"{key!r} {value!r}" for key, value in metadata.items())
        assert not any(PERSON in text for text in seen)
        assert any(OTHER in text for text in seen)

    def test_the_second_person_is_found_as_the_first(self, ledger: Ledger, blobs: Blobs) -> None:
        walked(ledger, blobs, "r1", keep(ledger, blobs, FRAME, SCHEMA))
        first = erase(ledger, blobs, "id_card", PERSON, NOW)
        second = erase(ledger, blobs, "id_card", OTHER, NOW)
        assert (first.rows, second.rows) == (2, 1)
        assert list(second.datasets) == list(first.datasets.values())
        (record,) = [r for r in ledger.datasets.list() if not r.erased]
        assert read(blobs, record.blob)["age"].to_list() == [4]

    def test_a_child_without_the_column_is_made_again(self, ledger: Ledger, blobs: Blobs) -> None:
        old = keep(ledger, blobs, FRAME, SCHEMA)
        anonymous = Schema(SCHEMA.columns[1:])
        child = keep(ledger, blobs, FRAME[["age"]], anonymous, "train, governed", (old,))
        grandchild = keep(ledger, blobs, FRAME[["age"]][:2], anonymous, "x", (child,))
        report = erase(ledger, blobs, "id_card", PERSON, NOW)
        assert report.datasets[child] == report.datasets[grandchild] == ""
        assert len(blobs.list("datasets")) == 1

    def test_nothing_to_find_changes_nothing_but_is_told(
        self, ledger: Ledger, blobs: Blobs
    ) -> None:
        digest = keep(ledger, blobs, FRAME, SCHEMA)
        walked(ledger, blobs, "r1", digest)
        report = erase(ledger, blobs, "id_card", "nobody", NOW)
        assert (report.rows, dict(report.datasets), report.releases) == (0, {}, ())
        assert ledger.stages.find("train-r1") is not None
        assert ledger.events.list(kind="data.erased")[0].detail["rows"] == 0
        assert len(erase(ledger, blobs, "no_such_column", PERSON, NOW).datasets) == 0

    def test_numbers_are_found_as_numbers(self, ledger: Ledger, blobs: Blobs) -> None:
        keep(ledger, blobs, FRAME, SCHEMA)
        report = erase(ledger, blobs, "age", "4", NOW)
        (new,) = report.datasets.values()
        record = ledger.datasets.get(new)
        assert record is not None and record.rows == 3
        assert (record.schema_json[1]["low"], record.schema_json[1]["high"]) == (1.0, 3.0)

    def test_a_crash_before_the_bytes_go_is_made_good(self, ledger: Ledger, blobs: Blobs) -> None:
        old = keep(ledger, blobs, FRAME, SCHEMA)

        class Dying:
            def __init__(self, inner: Blobs) -> None:
                self.open, self.write, self.list = inner.open, inner.write, inner.list

            def remove(self, path: str) -> None:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            erase(ledger, Dying(blobs), "id_card", PERSON, NOW)
        assert f"datasets/{old}.parquet" in blobs.list("")
        report = erase(ledger, blobs, "id_card", PERSON, NOW)
        assert f"datasets/{old}.parquet" not in blobs.list("")
        assert report.rows == 0
        assert len(blobs.list("datasets")) == 1

    @pytest.mark.parametrize(("column", "value"), [("", "x"), ("id_card", ""), ("id_card", None)])
    def test_a_missing_value_is_refused(
        self, ledger: Ledger, blobs: Blobs, column: str, value: Any
    ) -> None:
        keep(ledger, blobs, FRAME, SCHEMA)
        with pytest.raises(StoreError) as caught:
            erase(ledger, blobs, column, value, NOW)
        assert caught.value.key == "store.bad_erase"
        assert ledger.events.head().count == 0


def write_log(path: Path, form: str, batches: int = 3) -> pa.Schema:
    schema = pa.schema(
        [
            ("x.id_card", pa.dictionary(pa.int32(), pa.string())),
            ("y", pa.float64()),
        ],
        metadata={b"release": b"ab"},
    )
    make = pa.ipc.new_file if form == "file" else pa.ipc.new_stream
    with pa.OSFile(str(path), "wb") as sink, make(sink, schema) as writer:
        for n in range(batches):
            ids = pa.array([PERSON, OTHER, None]).dictionary_encode()
            writer.write_batch(
                pa.record_batch([ids, pa.array([n, n + 0.5, float("nan")])], schema=schema)
            )
    return schema


def read_log(path: Path, form: str) -> pa.Table:
    make = pa.ipc.open_file if form == "file" else pa.ipc.open_stream
    with make(path.read_bytes()) as reader:
        return reader.read_all()


@pytest.mark.parametrize(
    ("values", "value", "expected"),
    [
        ([7, 8, None], "7", [True, False, False]),
        ([7, 8, None], 7.0, [True, False, False]),
        ([7, 8], "seven", [False, False]),
        ([2**60 + 1, 2**60], str(2**60 + 1), [True, False]),
        ([7.5, 8.0], "7.50", [True, False]),
        ([7.5], None, [False]),
        ([True, False, None], "True", [True, False, False]),
        ([True, False], False, [False, True]),
        (["True", "7"], 7, [False, True]),
    ],
)
def test_values_are_compared_as_the_column_means_them(
    values: list[Any], value: Any, expected: list[bool]
) -> None:
    assert matches(pl.Series(values), value).to_list() == expected


class TestLogs:
    @pytest.mark.parametrize("form", ["file", "stream"])
    def test_rows_of_the_person_are_taken_out(self, tmp_path: Path, form: str) -> None:
        path = tmp_path / "segment.arrow"
        schema = write_log(path, form)
        assert erase_log(path, "x.id_card", PERSON) == 3
        table = read_log(path, form)
        assert table["x.id_card"].to_pylist() == [OTHER, None] * 3
        assert table.schema.names == schema.names
        assert table.schema.field("y").type == pa.float64()
        assert table["y"].to_pylist()[0] == 0.5
        assert [p.name for p in tmp_path.iterdir()] == ["segment.arrow"]
        assert PERSON.encode() not in path.read_bytes()

    @pytest.mark.parametrize("form", ["file", "stream"])
    @pytest.mark.parametrize(
        "dtype", [pl.String, pl.Categorical, pl.Enum([OTHER, PERSON]), pl.List(pl.String)]
    )
    def test_no_byte_of_the_person_stays(
        self, tmp_path: Path, form: str, dtype: pl.DataType
    ) -> None:
        path = tmp_path / "segment.arrow"
        ids = pl.Series("x.id_card", [PERSON, OTHER, PERSON, None])
        names = pl.Series("x.name", [PERSON, "other", PERSON, None])
        nested = isinstance(dtype, pl.List)
        copy = names.to_frame().select(pl.concat_list("x.name")) if nested else names.to_frame()
        frame = copy.with_columns(ids if nested else ids.cast(dtype))
        getattr(frame, "write_ipc" if form == "file" else "write_ipc_stream")(path)
        assert PERSON.encode() in path.read_bytes()
        assert erase_log(path, "x.id_card", PERSON) == 2
        assert PERSON.encode() not in path.read_bytes()
        assert read_log(path, form)["x.id_card"].to_pylist() == [OTHER, None]

    def test_files_without_the_person_or_column_stay(self, tmp_path: Path) -> None:
        path = tmp_path / "segment.arrow"
        write_log(path, "file")
        before = path.stat()
        assert erase_log(path, "x.id_card", "nobody") == 0
        assert erase_log(path, "x.name", PERSON) == 0
        assert path.stat() == before

    def test_a_stream_cut_off_keeps_its_whole_batches(self, tmp_path: Path) -> None:
        path = tmp_path / "segment.arrow"
        write_log(path, "stream")
        data = path.read_bytes()
        path.write_bytes(data[: len(data) - 60])
        assert erase_log(path, "x.id_card", PERSON) == 2
        assert read_log(path, "stream")["x.id_card"].to_pylist() == [OTHER, None] * 2

    def test_what_is_no_log_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "segment.arrow"
        path.write_bytes(b"no arrow at all, but long enough")
        for given in (path, tmp_path / "missing.arrow"):
            with pytest.raises(StoreError):
                erase_log(given, "x.id_card", PERSON)

    def test_logs_are_part_of_an_erasure(
        self, sqlite_ledger: Ledger, blobs: Blobs, tmp_path: Path
    ) -> None:
        for n in range(2):
            write_log(tmp_path / f"{n}.arrow", "stream")
        write_log(tmp_path / "empty.arrow", "stream", batches=0)
        logs = sorted(tmp_path.glob("*.arrow"))
        report = erase(sqlite_ledger, blobs, "id_card", PERSON, NOW, logs=logs)
        assert (report.logs, report.log_rows) == (2, 6)
