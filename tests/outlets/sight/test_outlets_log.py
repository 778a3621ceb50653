from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.outlets.asking import opened

from lingqu.outlets.sight.frames import frames
from lingqu.outlets.sight.log import (
    BASE,
    Entry,
    Log,
    Segments,
    profile,
    prune,
    read,
    read_segment,
    traffic,
)
from lingqu.store.erase_log import erase_log


def rows(*ids: str, **more: object) -> pl.DataFrame:
    base = {name: [None] * len(ids) for name in BASE}
    frame = pl.DataFrame({**base, "prediction_id": list(ids), "status": 200}, schema=BASE)
    return frame.with_columns(**{name: pl.lit(value) for name, value in more.items()})


def ids(folder: Path, after: int = 0) -> list[str]:
    return read(folder, after)["prediction_id"].to_list()


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Any]:
    """Return what makes writers of one log; they are closed after the test."""
    made: list[Segments] = []

    def writer(**options: Any) -> Segments:
        made.append(Segments(tmp_path, **options))
        return made[-1]

    yield writer
    for segments in made:
        segments.close()


def test_a_log_that_does_not_exist_has_no_rows(tmp_path: Path):
    empty = read(tmp_path / "none")
    assert empty.height == 0
    assert empty.columns == list(BASE)
    assert traffic(empty) == {
        "requests": 0,
        "errors": 0,
        "latency_p50_ms": None,
        "latency_p99_ms": None,
    }


def test_rows_come_back_in_order_over_segments(begin: Any, tmp_path: Path):
    segments = begin(rows=3)
    for start in range(0, 10, 2):
        segments.append(rows(str(start), str(start + 1)))
    segments.close()
    segments.append(rows("10"))
    assert ids(tmp_path) == [str(n) for n in range(11)]
    for after in range(12):
        assert ids(tmp_path, after) == [str(n) for n in range(after, 11)]
    files = sorted(tmp_path.glob("*.arrow"))
    assert [int(f.stem.rpartition("-")[2]) for f in files] == [0, 4, 8]
    with pa.ipc.open_stream(files[0].read_bytes() + b"\xff\xff\xff\xff\0\0\0\0") as reader:
        assert reader.read_all().num_rows == 4


def test_places_keep_their_meaning_when_old_segments_go(begin: Any, tmp_path: Path):
    segments = begin(rows=2)
    for name in "abcdef":
        segments.append(rows(name))
    min(tmp_path.glob("*.arrow")).unlink()
    assert ids(tmp_path, 4) == ["e", "f"]
    assert ids(tmp_path, 0) == ["c", "d", "e", "f"]


def test_a_torn_last_batch_is_skipped_and_writing_goes_on(begin: Any, tmp_path: Path):
    first = begin()
    first.append(rows("a"))
    first.append(rows("b"))
    (file,) = tmp_path.glob("*.arrow")
    whole = file.read_bytes()
    first.append(rows("c"))
    torn = file.read_bytes()
    for cut in (len(whole) + 3, len(whole) + 60, len(torn) - 1):
        file.write_bytes(torn[:cut])
        assert ids(tmp_path) == ["a", "b"]
    second = begin()  # another process, after the kill
    second.append(rows("d"))
    assert ids(tmp_path) == ["a", "b", "d"]
    assert ids(tmp_path, 2) == ["d"]


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200))
def test_what_is_no_segment_has_no_rows(data: bytes):
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "20260101-1-0.arrow"
        path.write_bytes(data)
        assert read_segment(path).height == 0


