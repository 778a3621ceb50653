"""Delimited text: CSV and TSV, plain, compressed or in an archive.

Polars parses; the checks around it only look at the bytes, and the exact but slow parser of the
standard library is asked when something is odd, to name the row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

import numpy as np
import polars as pl

from lingqu.core.column_names import listed
from lingqu.core.errors import DataError
from lingqu.core.i18n import text
from lingqu.data.encoding import to_utf8
from lingqu.data.tables import TableFile
from lingqu.release.frames import refuse_patterns, refuse_twice

DELIMITERS = (",", "\t", ";", "|")
HEAD = 65_536
"""Bytes that the delimiter is judged by."""
CHUNK = 8 * 1024 * 1024


@dataclass
class Csv(TableFile):
    """A CSV or TSV file, several of them behind a pattern, or one behind a URL.

    Args:
        path: Local path, pattern or URL; ``.gz .bz2 .xz .zst`` and archives are unpacked.
        encoding: ``auto`` tells UTF-8, UTF-16 and GB18030 apart; several, as in
            ``utf-8, gb18030``, are tried on each line.
        delimiter: One character, or ``auto``.
        header: Whether the first line names the columns.
        member: Which file of an archive, or a pattern with ``*``.
        max_characters: A longer cell is refused; it is nearly always an unclosed quote.
        max_mb: Megabytes that may come out of one archive.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
    """

    encoding: str = "auto"
    delimiter: str = "auto"
    header: bool = True
    max_characters: int = 500_000

    def parse(self, data: bytes, path: str) -> pl.DataFrame:
        """Return the rows of one file; see the function `parse`."""
        return parse(
            to_utf8(data, path, self.encoding)[0],
            path,
            delimiter=self.delimiter,
            header=self.header,
            max_characters=self.max_characters,
        )


def parse(
    data: bytes,
    path: str,
    *,
    delimiter: str = "auto",
    header: bool = True,
    max_characters: int = 500_000,
) -> pl.DataFrame:
    """Parse delimited UTF-8 text into columns of text.

    Every cell stays as it was written, so that leading zeros survive until `infer` has looked.

    Raises:
        DataError: Empty, header only, ragged, duplicate names, unclosed quote, giant cell.

    Example:
        >>> parse(b'zip;note\\n007;"two\\nlines"\\n', "a.csv").rows()
        [('007', 'two\\nlines')]
    """
    data = _tidy(data)
    if not data:
        raise DataError("data.empty_file", path=path)
    if delimiter == "auto":
        delimiter = sniff(data[:HEAD].decode("utf-8", "ignore"))
    names = _names(data, path, delimiter, header)
    if regular(data, ord(delimiter), len(names)):
        try:
            frame = _fast(data, delimiter, header, names)
        # Polars is stricter than RFC 4180 readers about quotes inside a cell.
        except pl.exceptions.PolarsError:
            frame = _exact(data, path, delimiter, header, names)
    else:
        frame = _exact(data, path, delimiter, header, names)
    if frame.height == 0:
        raise DataError("data.no_rows", path=path, columns=listed(names, 20))
    refuse_giants(frame, path, max_characters)
    return frame


def _tidy(data: bytes) -> bytes:
    """Drop blank lines at both ends, and within where no quoted cell can contain one."""
    data = data.strip(b"\r\n")
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    if b'"' not in data and (b"\n\n" in data or b"\n\r\n" in data):
        data = re.sub(rb"\n(?:\r?\n)+", b"\n", data)
    return data if data.strip() else b""


def sniff(head: str) -> str:
    """Return the delimiter that cuts the first lines into the same number of cells, the most.

    Example:
        >>> sniff("a;b;c\\n1,5;2;3\\n")
        ';'
    """
    best, most = ",", 1
    for delimiter in DELIMITERS:
        lines = [len(row) for row in _quiet(head, delimiter) if row][:50]
        # The last line of the head may be cut.
        widths = lines[:-1] or lines
        agreed = sum(width == widths[0] for width in widths) / len(widths)
        if widths[0] > most and agreed >= 0.9:
            best, most = delimiter, widths[0]
    return best


def _quiet(head: str, delimiter: str) -> Iterator[list[str]]:
    _allow_long_cells()
    return csv.reader(StringIO(head, newline=""), delimiter=delimiter)


def _allow_long_cells() -> None:
    """Lift the standard parser's own limit, which would fail before ours can name the cell."""
    csv.field_size_limit(2**31 - 1)


