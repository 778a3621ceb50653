"""Draw 6,000 people of the census, and the columns that say something of them."""

import polars as pl

from lingqu.data.assets import AssetData

COLUMNS = (
    "age", "class of worker", "education", "marital status", "major industry", "race", "sex",
    "full or part time", "capital gains", "dividends", "tax filer status", "citizenship",
    "persons worked for employer", "weeks worked in year", "income",
)  # fmt: skip
rows = AssetData("census-income").read().frame.select(COLUMNS)
rows = rows.with_columns(pl.col(pl.String).str.strip_chars())
rows = rows.with_columns(
    income=pl.when(pl.col("income").str.contains("50000+", literal=True))
    .then(pl.lit("high"))
    .otherwise(pl.lit("low"))
)
rows.sample(6_000, seed=0, shuffle=True).write_csv("people.csv")