def test_two_writers_take_turns(begin: Any, tmp_path: Path):
    one, other = begin(), begin()
    for n in range(6):
        (one if n % 2 else other).append(rows(str(n)))
        assert ids(tmp_path) == [str(i) for i in range(n + 1)]
    many = [begin() for _ in range(4)]
    threads = [
        threading.Thread(target=lambda s=s, k=k: [s.append(rows(f"{k}{i}")) for i in range(5)])
        for k, s in enumerate(many)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = ids(tmp_path)
    assert len(found) == 26
    for k in range(4):
        assert [i for i in found[6:] if i.startswith(str(k)) and len(i) == 2] == [
            f"{k}{i}" for i in range(5)
        ]


def test_writers_share_the_last_segment_and_count_on(begin: Any, tmp_path: Path):
    one, other = begin(rows=4), begin(rows=4)
    for n in range(11):
        (one if n % 2 else other).append(rows(str(n)))
    files = sorted(tmp_path.glob("*.arrow"))
    assert [int(f.stem.rpartition("-")[2]) for f in files] == [0, 4, 8]
    assert ids(tmp_path) == [str(n) for n in range(11)]
    assert ids(tmp_path, 9) == ["9", "10"]


def test_another_ones_segment_gives_its_columns(begin: Any, tmp_path: Path):
    begin().append(rows("a", **{"x.age": 3.0}))
    begin().append(rows("b"))
    assert len(list(tmp_path.glob("*.arrow"))) == 1
    assert read(tmp_path)["x.age"].to_list() == [3.0, None]


@pytest.mark.parametrize("tail", ["", "torn", "x.arrow 1 2 3", None])
def test_a_writer_killed_before_it_told_the_tail_costs_no_row(
    begin: Any, tmp_path: Path, tail: str | None
):
    first = begin()
    first.append(rows("a"))
    known = (tmp_path / ".tail").read_text()
    first.append(rows("b"))
    (tmp_path / ".tail").write_text(known if tail is None else tail)  # as before the second batch
    begin().append(rows("c"))
    first.append(rows("d"))
    assert ids(tmp_path) == ["a", "b", "c", "d"]
    assert [ids(tmp_path, n) for n in (2, 3)] == [["c", "d"], ["d"]]


def test_other_columns_share_a_segment_or_begin_one(begin: Any, tmp_path: Path):
    segments = begin()
    segments.append(rows("a", **{"x.age": 3.0}))
    segments.append(rows("b"))
    segments.append(rows("c", **{"x.town": "桂林"}))
    segments.append(rows("d", **{"x.age": "old"}))
    assert len(list(tmp_path.glob("*.arrow"))) == 3
    found = read(tmp_path)
    assert found["prediction_id"].to_list() == ["a", "b", "c", "d"]
    assert found["x.town"].to_list() == [None, None, "桂林", None]


def test_a_segment_from_which_rows_were_erased_is_not_written_to(begin: Any, tmp_path: Path):
    segments = begin()
    segments.append(rows("a", **{"x.name": "Ann"}))
    segments.append(rows("b", **{"x.name": "Bob"}))
    (file,) = tmp_path.glob("*.arrow")
    assert erase_log(file, "x.name", "Ann") == 1
    segments.append(rows("c", **{"x.name": "Cid"}))
    assert ids(tmp_path) == ["b", "c"]


def test_a_clock_that_goes_back_does_not_change_the_order(begin: Any, tmp_path: Path):
    times = iter([datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)])
    segments = begin(now=lambda: next(times), rows=1)
    segments.append(rows("a"))
    segments.append(rows("b"))
    assert ids(tmp_path) == ["a", "b"]


def test_a_failed_write_leaves_whole_batches(begin: Any, tmp_path: Path):
    segments = begin()
    segments.append(rows("a"))
    (file,) = tmp_path.glob("*.arrow")
    real = segments._file

    class Full:
        """A disk that takes some bytes and then no more."""

        def fileno(self) -> int:
            return real.fileno()

        def write(self, data: bytes) -> int:
            if file.stat().st_size > 4000:
                raise OSError(28, "No space left on device")
            return os.write(real.fileno(), data[:700])

        def close(self) -> None:
            real.close()

    segments._file = Full()
    before = file.read_bytes()
    with pytest.raises(OSError, match="No space"):
        segments.append(rows(*[f"{n:04}" for n in range(500)]))
    assert file.read_bytes() == before
    segments.append(rows("b"))
    assert ids(tmp_path) == ["a", "b"]


def entry(n: int, size: int = 10) -> Entry:
    return Entry("source", "champion", "", 0.0, 1.0, 200, [str(n)], size)


def as_rows(entries: list[Entry]) -> list[pl.DataFrame]:
    return [rows(*[name for e in entries for name in e.ids])]


def test_what_is_queued_is_written_and_the_rest_is_counted(tmp_path: Path):
    held = threading.Event()

    def slow(entries: list[Entry]) -> list[pl.DataFrame]:
        held.wait(5)
        return as_rows(entries)

    records = Log(Segments(tmp_path), slow, capacity=5, flush_s=0.01)
    for n in range(8):
        records.add(entry(n))
    assert records.dropped == 3
    held.set()
    records.close()
    assert ids(tmp_path) == ["0", "1", "2", "3", "4"]
    assert records.logged == 5


