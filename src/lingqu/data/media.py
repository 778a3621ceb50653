"""A folder, an archive or a URL of media files: one row for each, with its label and features."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from lingqu.core import digest
from lingqu.core.errors import DataError, gist
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Kind, Schema, because
from lingqu.data import endings, entries, files
from lingqu.data.archives import Limits
from lingqu.data.endings import LABELS
from lingqu.data.entries import Entry
from lingqu.data.infer import typed
from lingqu.data.labels import joined, laid_out
from lingqu.data.roles import order_levels
from lingqu.data.tables import parse_as


@dataclass
class MediaFolder:
    """Media files with labels from their folders, from a table, or without any.

    Args:
        path: A folder or an archive, local or behind a URL.
        label: Name of the column that folders become.
        labels: ``auto``: a table called labels or metadata that lies in the folder, else the
            folders; ``folder``; ``none``; or the path of a table, whose other columns all become
            columns of the data.
        file: Column of that table that names the files; found when omitted.
        names: Whether to keep the names of the files, as an id column ``file``.
        skip_unreadable: Leave out files that cannot be decoded, and list them in the facts,
            instead of refusing the folder.
        skip_unlabelled: Leave out files that the table does not name, and list them.
        max_mb: Megabytes that may come out of an archive or a URL.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
    """

    main: ClassVar[str] = "path"
    column: ClassVar[str]
    """Name of the media column."""
    suffixes: ClassVar[tuple[str, ...]]
    path: str
    label: str = "label"
    labels: str = "auto"
    file: str = ""
    names: bool = False
    skip_unreadable: bool = False
    skip_unlabelled: bool = False
    max_mb: float = 4096
    storage: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)

    @abstractmethod
    def look(self, entry: Entry) -> Any:
        """Open one file whole, and return what is to be known of it.

        Raises:
            OSError: It is empty, cut short or broken.
            DataError: The same, worded.
        """

    @abstractmethod
    def cells(self, kept: Sequence[Entry], seen: Sequence[Any]) -> tuple[Column, pl.Series]:
        """Return the media column and its values."""

    @abstractmethod
    def refused(self, count: int, names: str, problem: str) -> DataError:
        """Word that files cannot be read."""

    def facts(self, seen: Sequence[Any]) -> dict[str, Any]:
        """Return what is worth knowing of all files together."""
        return {}

    def read(self) -> Dataset:
        """Find and open every file once, so that a broken one is known before training.

        Raises:
            DataError: No files, some that are broken, or labels that do not fit, with names.
        """
        return self.assemble(
            entries.find(self.path, self.storage, self._wanted, Limits(self.max_mb))
        )

    def fingerprint(self) -> str:
        """Return a digest of names and contents; unchanged files are not read again."""
        parts = entries.fingerprint(self.path, self.storage, self._wanted)
        if not parts:
            raise self._nothing()
        beside = self._beside()
        if beside:
            parts.append(["labels", files.fingerprint(beside, self.storage)])
        skipped = ("path", "storage")
        options = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in skipped}
        return digest.of_json({"files": parts, "options": options})

    def assemble(self, found: Sequence[Entry]) -> Dataset:
        """Return the dataset of files that were found."""
        media = [e for e in found if e.name.lower().endswith(self.suffixes)]
        table = self._table(found)
        media = [e for e in media if table is None or e.name != table[0]]
        if not media:
            raise self._nothing()
        kept, rest, left = self._labelled(media, table)
        seen, whole, broken = self._opened(kept)
        rest = _rows(rest, whole)
        kept = [kept[place] for place in whole]
        column, values = self.cells(kept, seen)
        if column.name in rest.frame.columns:
            raise DataError(
                "data.duplicate_columns", where=self.path, names=repr(column.name), places="1, 2"
            )
        facts = {
            "source": self.path,
            "files": len(kept),
            "unreadable": broken,
            **{name: values for name, values in left.items() if values},
            **self.facts(seen),
        }
        frame = pl.DataFrame([values, *rest.frame.get_columns()])
        schema = Schema((column, *rest.schema))
        if column.kind != "text" and values.dtype == pl.String:
            # The digest stands for what the files hold, not for where they lie.
            shown = [[entry.name, entry.digest()] for entry in kept]
            part = digest.of_frame(rest.frame, schema)
            frozen = digest.of_json({"files": shown, "rest": part})
        else:
            frozen = digest.of_frame(frame, schema)
        where = self.path if files.is_url(self.path) else str(Path(self.path).resolve())
        return Dataset(frame, schema, files.stem(where), frozen, facts)

    def _wanted(self, name: str) -> bool:
        base = name.rpartition("/")[2]
        if name.lower().endswith(self.suffixes):
            return True
        return bool(LABELS.match(base) and endings.table(base)) or name.endswith(self.labels)

    def _nothing(self) -> DataError:
        expected = ", ".join(self.suffixes)
        return DataError("collect.no_media", path=self.path, kind=self.column, expected=expected)

    def _opened(self, kept: Sequence[Entry]) -> tuple[list[Any], list[int], list[str]]:
        seen, whole, broken, problem = [], [], [], ""
        for place, entry in enumerate(kept):
            try:
                seen.append(self.look(entry))
                whole.append(place)
            except (OSError, DataError) as error:
                broken.append(entry.name)
                problem = problem or gist(error)
        if not whole or (broken and not self.skip_unreadable):
            names = ", ".join(broken[:10]) + (" …" if len(broken) > 10 else "")
            raise self.refused(len(broken), names, problem)
        return seen, whole, broken

    def _labelled(
        self, media: list[Entry], table: tuple[str, pl.DataFrame] | None
    ) -> tuple[list[Entry], Dataset, dict[str, list[str]]]:
        """Return the files to keep, their other columns, and what is left out and why."""
        names = [entry.name for entry in media]
        if table is None:
            layout = laid_out(names) if self.labels in ("auto", "folder") else None
            if layout is None:
                return media, self._columns(names, (), ()), {}
            if self.labels == "folder" and not layout.labels:
                raise DataError("collect.no_class_folders", path=self.path, files=names[0])
            kept = [media[place] for place in layout.kept]
            rest = self._columns([e.name for e in kept], layout.labels, layout.splits)
            return kept, rest, {"left_out": list(layout.left_out)}
        where, frame = table
        match = joined(
            frame,
            names,
            where,
            self.file,
            skip_unlabelled=self.skip_unlabelled,
            skip_absent=self.skip_unreadable,
        )
        kept = [media[place] for place in match.kept]
        frame = frame[list(match.rows)].drop(match.file)
        columns = typed(frame, hints=self.kinds, where=where) if frame.width else None
        rest = self._columns([e.name for e in kept], (), (), columns)
        return kept, rest, {"unlabelled": list(match.unlabelled), "absent": list(match.absent)}

    def _columns(
        self,
        names: Sequence[str],
        labels: Sequence[str],
        splits: Sequence[str],
        table: Dataset | None = None,
    ) -> Dataset:
        columns = list(table.schema) if table else []
        series = table.frame.get_columns() if table else []
        if labels:
            levels = order_levels(labels)
            why = because("data.reason_folders")
            columns.append(Column(self.label, "category", levels=levels, **why))
            series.append(pl.Series(self.label, labels, dtype=pl.String))
        if splits:
            why = because("collect.reason_parts")
            columns.append(Column("split", "category", "ignored", **why))
            series.append(pl.Series("split", splits, dtype=pl.String))
        if self.names:
            columns.append(Column("file", "text", "id", **because("collect.reason_names")))
            series.append(pl.Series("file", names, dtype=pl.String))
        return Dataset(pl.DataFrame(series), Schema(tuple(columns)))

    def _table(self, found: Sequence[Entry]) -> tuple[str, pl.DataFrame] | None:
        """Return name and rows of the label table, if there is one."""
        if self.labels in ("folder", "none"):
            return None
        if self.labels == "auto":
            own = [e for e in found if LABELS.match(e.name) and endings.table(e.name)]
            own = [e for e in own if not e.name.lower().endswith(self.suffixes)]
            if len(own) > 1:
                shown = ", ".join(entry.name for entry in own)
                raise DataError("collect.many_labels", path=self.path, files=shown)
            return (own[0].name, parse_as(own[0].name, own[0].content())) if own else None
        for entry in found:
            if entry.name == self.labels.removeprefix("./"):
                return entry.name, parse_as(entry.name, entry.content())
        beside = self._beside()
        if not beside:
            raise files.missing(str(Path(self.path) / self.labels))
        return self.labels, parse_as(beside, files.load(beside, self.storage))

    def _beside(self) -> str:
        """Return the address of a label table that does not lie inside, or ``""``."""
        if self.labels in ("auto", "folder", "none"):
            return ""
        if files.is_url(self.labels) or Path(self.labels).is_absolute():
            return self.labels
        if files.is_url(self.path):
            return f"{self.path.rstrip('/').rpartition('/')[0]}/{self.labels}"
        beside = Path(self.path).resolve().parent / self.labels
        return str(beside) if beside.is_file() else ""


def cells(name: str, kept: Sequence[Entry]) -> pl.Series:
    """Return media cells: paths of local files, bytes of all others."""
    if all(entry.path is not None for entry in kept):
        return pl.Series(name, [str(entry.path) for entry in kept], dtype=pl.String)
    return pl.Series(name, [entry.data for entry in kept], dtype=pl.Binary)


def _rows(rest: Dataset, rows: list[int]) -> Dataset:
    if not rest.frame.width or len(rows) == rest.frame.height:
        return rest
    return Dataset(rest.frame[rows], rest.schema)
