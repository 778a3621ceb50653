"""CSV for people: nothing in it runs, and it can be read back."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import DataError
from lingqu.data.delimited import Csv, parse
from lingqu.data.export import defused, restore, write_csv

FORMULAS = ["=1+1", "+SUM(A1)", "-2+3", "@cmd", "\t=1", "\r=1", "\n=1", "＝1+1", "'=1", "''@x"]
HARMLESS = ["a=b", "'tis", "-5", "+3.25", "", "中文", "1-2"]


def test_formulas_are_defused_and_told(tmp_path: Path) -> None:
    frame = pl.DataFrame({"note": [*FORMULAS, *HARMLESS], "n": range(17), "=x": ["y"] * 17})
    done = write_csv(frame, tmp_path / "a.csv")
    assert done.escaped == {"note": len(FORMULAS), "": 1}
    assert done.samples["note"] == FORMULAS[:5]
    assert done.samples[""] == ["=x"]
    assert (done.rows, done.path) == (17, str(tmp_path / "a.csv"))
    text = (tmp_path / "a.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(text.splitlines(keepends=True)))
    assert rows[0] == ["note", "n", "'=x"]
    assert all(row[0].startswith("'") for row in rows[1 : len(FORMULAS) + 1])
    assert [row[0] for row in rows[len(FORMULAS) + 1 :]] == HARMLESS
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_numbers_and_dates_stay_as_they_are(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [-1.5, None], "d": [dt.date(2024, 1, 5), None], "b": [True, False]})
    assert write_csv(frame, tmp_path / "a.csv", bom=False).escaped == {}
    assert (tmp_path / "a.csv").read_text() == "n,d,b\n-1.5,2024-01-05,true\n,,false\n"


def test_what_no_cell_can_hold_is_told(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "raw": [b"\x00\x01", None],
            "tags": [["=a", "b"], None],
            "kind": pl.Series(["=x", "y"], dtype=pl.Categorical),
        }
    )
    done = write_csv(frame, tmp_path / "a.csv")
    assert done.opaque == {"raw": "bytes", "tags": "json"}
    assert done.escaped == {"kind": 1}
    rows = parse((tmp_path / "a.csv").read_bytes().removeprefix(b"\xef\xbb\xbf"), "a.csv").rows()
    assert rows == [("2 bytes", '["=a","b"]', "'=x"), (None, None, "y")]


def test_a_spreadsheet_sees_text_where_a_formula_was(tmp_path: Path) -> None:
    write_csv(pl.DataFrame({"a": ['=HYPERLINK("http://x")', "plain"]}), tmp_path / "a.csv")
    cell = Csv(str(tmp_path / "a.csv")).parse((tmp_path / "a.csv").read_bytes(), "a")["a"][0]
    sheet = openpyxl.Workbook().active
    sheet["A1"] = cell
    assert sheet["A1"].data_type == "s"


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be written"):
        write_csv(pl.DataFrame({"a": [1]}), tmp_path / "none" / "a.csv")


@settings(max_examples=120, deadline=None)
@given(st.lists(st.text(alphabet="'=+-@\t\r\n＝a1.", max_size=6), min_size=1, max_size=8))
def test_the_rule_can_be_undone(cells: list[str]) -> None:
    text = pl.Series("a", cells, dtype=pl.String)
    safe = defused(text)
    assert restore(safe).to_list() == cells
    leads = ("=", "+", "-", "@", "\t", "\r", "\n", "＝")
    risky = [cell for cell in safe if cell.startswith(leads)]
    assert all(float(cell) is not None for cell in risky)