def _names(data: bytes, path: str, delimiter: str, header: bool) -> list[str]:
    end = data.find(b"\n")
    head = data if end < 0 or data.count(b'"', 0, end) % 2 else data[:end]
    row = next(_quiet(head.decode(), delimiter), [])
    if not header:
        return [f"column_{place}" for place in range(1, len(row) + 1)]
    names = [cell.strip() or f"column_{place}" for place, cell in enumerate(row, start=1)]
    refuse_twice(names, path)
    refuse_patterns(names, path)
    return names


def regular(data: bytes, delimiter: int, width: int) -> bool:
    """Tell from the bytes whether every record has `width` cells.

    A False may be a false alarm (a stray quote): the exact parser decides.

    Example:
        >>> regular(b'a,b\\n1,"x,y"\\n', ord(","), 2), regular(b"a,b\\n1\\n", ord(","), 2)
        (True, False)

    Source:
        Own: a byte is inside quotes where the count of quotes before it is odd (RFC 4180,
        section 2), so delimiters and line ends can be counted without a parser.
    """
    inside, open_cells = 0, 0
    ended = True
    for start in range(0, len(data), CHUNK):
        block = np.frombuffer(
            data, dtype=np.uint8, count=min(CHUNK, len(data) - start), offset=start
        )
        cut, end = block == delimiter, block == 10
        if inside or data.find(b'"', start, start + CHUNK) >= 0:
            quotes = (np.cumsum(block == 34, dtype=np.uint8) + np.uint8(inside)) & 1
            cut &= quotes == 0
            end &= quotes == 0
            inside = int(quotes[-1])
        cuts, ends = np.flatnonzero(cut), np.flatnonzero(end)
        before = np.searchsorted(cuts, ends)
        if len(ends):
            cells = np.diff(before, prepend=0)
            cells[0] += open_cells
            if (cells != width - 1).any():
                return False
            open_cells = len(cuts) - int(before[-1])
        else:
            open_cells += len(cuts)
        ended = bool(block[-1] == 10)
    return not inside and (ended or open_cells == width - 1)


def _fast(data: bytes, delimiter: str, header: bool, names: list[str]) -> pl.DataFrame:
    frame = pl.read_csv(data, separator=delimiter, has_header=header, infer_schema=False)
    frame.columns = names
    return frame


def _exact(data: bytes, path: str, delimiter: str, header: bool, names: list[str]) -> pl.DataFrame:
    """Parse record by record, to accept what is unusual and to name what is wrong."""
    _allow_long_cells()
    words = data.decode()
    _refuse_open_quote(words, path, delimiter, header)
    reader = csv.reader(StringIO(words, newline=""), delimiter=delimiter)
    rows: list[list[str | None]] = []
    line = 1
    for record in reader:
        began, line = line, reader.line_num + 1
        if not record or (header and began == 1):
            continue
        if len(record) != len(names):
            raise _ragged(path, len(rows) + 1, began, record, names, delimiter)
        rows.append([cell or None for cell in record])
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _refuse_open_quote(words: str, path: str, delimiter: str, header: bool) -> None:
    reader = csv.reader(StringIO(words, newline=""), delimiter=delimiter, strict=True)
    row = 0 if header else 1
    line = 1
    try:
        for _ in reader:
            row, line = row + 1, reader.line_num + 1
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise DataError(
                "data.bad_quotes", path=path, row=row, line=line, problem=str(error)
            ) from error


def _ragged(
    path: str, row: int, line: int, record: list[str], names: list[str], delimiter: str
) -> DataError:
    if len(record) < len(names):
        fault = text("data.ragged_missing", column=names[len(record)])
    else:
        fault = text("data.ragged_extra", extra=record[len(names)][:40])
    return DataError(
        "data.ragged",
        path=path,
        row=row,
        line=line,
        received=len(record),
        expected=len(names),
        fault=fault,
        separator=delimiter,
    )


def refuse_giants(frame: pl.DataFrame, path: str, most: int) -> None:
    """Refuse a text of more than `most` characters, with its row and column."""
    frame = frame.select(name for name, kind in frame.schema.items() if kind == pl.String)
    longest = frame.select(pl.all().str.len_bytes().max())
    for name in frame.columns:
        if (longest[name][0] or 0) <= most:
            continue
        lengths = frame[name].str.len_chars()
        row = lengths.fill_null(0).arg_max() or 0
        if lengths[row] > most:
            raise DataError(
                "data.long_cell",
                path=path,
                column=name,
                row=row + 1,
                received=lengths[row],
                expected=most,
            )
