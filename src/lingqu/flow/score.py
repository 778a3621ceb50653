"""Answer every row of a file, however large it is, in this process: batch scoring.

The rows are answered by the release that callers of the channel are answered by, through the same
encoding and graph, so the answers are those of its outlets.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lingqu.core.errors import DataError, GateError, SpecError
from lingqu.core.nouns import Json
from lingqu.core.ports import Source
from lingqu.data import files
from lingqu.data.blocks import BLOCK
from lingqu.data.parts import ROWS
from lingqu.data.resolve import resolve
from lingqu.data.tables import TableFile
from lingqu.flow.call import answering as answering_release
from lingqu.flow.score_folder import ScoreFolder
from lingqu.flow.score_pieces import (
    HELD,
    Answering,
    Bad,
    Piece,
    column_names,
    pieces,
    plain_bytes,
    refuse_missing,
    rows_of,
)
from lingqu.release.release import Release
from lingqu.store.folders import release_folder
from lingqu.store.home import Home

MOST_BAD = 10_000
"""Bad rows after which scoring stops: the file is then not what the channel reads."""
TOGETHER = 500_000_000
"""Bytes of rows that may be answered together, where answers depend on each other."""


@dataclass(frozen=True)
class Progress:
    """How far a scoring is.

    Args:
        rows: Rows answered so far.
        bad: Rows that could not be read.
        kept: Rows that an earlier, interrupted scoring had answered.
        total: Rows in all; about, where it is judged by bytes; None where nobody knows.
    """

    rows: int
    bad: int
    kept: int
    total: int | None


@dataclass(frozen=True)
class Scored:
    """What a scoring wrote.

    Args:
        out: The file with one answer a row, in the order of the input.
        rows: Rows.
        bad: Rows that could not be read; their answers are empty.
        bad_file: Where their numbers and the reasons are; ``""`` without any.
        release: Digest of the release that answered.
        kept: Rows that an earlier, interrupted scoring had answered.
        seconds: Wall seconds that this one took.
    """

    out: str
    rows: int
    bad: int
    bad_file: str
    release: str
    kept: int
    seconds: float


Tell = Callable[[Progress], None]


def score(
    home: Home,
    channel: str,
    path: str | Path,
    out: str | Path,
    *,
    keep: Sequence[str] = (),
    most_bad: int = MOST_BAD,
    piece: int = ROWS,
    tell: Tell | None = None,
) -> Scored:
    """Answer the rows of a file into another one.

    A scoring that was interrupted, even killed, goes on where it was when it is asked again; the
    wanted file appears when it is whole.

    Args:
        home: The workspace.
        channel: Name of the channel, or a release digest.
        path: CSV, TSV, Parquet, Arrow or JSON lines; also compressed, a pattern or a URL.
        out: File to write, by its ending: ``.parquet .csv .jsonl .arrow``.
        keep: Columns of the input to write beside the answers; ``*`` for all.
        most_bad: Bad rows after which it stops.
        piece: Rows that are answered at a time at most.
        tell: Called after every piece.

    Raises:
        DataError: The file cannot be read, or too many rows cannot.
        GateError: There is no such release, or it was blocked.
        OutletError: The channel is stopped.
        SpecError: Rows of this task cannot be answered apart from each other.
        StoreError: The answers cannot be written, or another process is writing them.
    """
    begun = time.perf_counter()
    name, out = str(path), Path(out)
    release = opened(home, channel)
    source = resolve(name)
    there = column_names(source, name)
    kept = _kept(keep, there, name)
    wanted = _wanted(release, there, name)
    answering = Answering(release)
    _refuse_twice(kept, answering.names)
    facts = {
        "input": name,
        "state": _state(source),
        "release": release.digest,
        "keep": list(kept),
        "cut": [piece, HELD],
    }
    folder = ScoreFolder(out, facts)
    with folder.held():
        earlier = folder.rows
        cut = pieces(source, list(dict.fromkeys([*wanted, *kept])), piece)
        if release.predictor.runner.together:
            cut = _whole(cut, name)
        told = _Told(tell, _totals(source), earlier)
        told.tell(folder)
        for first, frame in _ahead(cut, folder.done):
            answers, bad = answering.answer(frame, first, most_bad - folder.bad_rows)
            _refuse_too_many(bad, folder.bad_rows, most_bad, name)
            folder.add(pl.DataFrame([*frame.select(kept), *answers]), bad)
            told.tell(folder)
        rows, bad_rows = folder.rows, folder.bad_rows
        if not rows:
            raise DataError("data.no_rows", path=name, columns=", ".join(there[:20]))
        folder.finish()
    detail = {"rows": rows, "bad": bad_rows, "input": Path(name).name, "out": out.name}
    home.ledger.events.append(
        kind="release.scored", subject=release.digest, detail=detail, at=home.clock()
    )
    bad_file = str(folder.bad) if bad_rows else ""
    seconds = time.perf_counter() - begun
    return Scored(str(out), rows, bad_rows, bad_file, release.digest, earlier, seconds)


def opened(home: Home, channel: str) -> Release:
    """Open the release that callers of a channel are answered by.

    Raises:
        GateError: There is none, or it was blocked.
        OutletError: The channel is stopped.
        SpecError: Nothing is read from files by it.
    """
    record = answering_release(home, channel)
    if record.state == "blocked":
        raise GateError("flow.not_approved", release=record.digest[:12], state=record.state)
    release = Release.open(release_folder(home, record.digest))
    if release.task == "generate":
        raise SpecError("use.makes_rows", channel=channel)
    return release


def _wanted(release: Release, there: Sequence[str], path: str) -> list[str]:
    """Return the columns that the release reads."""
    if release.schema.basket is not None:
        return list(there)  # a row may say what it knows in several ways
    needed = [column.name for column in release.schema.inputs]
    refuse_missing(needed, there, path)
    history = release.schema.history
    return needed if history is None or history.name not in there else [*needed, history.name]


def _state(source: Source) -> Json:
    """Return what changes with the rows of a source; a large local file is not read for it."""
    if not isinstance(source, TableFile) or files.is_url(source.path):
        return source.fingerprint()
    stats = [Path(path).stat() for path in files.expand(source.path, source.storage)]
    return [[stat.st_size, stat.st_mtime_ns] for stat in stats]


def _kept(keep: Sequence[str], there: Sequence[str], path: str) -> list[str]:
    names = list(there) if "*" in keep else list(dict.fromkeys(keep))
    refuse_missing(names, there, path)
    return names


def _refuse_twice(kept: Sequence[str], answers: Sequence[str]) -> None:
    twice = sorted({*kept} & {*answers})
    if twice:
        raise SpecError("use.kept_twice", columns=", ".join(map(repr, twice)))


def _refuse_too_many(bad: Sequence[Bad], before: int, most: int, path: str) -> None:
    if before + len(bad) > most:
        first = bad[0]
        raise DataError(
            "use.too_many_bad", path=path, most=most, row=first.row, reason=first.reason
        )


def _whole(cut: Iterator[Piece], path: str) -> Iterator[Piece]:
    """Return all rows as one piece: their answers depend on each other.

    Raises:
        SpecError: They are more than memory should hold.
    """
    frames, size = [], 0
    for piece in cut:
        frames.append(piece.load())
        size += int(frames[-1].estimated_size())
        if size > TOGETHER:
            raise SpecError("use.together", path=path, most_mb=TOGETHER // 1_000_000)
    joined = pl.concat(frames, how="diagonal_relaxed")
    yield Piece(0, path, lambda: joined)


def _ahead(cut: Iterator[Piece], done: int) -> Iterator[tuple[int, pl.DataFrame]]:
    """Read each piece while the one before it is answered; the first ones are not wanted."""

    def following() -> tuple[int, pl.DataFrame] | None:
        piece = next(cut, None)
        return None if piece is None else (piece.first, piece.load())

    for _ in range(done):
        next(cut, None)
    with ThreadPoolExecutor(1, thread_name_prefix="lingqu-read") as thread:
        coming = thread.submit(following)
        while (found := coming.result()) is not None:
            coming = thread.submit(following)
            yield found


def _totals(source: Source) -> Callable[[int, int], int | None]:
    """Return what tells the rows in all, of rows and pieces that are done."""
    rows, size = rows_of(source), plain_bytes(source)

    def total(done: int, count: int) -> int | None:
        if rows is not None or size is None or not count:
            return rows
        return max(done, round(done * size / min(size, count * BLOCK)))

    return total


class _Told:
    """Tells how far a scoring is."""

    def __init__(
        self, tell: Tell | None, total: Callable[[int, int], int | None], kept: int
    ) -> None:
        self._tell = tell
        self._total = total
        self._kept = kept

    def tell(self, folder: ScoreFolder) -> None:
        if self._tell is not None:
            total = self._total(folder.rows, folder.done)
            self._tell(Progress(folder.rows, folder.bad_rows, self._kept, total))