def test_large_bodies_fill_the_queue_too(tmp_path: Path):
    records = Log(Segments(tmp_path), as_rows, capacity_bytes=100, flush_s=60)
    records.add(entry(0, size=90))
    records.add(entry(1, size=20))
    assert records.dropped == 1
    records.close()
    assert ids(tmp_path) == ["0"]


def test_rows_that_cannot_be_written_are_counted_and_the_next_are_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    def moody(entries: list[Entry]) -> list[pl.DataFrame]:
        if entries[0].ids == ["0"]:
            raise ValueError("odd")
        return as_rows(entries)

    records = Log(Segments(tmp_path), moody, flush_s=0.01)
    records.CHUNK = 1
    records.add(entry(0))
    records.add(entry(1))
    records.close()
    assert records.dropped == 1
    assert ids(tmp_path) == ["1"]
    assert "could not be logged" in caplog.text


@pytest.mark.parametrize("name", ["digits", "people", "prices"])
def test_a_window_of_the_log_is_counted_into_the_profile(
    begin: Any, releases: dict[str, Path], tmp_path: Path, name: str
):
    served = opened(releases[name])
    asked = [row["input"] for row in served.release.golden["rows"]]
    columns = served.reader.rows(asked)
    (answer,) = served.run([columns])
    labels = [str(n) for n in range(len(asked))]
    good = Entry(served, "champion", "k1", 1_800_000_000.5, 2.5, 200, labels, 9, columns, answer)
    bad = Entry(served, "champion", "k1", 1_800_000_001.0, 50.0, 504, ["late"], 9)
    segments = begin()
    for frame in frames([good, bad, good]):
        segments.append(frame)
    found = read(tmp_path)
    assert found.height == 2 * len(asked) + 1
    assert set(found["release"]) == {served.digest}
    assert found["at"][0] == datetime.fromtimestamp(1_800_000_000.5, UTC).replace(tzinfo=None)
    assert traffic(found)["errors"] == 1
    assert traffic(found)["latency_p99_ms"] == 2.5
    window = profile(served.release.profile, found)
    assert window["rows"] == 2 * len(asked)
    for part in window["columns"].values():
        counted = sum(part["counts"]) + part.get("nulls", 0)
        assert counted + part.get("other", 0) + part.get("unseen", 0) == 2 * len(asked)
    assert sum(window["outputs"]["prediction"]["counts"]) == 2 * len(asked)


def test_only_what_the_profile_names_is_kept(releases: dict[str, Path]):
    served = opened(releases["people"])
    private = dict(served.release.profile)
    private["columns"] = {k: v for k, v in private["columns"].items() if k != "town"}
    served._watched = list(private["columns"])
    columns = served.reader.rows([served.release.golden["rows"][0]["input"]])
    assert served.signals([columns]).columns == ["x.age", "x.member", "x.note.length"]


def test_a_window_of_nothing_but_failures(tmp_path: Path, releases: dict[str, Path]):
    served = opened(releases["prices"])
    failed = [Entry(served, "champion", "", 0.0, 1.0, 503, ["a"], 1)]
    (frame,) = frames(failed)
    window = profile(served.release.profile, frame)
    assert window["rows"] == 0
    assert SimpleNamespace(**traffic(frame)).errors == 1


def test_old_segments_go_and_the_newest_stays(tmp_path: Path) -> None:
    days = iter([1, 5, 9])
    segments = Segments(tmp_path, now=lambda: datetime(2026, 1, next(days), tzinfo=UTC), rows=1)
    for number in range(3):
        segments.append(pl.DataFrame({"prediction_id": [str(number)], "status": [200]}))
    segments.close()
    limit = datetime(2026, 1, 6, tzinfo=UTC)
    before = sorted(tmp_path.glob("*.arrow"))
    assert prune(tmp_path, limit, dry_run=True)[0] == 1
    assert sorted(tmp_path.glob("*.arrow")) == before
    files, size = prune(tmp_path, limit)
    assert files == 1 and size > 0
    assert read(tmp_path, after=1)["prediction_id"].to_list() == ["1", "2"]
    assert prune(tmp_path, datetime(2027, 1, 1, tzinfo=UTC))[0] == 1
    assert len(list(tmp_path.glob("*.arrow"))) == 1
    assert prune(tmp_path / "nowhere", limit) == (0, 0)
