"""Write a table in which few rows are defect: real rows, of which most defect ones are left out."""

from __future__ import annotations

import numpy as np
import polars as pl

from lingqu.data.resolve import resolve

DEFECT, SOUND = 50, 2950


def main() -> None:
    frame = resolve("asset:shuttle", {}).read().frame
    odd = frame["anomaly"].to_numpy()
    random = np.random.default_rng(7)
    faults, rest = (random.permutation(np.flatnonzero(side)) for side in (odd, ~odd))
    rows = random.permutation(np.r_[faults[:DEFECT], rest[:SOUND]])
    defect = pl.Series("defect", np.where(odd[rows], "yes", "no"))
    frame[rows].drop("anomaly").with_columns(defect).write_csv("sensors.csv")
    print(f"sensors.csv: {DEFECT} of {DEFECT + SOUND} rows are defect")


if __name__ == "__main__":
    main()
