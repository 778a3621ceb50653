"""A table's report by skrub: ``data_report.py TABLE.parquet REPORT.html``; timed from outside."""

import sys
from pathlib import Path

import polars as pl
import skrub
from data_measure import answer


def main() -> None:
    report = skrub.TableReport(pl.read_parquet(sys.argv[1]), verbose=0).html()
    Path(sys.argv[2]).write_text(report, encoding="utf-8")
    answer("skrub")


if __name__ == "__main__":
    main()
