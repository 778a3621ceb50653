"""Spreadsheets: .xlsx, .xlsm, .xlsb, .xls and .ods.

Cells are read as the text that stands for their value, so that the same inference looks at them
as at a CSV file; formulas count by the value that was saved with them, and error cells are
missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import ClassVar

import fastexcel
import polars as pl

from lingqu.core.catalog import near
from lingqu.core.column_names import listed
from lingqu.core.errors import DataError
from lingqu.data import archives
from lingqu.data.archives import Limits
from lingqu.data.delimited import refuse_giants
from lingqu.data.files import broken
from lingqu.data.tables import TableFile
from lingqu.release.frames import refuse_twice

LOCKED = "EncryptedPackage".encode("utf-16-le")
"""Name of the stream that holds a workbook behind a password ([MS-OFFCRYPTO] 2.3.4.4)."""

FILEPASS = re.compile(rb"\x09\x08\x10\x00.{16}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
"""How an old workbook behind a password begins ([MS-XLS] 2.4.117)."""


@dataclass
class Excel(TableFile):
    """A spreadsheet file, or several of the same columns behind a pattern.

    Args:
        path: Local path, pattern or URL.
        sheet: Name of the sheet, or ``*`` for the rows of all of them. It may be omitted where
            only one sheet holds rows.
        header: Row that names the columns, counted from 1 at the first row that holds anything;
            0 where there is none.
        member: Which file of an archive, or a pattern with ``*``.
        max_characters: A longer cell is refused.
        max_mb: Megabytes that may come out of one archive, and out of one packed workbook.
        storage: Options of the file system behind a URL.
        kinds: Kinds of columns that are known.
    """

    packs: ClassVar[bool] = False
    sheet: str = ""
    header: int = 1
    max_characters: int = 500_000

    def parse(self, data: bytes, path: str) -> pl.DataFrame:
        """Return the rows of the chosen sheet.

        Raises:
            DataError: No workbook, one behind a password, no such sheet, several sheets and none
                named, or a header with empty or merged cells.
        """
        book = self._opened(data, path)
        known = list(book.sheet_names)
        if self.sheet and self.sheet != "*" and self.sheet not in known:
            raise DataError(
                "collect.no_sheet",
                path=path,
                sheet=self.sheet,
                near=near(self.sheet, known),
                received=", ".join(known),
            )
        wanted = [self.sheet] if self.sheet in known else known
        sheets = {name: cells for name in wanted if len(cells := _cells(book, name, path))}
        if not sheets:
            raise DataError("data.empty_file", path=path)
        if len(sheets) > 1 and self.sheet != "*":
            raise DataError(
                "collect.many_sheets",
                path=path,
                count=len(sheets),
                received=", ".join(sheets),
                first=next(iter(sheets)),
            )
        frames = [self._named(cells, path, name) for name, cells in sheets.items()]
        for name, frame in zip(sheets, frames, strict=True):
            refuse_giants(frame, f"{path}:{name}", self.max_characters)
            if frame.columns != frames[0].columns:
                odd = sorted(set(frame.columns) ^ set(frames[0].columns))
                raise DataError(
                    "data.files_differ",
                    path=f"{path}:{name}",
                    first=f"{path}:{next(iter(sheets))}",
                    difference=", ".join(map(repr, odd[:8])) or "—",
                )
        return pl.concat(frames)

    def _opened(self, data: bytes, path: str) -> fastexcel.ExcelReader:
        if LOCKED in data[:1_000_000]:
            raise DataError("collect.excel_locked", path=path)
        if data.startswith(archives.ZIP):
            # The reader below would unpack a bomb to its end.
            archives.measure(BytesIO(data), path, Limits(self.max_mb))
        try:
            return fastexcel.read_excel(data)
        except fastexcel.FastExcelError as error:
            if FILEPASS.search(data[:1_000_000]):
                raise DataError("collect.excel_locked", path=path) from error
            raise broken(path, "Excel", error) from error

    def _named(self, cells: pl.DataFrame, path: str, sheet: str) -> pl.DataFrame:
        where = f"{path}:{sheet}"
        names = [f"column_{place}" for place in range(1, cells.width + 1)]
        if self.header:
            if len(cells) <= self.header:
                raise DataError("data.no_rows", path=where, columns="—")
            names = self._header(cells, where)
            cells = cells.slice(self.header)
        frame = pl.DataFrame(
            [values.alias(n) for n, values in zip(names, cells.get_columns(), strict=True) if n]
        )
        rows = frame.filter(~pl.all_horizontal(pl.all().is_null()))
        if not len(rows):
            raise DataError("data.no_rows", path=where, columns=listed(frame.columns, 20))
        return rows

    def _header(self, cells: pl.DataFrame, where: str) -> list[str]:
        """Return the names of the columns; those of columns without any cell stay empty."""
        written = [str(cell or "").strip() for cell in cells.row(self.header - 1)]
        below = cells.slice(self.header)
        blank = [
            place
            for place, name in enumerate(written)
            if not name and below.to_series(place).null_count() < len(below)
        ]
        if blank:
            raise DataError(
                "collect.excel_header",
                path=where,
                row=self.header,
                columns=", ".join(str(place + 1) for place in blank[:8]),
                received=", ".join(name or "—" for name in written[:8]),
                better=_first_full(cells),
            )
        refuse_twice([name or None for name in written], where)
        return written


def _cells(book: fastexcel.ExcelReader, sheet: str, path: str) -> pl.DataFrame:
    """Return the used cells of a sheet as text, without the blank rows around them."""
    try:
        loaded = book.load_sheet(
            sheet,
            header_row=None,
            dtypes="string",
            whitespace_as_null=True,
            skip_whitespace_tail_rows=True,
        )
        return pl.DataFrame(loaded)
    except fastexcel.FastExcelError as error:
        raise broken(path, "Excel", error) from error


def _first_full(cells: pl.DataFrame) -> int:
    """Return the first row, from 1, in which no cell is empty; it may be the true header."""
    full = cells.select(pl.all_horizontal(pl.all().is_not_null())).to_series().arg_true()
    return int(full[0]) + 1 if len(full) else 1
