"""Make the weekly demand of the articles that sold most, from the lines of the invoices."""

import polars as pl

from lingqu.data.assets import AssetData

lines = AssetData("online-retail").read().frame
sold = lines.unique(maintain_order=True).filter(
    pl.col("Quantity") > 0, pl.col("Price") > 0, ~pl.col("Invoice").str.starts_with("C")
)
weeks = sold.with_columns(
    # Half weeks at either end would look like a fall.
    week=pl.col("InvoiceDate").dt.truncate("1w").cast(pl.Date)
).filter(pl.col("week") > pl.col("week").min(), pl.col("week") < pl.col("week").max())
articles = weeks.group_by("StockCode").agg(pl.col("Quantity").sum(), pl.col("week").n_unique())
chosen = articles.filter(pl.col("week") >= 90).top_k(40, by=["Quantity", "StockCode"])
# One order of tens of thousands of pieces is no demand that a week repeats.
usual = pl.col("Quantity").clip(upper_bound=1000)
demand = (
    weeks.filter(pl.col("StockCode").is_in(chosen["StockCode"].implode()))
    .group_by(pl.col("StockCode").alias("article"), "week")
    .agg(pieces=usual.sum())
    .sort("article", "week")
)
demand.write_csv("weekly.csv")
last = demand["week"].max()
future = pl.DataFrame({"week": [last]}).select(
    week=pl.date_ranges(pl.col("week").dt.offset_by("1w"), pl.col("week").dt.offset_by("8w"), "1w")
)
one = demand.select(pl.col("article").unique(maintain_order=True)).head(1)
# An empty cell asks for the sum of all articles.
asked = pl.concat([one.select(pl.lit(None, pl.String).alias("article")), one])
asked.join(future.explode("week"), how="cross").write_csv("next.csv")
