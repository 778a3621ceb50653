"""What a scoring has answered so far: files in a folder beside the one that is wanted.

Each piece is a file that appears whole. A scoring that was killed finds its pieces again and goes
on behind them; the wanted file appears at the very end, by one rename. Pieces of another input,
release or form are of no use and go.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson
import polars as pl

from lingqu.core.errors import DataError, StoreError
from lingqu.core.nouns import Json
from lingqu.data.export import write_csv
from lingqu.flow.score_pieces import Bad

FORMS = (".parquet", ".csv", ".jsonl", ".arrow", ".feather")
"""What may be written, by the end of its name."""


class ScoreFolder:
    """The pieces of one scoring.

    Args:
        out: The file that is wanted; the pieces lie in ``<out>.parts`` beside it.
        facts: What the answers depend on: pieces that were made otherwise are removed.

    Raises:
        DataError: The file has an ending that nothing is written as.
        StoreError: The folder cannot be written.
    """

    def __init__(self, out: Path, facts: Mapping[str, Json]) -> None:
        self._form = out.suffix.lower()
        if self._form not in FORMS:
            expected = ", ".join(FORMS)
            raise DataError("use.unknown_form", path=str(out), expected=expected)
        self.out = out
        self.bad = out.with_name(f"{out.name}.bad.jsonl")
        self._folder = out.with_name(f"{out.name}.parts")
        self._facts = orjson.dumps(dict(facts), option=orjson.OPT_SORT_KEYS)
        self._counts: list[tuple[int, int]] = []

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder: two scorings of one file would write into each other's pieces.

        Raises:
            StoreError: Another process holds it, or it cannot be written.
        """
        with worded(self.out):
            self._folder.mkdir(exist_ok=True)
            lock = (self._folder / ".lock").open("ab")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise StoreError("use.taken", path=str(self.out)) from error
            with worded(self.out):
                self._find()
            yield

    def _find(self) -> None:
        """Find the pieces of a scoring that was cut short, or begin anew."""
        journal = self._folder / "scoring.json"
        if not journal.is_file() or journal.read_bytes() != self._facts:
            for path in self._folder.glob("*"):
                if path.name != ".lock":
                    path.unlink()
            journal.write_bytes(self._facts)
        while self._counts_file(len(self._counts)).is_file():
            found = orjson.loads(self._counts_file(len(self._counts)).read_bytes())
            self._counts.append((found["rows"], found["bad"]))

    @property
    def done(self) -> int:
        """Pieces that are there."""
        return len(self._counts)

    @property
    def rows(self) -> int:
        """Rows of the pieces that are there."""
        return sum(rows for rows, _ in self._counts)

    @property
    def bad_rows(self) -> int:
        """Rows of theirs that could not be read."""
        return sum(bad for _, bad in self._counts)

    def add(self, frame: pl.DataFrame, bad: Sequence[Bad]) -> None:
        """Keep one more piece; it is there when its counts are, which are written last."""
        number = self.done
        with worded(self.out):
            if self._form == ".csv":
                write_csv(frame, self._piece(number), bom=False)
            elif self._form == ".jsonl":
                frame.write_ndjson(self._piece(number))
            else:
                frame.write_parquet(self._piece(number))
            lines = [orjson.dumps({"row": one.row, "reason": one.reason}) for one in bad]
            self._bad(number).write_bytes(b"".join(line + b"\n" for line in lines))
            counts = self._counts_file(number)
            partial = counts.with_suffix(".part")
            partial.write_bytes(orjson.dumps({"rows": frame.height, "bad": len(bad)}))
            partial.replace(counts)
        self._counts.append((frame.height, len(bad)))

    def finish(self) -> None:
        """Join the pieces into the wanted file and remove them."""
        whole = self._folder / f"whole{self._form}"
        with worded(self.out):
            self._join(whole)
            if self.bad_rows:
                found = self._folder / "bad.jsonl"
                _concatenate([self._bad(number) for number in range(self.done)], found)
                os.replace(found, self.bad)
            else:
                self.bad.unlink(missing_ok=True)  # of an earlier scoring
            with whole.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(whole, self.out)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _join(self, whole: Path) -> None:
        paths = [self._piece(number) for number in range(self.done)]
        if self._form == ".csv":
            _concatenate(paths, whole, self._head(paths[0]))
        elif self._form == ".jsonl":
            _concatenate(paths, whole)
        elif self._form == ".parquet":
            _scanned(paths).sink_parquet(whole)
        else:
            _scanned(paths).sink_ipc(whole, compression="zstd")

    def _head(self, path: Path) -> int:
        """Return the bytes of the line with the names, which every piece of CSV begins with."""
        names = self._folder / "names.csv"
        write_csv(pl.read_csv(path, n_rows=0, infer_schema=False), names, bom=False)
        return names.stat().st_size

    def _piece(self, number: int) -> Path:
        form = self._form if self._form in (".csv", ".jsonl") else ".parquet"
        return self._folder / f"piece-{number:08d}{form}"

    def _bad(self, number: int) -> Path:
        return self._folder / f"bad-{number:08d}.jsonl"

    def _counts_file(self, number: int) -> Path:
        return self._folder / f"piece-{number:08d}.json"


def _scanned(paths: list[Path]) -> pl.LazyFrame:
    """Return pieces as one table; of lines of JSON, one may have whole numbers, the next others."""
    if len({tuple(pl.read_parquet_schema(path).items()) for path in paths}) == 1:
        return pl.scan_parquet(paths)
    return pl.concat([pl.scan_parquet(path) for path in paths], how="vertical_relaxed")


def _concatenate(paths: Sequence[Path], whole: Path, head: int = 0) -> None:
    """Join files; all but the first without their first `head` bytes."""
    with whole.open("wb") as into:
        for place, path in enumerate(paths):
            with path.open("rb") as file:
                file.seek(head if place else 0)
                shutil.copyfileobj(file, into, 1 << 20)


@contextmanager
def worded(out: Path) -> Iterator[None]:
    """Word what goes wrong while something is written."""
    try:
        yield
    except OSError as error:
        problem = error.strerror or str(error)
        raise StoreError("use.unwritable", path=str(out), problem=problem) from error
